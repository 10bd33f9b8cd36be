"""Figures about events, for the admin's overview and for monitors. Reads only, and stays quick on millions of rows.

Each reads the end of an index, what is not done yet, or a bounded number of the newest rows. Those of the overview are
`Readable`, so that it gets many of them with one query.
"""

import datetime
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, Max, OuterRef, QuerySet, Subquery, Value, When
from django.utils import timezone

from ..combined_reads import NumberOf, Readable, Reading, Rows, together
from ..conf import key_livemode
from ..models.backfill import Backfill, TableReading, Verification
from ..models.events import CatchUp, Event, EventProcessingException, EventSource, EventStep, State, SweeperMark

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
#: How far back the share of failures and of refusals looks.
LAST_HOUR = datetime.timedelta(hours=1)
#: States of events that are, or may yet turn out to be, Stripe's.
NOT_REFUSED = (State.DONE, State.WAITING, State.FAILED)
UNDONE = (State.WAITING, State.FAILED)
#: States of events that Stripe confirmed.
GENUINE = (State.DONE, State.FAILED)
#: Rows that a question about the newest ones looks at, at most.
MAX_ROWS = 5_000
#: Steps of timelines among which slow receivers are looked for; each event has two or three.
MAX_STEPS = 10_000
#: Events of which the processing times are read; their rows are large.
MAX_TIMES = 1_000
#: Failures that are grouped by the types of their events, which are looked up one by one.
MAX_FAILURES = 1_000
#: Rows that are counted, at most, where an index alone gives the answer.
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
    #: The last backfill that came to its end, and the last verification that did.
    backfill: Backfill | None = None
    verification: Verification | None = None


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
    return by_age(states).first()


def by_age(states: tuple[State, ...]) -> QuerySet[Event]:
    """The event of each state that has waited longest, the oldest of them first."""
    waiting = worth_a_look(not_postponed()).filter(gave_up_at__isnull=True)
    return at_end_of_index(waiting, states, "pk").order_by("pk")


def worth_a_look(events: QuerySet[Event]) -> QuerySet[Event]:
    """Events without those that are not verified yet and name an unknown account.

    A sender can post any number of those, and would cause an alarm.
    """
    return events.filter(account_is_new__isnull=True)


def of_new_accounts() -> QuerySet[Event]:
    """The events that `worth_a_look` leaves out."""
    return Event.objects.filter(account_is_new=True)


def slow_steps(since: datetime.datetime) -> QuerySet[EventStep]:
    """Steps of timelines about slow receivers since then; only the last MAX_STEPS steps are read."""
    last = EventStep.objects.order_by("-pk").values("pk")[:1]
    return EventStep.objects.filter(pk__gt=Subquery(last) - MAX_STEPS, kind=EventStep.Kind.SLOW, at__gte=since)


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
    #: When a backfill last came to its end; None if none did, or there is no event.
    backfilled_at: datetime.datetime | None
    #: Whether a verification came to its end.
    is_verified: bool
    #: Whether this release reads columns that rows were not read for.
    is_rebuild_due: bool


def signs_of_life(since: datetime.datetime) -> Signs:
    """The last event, whether a receiver took long since a moment, the sweeper's mark, backfill and verification."""
    backfills = Backfill.objects.filter(finished_at__isnull=False).order_by("-pk")
    events = at_end_of_index(Event.objects.all(), NOT_REFUSED, "-pk").annotate(
        is_slow=Exists(slow_steps(since)),
        swept_at=Subquery(SweeperMark.objects.values("swept_at")[:1]),
        backfilled_at=Subquery(backfills.values("finished_at")[:1]),
        is_verified=Exists(Verification.objects.filter(finished_at__isnull=False)),
        is_rebuild_due=Exists(tables_to_rebuild()),
    )
    event: Any = events.order_by("-pk").first()
    return Signs(
        last=event,
        is_slow=bool(event and event.is_slow),
        swept_at=event and event.swept_at,
        backfilled_at=event and event.backfilled_at,
        is_verified=bool(event and event.is_verified),
        is_rebuild_due=bool(event and event.is_rebuild_due),
    )


@Readable
def newest_genuine() -> Reading[Event | None]:
    """The last event that Stripe confirmed."""
    return first(at_end_of_index(Event.objects.all(), GENUINE, "-pk").order_by("-pk"))


@Readable
def modes() -> Reading[Modes]:
    """The modes of the database's events and of the key; one query, of two rows."""
    done = Event.objects.filter(state=State.DONE)
    ends: list[Any] = [Subquery(done.order_by(order).values("pk")[:1]) for order in ("pk", "-pk")]
    [found] = yield [Rows(Event.objects.filter(pk__in=ends, livemode__isnull=False).values_list("livemode"))]
    return Modes(events=frozenset(bool(livemode) for (livemode,) in found), key=key_livemode())


