"""Notes which connected accounts gave the platform access, and which took it away.

Stripe says so in `account.application.*` events, whose object is the application and not the account.
https://docs.stripe.com/connect/webhooks
"""

import datetime

from ..models.accounts import Account
from .freshness import BEGINNING
from .rows import insert


def note_access(account: str, moment: datetime.datetime, livemode: bool | None, *, is_given: bool) -> None:
    """Note that an account gave the platform access, or took it, at a moment, in whatever order its events come.

    In the caller's transaction. An account that has no row gets one, which any snapshot is newer than.
    """
    insert(unknown_account(account, livemode))
    row = Account.all_objects.select_for_update().only("authorized_at", "deauthorized_at").get(pk=account)
    given, taken = row.authorized_at, row.deauthorized_at
    if is_given:
        given = moment if given is None else max(given, moment)
        taken = taken if taken is not None and taken >= given else None
    elif given is None or moment >= given:
        taken = moment if taken is None else max(taken, moment)
    Account.all_objects.filter(pk=account).update(authorized_at=given, deauthorized_at=taken)


def unknown_account(account: str, livemode: bool | None) -> Account:
    """The row of an account that nothing is known of but its id."""
    return Account(
        id=account,
        stripe_id=account,
        stripe_account=account,
        livemode=livemode,
        stripe_data={"id": account, "object": "account"},
        as_of=BEGINNING,
        as_of_end=BEGINNING,
    )


def has_taken_access(account: str, moment: datetime.datetime) -> bool:
    """Whether an account took the platform's access away after a moment: then nothing of it can be read.

    An event of the account that is newer shows that there is access again.
    """
    return bool(account) and Account.all_objects.filter(pk=account, deauthorized_at__gte=moment).exists()
