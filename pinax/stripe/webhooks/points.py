"""The points of the pipeline at which a process may die; the crash tests kill one at each, and tracing tells them.

A step that is added without a point of its own fails the test that counts them.
"""

import enum
from collections.abc import Callable
from functools import partial
from typing import Any


class Point(enum.Enum):
    """In the order of the pipeline."""

    RECORDED = "the event is on record, and nothing else has happened"
    VALIDATING = "Stripe was asked, and the verdict is not stored"
    VALIDATED = "the verdict is stored"
    PREPARED = "what the handler needs was fetched"
    FETCHED = "an object was fetched to settle a tie, and is not written"
    MIRRORING = "the mirror is written, and not committed"
    MIRRORED = "the mirror is committed"
    ANNOUNCING = "no receiver was called yet"
    RECEIVED = "a receiver is done, and not committed"
    MARKING = "all receivers are done, and the mark is not committed"
    MARKED = "the mark is committed"


#: Called with each point that is reached; tests put their own functions here.
observers: list[Callable[[Point], None]] = []


def reach(point: Point) -> None:
    """Say that a point is reached."""
    for observer in observers:
        observer(point)


#: Called around each attempt with the event and a function that makes the attempt; each calls it, and returns what it
#: returns.
wrappers: list[Callable[[Any, Callable[[], Any]], Any]] = []


def wrapped(event: Any, attempt: Callable[[], Any]) -> Any:
    """Make an attempt with everything around it that wants to be."""
    for wrapper in wrappers:
        attempt = partial(wrapper, event, attempt)
    return attempt()
