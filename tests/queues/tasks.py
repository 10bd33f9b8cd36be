"""The hook for Celery that docs/how-to/task-queues.md shows."""

from celery import shared_task

from pinax.stripe.webhooks.processing import process
from pinax.stripe.webhooks.retries import claim, when_due


@shared_task(acks_late=True, ignore_result=True)
def process_event(event_pk, retry=False):
    if retry and not claim(event_pk):
        return  # Another process was quicker.
    process(event_pk)
    moment = when_due(event_pk)
    if moment is not None:
        process_event.apply_async((event_pk, True), eta=moment)


def enqueue(event_pk):
    process_event.delay(event_pk)
