"""The pipeline: validate, mirror, announce, mark. Every door leads here; there is no second way.

Each step is committed before the next begins, and each is safe to run again: a crash anywhere leaves an event that a
later attempt finishes, with nothing done twice.
"""

import enum
import logging
from functools import partial

from django.db import transaction
from django.utils import timezone

from ..catalogue.reasons import REASONS
from ..exceptions import NeedsFetch, StripeError, TemporaryStripeError
from ..models.events import Event, EventStep, database
from ..sync.mirror import resolve
from .announcing import Calls, announce, connection_of_events, part_callbacks, tell_trouble
from .asking import answered
from .base import Webhook
from .failures import ENDS, Failure, fail, fail_once, guarded
from .half_read import HalfRead, forget, will_be_finished
from .locks import Busy, take, wait
from .points import Point, reach, wrapped
from .registry import registry
from .restarts import recall, start_over
from .retries import count_failure, has_waited_enough, postpone, start_attempt
from .trouble import DatabaseErrors, is_lost, is_trouble, persist
from .validation import Fetch, validate

logger = logging.getLogger(__name__)

#: Fetches for one event before somebody else may try: a row that changes this often is hot.
MOST_FETCHES = 5


class Outcome(enum.Enum):
    """What became of an attempt, with the HTTP status that tells Stripe."""

    DONE = "done", 200
    DEFERRED = "deferred", 200
    REFUSED = "refused", 400
    FAILED = "failed", 500
    UNDECIDED = "undecided", 503
    #: A receiver asked to be called later.
    POSTPONED = "postponed", 503
    #: Another process is at it, or the database had trouble.
    BUSY = "busy", 503

    def __init__(self, word: str, status: int) -> None:
        self.word = word
        self.status = status


def process(event_pk: int, *, fetch: Fetch | None = None) -> Outcome:
    """Bring an event as far as it gets. Safe to call at any time, any number of times, from any process.

    `fetch` gets Stripe's copy of an undecided event; by default that is one call for each.
    """
    event = persist(Event.objects.filter(pk=event_pk).first)
    if event is None:
        # The row of a twin that was validated first stands for both, or the row was pruned since it was queued.
        logger.info("gone event_pk=%s", event_pk)
        return Outcome.DONE
    return process_event(event, fetch=fetch)


def process_event(event: Event, *, fetch: Fetch | None = None) -> Outcome:
    """The same for a row that was just read."""
    if event.processed:
        return Outcome.DONE
    return wrapped(event, lambda: attempt_calmly(event, fetch))


def attempt_calmly(event: Event, fetch: Fetch | None) -> Outcome:
    """One attempt, that others who are at the event, and the database's trouble, may put off."""
    try:
        return attempt(event, fetch)
    except Busy:
        logger.info("busy event=%s type=%s", event.stripe_id, event.kind)
        return Outcome.BUSY
    except DatabaseErrors as error:
        if is_lost(error) or not is_trouble(error):
            raise
        tell_trouble(event, "process", error)
        return Outcome.BUSY


def attempt(event: Event, fetch: Fetch | None) -> Outcome:
    """One attempt to get an event done."""
    if event.valid:
        start_attempt(event)
    elif event.valid is None:
        event = persist(partial(validate, event, fetch=fetch))
    if event.processed:
        return Outcome.DONE  # A twin of this row was first.
    if event.valid is None:
        logger.warning("undecided event=%s reason=%s", event.stripe_id, event.reason)
        return Outcome.UNDECIDED
    if not event.valid:
        logger.warning("refused event=%s reason=%s", event.stripe_id, event.reason)
        return Outcome.REFUSED
    return carry_out(event)


def carry_out(event: Event) -> Outcome:
    """Mirror and announce a genuine event."""
    try:
        handler = handler_of(event)
        mirror(handler)
        return conclude(event, announce(handler))
    except Failure as failure:
        count_failure(event)
        end_if_told(failure.__cause__)
        return Outcome.FAILED
    except TemporaryStripeError as error:
        fail_once(event, "mirror", error)
        return Outcome.UNDECIDED
    except StripeError as error:
        fail(event, "mirror", error)
        count_failure(event)
        return Outcome.FAILED


def conclude(event: Event, calls: Calls) -> Outcome:
    """What follows from the answers of the receivers."""
    if calls.is_done:
        logger.info("done event=%s type=%s", event.stripe_id, event.kind)
        return Outcome.DONE
    is_too_late = bool(calls.postponed) and has_waited_enough(event)
    if is_too_late:
        for where, error in calls.postponed.items():
            fail(event, where, error)
    has_failed = bool(calls.failures) or is_too_late
    if has_failed:
        count_failure(event, gives_up=is_too_late)
    if calls.postponed and not is_too_late:
        seconds = min(error.seconds for error in calls.postponed.values())
        postpone(event, seconds=seconds, not_after=event.next_attempt_at if has_failed else None)
    for failure in calls.failures.values():
        end_if_told(failure)
    if has_failed:
        return Outcome.FAILED
    return Outcome.POSTPONED if calls.postponed else Outcome.BUSY


