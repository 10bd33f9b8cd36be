"""Figures about events, for the admin's overview and for monitors. Reads only, and stays quick on millions of rows.

Each reads the end of an index, what is not done yet, or a bounded number of the newest rows.
"""

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Exists, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from ..conf import key_livemode
from ..models.events import CatchUp, Event, EventProcessingException, EventSource, EventStep, State, SweeperMark

RowModel = TypeVar("RowModel", bound=Model)

#: How far back the share of failures and of refusals looks.
LAST_HOUR = datetime.timedelta(hours=1)
#: States of events that are, or may yet turn out to be, Stripe's.
NOT_REFUSED = (State.DONE, State.WAITING, State.FAILED)
UNDONE = (State.WAITING, State.FAILED)
#: States of events that Stripe confirmed.
GENUINE = (State.DONE, State.FAILED)
#: Rows that a question about the newest ones looks at, at most.
MAX_ROWS = 10_000
#: The same where an index alone gives the answer.
MAX_INDEX_ROWS = 200_000


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of the events recorded since a moment failed, or were refused."""

    #: Events that Stripe confirmed ...
    genuine: int
    #: ... and those among them whose handler or a receiver raised, even if a later attempt got through.
    failed: int
    #: POSTs that were refused ...
    refused: int
    #: ... and those among them that a wrong secret, or an altered body, explains.
    mismatched: int

    @property
    def value(self) -> float:
        """Failed to genuine, 0 to 1."""
        return self.failed / self.genuine if self.genuine else 0.0


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many rows there are, counted up to a limit."""

    value: int
    #: Whether there are more than `value`.
    is_more: bool = False


@dataclass(frozen=True, kw_only=True)
class Modes:
    """Which modes the events in the database are of, and the API key: True for live, False for test."""

    #: Of the oldest and of the newest event that is done: a database whose mode changed has both.
    events: frozenset[bool] = frozenset()
    #: None when the key does not tell.
    key: bool | None = None


@dataclass(frozen=True, kw_only=True)
class EventFigures:
    """How many events there are of each kind that staff should know of, and the events that stand for them."""

    waiting: Counted
    #: Of those, unsigned ones of accounts that no genuine event named; `waiting` is without them.
    of_new_accounts: Counted
    failed: Counted
    given_up: Counted
    #: The event that has waited longest to be processed, or tried again.
    oldest: Event | None
    #: The same of those that were never tried, or not decided yet.
    oldest_waiting: Event | None
    #: The last event that Stripe confirmed.
    genuine: Event | None
    catch_up: CatchUp | None
    last_hour: Share
    modes: Modes = Modes()


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Seconds from Stripe's clock to "done", of the newest events."""

    median: float
    #: 95 of 100 events took no longer.
    percentile_95: float
    longest: float
    #: How many events these numbers are made from.
    events: int


@dataclass(frozen=True, kw_only=True)
class Failures:
    """Attempts in which one step, or one receiver, raised for events of one type."""

    kind: str
    #: `EventProcessingException.data`: a step, or the identity of a receiver.
    where: str
    count: int
    last: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """POSTs that were refused for one reason, from one address."""

    #: A code of `catalogue.reasons`.
    reason: str
    address: str
    count: int
    last: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """How many of the events recorded from one hour or day on are in one state now."""

    start: datetime.datetime
    state: State
    count: int


@dataclass(frozen=True, kw_only=True)
class MirrorProgress:
    """The state of the mirror for one type of object."""

    #: When the last of the newest events about such objects was mirrored; None when none of them was about one.
    applied_at: datetime.datetime | None
    #: Events about such objects that are not done.
    waiting: int


def count_undone(*, before: datetime.datetime | None = None) -> int:
    """Events that are still tried automatically; with `before`, only those recorded by then.

    Given-up ones do not count.
    """
    events = worth_a_look(Event.objects.undone()).filter(gave_up_at__isnull=True)
    if before is None:
        return events.count()
    return (events & not_postponed()).filter(recorded_at__lt=before).count()


def not_postponed() -> QuerySet[Event]:
    """Events that do not wait because a receiver asked for it: such a wait is no sign that something is wrong."""
    return Event.objects.exclude(postponed_at__isnull=False, next_attempt_at__gt=timezone.now())


def oldest_undone(states: tuple[State, ...] = UNDONE) -> Event | None:
    """The event that has waited longest to be processed; None when none waits."""
    waiting = worth_a_look(not_postponed()).filter(gave_up_at__isnull=True)
    return at_end_of_index(waiting, states, "pk").order_by("pk").first()


def worth_a_look(events: QuerySet[Event]) -> QuerySet[Event]:
    """Events without those that are not verified yet and name an unknown account.

    A sender can post any number of those, and would cause an alarm.
    """
    return events.filter(account_is_new__isnull=True)


