"""Links a mirrored customer, or account, to the project's user, once, by a reference that only the project can sign.

What a reference is for is part of its signature. That of a customer's metadata stays good, because only the project's
secret key writes there. That of a Checkout is sent to a browser, and any person who has it can put it into the address
of a payment link: it is good for one customer, for a day, and never for a payment link.
"""

import datetime
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ..conf import customer_user_hook, setting
from ..models.accounts import Account, account_user
from ..models.customers import (
    CHECKOUT_REFERENCE_AGE,
    USER_METADATA_KEY,
    Customer,
    UserLink,
    read_checkout_reference,
    referenced_user,
)
from ..stripe_values import dig, is_stub, timestamp
from .after_commit import run_after_commit

logger = logging.getLogger(__name__)

#: How long a valid reference waits for a user that does not exist yet: a transaction takes minutes, and the customers
#: of users who were deleted are not looked at forever.
MAX_LINK_AGE = datetime.timedelta(days=1)
#: Rows that are read at once.
LINKS_PER_TRANSACTION = 500
#: What a claim links -> the model of it.
LINKED: dict[str, type[Customer | Account]] = {"customer": Customer, "account": Account}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A reference of ours: its signature is good, and it was presented where it belongs."""

    reference: str
    #: Primary key, as text, of a user who may not be there yet.
    user_key: str
    #: Whether the first customer, or account, uses it up.
    once: bool
    #: What it links: the attribute of UserLink that names it.
    links: Literal["customer", "account"] = "customer"

    def digest(self, key: str) -> str:
        text = self.reference if self.once else f"{self.reference} {key}"
        return hashlib.sha256(text.encode()).hexdigest()


def link_customer(key: str, data: dict[str, Any], account: str) -> None:
    """Give a customer that has no user the one whom its own metadata names, else the one that the project names.

    In the caller's transaction.
    """
    claim = claim_of_customer(data, account)
    if claim is None and not is_asked_for(data, account):
        return
    if not Customer.all_objects.filter(pk=key, user__isnull=True).exists():
        return
    if claim is not None:
        link_or_wait(key, claim)
        return
    user = user_of_project(key, data)
    if user is not None:
        set_user(Customer, key, user)


def claims_user(data: dict[str, Any], account: str) -> bool:
    """Whether a customer's own metadata names a user, or the project is to be asked for one."""
    return claim_of_customer(data, account) is not None or is_asked_for(data, account)


def is_asked_for(data: dict[str, Any], account: str) -> bool:
    """Whether PINAX_STRIPE_CUSTOMER_USER is asked about a customer: one of the project's own account that exists.

    Connected accounts write their own objects, so nothing is made of theirs.
    """
    return setting("CUSTOMER_USER") is not None and not account and not is_stub(data)


def user_of_project(key: str, data: dict[str, Any]) -> Any:
    """The user that PINAX_STRIPE_CUSTOMER_USER returns for a customer; None without one, and when it fails.

    Its error is logged and stays its own: what it wrote is rolled back, and the customer is mirrored all the same.
    """
    try:
        with transaction.atomic(using=router.db_for_write(Customer)):
            return checked_user(customer_user_hook(), data)
    except Exception:
        logger.exception("failed hook=%s customer=%s", "PINAX_STRIPE_CUSTOMER_USER", key)
        return None


def checked_user(hook: Callable[[dict[str, Any]], Any] | None, data: dict[str, Any]) -> Any:
    """What a hook returns for a customer; TypeError for anything but a saved user or None."""
    user = hook(copied(data)) if hook is not None else None
    if user is not None and (not isinstance(user, get_user_model()) or user.pk is None):
        raise TypeError(f"PINAX_STRIPE_CUSTOMER_USER returned {type(user).__name__}, which is no saved user.")
    return user


def copied(data: dict[str, Any]) -> dict[str, Any]:
    """A copy of an object, which the project may change."""
    return dict(json.loads(json.dumps(data)))


def claim_of_customer(data: dict[str, Any], account: str) -> Claim | None:
    """What a customer's metadata claims; None for anything but a reference of ours.

    Connected accounts write their own objects, so theirs are not believed; an e-mail address never is.
    """
    reference = dig(data, "metadata", USER_METADATA_KEY)
    if account or not isinstance(reference, str):
        return None
    try:
        return Claim(reference=reference, user_key=referenced_user(reference), once=False)
    except (signing.BadSignature, ValueError):
        return None


def link_account(key: str, data: dict[str, Any], account: str) -> None:
    """Give an account that has no user the one whom its metadata names. In the caller's transaction."""
    claim = claim_of_account(data)
    if claim is not None and Account.all_objects.filter(pk=key, user__isnull=True).exists():
        link_or_wait(key, claim)


def claims_account_user(data: dict[str, Any], account: str) -> bool:
    """Whether an account's metadata names a user."""
    return claim_of_account(data) is not None


def claim_of_account(data: dict[str, Any]) -> Claim | None:
    """What an account's metadata claims; None for anything but a reference of ours.

    Only platforms write the metadata of accounts, so it is believed in any event.
    """
    reference = dig(data, "metadata", USER_METADATA_KEY)
    if not isinstance(reference, str):
        return None
    try:
        return Claim(reference=reference, user_key=account_user(reference), once=True, links="account")
    except (signing.BadSignature, ValueError):
        return None


