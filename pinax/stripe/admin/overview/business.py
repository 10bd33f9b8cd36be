"""What the mirror holds, in numbers for the overview. Reads only, and a bounded number of rows."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from ...models import Charge, InvoiceLineItem, Refund, Subscription, SubscriptionItem
from ...models.mirror import MirroredObject
from ...sync.registry import MIRRORED
from ...upkeep.statistics import MOST, Counted, counted, news_by_object

#: Payments that are added up, at most.
MOST_PAYMENTS = 50_000
MOST_SUBSCRIPTIONS = 100_000
#: Parts of objects -> the `object` string of what they are part of: its events change them.
PARTS: dict[type[MirroredObject], str] = {SubscriptionItem: "subscription", InvoiceLineItem: "invoice"}
#: Refunds in these states give nothing back.
WITHOUT_EFFECT = ("failed", "canceled")


@dataclass(frozen=True, kw_only=True)
class Mirrored:
    """How many objects of one type are mirrored, and how fresh they are."""

    model: type[MirroredObject]
    rows: Counted
    #: When the newest change was written; None when that was longer ago than the newest events reach.
    written_at: datetime.datetime | None
    #: Events about such objects that are not done, so that the mirror does not show them yet.
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Money:
    """What was paid and given back in one currency, in minor units."""

    currency: str
    livemode: bool | None
    #: Whether it is the money of connected accounts rather than the platform's own.
    is_connected: bool
    paid: int
    refunded: int

    @property
    def net(self) -> int:
        return self.paid - self.refunded


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """Active subscriptions, and how many came and went."""

    active: Counted
    started: Counted
    ended: Counted


def mirrored_objects(models: Iterable[type[MirroredObject]]) -> list[Mirrored]:
    """The state of mirrored tables; deleted objects do not count."""
    news = news_by_object()
    types: dict[Any, str] = {mirrored.model: object_type for object_type, mirrored in MIRRORED.items()} | PARTS
    found = []
    for model in models:
        known = model.objects.order_by()[: MOST + 1].aggregate(rows=Count("pk"), written_at=Max("synced_at"))
        is_more = known["rows"] > MOST
        latest = news.get(types[model])
        # For a large table the events say when it was written; for a small one the rows do.
        written_at = (latest.applied_at if latest else None) if is_more else known["written_at"]
        rows = Counted(value=min(known["rows"], MOST), is_more=is_more)
        waiting = latest.waiting if latest and model not in PARTS else 0
        found.append(Mirrored(model=model, rows=rows, written_at=written_at, waiting=waiting))
    return found


def recent(rows: QuerySet[Any], since: datetime.datetime) -> tuple[QuerySet[Any], bool]:
    """Rows created since then, or the newest of them when they are too many; whether those are all."""
    rows = rows.filter(created_at__gte=since)
    cutoff = rows.order_by("-created_at").values_list("created_at", flat=True)[MOST_PAYMENTS : MOST_PAYMENTS + 1]
    return (rows.filter(created_at__gt=cutoff[0]), False) if cutoff else (rows, True)


def money(since: datetime.datetime) -> tuple[list[Money], bool]:
    """Paid charges and refunds created since then, by currency; whether they are all."""
    charges, has_all_charges = recent(Charge.objects.filter(paid=True).exclude(captured=False), since)
    refunds, has_all_refunds = recent(Refund.objects.exclude(status__in=WITHOUT_EFFECT), since)
    paid = summed(charges, Coalesce("amount_captured", "amount"))
    refunded = summed(refunds, F("amount"))
    found = [
        Money(
            currency=currency,
            livemode=livemode,
            is_connected=is_connected,
            paid=paid.get((currency, livemode, is_connected), 0),
            refunded=refunded.get((currency, livemode, is_connected), 0),
        )
        for currency, livemode, is_connected in paid.keys() | refunded.keys()
    ]
    ordered = sorted(found, key=lambda row: (row.is_connected, not row.livemode, row.currency))
    return ordered, has_all_charges and has_all_refunds


def summed(rows: QuerySet[Any], amount: Any) -> dict[tuple[str, bool | None, bool], int]:
    """Sums by currency, mode, and whether the account is a connected one."""
    connected = Case(When(stripe_account="", then=Value(False)), default=Value(True), output_field=BooleanField())
    totals = rows.order_by().values_list("currency", "livemode", connected).annotate(total=Sum(amount))
    return {(currency, livemode, is_connected): total or 0 for currency, livemode, is_connected, total in totals}


def subscriptions(since: datetime.datetime) -> Subscriptions:
    """Active subscriptions now, and those that started and ended since then."""
    return Subscriptions(
        active=counted(Subscription.objects.active(), MOST_SUBSCRIPTIONS),
        started=counted(Subscription.objects.filter(created_at__gte=since).exclude(Q(status__startswith="incomplete"))),
        ended=counted(Subscription.all_objects.filter(ended_at__gte=since)),
    )
