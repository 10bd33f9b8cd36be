"""Connected accounts: which of them are asked when all are."""

from typing import Any

from django.db.models import F, QuerySet

from .. import api
from ..models.accounts import REJECTED
from ..stripe_values import JsonObject, dig, text
from .patience import patiently


def connected_accounts() -> list[str]:
    """The ids of the accounts that are connected to ours, by Stripe's list, but for rejected ones."""
    listed = patiently(lambda: list(api.iterate("/v1/accounts")))
    return sorted(row["id"] for row in listed if not is_rejected(row))


def is_rejected(account: JsonObject) -> bool:
    """Whether Stripe, or the platform, rejected an account: its business here is at an end."""
    # `verification` until API version 2019-02-19.
    reasons = (text(dig(account, name, "disabled_reason")) for name in ("requirements", "verification"))
    return any(reason.startswith(REJECTED) for reason in reasons)


def without_ended(accounts: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of accounts but for those that ended our access, of which Stripe tells nothing, and rejected ones."""
    return accounts.exclude(deauthorized_at__gte=F("as_of")).exclude(disabled_reason__startswith=REJECTED)
