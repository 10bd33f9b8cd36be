"""Keeps the table of events from growing without limit: deletes refused POSTs, and empties the rows of done events.

The row of a genuine event is the ledger by which a later delivery of it is recognised, so it stays at least as long as
Stripe could deliver the event again. What is not done is never touched, whatever its age.

A run walks only what is due. Keys have nearly the order of the times of recording, so an index on that time gives the
key up to which to look. Emptied rows stay, so a mark says up to which key they were emptied (`PruningMark`), and what
was passed there, because it was not done or another process had it, is remembered (`PassedEvent`).
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..models.events import Event, KeptAnswer, State, database, rows_about
from ..models.pruning import PassedEvent, PruningMark
from ..webhooks.validation import RETENTION

#: Rows of one transaction.
BATCH_ROWS = 500
#: Stripe may deliver an event for so long after it was made, and a day more for clocks and queues.
LEDGER = RETENTION + datetime.timedelta(days=1)
#: States whose events can be pruned, in the order in which that is done.
PRUNABLE = (State.REFUSED, State.DONE)
#: Events recorded around a moment, among which their keys may be out of order.
EDGE_EVENTS = 200
#: The mark passes no event that is younger: a transaction that has a smaller key may still be open.
SETTLED = datetime.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PruningPlan:
    """What is pruned from the events of one state."""

    state: State
    #: Events recorded before this.
    before: datetime.datetime
    #: Whether the row is deleted as well.
    delete_rows: bool

    def events(self) -> QuerySet[Event]:
        """The events that it concerns, those of an earlier run left out."""
        events = Event.objects.filter(state=self.state, recorded_at__lt=self.before)
        if not self.delete_rows:
            return events.filter(pruned_at__isnull=True)
        # An event of the other mode is refused, but it may be genuine, and wanted once there is a key for its mode.
        # It may also claim to be from the future, as events of test clocks do; none was made after it was recorded.
        recent = timezone.now() - LEDGER
        protected = Q(created_at__gte=recent, recorded_at__gte=recent) & ~Q(valid=False)
        return events.exclude(protected)

    def count(self) -> int:
        """How many events a run would prune now."""
        events = self.events().filter(pk__lte=last_key(self.before))
        if self.delete_rows:
            return events.count()
        passed = self.events().filter(pk__in=PassedEvent.objects.values("event_id"))
        return passed.count() + events.filter(pk__gt=reached()).count()


def plan_pruning(state: State, *, days: float, delete_rows: bool = False) -> PruningPlan:
    """The plan for one state. Rows of refused POSTs are always deleted: they have no further use."""
    return PruningPlan(
        state=state,
        before=timezone.now() - datetime.timedelta(days=days),
        delete_rows=delete_rows or state is State.REFUSED,
    )


def prune(wanted: PruningPlan) -> Iterator[int]:
    """Prune batch by batch, oldest first, each in a transaction of its own; how many events each batch had.

    What is broken off leaves whole batches behind, and the next run goes on. An event that is taken up meanwhile is
    left alone.
    """
    steps = delete(wanted) if wanted.delete_rows else chain(empty_passed(wanted), empty(wanted))
    yield from filter(None, steps)


def delete(wanted: PruningPlan) -> Iterator[int]:
    """Delete the rows that a plan concerns."""
    for keys in batches(wanted.events().filter(pk__lte=last_key(wanted.before))):
        with transaction.atomic(using=database()):
            deleted = locked(wanted, keys)
            delete_events(deleted)
        yield len(deleted)


def empty_passed(wanted: PruningPlan) -> Iterator[int]:
    """Empty the events that earlier runs have passed and that are done now; forget those that are gone."""
    for keys in batches(PassedEvent.objects.all()):
        with transaction.atomic(using=database()):
            emptied = locked(wanted, keys)
            empty_events(emptied)
            left = unpruned().filter(pk__in=keys).values_list("pk", flat=True)
            PassedEvent.objects.filter(pk__in={*keys} - {*left}).delete()
        yield len(emptied)


def empty(wanted: PruningPlan) -> Iterator[int]:
    """Empty the events behind the mark, and move it on."""
    settled = last_key(min(wanted.before, timezone.now() - SETTLED))
    for keys in batches(unpruned().filter(pk__gt=reached(), pk__lte=last_key(wanted.before))):
        with transaction.atomic(using=database()):
            emptied = locked(wanted, keys)
            empty_events(emptied)
            passed = {*keys} - {*emptied}
            PassedEvent.objects.bulk_create(
                [PassedEvent(event_id=key) for key in passed if key <= settled], ignore_conflicts=True
            )
            move_mark(min(keys[-1], settled))
        yield len(emptied)
    # Behind the last of them there may be many that an earlier release has emptied.
    move_mark(settled)


def unpruned() -> QuerySet[Event]:
    """Events of any state that were not emptied."""
    return Event.objects.filter(pruned_at__isnull=True)


def batches(rows: QuerySet) -> Iterator[list[int]]:
    """The keys of rows in their order, a batch at a time; each is asked for when the one before it is done with."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_ROWS]):
        yield keys
        last = keys[-1]


def locked(wanted: PruningPlan, keys: list[int]) -> list[int]:
    """Lock those of a batch that a plan still concerns, but for what another process has; their keys.

    Looked at again: what is being processed again is not what was planned for.
    """
    mine = wanted.events().select_for_update(skip_locked=True).filter(pk__in=keys)
    return list(mine.order_by("pk").values_list("pk", flat=True))


def last_key(before: datetime.datetime) -> int:
    """The largest key of the events that were recorded last before a moment; 0 without any."""
    last = Event.objects.filter(recorded_at__lt=before).order_by("-recorded_at", "-pk").values_list("pk", flat=True)
    return max(last[:EDGE_EVENTS], default=0)


def reached() -> int:
    """The key up to which events were emptied, or passed; 0 before the first run."""
    mark = PruningMark.objects.first()
    return 0 if mark is None else mark.reached


def move_mark(key: int) -> None:
    """Have later runs begin behind a key, unless they do so already."""
    if key > reached():
        PruningMark.objects.update_or_create(pk=1, defaults={"reached": key})


def delete_events(keys: list[int]) -> None:
    """Remove events with all that is about them."""
    delete_rows_about(keys)
    events = Event.objects.filter(pk__in=keys)
    events._raw_delete(events.db)  # Nothing else refers to them, so the rows are deleted without reading them.


def empty_events(keys: list[int]) -> None:
    """Take everything from events but what identifies them and tells when they were done."""
    delete_rows_about(keys)
    Event.objects.filter(pk__in=keys).update(
        body=b"",
        webhook_message=None,
        validated_message=None,
        difference=[],
        headers={},
        remote_address="",
        pruned_at=timezone.now(),
    )


def delete_rows_about(keys: list[int]) -> None:
    """Remove timelines, tracebacks and receivers' marks; a pruned event is never announced again (`process_again`)."""
    for rows in (*rows_about(keys), KeptAnswer.objects.filter(event__in=keys)):
        rows._raw_delete(rows.db)
