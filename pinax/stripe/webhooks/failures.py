"""Records errors, outside the transaction that was rolled back."""

import logging
import traceback
from collections.abc import Callable
from functools import partial

from ..exceptions import NeedsFetch, StripeError
from ..models.events import Event, EventProcessingException
from ..signals import failed_event
from ..stripe_values import storable_text
from .database_errors import is_trouble, persist

logger = logging.getLogger(__name__)

#: What ends a process. Everything else, time-outs of gevent and eventlet and CancelledError included, is a failure.
PROCESS_ENDS = (KeyboardInterrupt, SystemExit)


class Interruption(Exception):
    """Ends a step of the pipeline, and is no error of that step."""


class StepFailed(Interruption):
    """A step raised; the error is recorded."""


def recording_failure(event: Event, where: str, step: Callable[[], None]) -> None:
    """Run a step; what it raises is recorded and becomes StepFailed.

    Stripe's errors, ties, and errors of the database pass through.
    """
    try:
        step()
    except (NeedsFetch, StripeError, Interruption):
        raise
    except BaseException as error:
        if is_trouble(error):
            raise
        record_failure(event, where, error)
        raise StepFailed from error


def record_failure(event: Event, where: str, error: BaseException) -> None:
    """Record an error, outside the transaction that was rolled back."""
    persist(event.save_steps)
    row = EventProcessingException(
        event=event,
        data=where,
        message=storable_text(f"{type(error).__name__}: {safe_str(error)}"[:500]),
        traceback=storable_text("".join(traceback.format_exception(error))),
    )
    persist(partial(row.save, force_insert=True))
    logger.error("failed event=%s type=%s where=%s exception=%s", event.stripe_id, event.kind, where, row.pk)
    failed_event.sound(sender=Event, event=event, exceptions=[row])


def record_failure_once(event: Event, where: str, error: BaseException) -> None:
    """Record an error, unless the last recorded error of the event happened at the same place."""
    last = event.exceptions.values_list("data", flat=True).first()
    if last != where:
        record_failure(event, where, error)
    else:
        logger.error("failed again event=%s type=%s where=%s", event.stripe_id, event.kind, where)


def safe_str(error: BaseException) -> str:
    """The text of an error; a text whose `__str__` raises is replaced."""
    try:
        return str(error)
    except Exception:
        return "(its text cannot be read)"
