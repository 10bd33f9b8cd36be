"""When a call may be made: spaced to a rate, and again after a failed attempt."""

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from . import deadlines

_pace: ContextVar["Pace | None"] = ContextVar("pinax_stripe_pace", default=None)
#: Segments of a path that are ids, and no names of lists: `cus_1`, `in_1AbC`.
IDS = re.compile(r"(?<=/)[^/]*[A-Z0-9][^/]*")
#: A rate is halved with a refusal, but never below this share of it, and grows by this share with each call after.
LEAST_SHARE, GROWTH = 0.05, 0.01
#: Seconds without a call after a refusal.
PAUSE = 1.0


def sleep(seconds: float) -> None:
    time.sleep(seconds)


class Rate:
    """Turns that are never more than so many a second."""

    def __init__(self, rate: float) -> None:
        self.most = self.rate = rate
        self.next = deadlines.clock()

    def take(self, moment: float) -> None:
        """Count a turn at a moment of `deadlines.clock`."""
        self.next = moment + 1 / self.rate
        self.rate = min(self.most, self.rate + self.most * GROWTH)

    def slow_down(self, now: float) -> None:
        """Take fewer turns for a while, and none for a moment."""
        if self.next < now + PAUSE:
            self.rate = max(self.rate / 2, self.most * LEAST_SHARE)
            self.next = now + PAUSE


class Pace:
    """Spaces calls so that there are never more than `rate` in a second, of all threads that share it.

    With `endpoint_rate`, no more than that for one endpoint. What Stripe refuses as too many slows down the endpoint,
    or all, as it says (https://docs.stripe.com/rate-limits).
    """

    def __init__(self, rate: float, endpoint_rate: float | None = None) -> None:
        self.all = Rate(rate)
        self.endpoint_rate = endpoint_rate
        self.endpoints: dict[str, Rate] = {}
        self.lock = threading.Lock()

    def rates(self, path: str) -> list[Rate]:
        """What limits calls of a path."""
        if self.endpoint_rate is None:
            return [self.all]
        name = endpoint(path)
        if name not in self.endpoints:
            self.endpoints[name] = Rate(self.endpoint_rate)
        return [self.all, self.endpoints[name]]

    def delay(self, path: str = "") -> float:
        """Seconds until the next call may be made."""
        with self.lock:
            return max(rate.next for rate in self.rates(path)) - deadlines.clock()

    def wait(self, path: str = "") -> None:
        """Wait until the next call may be made, and count it."""
        with self.lock:
            rates = self.rates(path)
            now = deadlines.clock()
            moment = max(now, *(rate.next for rate in rates))
            for rate in rates:
                rate.take(moment)
        if moment > now:
            sleep(moment - now)

    def slow_down(self, path: str, reason: str) -> None:
        """Take the refusal of a call into account, and what Stripe says is its reason (`endpoint-rate`)."""
        with self.lock:
            rates = self.rates(path)
            for rate in rates[-1:] if reason.startswith("endpoint") else rates[:1]:
                rate.slow_down(deadlines.clock())


def endpoint(path: str) -> str:
    """The endpoint of a path: the path without ids."""
    return IDS.sub("*", path.removeprefix("/v1"))


@contextmanager
def paced(rate: float, endpoint_rate: float | None = None) -> Iterator[None]:
    """Calls inside are spaced to at most `rate` a second, and those of one endpoint to `endpoint_rate`."""
    token = _pace.set(Pace(rate, endpoint_rate))
    try:
        yield
    finally:
        _pace.reset(token)


def take_turn(path: str = "") -> None:
    """Wait until the pace allows a call, if there is one."""
    pace = _pace.get()
    if pace is not None:
        pace.wait(path)


def note_refusal(path: str, reason: str) -> None:
    """Let the pace know that Stripe refused a call as one too many."""
    pace = _pace.get()
    if pace is not None:
        pace.slow_down(path, reason)


def wait_before_retry(attempt: int, path: str = "") -> bool:
    """Wait before the next attempt, for a random time; False when no time is left for it."""
    delay = 0.1 * 2**attempt * random.uniform(1, 1.5)  # noqa: S311  spreads load, guards nothing
    pace = _pace.get()
    if max(delay, pace.delay(path) if pace is not None else 0) >= deadlines.remaining():
        return False
    sleep(delay)
    take_turn(path)
    return True