def claim_of_session(session: dict[str, Any], account: str, *, at: datetime.datetime) -> Claim | None:
    """What a Checkout Session claims, in `client_reference_id` or metadata; None for anything it may not.

    `at` stands in for a session that does not tell when it was created. It is Stripe's clock that counts, so that an
    event which comes late, or is processed again, ends as it would have in time.
    """
    if account or session.get("payment_link"):
        # The sender of a payment link chooses its `client_reference_id`: it says nothing about the payer.
        return None
    created = timestamp(session.get("created")) or at
    claims = (claim_of_checkout(reference, created) for reference in references_of(session))
    return next((claim for claim in claims if claim is not None), None)


def references_of(session: dict[str, Any]) -> list[str]:
    values = (session.get("client_reference_id"), dig(session, "metadata", USER_METADATA_KEY))
    return [value for value in values if isinstance(value, str)]


def claim_of_checkout(reference: str, created: datetime.datetime) -> Claim | None:
    try:
        said = read_checkout_reference(reference)
    except (signing.BadSignature, ValueError, OverflowError):
        return None
    if created - said.made_at > CHECKOUT_REFERENCE_AGE:
        logger.warning("expired reference made_at=%s created=%s", said.made_at.isoformat(), created.isoformat())
        return None
    return Claim(reference=reference, user_key=said.user_key, once=True)


def link_or_wait(key: str, claim: Claim) -> None:
    """Let a claim link a customer; one whose user is not there yet waits. In the caller's transaction."""
    if claim.once and not link_unlinked(key, claim):
        logger.warning("used reference link=%s key=%s", claim.links, key)
        return
    user = users_with({claim.user_key}).get(claim.user_key)
    if user is None:
        keep_claim(key, claim)
    else:
        set_user(LINKED[claim.links], key, user)


def link_unlinked(key: str, claim: Claim) -> bool:
    """Bind a reference to the first customer, or account, that has it; returns whether that is this one."""
    digest, named = claim.digest(key), {f"{claim.links}_id": key}
    UserLink.objects.bulk_create([UserLink(digest=digest, **named)], ignore_conflicts=True)
    return UserLink.objects.filter(pk=digest, **named).exists()


def keep_claim(key: str, claim: Claim) -> None:
    """Keep a claim until its user exists.

    Look again once others can see the claim, because the user may just have been committed.
    """
    values = {f"{claim.links}_id": key, "user_key": claim.user_key, "came_at": timezone.now()}
    UserLink.objects.update_or_create(pk=claim.digest(key), defaults=values)
    logger.info("waiting link=%s key=%s", claim.links, key)
    mine = UserLink.objects.filter(pk=claim.digest(key))
    run_after_commit(partial(link_waiting, mine), f"link_waiting of {key}", using=router.db_for_write(UserLink))


def link_waiting(links: QuerySet[UserLink] | None = None) -> int:
    """Link the customers that wait, all or those of `links`, for users who are there by now; how many were linked.

    Those that waited for LONGEST_WAIT are dropped: the user was deleted, or the transaction that made it failed.
    """
    waiting = (UserLink.objects.all() if links is None else links).exclude(user_key="").order_by("pk")
    linked, last = 0, ""
    while rows := list(waiting.filter(pk__gt=last)[:LINKS_PER_TRANSACTION]):
        last = rows[-1].pk
        linked += link_rows(rows)
    return linked


def link_rows(rows: list[UserLink]) -> int:
    users = users_with({row.user_key for row in rows})
    linked = sum([link_row(row, users[row.user_key]) for row in rows if row.user_key in users])
    late = timezone.now() - MAX_LINK_AGE
    ended = [row.pk for row in rows if row.user_key in users or row.came_at < late]
    if ended:
        UserLink.objects.filter(pk__in=ended).update(user_key="")
    return linked


def link_row(row: UserLink, user: Any) -> int:
    """Give what a reference waits for its user; how many rows changed."""
    keys = {name: getattr(row, f"{name}_id") for name in LINKED}
    return sum(set_user(LINKED[name], key, user) for name, key in keys.items() if key)


def link_new_user(instance: Any, created: bool, using: str, **kwargs: Any) -> None:
    """Receiver of post_save: link the customers that wait for a user who was just made, once that is committed."""
    if created and not kwargs.get("raw"):
        mine = UserLink.objects.filter(user_key=str(instance.pk))
        run_after_commit(partial(link_waiting, mine), f"link_waiting of user {instance.pk}", using=using)


def set_user(model: type[Customer | Account], key: str, user: Any) -> int:
    """Give a row a user unless it has one: a link that exists is never changed. How many rows changed."""
    return model.all_objects.filter(pk=key, user__isnull=True).update(user=user)


def users_with(keys: set[str]) -> dict[str, Any]:
    """The users that exist, by their primary keys as text."""
    model = get_user_model()
    values = [value for value in (key_value(key) for key in keys) if value is not None]
    return {str(user.pk): user for user in model._default_manager.filter(pk__in=values)} if values else {}


def key_value(key: str) -> Any:
    """A primary key of users, read from text; None for what cannot be one."""
    try:
        return get_user_model()._meta.pk.to_python(key)
    except ValidationError:
        return None
