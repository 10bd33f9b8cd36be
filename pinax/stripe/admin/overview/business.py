"""What the mirror holds, in numbers for the overview. Reads only, and a bounded number of rows."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from ...catalogue.objects import OBJECT_TYPES
from ...models import Charge, Refund, Subscription
from ...models.mirror import MirroredObject
from ...sync.registry import types_mirrored_by
from ...upkeep.statistics import MAX_ROWS, Counted, MirrorProgress, count_up_to, progress_by_object

#: Payments that are added up, at most.
MAX_PAYMENTS = 50_000
MAX_SUBSCRIPTIONS = 100_000
#: Types of parts -> the type of what they are part of: its events change them.
OWNERS = {row.part.object_type: row.name for row in OBJECT_TYPES.values() if row.part is not None}
#: Refunds in these states give nothing back.
WITHOUT_EFFECT = ("failed", "canceled")


@dataclass(frozen=True, kw_only=True)
class Mirrored:
    """How many objects of one type are mirrored, and how current they are."""

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
    """Active subscriptions, and how many started and ended."""

    active: Counted
    started: Counted
    ended: Counted


def mirrored_objects(models: Iterable[type[MirroredObject]], *, max_rows: int = MAX_ROWS) -> list[Mirrored]:
    """The state of mirrored tables; deleted objects do not count, and no more than `max_rows` are counted."""
    progress = progress_by_object()
    found = []
    for model in models:
        known = model.objects.order_by()[: max_rows + 1].aggregate(rows=Count("pk"), written_at=Max("synced_at"))
        is_more = known["rows"] > max_rows
        of_model = progress_of(model, progress)
        applied = max((each.applied_at for each in of_model if each.applied_at), default=None)
        # For a large table the events say when it was written; for a small one the rows do.
        written_at = applied if is_more else known["written_at"]
        rows = Counted(value=min(known["rows"], max_rows), is_more=is_more)
        waiting = 0 if types_mirrored_by(model)[0].name in OWNERS else sum(each.waiting for each in of_model)
        found.append(Mirrored(model=model, rows=rows, written_at=written_at, waiting=waiting))
    return found


def progress_of(model: type[MirroredObject], progress: dict[str, MirrorProgress]) -> list[MirrorProgress]:
    """The events of the types of objects whose rows a table has; a part changes with its owner."""
    types = types_mirrored_by(model)
    names = {OWNERS.get(row.name, row.name) for row in types}
    # Types that are newer than this release have no table of their own.
    has_newer = not types[0].model
    return [each for name, each in progress.items() if name in names or (has_newer and name not in OBJECT_TYPES)]


def recent(rows: QuerySet[Any], since: datetime.datetime, most: int) -> tuple[QuerySet[Any], bool]:
    """Rows created since then, or the newest of them when they are too many; whether those are all."""
    rows = rows.filter(created_at__gte=since)
    cutoff = rows.order_by("-created_at").values_list("created_at", flat=True)[most : most + 1]
    return (rows.filter(created_at__gt=cutoff[0]), False) if cutoff else (rows, True)


def money(since: datetime.datetime, *, max_payments: int = MAX_PAYMENTS) -> tuple[list[Money], bool]:
    """Paid charges and refunds created since then, by currency; whether they are all."""
    charges, has_all_charges = recent(Charge.objects.filter(paid=True).exclude(captured=False), since, max_payments)
    refunds, has_all_refunds = recent(Refund.objects.exclude(status__in=WITHOUT_EFFECT), since, max_payments)
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
        active=count_up_to(Subscription.objects.active(), MAX_SUBSCRIPTIONS),
        started=count_up_to(
            Subscription.objects.filter(created_at__gte=since).exclude(Q(status__startswith="incomplete"))
        ),
        ended=count_up_to(Subscription.all_objects.filter(ended_at__gte=since)),
    )
