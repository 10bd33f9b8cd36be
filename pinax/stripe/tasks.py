"""Events processed by Django's Tasks framework: `PINAX_STRIPE_DISPATCH = "pinax.stripe.tasks.enqueue"`.

The framework is part of Django 6; for 5.2 it is the package django-tasks (the extra `pinax-stripe[tasks]`).
"""

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[no-redef]

from . import api
from .webhooks.processing import Outcome, process
from .webhooks.retries import claim, when_due


@task()
def process_event(event_pk: int, retry: bool = False) -> str:
    """Process an event; returns its outcome. If it is not done, the next attempt is enqueued for when it is due.

    A `retry` leaves the event alone if the sweeper or another process was quicker. Where the queue cannot wait, the
    sweeper makes the next attempt (`manage.py stripe_process_events --due`).
    """
    if retry and not claim(event_pk):
        return "skipped"
    with api.patient():
        outcome = process(event_pk)
    moment = when_due(event_pk)
    if moment is not None and process_event.get_backend().supports_defer:
        process_event.using(run_after=moment).enqueue(event_pk, retry=True)
    return outcome.name.lower()


def enqueue(event_pk: int) -> Outcome:
    """Hand an event to the task queue."""
    process_event.enqueue(event_pk)
    return Outcome.DEFERRED
