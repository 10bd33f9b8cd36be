"""What a worker of a task queue does with the event that it is handed: it takes up others that wait with it.

A queue has a task for each event. The first tasks of a backlog take up all of it by the hundred, as the sweeper does;
the tasks of events that are done by then cost one query. An event that nothing waits with is processed by itself.
"""

import datetime
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from .. import api
from ..api import deadlines
from ..conf import key_livemode, setting
from ..models.events import CLOCKS_DIFFER, DELAYS_VARY, Event, State
from ..webhooks import locks
from ..webhooks.database_errors import persist
from ..webhooks.processing import Outcome, process
from ..webhooks.retries import claim, when_all_are_due, when_due
from .sweeper import process_safely, sweep

#: Events that a task takes up, at most: fewer than the sweeper does, for what is left after TASK_SECONDS is handed over
#: again.
TASK_EVENTS = 100
#: An event that was recorded more recently is left to its own task, which most likely has begun.
FRESH = datetime.timedelta(seconds=2)
#: How much longer than for a first attempt other workers leave an event to the worker that took it up with others. No
#: other plan of an event that was never tried is as far ahead, so this is how they know.
RESERVED = 3 * CLOCKS_DIFFER
#: Seconds after which a task goes on with no further event, so that receivers of many events neither exceed a queue's
#: time limit nor are called by one worker while others have nothing to do.
TASK_SECONDS = 5.0
#: After these there is no further attempt.
ENDS = (Outcome.DONE, Outcome.REFUSED)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a task did."""

    #: The outcome of the event that the task was handed; None if it was left to another process.
    outcome: Outcome | None
    #: The tasks to enqueue: the primary key of an event, with the time of its next attempt, or with None if it has to
    #: be handed over at once, as if it had just come.
    tasks: list[tuple[int, datetime.datetime | None]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Found:
    """How the event of a task stands, and what waits with it."""

    is_done: bool = False
    is_free: bool = False
    #: Another worker took the event up with others.
    is_taken: bool = False
    #: Keys of others that are free.
    others: list[int] = field(default_factory=list)


def process_handed_over(event_pk: int, *, retry: bool = False, alone: bool = False) -> Work:
    """Process an event that a queue hands over, and up to 99 others that wait. It is for the worker of any queue.

    `retry` is for the task of a further attempt: the event is left alone if another process was quicker. `alone` is for
    a task that runs in a request: others are left to their own tasks. Receivers are called event by event. Like
    `process`, it may be called at any time, in any process, any number of times.
    """
    with api.patient():
        found = Found() if alone else persist(partial(look, event_pk))
        if not found.others:
            return process_one(event_pk, found, retry=retry)
        taken = take([event_pk, *found.others])
        if event_pk in taken:
            own = Work(outcome=None)
        elif found.is_free and not take_alone(event_pk):
            own = Work(outcome=None)  # Another worker has taken it meanwhile, or is done with it.
        else:
            own = process_one(event_pk, found, retry=retry and not found.is_free)
        outcomes = process_together(taken, own=event_pk)
        return Work(outcome=outcomes.get(event_pk, own.outcome), tasks=[*own.tasks, *tasks_after(taken, outcomes)])


def look(event_pk: int) -> Found:
    """How an event stands, and which others wait: one query."""
    latest = latest_first_attempt()
    events = Event.objects.annotate(
        is_free=Case(When(is_free(latest), then=True), default=False),
        is_taken=Case(When(valid=None, attempts=0, next_attempt_at__gt=latest, then=True), default=False),
    ).order_by()
    columns = ("pk", "processed", "is_free", "is_taken")
    waits = Q(is_free(latest), recorded_at__lte=timezone.now() - FRESH) & ~Q(pk=event_pk)
    oldest = Event.objects.filter(waits).order_by("next_attempt_at").values("pk")[: TASK_EVENTS - 1]
    # An OR would read the whole table.
    both = events.filter(pk=event_pk).values_list(*columns)
    rows = {key: row for key, *row in both.union(events.filter(pk__in=oldest).values_list(*columns), all=True)}
    # Without a row it was pruned, or another row of the event stands for both.
    is_done, *own = rows.pop(event_pk, [True, False, False])
    return Found(is_done=is_done, is_free=own[0], is_taken=own[1], others=sorted(rows))


def latest_first_attempt() -> datetime.datetime:
    """For when the first attempt of an event is planned at the latest, unless a worker has taken it up with others."""
    longest = datetime.timedelta(seconds=setting("RETRY_DELAYS")[0] * (1 + DELAYS_VARY))
    return timezone.now() + longest + CLOCKS_DIFFER


def is_free(latest: datetime.datetime) -> Q:
    """Undecided events that were never tried, or that are due, and that no worker has taken up.

    Those of accounts that no genuine event named are left to their own tasks and to the sweeper, which limit how often
    Stripe is asked about them; those of the other mode wait for a key.
    """
    never_tried = Q(attempts=0, next_attempt_at__lte=latest)
    free = Q(
        Q(next_attempt_at__lte=timezone.now()) | never_tried,
        state__in=(State.WAITING, State.FAILED),
        valid=None,
        processed=False,
        gave_up_at=None,
        account_is_new=None,
        # Again, and alone, for the index.
        next_attempt_at__lte=latest,
    )
    livemode = key_livemode()
    return free if livemode is None else free & (Q(livemode=livemode) | Q(livemode=None))


def reservation() -> tuple[QuerySet[Event], dict[str, Any]]:
    """The events that a worker may take up, and the column by which others know that it did."""
    latest = latest_first_attempt()
    return Event.objects.filter(is_free(latest)), {"next_attempt_at": latest - CLOCKS_DIFFER + RESERVED}


def take(event_pks: Sequence[int]) -> list[int]:
    """Take up those of some events that are free; their keys. None is waited for."""
    events, columns = reservation()
    with locks.no_waiting():
        return sorted(persist(partial(locks.update_all_unless_locked, events, event_pks, **columns)))


def take_alone(event_pk: int) -> bool:
    """Take up one event that is free; another worker that just does so is waited for. False if that worker has it."""
    events, columns = reservation()
    return bool(persist(partial(events.filter(pk=event_pk).update, **columns)))


def process_one(event_pk: int, found: Found, *, retry: bool) -> Work:
    """Process the event of a task by itself, unless it is done or left to others."""
    if found.is_done:
        return Work(outcome=Outcome.DONE)
    if not claim(event_pk) if retry else found.is_taken:
        return Work(outcome=None)
    outcome = process(event_pk)
    moment = None if outcome in ENDS else when_due(event_pk)
    return Work(outcome=outcome, tasks=[] if moment is None else [(event_pk, moment)])


def process_together(event_pks: Sequence[int], *, own: int) -> dict[int, Outcome]:
    """Process events that this worker has taken up, until the time of a task is over; the outcomes by key.

    The event of the task itself, if it is among them, is processed in any case.
    """
    outcomes: dict[int, Outcome] = {}
    end = deadlines.clock() + TASK_SECONDS
    with api.paced(setting("API_RATE")), closing(sweep(event_pks)) as swept:
        for key, outcome in swept:
            outcomes[key] = outcome
            if deadlines.clock() >= end:
                break
    if own in event_pks and own not in outcomes:
        outcomes[own] = process_safely(own)
    return outcomes


def tasks_after(taken: Sequence[int], outcomes: dict[int, Outcome]) -> list[tuple[int, datetime.datetime | None]]:
    """The tasks that events need that were taken up: further attempts, and all of those that the time was over for."""
    left = [key for key in taken if key not in outcomes]
    if left:
        give_back(left)
    undone = [key for key, outcome in outcomes.items() if outcome not in ENDS]
    return [*when_all_are_due(undone), *((key, None) for key in left)]


def give_back(event_pks: Sequence[int]) -> None:
    """Make events free again that were reserved, and not tried."""
    undecided = Event.objects.filter(pk__in=event_pks, valid=None, processed=False)
    persist(partial(undecided.update, next_attempt_at=timezone.now()))
