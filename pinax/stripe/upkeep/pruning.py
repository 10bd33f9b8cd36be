"""Keeps the table of events from growing without limit: deletes refused POSTs, and empties the rows of done events.

The row of a genuine event is the ledger by which a later delivery of it is recognised, so it stays at least as long as
Stripe could deliver the event again. What is not done is never touched, whatever its age.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..models.events import Event, KeptAnswer, State, database, rows_about
from ..webhooks.validation import RETENTION

#: Rows of one transaction.
BATCH_ROWS = 500
#: Stripe may deliver an event for so long after it was made, and a day more for clocks and queues.
LEDGER = RETENTION + datetime.timedelta(days=1)
#: States whose events can be pruned, in the order in which that is done.
PRUNABLE = (State.REFUSED, State.DONE)


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
    last = 0
    while True:
        keys = list(wanted.events().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_ROWS])
        if not keys:
            return
        last = keys[-1]
        with transaction.atomic(using=database()):
            # Locked and looked at again: what is being processed again is not what was planned for.
            locked = wanted.events().select_for_update(skip_locked=True).filter(pk__in=keys)
            mine = list(locked.order_by("pk").values_list("pk", flat=True))
            if wanted.delete_rows:
                delete_events(mine)
            else:
                empty_events(mine)
        yield len(mine)


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
