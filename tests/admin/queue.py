"""A task queue that only remembers."""

QUEUE: list[int] = []


def enqueue(event_pk):
    QUEUE.append(event_pk)
