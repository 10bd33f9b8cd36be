"""The hook for Celery that docs/how-to/task-queues.md shows."""

from celery import shared_task

from pinax.stripe.upkeep.queue_worker import process_handed_over


@shared_task(acks_late=True, ignore_result=True)
def process_event(event_pk, retry=False):
    for key, moment in process_handed_over(event_pk, retry=retry).tasks:
        process_event.apply_async((key, moment is not None), eta=moment)


def enqueue(event_pk):
    process_event.delay(event_pk)
