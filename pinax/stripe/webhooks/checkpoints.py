"""The points of the pipeline at which a process may die. The crash tests kill a process at each, and tracing reports
them.

A step that is added without a point of its own fails the test that counts them.
"""

import enum
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

logger = logging.getLogger(__name__)


class Checkpoint(enum.Enum):
    """In the order of the pipeline.

    Some events do not pass all of them: what is stored in one round trip is not written before, and committed after it.
    """

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
observers: list[Callable[[Checkpoint], None]] = []


def checkpoint(point: Checkpoint) -> None:
    """Say that a point is reached."""
    for observer in observers:
        observer(point)


#: Called around each attempt with the event and a function that makes the attempt; each calls it, and returns what it
#: returns.
instrumentation: list[Callable[[Any, Callable[[], Any]], Any]] = []


def run_instrumented(event: Any, attempt: Callable[[], Any]) -> Any:
    """Run an attempt inside all registered wrappers; a wrapper that raises cannot prevent it."""
    made = RememberedAttempt(attempt)
    outer: Callable[[], Any] = made
    for wrapper in instrumentation:
        outer = partial(wrapper, event, outer)
    try:
        outer()
    except BaseException as error:
        if error is made.error or isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        logger.exception("wrapper failed event=%s error=%s", event.stripe_id, type(error).__name__)
    if made.error is not None and not made.outcomes:
        raise made.error
    return made.outcomes[-1] if made.outcomes else made()


class RememberedAttempt:
    """An attempt that remembers how it ended."""

    def __init__(self, attempt: Callable[[], Any]) -> None:
        self.attempt = attempt
        self.outcomes: list[Any] = []
        self.error: BaseException | None = None

    def __call__(self) -> Any:
        try:
            self.outcomes.append(self.attempt())
        except BaseException as error:
            self.error = error
            raise
        return self.outcomes[-1]
