"""Events processed by Django's Tasks framework: `PINAX_STRIPE_DISPATCH = "pinax.stripe.tasks.enqueue"`.

The framework is part of Django 6; on 5.2 it is the package django-tasks, with `django_tasks` in INSTALLED_APPS.
"""

import datetime
from typing import Any

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[import-not-found,no-redef]

from .models.events import Event
from .webhooks.processing import Outcome, process
from .webhooks.retries import claim

#: A retry comes this much after it is due, so that clocks that differ a little do not make it come too early.
MARGIN = datetime.timedelta(seconds=1)


@task()
def process_event(event_pk: int) -> str:
    """Process an event; what became of it. If it is not done, the next attempt is enqueued for when it is due."""
    outcome = process(event_pk)
    enqueue_retry(event_pk)
    return outcome.name.lower()


@task()
def retry_event(event_pk: int) -> str:
    """The next attempt, unless the sweeper or somebody else was quicker."""
    if not claim(event_pk):
        return "skipped"
    outcome = process(event_pk)
    enqueue_retry(event_pk)
    return outcome.name.lower()


def enqueue(event_pk: int) -> Outcome:
    """Hand an event to the task queue."""
    process_event.enqueue(event_pk)
    return Outcome.DEFERRED


def enqueue_retry(event_pk: int) -> None:
    """Enqueue the next attempt; where the queue cannot wait, the sweeper makes it (`stripe_process_events --due`)."""
    if not backend_of(retry_event).supports_defer:
        return
    moment = (
        Event.objects.undone()
        .filter(pk=event_pk, gave_up_at__isnull=True, next_attempt_at__isnull=False)
        .values_list("next_attempt_at", flat=True)
        .first()
    )
    if moment is not None:
        retry_event.using(run_after=moment + MARGIN).enqueue(event_pk)


def backend_of(some_task: Any) -> Any:
    """The backend that a task goes to."""
    return some_task.get_backend()
