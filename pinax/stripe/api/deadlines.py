"""How long calls to Stripe may take: one at a time, and all of a request's together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..conf import setting

#: When the calls that are under way must be over, on `clock`; None for no limit.
_deadline: ContextVar[float | None] = ContextVar("pinax_stripe_deadline", default=None)
#: Seconds a call may take; None for PINAX_STRIPE_API_TIMEOUT.
_patience: ContextVar[float | None] = ContextVar("pinax_stripe_patience", default=None)


def clock() -> float:
    """Seconds of a clock that only goes forward."""
    return time.monotonic()


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """All calls inside must be over after so many seconds together; budgets nest, and the tightest one counts."""
    deadline = clock() + seconds
    outer = _deadline.get()
    token = _deadline.set(deadline if outer is None else min(outer, deadline))
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float:
    """Seconds that are left for calls."""
    deadline = _deadline.get()
    return float("inf") if deadline is None else deadline - clock()


def seconds_left() -> float | None:
    """The same as a socket's time-out: None for no limit, TimeoutError when nothing is left."""
    seconds = remaining()
    if seconds <= 0:
        raise TimeoutError("the time for calls to Stripe is used up")
    return None if seconds == float("inf") else seconds


@contextmanager
def patient() -> Iterator[None]:
    """A call inside may take PINAX_STRIPE_SWEEPER_API_TIMEOUT: Stripe does not wait for an answer."""
    token = _patience.set(max(setting("SWEEPER_API_TIMEOUT"), setting("API_TIMEOUT")))
    try:
        yield
    finally:
        _patience.reset(token)


def longest_call() -> float:
    """Seconds that a call with all its attempts may take."""
    return _patience.get() or setting("API_TIMEOUT")
