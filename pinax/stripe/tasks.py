"""Tasks of Django's framework: events that workers process (`PINAX_STRIPE_DISPATCH = "pinax.stripe.tasks.enqueue"`),
and what is run on a schedule.

The framework is part of Django 6; for 5.2 it is the package django-tasks (the extra `pinax-stripe[tasks]`).
"""

try:
    from django.tasks import task
    from django.tasks.backends.immediate import ImmediateBackend
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[no-redef]
    from django_tasks.backends.immediate import ImmediateBackend  # type: ignore[assignment]

from .backfill.scheduled import read_what_is_new, verify_sample
from .upkeep.queue_worker import process_handed_over
from .webhooks.processing import Outcome


@task()
def process_event(event_pk: int, retry: bool = False) -> str:
    """Process an event, and others that wait; returns the event's outcome. What is not done is enqueued again.

    A `retry` leaves the event alone if the sweeper or another process was quicker. Where the queue cannot wait, the
    sweeper makes the next attempt (`manage.py stripe_process_events --due`).
    """
    backend = process_event.get_backend()
    work = process_handed_over(event_pk, retry=retry, alone=isinstance(backend, ImmediateBackend))
    for key, moment in work.tasks:
        if moment is None:
            process_event.enqueue(key)
        elif backend.supports_defer:
            process_event.using(run_after=moment).enqueue(key, retry=True)
    return "skipped" if work.outcome is None else work.outcome.name.lower()


def enqueue(event_pk: int) -> Outcome:
    """Hand an event to the task queue."""
    process_event.enqueue(event_pk)
    return Outcome.DEFERRED


@task()
def sync() -> None:
    """Read what is new in Stripe's lists, as `stripe_sync` does; one that was broken off goes on."""
    read_what_is_new()


@task()
def verify(number: int = 50) -> None:
    """Hold a sample of the mirror against Stripe, as `stripe_verify --sample` does; it fails if anything differs."""
    verify_sample(number)


def enqueue_sync() -> None:
    """Hand a run of `stripe_sync` to the task queue."""
    sync.enqueue()