@Readable
def failure_share(since: datetime.datetime) -> Reading[Share]:
    """What was recorded since, in one pass over the index of that time."""
    kinds = (
        Event.objects.filter(recorded_at__gte=since)
        .order_by()
        .values_list("valid", whether(failures__gt=0), whether(reason="signature_mismatch"))
        .annotate(number=Count("*"))
    )
    [found] = yield [Rows(kinds)]

    def those(wanted: bool, *, failed: bool = False, mismatched: bool = False) -> int:
        return sum(
            number
            for valid, has_failed, is_mismatched, number in found
            if valid is wanted and has_failed >= failed and is_mismatched >= mismatched
        )

    return Share(
        genuine=those(True),
        failed=those(True, failed=True),
        refused=those(False),
        mismatched=those(False, mismatched=True),
    )


def whether(**condition: Any) -> Case:
    """1 where a condition holds, else 0."""
    return Case(When(**condition, then=Value(1)), default=Value(0))


@Readable
def event_figures() -> Reading[EventFigures]:
    """The figures of this moment."""
    figures = {
        "waiting": count_up_to.reading(worth_a_look(in_state(State.WAITING))),
        "of_new_accounts": count_up_to.reading(of_new_accounts()),
        "failed": count_up_to.reading(in_state(State.FAILED)),
        "given_up": count_up_to.reading(given_up_events()),
        "oldest": first(by_age(UNDONE)),
        "oldest_waiting": first(by_age((State.WAITING,))),
        "genuine": newest_genuine.reading(),
        "catch_up": last_catch_up.reading(),
        "last_hour": failure_share.reading(timezone.now() - LAST_HOUR),
        "modes": modes.reading(),
        "backfill": first(Backfill.objects.filter(finished_at__isnull=False).order_by("-pk")),
        "verification": first(verifications()),
    }
    found = yield from together(*figures.values())
    return EventFigures(**dict(zip(figures, found, strict=True)))


def by_state(since: datetime.datetime) -> dict[str, int]:
    """How many events of each state were recorded since; every state is there."""
    return {**dict.fromkeys(State.values, 0), **dict(counts_of_states(since))}


def counts_of_states(since: datetime.datetime, until: datetime.datetime | None = None) -> QuerySet[Event, Any]:
    """States and numbers of the events recorded in a period, which the index on both knows without a look at rows."""
    events = Event.objects.filter(recorded_at__gte=since)
    if until is not None:
        events = events.filter(recorded_at__lt=until)
    return events.order_by().values_list("state").annotate(number=Count("*"))


def at_end_of_index(events: QuerySet[Event], states: tuple[State, ...], order: str) -> QuerySet[Event]:
    """The first event of each state in an order of keys; the index on state and key finds each without a sort."""
    ends: list[Any] = [Subquery(events.filter(state=state).order_by(order).values("pk")[:1]) for state in states]
    # Messages and bodies are large, and not needed here.
    return Event.objects.filter(pk__in=ends).only("pk", "stripe_id", "kind", "state", "recorded_at", "created_at")


def first(rows: QuerySet[Any]) -> Reading[Any]:
    """The first row in an order that the queryset has; None without any."""
    [found] = yield [Rows(rows[:1])]
    return found[0] if found else None


@Readable
def count_up_to(
    rows: QuerySet[Any], most: int = MAX_ROWS, *, order: str = "", by_itself: bool = False
) -> Reading[Counted]:
    """Count rows up to a limit.

    With an `order` they are counted along its index: for a limit without one PostgreSQL may read the table from its
    beginning, which is quick only where the rows that count are everywhere.
    """
    ordered = rows.order_by(order) if order else rows.order_by()
    [found] = yield [NumberOf(ordered[: most + 1], by_itself=by_itself)]
    return Counted(value=min(found, most), is_more=found > most)


@Readable
def newest(rows: QuerySet[Any], most: int = MAX_ROWS) -> Reading[QuerySet[Any]]:
    """The newest rows, at most so many; unlike a slice it can be filtered and aggregated further."""
    cutoff = yield from first(rows.order_by("-pk").values_list("pk")[most:])
    return rows.filter(pk__gt=cutoff[0]) if cutoff else rows


def in_state(state: State) -> QuerySet[Event]:
    """Events in one state; an index has them in the order of their keys."""
    return Event.objects.filter(state=state)


@Readable
def covered(since: datetime.datetime, most: int = MAX_INDEX_ROWS) -> Reading[datetime.datetime]:
    """`since`, or a later moment when more events than `most` were recorded from there on."""
    events = Event.objects.filter(recorded_at__gte=since)
    # Keys are given in the order of recording: mostly they alone tell that there are no more.
    oldest, last = yield from together(
        first(events.order_by("recorded_at").values_list("pk")), first(Event.objects.order_by("-pk").values_list("pk"))
    )
    if oldest is None or last[0] - oldest[0] < most:
        return since
    cutoff = yield from first(events.order_by("-recorded_at").values_list("recorded_at")[most:])
    return cutoff[0] if cutoff else since


