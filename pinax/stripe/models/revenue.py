"""What an account earned, out of what changed its balance (https://docs.stripe.com/reports/balance-transaction-types)."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from .periods import within

#: The account's own money on its way between its places: neither earned nor spent.
MOVED = "moved"
#: Reporting category of a balance transaction, or its type where versions before 2019-12 have no category -> what it
#: counts as. Whatever is not here counts as other: transfers, application fees, adjustments.
KINDS = {
    "charge": "gross",
    "payment": "gross",
    "refund": "refunds",
    "payment_refund": "refunds",
    "partial_capture_reversal": "refunds",
    "refund_failure": "refunds",
    "payment_failure_refund": "refunds",
    "charge_failure": "refunds",
    "payment_reversal": "refunds",
    "dispute": "disputes",
    "dispute_reversal": "disputes",
    "fee": "fees",
    "network_cost": "fees",
    "tax": "fees",
    "stripe_fee": "fees",
    "stripe_fx_fee": "fees",
    "tax_fee": "fees",
    **dict.fromkeys(
        (
            *("payout", "payout_cancel", "payout_failure", "payout_reversal", "payout_minimum_balance_hold"),
            *("payout_minimum_balance_release", "topup", "topup_reversal"),
            *("reserve_transaction", "reserved_funds", "reserve_hold", "reserve_release", "risk_reserved_funds"),
        ),
        MOVED,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """What one account earned in one currency of its balance, in minor units.

    `net` is gross, less refunds, disputes and fees, and other: what the transactions changed the balance by.
    """

    #: The connected account; "" for the platform's own.
    account: str
    currency: str
    #: What customers paid.
    gross: int = 0
    #: What was given back to them, less what came back of it.
    refunds: int = 0
    #: What banks took back for disputes, less what they returned; without fees.
    disputes: int = 0
    #: What Stripe took: with each transaction, and apart.
    fees: int = 0
    #: Everything else, such as application fees, and transfers to connected accounts, which are negative.
    other: int = 0
    net: int = 0


def revenue_of(rows: QuerySet[Any], since: datetime.datetime, until: datetime.datetime | None) -> list[Revenue]:
    """The revenue of balance transactions that were created in a period, by account and currency; one statement."""
    kinds = (
        rows.filter(within("created_at", since, until))
        .order_by()
        .values("stripe_account", "currency", "reporting_category", "type")
        .annotate(total=Sum("amount"), fees=Sum("fee"))
    )
    names = ("stripe_account", "currency", "reporting_category", "type", "total", "fees")
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for account, currency, category, kind, total, fees in kinds.values_list(*names):
        counts_as = KINDS.get(category or kind, "other")
        if counts_as != MOVED:
            add(sums[account, currency], counts_as, int(total or 0), int(fees or 0))
    return [
        Revenue(account=account, currency=currency, **found, net=net_of(found))
        for (account, currency), found in sorted(sums.items())
    ]


#: Parts of a revenue, and whether each is taken off.
COUNTED = {"gross": 1, "refunds": -1, "disputes": -1, "fees": -1, "other": 1}


def add(sums: dict[str, int], counts_as: str, amount: int, fees: int) -> None:
    """Add an amount of the balance, and its fees, to what they count as."""
    sums[counts_as] += COUNTED[counts_as] * amount
    sums["fees"] += fees


def net_of(sums: dict[str, int]) -> int:
    return sum(COUNTED[name] * value for name, value in sums.items())


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a payout contains of one type of balance transactions; amounts in minor units of its currency."""

    #: Stripe's type: charge, refund, adjustment, …
    type: str
    count: int
    amount: int
    fee: int
    net: int


def contents_of(transactions: QuerySet[Any]) -> list[Content]:
    """The balance transactions of a payout by type, those of the highest amount first; one statement."""
    rows = (
        transactions.order_by()
        .values("type")
        .annotate(count=Count("pk"), total=Sum("amount"), fees=Sum("fee"), nets=Sum("net"))
    )
    found = [
        Content(type=kind, count=count, amount=int(amount or 0), fee=int(fee or 0), net=int(net or 0))
        for kind, count, amount, fee, net in rows.values_list("type", "count", "total", "fees", "nets")
    ]
    return sorted(found, key=lambda content: (-content.amount, content.type))