def of_new_accounts() -> QuerySet[Event]:
    """The events that `worth_a_look` leaves out."""
    return Event.objects.filter(account_is_new=True)


def slow_steps(since: datetime.datetime) -> QuerySet[EventStep]:
    """Steps of timelines about slow receivers since then; only the last MAX_ROWS steps are read."""
    last = EventStep.objects.order_by("-pk").values("pk")[:1]
    return EventStep.objects.filter(pk__gt=Subquery(last) - MAX_ROWS, kind=EventStep.Kind.SLOW, at__gte=since)


def slow_receivers(since: datetime.datetime) -> list[EventStep]:
    """The same as a list with the newest first, and with the events."""
    slow = slow_steps(since).select_related("event").order_by("-pk")
    return list(slow.only("data", "at", "event__stripe_id", "event__processed"))


def count_given_up() -> int:
    """Events that failed so often that they were given up."""
    return given_up_events().count()


def given_up_events() -> QuerySet[Event]:
    return Event.objects.failed().filter(gave_up_at__isnull=False)


def last_seen() -> Event | None:
    """The event that was recorded last, POSTs that were refused left out."""
    return at_end_of_index(Event.objects.all(), NOT_REFUSED, "-pk").order_by("-pk").first()


@dataclass(frozen=True, kw_only=True)
class Signs:
    """The signs of life that one query reads."""

    #: The event that was recorded last, POSTs that were refused left out.
    last: Event | None
    #: Whether a receiver took long.
    is_slow: bool
    #: When the sweeper last went through everything that was due; None if it never did, or there is no event.
    swept_at: datetime.datetime | None


def signs_of_life(since: datetime.datetime) -> Signs:
    """The last event, whether a receiver took long since a moment, and the sweeper's mark, in one query."""
    events = at_end_of_index(Event.objects.all(), NOT_REFUSED, "-pk").annotate(
        is_slow=Exists(slow_steps(since)), swept_at=Subquery(SweeperMark.objects.values("swept_at")[:1])
    )
    event: Any = events.order_by("-pk").first()
    return Signs(last=event, is_slow=bool(event and event.is_slow), swept_at=event and event.swept_at)


def newest_genuine() -> Event | None:
    """The last event that Stripe confirmed."""
    return at_end_of_index(Event.objects.all(), GENUINE, "-pk").order_by("-pk").first()


def modes() -> Modes:
    """The modes of the database's events and of the key; one query, of two rows."""
    done = Event.objects.filter(state=State.DONE)
    ends: list[Any] = [Subquery(done.order_by(order).values("pk")[:1]) for order in ("pk", "-pk")]
    found = Event.objects.filter(pk__in=ends, livemode__isnull=False).values_list("livemode", flat=True)
    return Modes(events=frozenset(map(bool, found)), key=key_livemode())


def failure_share(since: datetime.datetime) -> Share:
    """What was recorded since, in one pass over the index of that time."""
    return Share(
        **Event.objects.filter(recorded_at__gte=since).aggregate(
            genuine=Count("pk", filter=Q(valid=True)),
            failed=Count("pk", filter=Q(valid=True, failures__gt=0)),
            refused=Count("pk", filter=Q(valid=False)),
            mismatched=Count("pk", filter=Q(valid=False, reason="signature_mismatch")),
        )
    )


def event_figures() -> EventFigures:
    """The figures of this moment."""
    return EventFigures(
        waiting=count_up_to(worth_a_look(in_state(State.WAITING))),
        of_new_accounts=count_up_to(of_new_accounts()),
        failed=count_up_to(in_state(State.FAILED)),
        given_up=count_up_to(given_up_events()),
        oldest=oldest_undone(),
        oldest_waiting=oldest_undone((State.WAITING,)),
        genuine=newest_genuine(),
        catch_up=last_catch_up(),
        last_hour=failure_share(timezone.now() - LAST_HOUR),
        modes=modes(),
    )


def by_state(since: datetime.datetime) -> dict[str, int]:
    """How many events of each state were recorded since; every state is there."""
    rows = Event.objects.filter(recorded_at__gte=since).order_by().values_list("state").annotate(Count("pk"))
    return {**dict.fromkeys(State.values, 0), **dict(rows)}


def at_end_of_index(events: QuerySet[Event], states: tuple[State, ...], order: str) -> QuerySet[Event]:
    """The first event of each state in an order of keys; the index on state and key finds each without a sort."""
    ends: list[Any] = [Subquery(events.filter(state=state).order_by(order).values("pk")[:1]) for state in states]
    # Messages and bodies are large, and not needed here.
    return Event.objects.filter(pk__in=ends).only("pk", "stripe_id", "kind", "state", "recorded_at", "created_at")


def count_up_to(rows: QuerySet[Any], most: int = MAX_ROWS) -> Counted:
    """Count rows up to a limit."""
    found = rows.order_by()[: most + 1].count()
    return Counted(value=min(found, most), is_more=found > most)