def beginning(moment: datetime.datetime, *, by_day: bool) -> datetime.datetime:
    """The full hour, or the midnight, after a moment in the current time zone."""
    local = timezone.localtime(moment)
    if by_day:
        return timezone.make_aware(datetime.datetime.combine(local.date() + DAY, datetime.time.min))
    return local.replace(minute=0, second=0, microsecond=0) + HOUR


def steps(since: datetime.datetime, *, by_day: bool) -> Iterator[datetime.datetime]:
    """The hours or days from then to now."""
    moment, now = timezone.localtime(since), timezone.now()
    while moment <= now:
        yield moment
        # Days are not all 24 hours long.
        moment = beginning(moment, by_day=True) if by_day else timezone.localtime(moment + HOUR)


@Readable
def over_time(since: datetime.datetime, *, days: bool = False) -> Reading[list[Bucket]]:
    """Events recorded since then by hour or day of the current time zone, and by state, oldest first."""
    # The full hour before a moment is that after the hour before it; so it is with days.
    start = beginning(since - (DAY if days else HOUR), by_day=days)
    starts = list(steps(start, by_day=days))
    ends = [*starts[1:], None]
    found = yield [Rows(counts_of_states(max(start, since), end)) for start, end in zip(starts, ends, strict=True)]
    return [
        Bucket(start=start, state=State(state), count=count)
        for start, rows in zip(starts, found, strict=True)
        for state, count in rows
    ]


def delay(since: datetime.datetime) -> Delay | None:
    """How long events that were recorded and done since then had taken; None without any.

    Events that were processed again on request are left out: they were done before. So are those that a catch-up found:
    their time says when the catch-up ran, and not how long processing takes.
    """
    asked = EventStep.objects.filter(event=OuterRef("pk"), kind=EventStep.Kind.AGAIN)
    # What is left out is rare: the database takes the newest events from the index on the time of recording.
    times = (
        Event.objects.filter(~Exists(asked), state=State.DONE, recorded_at__gte=since)
        .exclude(source=EventSource.CATCH_UP)
        .order_by("-recorded_at")
        .values_list("created_at", "processed_at")[:MAX_TIMES]
    )
    both = [(created, done) for created, done in times if created and done and done >= since]
    seconds = sorted(max((done - created).total_seconds(), 0.0) for created, done in both)
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


@Readable
def failures_by_receiver(since: datetime.datetime, *, rows: int = 10) -> Reading[list[Failures]]:
    """What failed since then, the most frequent first; failures of events that are done by now included."""
    exceptions = yield from newest.reading(EventProcessingException.objects.all(), MAX_FAILURES)
    kinds = (
        exceptions.filter(created_at__gte=since)
        .order_by()
        .values_list("event__kind", "data")
        .annotate(count=Count("pk"), last=Max("created_at"))
        .order_by("-count", "-last")[:rows]
    )
    [found] = yield [Rows(kinds)]
    return [Failures(kind=kind or "", where=where, count=count, last=last) for kind, where, count, last in found]


@Readable
def refusals_by_reason(since: datetime.datetime, *, rows: int = 10) -> Reading[list[Refusals]]:
    """POSTs refused since then, the most frequent kind first."""
    refused = yield from newest.reading(in_state(State.REFUSED))
    kinds = (
        refused.filter(recorded_at__gte=since)
        .order_by()
        .values_list("reason", "remote_address")
        .annotate(count=Count("pk"), last=Max("recorded_at"))
        .order_by("-count", "-last")[:rows]
    )
    [found] = yield [Rows(kinds)]
    return [Refusals(reason=reason, address=address, count=count, last=last) for reason, address, count, last in found]


def verifications() -> QuerySet[Verification]:
    """The verifications that came to their end, the last one first."""
    return Verification.objects.filter(finished_at__isnull=False).order_by("-pk")


def tables_to_rebuild() -> QuerySet[TableReading]:
    """The tables of whose rows this release reads more."""
    return TableReading.objects.filter(is_due=True).order_by("table")


@Readable
def last_catch_up() -> Reading[CatchUp | None]:
    """The newest look through Stripe's list for missing events that came to its end, else the newest of all."""
    [recent] = yield [Rows(CatchUp.objects.order_by("-pk")[:20])]
    return next((run for run in recent if run.finished_at is not None), recent[0] if recent else None)


@Readable
def progress_by_object() -> Reading[dict[str, MirrorProgress]]:
    """The state of the mirror for each type, from the newest events."""
    events = (Event.objects.all(), *map(in_state, UNDONE))
    mirrored, *undone = yield from together(*map(newest.reading, events))
    applied = mirrored.filter(mirrored_at__isnull=False).order_by().values_list("object_type")
    counts = [rows.order_by().values_list("object_type").annotate(Count("pk")) for rows in undone]
    times, *numbers = yield [Rows(applied.annotate(Max("mirrored_at"))), *map(Rows, counts)]
    last = dict(times)
    waiting: Counter[str] = Counter()
    for number in numbers:
        waiting.update(dict(number))
    return {
        object_type: MirrorProgress(applied_at=last.get(object_type), waiting=waiting[object_type])
        for object_type in last.keys() | waiting.keys()
    }
