"""When a call may be made: spaced to a rate, and again after a failed attempt."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from . import deadlines

_pace: ContextVar["Pace | None"] = ContextVar("pinax_stripe_pace", default=None)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


class Pace:
    """Spaces calls so that there are never more than `rate` in a second."""

    def __init__(self, rate: float) -> None:
        self.interval = 1 / rate
        self.next = deadlines.clock()

    def delay(self) -> float:
        """Seconds until the next call may be made."""
        return self.next - deadlines.clock()

    def wait(self) -> None:
        """Wait until the next call may be made, and count it."""
        delay = self.delay()
        if delay > 0:
            sleep(delay)
        self.next = max(self.next, deadlines.clock()) + self.interval


@contextmanager
def paced(rate: float) -> Iterator[None]:
    """Calls inside are spaced to at most `rate` a second."""
    token = _pace.set(Pace(rate))
    try:
        yield
    finally:
        _pace.reset(token)


def take_turn() -> None:
    """Wait until the pace allows a call, if there is one."""
    pace = _pace.get()
    if pace is not None:
        pace.wait()


def wait_before_retry(attempt: int) -> bool:
    """Wait before the next attempt, for a random time; False when no time is left for it."""
    delay = 0.1 * 2**attempt * random.uniform(1, 1.5)  # noqa: S311  spreads load, guards nothing
    pace = _pace.get()
    if max(delay, pace.delay() if pace is not None else 0) >= deadlines.remaining():
        return False
    sleep(delay)
    take_turn()
    return True
