"""What the mirror holds, in numbers for the overview. Readings only, of a bounded number of rows."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from ...catalogue.objects import OBJECT_TYPES
from ...combined_reads import Reading, Rows, together
from ...models import Charge, Refund, Subscription
from ...models.mirror import MirroredObject
from ...models.payment_methods import UsableManager
from ...sync.registry import types_mirrored_by
from ...upkeep.statistics import Counted, MirrorProgress, count_up_to, first, progress_by_object

#: Payments that are added up, at most.
MAX_PAYMENTS = 10_000
MAX_SUBSCRIPTIONS = 50_000
#: Rows of a mirrored table that are counted, at most: there are many tables.
MAX_OBJECTS = 1_000
#: Deleted rows of a table that are counted beside the others; where there are more, one look at the rows is quicker.
FEW_DELETED = 200
#: Types of parts, and of what they are part of: its events change them.
OWNED = [(row.part.object_type, row.name) for row in OBJECT_TYPES.values() if row.part is not None]
OWNERS = {part: {owner for each, owner in OWNED if each == part} for part, _owner in OWNED}
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


def mirrored_objects(models: Iterable[type[MirroredObject]], *, max_rows: int = MAX_OBJECTS) -> Reading[list[Mirrored]]:
    """The state of mirrored tables; deleted objects do not count, and no more than `max_rows` are counted."""
    models = [*models]
    progress, *tables = yield from together(
        progress_by_object.reading(), *(rows_and_time(model, max_rows) for model in models)
    )
    found = []
    for model, (rows, newest) in zip(models, tables, strict=True):
        of_model = progress_of(model, progress)
        applied = max((each.applied_at for each in of_model if each.applied_at), default=None)
        # For a large table the events say when it was written; for a small one the rows do.
        written_at = applied if rows.is_more else newest
        waiting = 0 if types_mirrored_by(model)[0].name in OWNERS else sum(each.waiting for each in of_model)
        found.append(Mirrored(model=model, rows=rows, written_at=written_at, waiting=waiting))
    return found


def rows_and_time(model: type[MirroredObject], max_rows: int) -> Reading[tuple[Counted, datetime.datetime | None]]:
    """The number of rows of a table, and for a small one when the newest of them was written."""
    rows = yield from live_rows(model, max_rows)
    if rows.is_more:
        return rows, None
    newest = yield from first(model.objects.order_by("-synced_at").values_list("synced_at"))
    return rows, newest[0] if newest else None


def live_rows(model: type[MirroredObject], most: int) -> Reading[Counted]:
    """How many objects there are, counted up to a limit.

    Mostly those of the table without the deleted ones: indexes know both, and a look at the rows takes longer.
    """
    if isinstance(model.objects, UsableManager):
        return (yield from count_up_to.reading(model.objects.all(), most))
    deleted = yield from count_up_to.reading(model.all_objects.filter(deleted_at__isnull=False), FEW_DELETED)
    if deleted.is_more:
        return (yield from count_up_to.reading(model.objects.all(), most))
    every = yield from count_up_to.reading(model.all_objects.all(), most + deleted.value)
    return Counted(value=min(every.value - deleted.value, most), is_more=every.is_more)


def progress_of(model: type[MirroredObject], progress: dict[str, MirrorProgress]) -> list[MirrorProgress]:
    """The events of the types of objects whose rows a table has; a part changes with its owner."""
    types = types_mirrored_by(model)
    names = {name for row in types for name in OWNERS.get(row.name, {row.name})}
    # Types that are newer than this release have no table of their own.
    has_newer = not types[0].model
    return [each for name, each in progress.items() if name in names or (has_newer and name not in OBJECT_TYPES)]


def recent(model: type[MirroredObject], since: datetime.datetime, most: int) -> Reading[tuple[QuerySet[Any], bool]]:
    """Rows created since then, or the newest of them when they are too many; whether those are all."""
    # An index alone says when the last of them was created: deleted ones count here.
    moments = model.all_objects.filter(created_at__gte=since).order_by("-created_at").values_list("created_at")
    cutoff = yield from first(moments[most:])
    if cutoff:
        return model.objects.filter(created_at__gt=cutoff[0]), False
    return model.objects.filter(created_at__gte=since), True


def money(since: datetime.datetime, *, max_payments: int = MAX_PAYMENTS) -> Reading[tuple[list[Money], bool]]:
    """Paid charges and refunds created since then, by currency; whether they are all."""
    (charges, has_all_charges), (refunds, has_all_refunds) = yield from together(
        recent(Charge, since, max_payments), recent(Refund, since, max_payments)
    )
    paid, refunded = yield [
        summed(charges.filter(paid=True).exclude(captured=False), Coalesce("amount_captured", "amount")),
        summed(refunds.exclude(status__in=WITHOUT_EFFECT), F("amount")),
    ]
    sums = [{tuple(kind): total or 0 for *kind, total in rows} for rows in (paid, refunded)]
    found = [
        Money(
            currency=currency,
            livemode=livemode,
            is_connected=bool(is_connected),
            paid=sums[0].get((currency, livemode, is_connected), 0),
            refunded=sums[1].get((currency, livemode, is_connected), 0),
        )
        for currency, livemode, is_connected in sums[0].keys() | sums[1].keys()
    ]
    ordered = sorted(found, key=lambda row: (row.is_connected, not row.livemode, row.currency))
    return ordered, has_all_charges and has_all_refunds


def summed(rows: QuerySet[Any], amount: Any) -> Rows:
    """Sums by currency, mode, and whether the account is a connected one."""
    connected = Case(When(stripe_account="", then=Value(False)), default=Value(True), output_field=BooleanField())
    return Rows(
        rows.order_by().values_list("currency", "livemode", connected).annotate(total=Sum(amount)), by_itself=True
    )


def subscriptions(since: datetime.datetime) -> Reading[Subscriptions]:
    """Active subscriptions now, and those that started and ended since then."""
    started = Subscription.objects.filter(created_at__gte=since).exclude(Q(status__startswith="incomplete"))
    counts = yield from together(
        count_up_to.reading(Subscription.objects.active(), MAX_SUBSCRIPTIONS, by_itself=True),
        count_up_to.reading(started, order="-created_at"),
        count_up_to.reading(Subscription.all_objects.filter(ended_at__gte=since)),
    )
    return Subscriptions(active=counts[0], started=counts[1], ended=counts[2])
