"""Connected accounts: those that Stripe lists, and those that the mirror has objects of."""

from .. import api
from .patience import patiently


def connected_accounts() -> list[str]:
    """The ids of the accounts that are connected to ours, by Stripe's list."""
    return sorted(patiently(lambda: [row["id"] for row in api.iterate("/v1/accounts")]))
