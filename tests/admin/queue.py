"""A task queue that only remembers."""

QUEUE: list[int] = []


def enqueue(event_pk):
    QUEUE.append(event_pk)


def sync():
    """Remember that Stripe's lists are to be read."""
    QUEUE.append(0)