def end_if_told(error: BaseException | None) -> None:
    """End the process if an error says so; the event is counted as failed by then."""
    if isinstance(error, ENDS):
        raise error from None


def handler_of(event: Event) -> Webhook:
    """The handler for an event; a project's own class may raise as soon as it is made."""
    try:
        return registry.get(event.kind)(event)
    except BaseException as error:
        fail(event, "handler", error)
        raise Failure from error


def mirror(handler: Webhook) -> None:
    """Step 2: the handler's writes, in one transaction with the mark that they are done."""
    event = handler.event
    if event.mirrored_at is not None:
        return
    half_read = HalfRead(event)
    half_read.reading("", partial(persist, partial(guarded, event, "prepare", handler.prepare)))
    reach(Point.PREPARED)
    for _ in range(MOST_FETCHES):
        try:
            mirror_alone(handler)
            reach(Point.MIRRORED)
            return
        except NeedsFetch as need:
            settled = partial(guarded, event, "mirror", partial(settle, handler, need))
            half_read.reading(f"{need.key} {need.version}", settled)
            reach(Point.FETCHED)
    raise TemporaryStripeError(f"{event.object_id} changed with every attempt to settle it.", code="api_error")


def settle(handler: Webhook, need: NeedsFetch) -> None:
    """Fetch what settles a tie."""
    handler.origin.resolutions[need.key] = resolve(need)


def mirror_alone(handler: Webhook) -> None:
    """Write the mirror while no other process is at the event."""
    while True:
        try:
            return persist(partial(guarded, handler.event, "mirror", partial(mirror_once, handler)))
        except Busy:
            if not wait(handler.event.pk):
                raise


def mirror_once(handler: Webhook) -> None:
    event = handler.event
    handler.origin.changes.clear()
    with event.telling(), transaction.atomic(using=database()):
        take(event.pk)
        others = len(connection_of_events().run_on_commit)
        handler.process_webhook()
        part_callbacks(event, since=others)
        if Event.objects.filter(pk=event.pk, mirrored_at__isnull=True).update(mirrored_at=timezone.now()):
            forget(event)
            tell_mirrored(event, handler.origin.changes)
        else:
            # A twin was first, and nothing is left to do.
            transaction.set_rollback(True, using=database())
        reach(Point.MIRRORING)
    event.mirrored_at = timezone.now()


def tell_mirrored(event: Event, changes: list[list[str]]) -> None:
    """Put into the timeline which rows an event changed, and what is still to be told of it."""
    steps = [*event.untold]
    if changes:
        steps.append(EventStep(event=event, kind=EventStep.Kind.MIRROR, data={"rows": changes}))
    EventStep.objects.bulk_create(steps)
    # Callbacks of the handler's that fail after the commit are not to tell it once more.
    event.untold.clear()


def process_again(event_pk: int, *, by: str = "") -> Outcome:
    """Start over with an event: mirror again, and call every receiver again, done or not.

    Stripe is asked again about one that was refused. One that is done stays done, and the outcome is UNDECIDED, if
    Stripe does not answer. `by` is who wished it, for the timeline. A pruned event stays done: what it said is gone.
    """
    if is_pruned(event_pk):
        return Outcome.DONE
    if not answered([event_pk], by=by):
        return Outcome.UNDECIDED
    return process(event_pk) if start_over([event_pk], by=by) else Outcome.BUSY


def call_again(event_pk: int, receiver: str, *, by: str = "") -> Outcome:
    """Call one receiver of a genuine event again, by its identity, done or not, and those that are not done.

    A pruned event stays as it is.
    """
    if is_pruned(event_pk):
        return Outcome.DONE
    return process(event_pk) if recall(event_pk, receiver, by=by) else Outcome.BUSY


def is_pruned(event_pk: int) -> bool:
    """Whether there is nothing left of an event that could be processed."""
    pruned = Event.objects.filter(pk=event_pk, pruned_at__isnull=False).exists()
    if pruned:
        logger.warning("pruned event_pk=%s", event_pk)
    return pruned


def answer(event: Event, outcome: Outcome) -> int:
    """The HTTP status for an event after an attempt."""
    if outcome is Outcome.FAILED and event.gave_up_at is not None:
        # It is on record and shown; an endpoint that goes on failing would be disabled by Stripe.
        return 200
    if outcome is Outcome.UNDECIDED and will_be_finished(event):
        return 200
    if outcome.status != 200 and event.reason in REASONS and not event.valid:
        return REASONS[event.reason].status
    return outcome.status