def newest(rows: QuerySet[RowModel], most: int = MAX_ROWS) -> QuerySet[RowModel]:
    """The newest rows, at most so many; unlike a slice it can be filtered and aggregated further."""
    cutoff = rows.order_by("-pk").values_list("pk", flat=True)[most : most + 1]
    return rows.filter(pk__gt=cutoff[0]) if cutoff else rows


def in_state(state: State) -> QuerySet[Event]:
    """Events in one state; an index has them in the order of their keys."""
    return Event.objects.filter(state=state)


def covered(since: datetime.datetime, most: int = MAX_INDEX_ROWS) -> datetime.datetime:
    """`since`, or a later moment when more events than `most` were recorded from there on."""
    events = Event.objects.filter(recorded_at__gte=since).order_by("-recorded_at").values_list("recorded_at", flat=True)
    cutoff = events[most : most + 1]
    return cutoff[0] if cutoff else since


def over_time(since: datetime.datetime, *, days: bool = False) -> list[Bucket]:
    """Events recorded since then by hour or day of the current time zone, and by state, oldest first."""
    start = (TruncDay if days else TruncHour)("recorded_at")
    rows = (
        Event.objects.filter(recorded_at__gte=since)
        .order_by()
        .values_list(start, "state")
        .annotate(count=Count("pk"))
        .order_by(start)
    )
    return [Bucket(start=moment, state=State(state), count=count) for moment, state, count in rows]


def delay(since: datetime.datetime) -> Delay | None:
    """How long events that were done since then had taken; None without any.

    Events that were processed again on request are left out: they were done before. So are those that a catch-up found:
    their time says when the catch-up ran, and not how long processing takes.
    """
    asked = EventStep.objects.filter(event=OuterRef("pk"), kind=EventStep.Kind.AGAIN)
    times = (
        Event.objects.filter(state=State.DONE, processed_at__gte=since, created_at__isnull=False)
        .exclude(source=EventSource.CATCH_UP)
        .filter(~Exists(asked))
        .order_by("-processed_at")
        .values_list("created_at", "processed_at")[:MAX_ROWS]
    )
    seconds = sorted(max((done - created).total_seconds(), 0.0) for created, done in times if created and done)
    if not seconds:
        return None
    return Delay(
        median=quantile(seconds, 0.5),
        percentile_95=quantile(seconds, 0.95),
        longest=seconds[-1],
        events=len(seconds),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed."""
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def failures_by_receiver(since: datetime.datetime, *, rows: int = 10) -> list[Failures]:
    """What failed since then, the most frequent first; failures of events that are done by now included."""
    found = (
        newest(EventProcessingException.objects.all())
        .filter(created_at__gte=since)
        .order_by()
        .values("data", "event__kind")
        .annotate(count=Count("pk"), last=Max("created_at"))
        .order_by("-count", "-last")[:rows]
    )
    return [
        Failures(kind=row["event__kind"] or "", where=row["data"], count=row["count"], last=row["last"])
        for row in found
    ]


def refusals_by_reason(since: datetime.datetime, *, rows: int = 10) -> list[Refusals]:
    """POSTs refused since then, the most frequent kind first."""
    found = (
        newest(in_state(State.REFUSED))
        .filter(recorded_at__gte=since)
        .order_by()
        .values("reason", "remote_address")
        .annotate(count=Count("pk"), last=Max("recorded_at"))
        .order_by("-count", "-last")[:rows]
    )
    return [
        Refusals(reason=row["reason"], address=row["remote_address"], count=row["count"], last=row["last"])
        for row in found
    ]


def last_catch_up() -> CatchUp | None:
    """The newest look through Stripe's list for missing events that came to its end, else the newest of all."""
    recent = list(CatchUp.objects.order_by("-pk")[:20])
    return next((run for run in recent if run.finished_at is not None), recent[0] if recent else None)


def progress_by_object() -> dict[str, MirrorProgress]:
    """The state of the mirror for each type, from the newest events."""
    applied = (
        newest(Event.objects.all())
        .filter(mirrored_at__isnull=False)
        .order_by()
        .values_list("object_type")
        .annotate(Max("mirrored_at"))
    )
    waiting: dict[str, int] = {}
    for object_type, count in undone_by_object():
        waiting[object_type] = waiting.get(object_type, 0) + count
    last = dict(applied)
    return {
        object_type: MirrorProgress(applied_at=last.get(object_type), waiting=waiting.get(object_type, 0))
        for object_type in last.keys() | waiting.keys()
    }


def undone_by_object() -> Iterator[tuple[str, int]]:
    for state in (State.WAITING, State.FAILED):
        yield from newest(in_state(state)).order_by().values_list("object_type").annotate(Count("pk"))
