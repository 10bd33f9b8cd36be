"""Logs slow receivers. A thread cannot be stopped; only the end of its process ends it."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connections

from ..conf import setting
from ..models.events import Event, EventStep, NewStep, database

logger = logging.getLogger(__name__)

#: Attempts of one event whose slow receivers its timeline lists.
MAX_TIMELINE_SLOW = 100


@contextmanager
def warn_when_slow(event: Event, receiver: str, steps: list[NewStep]) -> Iterator[None]:
    """Warn when a receiver runs for longer than PINAX_STRIPE_RECEIVER_WARN_AFTER, while it still runs.

    The warning is stored by a thread and a connection of its own, for the receiver's transaction may never end. Where
    that is not possible (SQLite has one writer), a step is added to `steps` when the receiver ends.
    """
    limit = setting("RECEIVER_WARN_AFTER")
    if limit is None:
        yield
        return
    begin, told = time.monotonic(), threading.Event()
    timer = threading.Timer(limit, partial(warn, event, receiver, limit, told))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        seconds = time.monotonic() - begin
        if seconds >= limit and not told.is_set() and event.attempts <= MAX_TIMELINE_SLOW:
            timer.join()
            if not told.is_set():
                steps.append(slow_step(event, receiver, seconds))


def warn(event: Event, receiver: str, seconds: float, told: threading.Event) -> None:
    """Log that a receiver is slow, and put it into the timeline."""
    logger.warning("slow event=%s type=%s receiver=%s seconds=%s", event.stripe_id, event.kind, receiver, seconds)
    if event.attempts > MAX_TIMELINE_SLOW or connections[database()].vendor == "sqlite":
        return
    try:
        slow_step(event, receiver, seconds).save()
        told.set()
    except Exception as error:
        logger.info("not told event=%s error=%s", event.stripe_id, type(error).__name__)
    finally:
        connections.close_all()


def slow_step(event: Event, receiver: str, seconds: float) -> NewStep:
    return NewStep(
        event_id=event.pk, kind=EventStep.Kind.SLOW, data={"receiver": receiver, "seconds": round(seconds, 1)}
    )
