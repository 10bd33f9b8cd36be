"""Links the customers that are there to users, by what the project knows: its hook, or a table of ids and users."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ValidationError
from django.db import router, transaction

from ..conf import customer_user_hook
from ..models.customers import Customer
from ..sync.user_links import checked_user, copied, set_user

#: Rows that are loaded at once.
MANY = 500


@dataclass(kw_only=True)
class Links:
    """What became of customers."""

    #: How many were linked, and how many have no user.
    counts: Counter[str] = field(default_factory=Counter)
    #: Customers about which there is no one answer, with what is known of each.
    ambiguous: dict[str, str] = field(default_factory=dict)

    @property
    def linked(self) -> int:
        return self.counts["linked"]

    @property
    def unlinked(self) -> int:
        return self.counts["unlinked"]


class NotATable(ValueError):
    """The table of ids and users cannot be used; the message says why."""


def link_by_hook(*, is_dry: bool = False) -> Links:
    """Ask PINAX_STRIPE_CUSTOMER_USER about each customer of the own account without a user, and link those it knows."""
    links, hook = Links(), customer_user_hook()
    for row in customers_without_user():
        try:
            with transaction.atomic(using=router.db_for_write(Customer)):
                user = checked_user(hook, copied(row.stripe_data))
        except Exception as error:
            links.ambiguous[row.pk] = f"PINAX_STRIPE_CUSTOMER_USER failed: {type(error).__name__}: {error}"
            continue
        link(links, row.pk, user, is_dry=is_dry)
    return links


def customers_without_user() -> Iterator[Customer]:
    """The customers of the own account that exist and have no user, in the order of their keys."""
    rows = Customer.objects.filter(stripe_account="", user__isnull=True).order_by("pk").only("pk", "stripe_data")
    last = ""
    while some := list(rows.filter(pk__gt=last)[:MANY]):
        yield from some
        last = some[-1].pk


def link(links: Links, key: str, user: Any, *, is_dry: bool) -> None:
    """Link one customer, or note that it has no user."""
    if user is None:
        links.counts["unlinked"] += 1
    elif is_dry or set_user(Customer, key, user):
        links.counts["linked"] += 1


def link_by_table(rows: Iterable[dict[str, str]], *, user_field: str = "pk", is_dry: bool = False) -> Links:
    """Link customers to the users that a table names: rows with `customer` (its id, `cus_…`) and `user`.

    `user_field` is the attribute of a user that the table has: its primary key, or another one that is unique. A link
    that exists is never changed. NotATable without these columns, and for what is no attribute of users.
    """
    links = Links()
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row.get("customer") is None or row.get("user") is None:
            raise NotATable("The first line has to name the columns: customer,user.")
        wanted.setdefault(row["customer"].strip(), set()).add(row["user"].strip())
    for key, names in wanted.items():
        reason = one_user(links, key, names, user_field, is_dry=is_dry)
        if reason:
            links.ambiguous[key] = reason
    return links


def one_user(links: Links, key: str, names: set[str], user_field: str, *, is_dry: bool) -> str:
    """Link one customer to the user whom a table names; why that cannot be, "" if it can."""
    customer = Customer.objects.filter(pk=key).only("pk", "user").first()
    if customer is None:
        return "there is no such customer"
    if len(names) > 1:
        return f"the table names {len(names)} users"
    users = users_named(next(iter(names)), user_field)
    if len(users) > 1:
        return f"{len(users)} users have this {user_field}"
    if not users:
        links.counts["unlinked"] += 1
        return ""
    if customer.user_id not in (None, users[0].pk):
        return "it has another user, and a link is never changed"
    if customer.user_id is None:
        link(links, key, users[0], is_dry=is_dry)
    return ""


def users_named(name: str, user_field: str) -> list[Any]:
    """The users with a value in an attribute, two at most; NotATable for what is no attribute."""
    try:
        return list(get_user_model()._default_manager.filter(**{user_field: name})[:2]) if name else []
    except FieldError:
        raise NotATable(f"Users have no attribute {user_field!r}.") from None
    except (ValueError, ValidationError):
        return []
