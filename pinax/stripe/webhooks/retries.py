"""When an event that is not done is tried again, and when nobody tries any more."""

import datetime
import logging
import random

from django.db.models import F
from django.utils import timezone

from ..conf import setting
from ..models.events import Event, EventStep

logger = logging.getLogger(__name__)

#: A queued attempt comes this much after it is due, so that clocks that differ a little do not make it come too early.
MARGIN = datetime.timedelta(seconds=1)


def next_attempt(attempts: int) -> datetime.datetime:
    """When to try again after so many attempts: PINAX_STRIPE_RETRY_DELAYS, each up to a tenth longer.

    The random part keeps events that failed together from coming back together.
    """
    delays = setting("RETRY_DELAYS")
    delay = delays[min(max(attempts, 1), len(delays)) - 1] * random.uniform(1, 1.1)  # noqa: S311  no secret
    return timezone.now() + datetime.timedelta(seconds=delay)


def start_attempt(event: Event) -> None:
    """Count an attempt; until its time is up the sweeper leaves the event to whoever is at it."""
    Event.objects.filter(pk=event.pk).update(
        attempts=F("attempts") + 1, next_attempt_at=next_attempt(event.attempts + 1)
    )
    event.attempts += 1


def count_failure(event: Event) -> None:
    """Note that a handler or a receiver raised; give the event up once that happened PINAX_STRIPE_RETRY_LIMIT times."""
    failures = event.failures + 1
    gives_up = failures >= setting("RETRY_LIMIT")
    moment = timezone.now() if gives_up else None
    Event.objects.filter(pk=event.pk, processed=False).update(
        failures=F("failures") + 1, next_attempt_at=next_attempt(failures), gave_up_at=moment
    )
    event.failures, event.gave_up_at = failures, moment
    if gives_up:
        EventStep.objects.create(event=event, kind=EventStep.Kind.GIVEN_UP, data={"failures": failures})
        logger.error("gave up event=%s type=%s failures=%s", event.stripe_id, event.kind, failures)


def claim(event_pk: int) -> bool:
    """Take an undone event that is due, for one attempt; False when it is not due, or somebody else took it."""
    due = Event.objects.due().filter(pk=event_pk)
    return bool(due.update(next_attempt_at=next_attempt(1)))


def when_due(event_pk: int) -> datetime.datetime | None:
    """When a task queue should make the next attempt; None if the event is done, refused or given up."""
    undone = Event.objects.undone().filter(pk=event_pk, gave_up_at__isnull=True, next_attempt_at__isnull=False)
    moment = undone.values_list("next_attempt_at", flat=True).first()
    return None if moment is None else moment + MARGIN
