"""When an event that is not done is tried again, and when it is given up."""

import datetime
import logging
import random
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import F
from django.utils import timezone

from ..conf import setting
from ..exceptions import LONGEST_WAIT_SECONDS
from ..models.events import DELAYS_VARY, Event, EventStep, latest_attempt
from . import locks
from .database_errors import persist

logger = logging.getLogger(__name__)

#: A queued attempt comes this much after it is due, so that clocks that differ a little do not make it come too early.
QUEUE_MARGIN = datetime.timedelta(seconds=1)
#: How long receivers may go on asking to be called later: as long as Stripe keeps an event.
MAX_POSTPONEMENT = datetime.timedelta(seconds=LONGEST_WAIT_SECONDS)
#: Seconds until a receiver that asked for it is called again, at least, so that the sweeper does not spin.
MIN_POSTPONEMENT_SECONDS = 1


def next_attempt_time(attempts: int) -> datetime.datetime:
    """When to try again after so many attempts: PINAX_STRIPE_RETRY_DELAYS, each up to a tenth longer.

    The random part keeps events that failed together from coming back together.
    """
    delays = setting("RETRY_DELAYS")
    delay = delays[min(max(attempts, 1), len(delays)) - 1] * random.uniform(1, 1 + DELAYS_VARY)  # noqa: S311  no secret
    return timezone.now() + datetime.timedelta(seconds=delay)


def next_attempt_columns(attempts: int) -> dict[str, Any]:
    """The columns of an event that is to be tried again after so many attempts."""
    return {"next_attempt_at": next_attempt_time(attempts), "postponed_at": None}


def start_attempt(event: Event) -> None:
    """Count an attempt; until its time is up the sweeper leaves the event to this process."""
    values = {"attempts": F("attempts") + 1, **next_attempt_columns(event.attempts + 1)}
    persist(partial(locks.update_event, event.pk, **values))
    event.attempts += 1


def count_failure(event: Event, *, gives_up: bool = False) -> None:
    """Note that a handler or a receiver raised; give the event up once that happened PINAX_STRIPE_RETRY_LIMIT times.

    With `gives_up` it is given up whatever the limit.
    """
    failures = event.failures + 1
    gives_up = gives_up or failures >= setting("RETRY_LIMIT")
    moment = timezone.now() if gives_up else None
    plan = next_attempt_columns(failures)
    undone = Event.objects.filter(pk=event.pk, processed=False)
    persist(partial(undone.update, failures=F("failures") + 1, gave_up_at=moment, **plan))
    event.failures, event.gave_up_at, event.next_attempt_at = failures, moment, plan["next_attempt_at"]
    if gives_up:
        EventStep.objects.create(event=event, kind=EventStep.Kind.GIVEN_UP, data={"failures": failures})
        logger.error("gave up event=%s type=%s failures=%s", event.stripe_id, event.kind, failures)


def has_waited_enough(event: Event) -> bool:
    """Whether receivers have been asking to be called later for longer than LONGEST_WAIT."""
    since = event.postponed_since
    return since is not None and timezone.now() - since >= MAX_POSTPONEMENT


def postponement(seconds: float) -> datetime.timedelta:
    """How long an event waits whose receiver asked for so many seconds."""
    return datetime.timedelta(seconds=min(max(seconds, MIN_POSTPONEMENT_SECONDS), MAX_POSTPONEMENT.total_seconds()))


def postpone(event: Event, *, seconds: float, not_after: datetime.datetime | None = None) -> None:
    """Have the next attempt made in so many seconds, or at the end of LONGEST_WAIT if that is sooner.

    `not_after` is when it is made anyway; None when nothing else asks for it.
    """
    now = timezone.now()
    # A clock that was ahead must not make the wait longer.
    since = min(event.postponed_since or now, now)
    moment = min(now + postponement(seconds), since + MAX_POSTPONEMENT)
    values = {"postponed_since": since}
    if not_after is None or moment < not_after:
        values |= {"next_attempt_at": moment, "postponed_at": now}
    persist(partial(Event.objects.filter(pk=event.pk, processed=False).update, **values))
    logger.info("postponed event=%s type=%s", event.stripe_id, event.kind)


def claim(event_pk: int) -> bool:
    """Take an undone event that is due, for one attempt; False when it is not due, or another process took it.

    Nothing is waited for: a row that is locked belongs to another process.
    """
    return bool(persist(partial(locks.update_unless_locked, Event.objects.due(), event_pk, **next_attempt_columns(1))))


def claim_all(event_pks: Sequence[int]) -> list[int]:
    """Take undone events that are due, for one attempt each; those that were taken."""
    return persist(partial(locks.update_all_unless_locked, Event.objects.due(), event_pks, **next_attempt_columns(1)))


def when_due(event_pk: int) -> datetime.datetime | None:
    """When a task queue should make the next attempt; None if the event is done, refused or given up."""
    return dict(when_all_are_due([event_pk])).get(event_pk)


def when_all_are_due(event_pks: Sequence[int]) -> list[tuple[int, datetime.datetime]]:
    """The same of many events: the keys of those that need a next attempt, each with its time."""
    if not event_pks:
        return []
    undone = Event.objects.undone().filter(pk__in=event_pks, gave_up_at=None)
    latest = latest_attempt()
    return [
        (key, QUEUE_MARGIN + (moment if postponed_at is not None else min(moment, latest)))
        for key, moment, postponed_at in undone.order_by("pk").values_list("pk", "next_attempt_at", "postponed_at")
        if moment is not None
    ]
