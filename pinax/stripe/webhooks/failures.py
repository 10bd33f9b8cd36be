"""Puts on record what went wrong, outside whatever was rolled back."""

import logging
import traceback
from collections.abc import Callable

from ..exceptions import NeedsFetch, StripeError
from ..models.events import Event, EventProcessingException
from ..signals import failed_event
from ..sync.values import storable_text

logger = logging.getLogger(__name__)


class Interruption(Exception):
    """Ends a step of the pipeline, and is no error of that step."""


class Failure(Interruption):
    """A step did not get through; what went wrong is on record."""


def guarded(event: Event, where: str, step: Callable[[], None]) -> None:
    """Run a step; what it raises is put on record and becomes Failure. Stripe's errors and ties pass through."""
    try:
        step()
    except (NeedsFetch, StripeError, Interruption):
        raise
    except Exception as error:
        fail(event, where, error)
        raise Failure from error


def fail(event: Event, where: str, error: BaseException) -> None:
    """Put an error on record, outside whatever was rolled back."""
    event.tell()
    exception = EventProcessingException.objects.create(
        event=event,
        data=where,
        message=storable_text(f"{type(error).__name__}: {said(error)}"[:500]),
        traceback=storable_text("".join(traceback.format_exception(error))),
    )
    logger.error("failed event=%s type=%s where=%s exception=%s", event.stripe_id, event.kind, where, exception.pk)
    failed_event.send_robust(sender=Event, event=event, exceptions=[exception])


def said(error: BaseException) -> str:
    """The text of an error, which may have a bug of its own."""
    try:
        return str(error)
    except Exception:
        return "(its text cannot be read)"
