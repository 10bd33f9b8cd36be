"""The pipeline: validate, mirror, announce, mark. The view, the sweeper, tasks and the admin all process events here.

Each step is committed before the next begins, and each is safe to run again: a crash anywhere leaves an event that a
later attempt finishes, with nothing done twice.
"""

import enum
import logging
from collections.abc import Callable
from functools import partial

from ..exceptions import StripeError, TemporaryStripeError
from ..models.events import Event
from .announcing import ReceiverAnswers, announce, record_database_trouble
from .at_once import finish_at_once
from .base import Webhook
from .checkpoints import run_instrumented
from .database_errors import DatabaseErrors, is_connection_lost, is_trouble, persist
from .failures import PROCESS_ENDS, StepFailed, record_failure, record_failure_once
from .locks import Busy
from .mirroring import mirror
from .registry import registry
from .retries import count_failure, has_waited_enough, postpone, start_attempt
from .validation import Fetch, find_verdict, store_verdict

logger = logging.getLogger(__name__)


class Outcome(enum.Enum):
    """The outcome of an attempt; `responses.STATUSES` says how each is answered."""

    DONE = "done"
    #: Handed over to a task queue.
    DEFERRED = "deferred"
    REFUSED = "refused"
    FAILED = "failed"
    UNDECIDED = "undecided"
    #: A receiver asked to be called later.
    POSTPONED = "postponed"
    #: Another process works on the event, or the database had trouble.
    BUSY = "busy"


def process(event_pk: int, *, fetch: Fetch | None = None) -> Outcome:
    """Process an event as far as possible. Safe to call at any time, any number of times, from any process.

    `fetch` gets Stripe's copy of an undecided event; by default that is one call for each.
    """
    event = persist(Event.objects.filter(pk=event_pk).first)
    if event is None:
        # The row of a twin that was validated first stands for both, or the row was pruned since it was queued.
        logger.info("gone event_pk=%s", event_pk)
        return Outcome.DONE
    return process_row(event, fetch=fetch)


def process_row(event: Event, *, fetch: Fetch | None = None) -> Outcome:
    """The same for a row that was just read."""
    if event.processed:
        return Outcome.DONE
    return run_instrumented(event, partial(run_unless_busy, event, partial(attempt, event, fetch)))


def finish_mirrored(handler: Webhook) -> Outcome:
    """The rest of an attempt whose event was stored in a batch: announce it, if it has receivers."""
    event = handler.event
    return run_instrumented(event, partial(run_unless_busy, event, partial(announce_mirrored, handler)))


def run_unless_busy(event: Event, step: Callable[[], Outcome]) -> Outcome:
    """Make an attempt. It is put off if another process works on the event, or if the database fails."""
    try:
        return step()
    except Busy:
        logger.info("busy event=%s type=%s", event.stripe_id, event.kind)
        return Outcome.BUSY
    except DatabaseErrors as error:
        if is_connection_lost(error) or not is_trouble(error):
            raise
        record_database_trouble(event, "process", error)
        return Outcome.BUSY


def attempt(event: Event, fetch: Fetch | None) -> Outcome:
    """One attempt to process an event."""
    error: BaseException | None = None
    if event.valid:
        start_attempt(event)
    elif event.valid is None:
        verdict = persist(partial(find_verdict, event, fetch))
        at_once = finish_at_once(event, verdict)
        if at_once.handler is not None:
            return announce_mirrored(at_once.handler)
        event, error = persist(partial(store_verdict, event, verdict)), at_once.error
    if event.processed:
        return Outcome.DONE  # Another row of the same event was validated first.
    if event.valid is None:
        logger.warning("undecided event=%s reason=%s", event.stripe_id, event.reason)
        return Outcome.UNDECIDED
    if not event.valid:
        logger.warning("refused event=%s reason=%s", event.stripe_id, event.reason)
        return Outcome.REFUSED
    return mirror_and_announce(event, error=error)


def announce_mirrored(handler: Webhook) -> Outcome:
    """Announce an event that its handler has mirrored, unless it is done with that."""
    event = handler.event
    return conclude(event, ReceiverAnswers()) if event.processed else mirror_and_announce(event, handler)


def mirror_and_announce(event: Event, handler: Webhook | None = None, *, error: BaseException | None = None) -> Outcome:
    """Mirror a genuine event, unless a handler has done so, and announce it; record an error that the mirror had."""
    try:
        if error is not None:
            record_failure(event, "mirror", error)
            raise StepFailed from error
        if handler is None:
            handler = handler_of(event)
            mirror(handler)
        return conclude(event, announce(handler))
    except StepFailed as failure:
        count_failure(event)
        end_process_if_told(failure.__cause__)
        return Outcome.FAILED
    except TemporaryStripeError as error:
        record_failure_once(event, "mirror", error)
        return Outcome.UNDECIDED
    except StripeError as error:
        record_failure(event, "mirror", error)
        count_failure(event)
        return Outcome.FAILED


def conclude(event: Event, calls: ReceiverAnswers) -> Outcome:
    """The outcome that follows from the outcomes of the receivers."""
    if calls.is_done:
        logger.info("done event=%s type=%s", event.stripe_id, event.kind)
        return Outcome.DONE
    is_too_late = bool(calls.postponed) and has_waited_enough(event)
    if is_too_late:
        for where, error in calls.postponed.items():
            record_failure(event, where, error)
    has_failed = bool(calls.failures) or is_too_late
    if has_failed:
        count_failure(event, gives_up=is_too_late)
    if calls.postponed and not is_too_late:
        seconds = min(error.seconds for error in calls.postponed.values())
        postpone(event, seconds=seconds, not_after=event.next_attempt_at if has_failed else None)
    for failure in calls.failures.values():
        end_process_if_told(failure)
    if has_failed:
        return Outcome.FAILED
    return Outcome.POSTPONED if calls.postponed else Outcome.BUSY


def end_process_if_told(error: BaseException | None) -> None:
    """End the process if an error says so; the event is counted as failed by then."""
    if isinstance(error, PROCESS_ENDS):
        raise error from None


def handler_of(event: Event) -> Webhook:
    """The handler for an event; a project's own class may raise as soon as it is made."""
    try:
        return registry.get(event.kind)(event)
    except BaseException as error:
        record_failure(event, "handler", error)
        raise StepFailed from error
