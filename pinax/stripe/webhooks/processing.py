"""The pipeline: validate, mirror, announce, mark. Every door leads here; there is no second way.

Each step is committed before the next begins, and each is safe to run again: a crash anywhere leaves an event that a
later attempt finishes, with nothing done twice.
"""

import enum
import logging
import traceback
from collections.abc import Callable, Container
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from ..exceptions import NeedsFetch, StripeError, TemporaryStripeError
from ..models.events import Event, EventProcessingException, EventStep, ReceiverCall, database
from ..signals import WEBHOOK_SIGNALS, Receiver, every_event, failed_event
from ..sync.mirror import resolve
from ..sync.values import storable_text
from .base import Webhook
from .points import Point, reach, wrapped
from .reasons import REASONS
from .registry import registry
from .restarts import recall, start_over
from .retries import count_failure, start_attempt
from .validation import Fetch, validate

logger = logging.getLogger(__name__)

#: Fetches for one event before somebody else may try: a row that changes this often is hot.
MOST_FETCHES = 5
#: Said of a receiver that returned, and whose writes can nevertheless not be kept.
UNUSABLE = (
    "The receiver returned, but left its transaction unusable: it caught a database error outside of a "
    "transaction.atomic() of its own, called set_rollback, or closed the connection. Its writes are rolled back."
)


class Outcome(enum.Enum):
    """What became of an attempt, with the HTTP status that tells Stripe."""

    DONE = 200
    DEFERRED = 202
    REFUSED = 400
    FAILED = 500
    UNDECIDED = 503


class Failure(Exception):
    """A step did not get through; what went wrong is on record."""


class ConnectionLost(Exception):
    """A receiver left the transaction it was called in unusable, and with it what the receivers before it wrote."""

    def __init__(self, receiver: Receiver, error: BaseException) -> None:
        super().__init__(str(error))
        self.receiver = receiver
        self.error = error


def process(event_pk: int, *, fetch: Fetch | None = None) -> Outcome:
    """Bring an event as far as it gets. Safe to call at any time, any number of times, from any process.

    `fetch` gets Stripe's copy of an undecided event; by default that is one call for each.
    """
    event = Event.objects.filter(pk=event_pk).first()
    if event is None:
        # The row of a twin that was validated first stands for both, or the row was pruned since it was queued.
        logger.info("gone event_pk=%s", event_pk)
        return Outcome.DONE
    return process_event(event, fetch=fetch)


def process_event(event: Event, *, fetch: Fetch | None = None) -> Outcome:
    """The same for a row that was just read."""
    if event.processed:
        return Outcome.DONE
    return wrapped(event, lambda: attempt(event, fetch))


def attempt(event: Event, fetch: Fetch | None) -> Outcome:
    """One attempt to get an event done."""
    if event.valid:
        start_attempt(event)
    elif event.valid is None:
        event = validate(event, fetch=fetch)
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
        announce(handler)
    except Failure as failure:
        count_failure(event)
        if isinstance(failure.__cause__, SystemExit):
            raise failure.__cause__ from None  # The process was told to end, and the event is counted as failed.
        return Outcome.FAILED
    except TemporaryStripeError as error:
        fail(event, "mirror", error)
        return Outcome.UNDECIDED
    except StripeError as error:
        fail(event, "mirror", error)
        count_failure(event)
        return Outcome.FAILED
    logger.info("done event=%s type=%s", event.stripe_id, event.kind)
    return Outcome.DONE


def handler_of(event: Event) -> Webhook:
    """The handler for an event; a project's own class may raise as soon as it is made."""
    try:
        return registry.get(event.kind)(event)
    except Exception as error:
        fail(event, "handler", error)
        raise Failure from error


def mirror(handler: Webhook) -> None:
    """Step 2: the handler's writes, in one transaction with the mark that they are done."""
    event = handler.event
    if event.mirrored_at is not None:
        return
    guarded(event, "prepare", handler.prepare)
    reach(Point.PREPARED)
    for _ in range(MOST_FETCHES):
        try:
            guarded(event, "mirror", lambda: mirror_once(handler))
            reach(Point.MIRRORED)
            return
        except NeedsFetch as need:
            guarded(event, "mirror", partial(settle, handler, need))
            reach(Point.FETCHED)
    raise TemporaryStripeError(f"{event.object_id} changed with every attempt to settle it.", code="api_error")


def settle(handler: Webhook, need: NeedsFetch) -> None:
    """Fetch what settles a tie."""
    handler.origin.resolutions[need.key] = resolve(need)


def mirror_once(handler: Webhook) -> None:
    event = handler.event
    handler.origin.changes.clear()
    with transaction.atomic(using=database()):
        # Writing first takes the lock on the row, on SQLite that on the database: a twin waits here, and then finds
        # nothing left to do.
        mine = Event.objects.filter(pk=event.pk, mirrored_at__isnull=True).update(mirrored_at=timezone.now())
        if mine:
            handler.process_webhook()
            tell_mirrored(event, handler.origin.changes)
        reach(Point.MIRRORING)
    event.mirrored_at = timezone.now()
    event.untold.clear()


def tell_mirrored(event: Event, changes: list[list[str]]) -> None:
    """Put into the timeline which rows an event changed, and what is still to be told of it."""
    steps = [*event.untold]
    if changes:
        steps.append(EventStep(event=event, kind=EventStep.Kind.MIRROR, data={"rows": changes}))
    EventStep.objects.bulk_create(steps)


def announce(handler: Webhook) -> None:
    """Steps 3 and 4: the receivers, each in a savepoint, and the mark, in one transaction.

    A receiver that breaks the connection takes the whole transaction with it. The others are then called again without
    it, so that it stands in nobody's way: their writes still count once.
    """
    event = handler.event
    broken: dict[str, BaseException] = {}
    failures: dict[str, BaseException] = {}
    while True:
        try:
            failures.clear()
            guarded(event, "announce", lambda: announce_once(handler, failures, skip=broken))
            break
        except ConnectionLost as lost:
            broken[name_of(lost.receiver)] = lost.error
            connection_of_events().close_if_unusable_or_obsolete()
    failures.update(broken)
    for where, error in failures.items():
        fail(event, where, error)
    if failures:
        ends = next((error for error in failures.values() if isinstance(error, SystemExit)), None)
        raise Failure from ends
    reach(Point.MARKED)


def announce_once(handler: Webhook, failures: dict[str, BaseException], *, skip: Container[str]) -> None:
    """Call the receivers and mark the event, unless one fails or is skipped."""
    event = handler.event
    with transaction.atomic(using=database()):
        moment, others = timezone.now(), len(connection_of_events().run_on_commit)
        mine = Event.objects.filter(pk=event.pk, processed=False).update(
            processed=True, processed_at=moment, gave_up_at=None
        )
        if not mine:
            return
        reach(Point.ANNOUNCING)
        call_receivers(handler, failures, skip=skip)
        part_callbacks(event, since=others)
        if failures or skip:
            Event.objects.filter(pk=event.pk).update(processed=False, processed_at=None, gave_up_at=event.gave_up_at)
        else:
            reach(Point.MARKING)
            event.processed, event.processed_at = True, moment


def call_receivers(handler: Webhook, failures: dict[str, BaseException], *, skip: Container[str]) -> None:
    """Call every receiver that is not done with the event yet; the errors of those that raise go into `failures`."""
    event = handler.event
    receivers = list(connected(event.kind))
    if not receivers:
        return
    done = set(ReceiverCall.objects.filter(event=event).values_list("receiver", flat=True))
    for receiver in receivers:
        name = name_of(receiver)
        if name in done or name in skip:
            continue
        done.add(name)
        try:
            with transaction.atomic(using=database()):
                call(receiver, handler)
                if not is_usable():
                    # Django would roll back without a word, and nothing else tells of it where no row follows.
                    raise transaction.TransactionManagementError(UNUSABLE)
                if receiver.identity:
                    ReceiverCall.objects.create(event=event, receiver=receiver.identity)
                reach(Point.RECEIVED)
        except (Exception, SystemExit) as error:
            if not is_usable():
                raise ConnectionLost(receiver, error) from error
            failures[name] = error


def part_callbacks(event: Event, *, since: int) -> None:
    """Let what receivers left to transaction.on_commit stand alone: Django drops all callbacks after one that raises.

    The event is done by then, so nobody would ever call those again. `since` is the number of callbacks of others.
    """
    connection: Any = connection_of_events()
    connection.run_on_commit[since:] = [
        (savepoints, function if is_robust else partial(after_commit, event, function), is_robust)
        for savepoints, function, is_robust in connection.run_on_commit[since:]
    ]


def after_commit(event: Event, function: Callable[[], Any]) -> None:
    """Call a callback; what it raises is put on record."""
    try:
        function()
    except Exception as error:
        fail(event, "after commit", error)


def name_of(receiver: Receiver) -> str:
    """What a receiver is called on record: no two of an event are called the same, whatever their `repr` says."""
    if receiver.identity:
        return receiver.identity
    described = getattr(receiver.function, "__qualname__", type(receiver.function).__qualname__)
    return f"{described} at {receiver.key}"


def connection_of_events() -> BaseDatabaseWrapper:
    return connections[database()]


def is_usable() -> bool:
    """Whether the transaction in which receivers are called can go on."""
    connection = connection_of_events()
    return not (connection.needs_rollback or connection.closed_in_transaction or connection.connection is None)


def connected(kind: str) -> list[Receiver]:
    """The receivers of a type's own signal, then those of every event."""
    own = [*WEBHOOK_SIGNALS[kind].connected()] if kind in WEBHOOK_SIGNALS else []
    return [*own, *every_event.connected()]


def call(receiver: Receiver, handler: Webhook) -> Any:
    function = async_to_sync(receiver.function) if receiver.is_async else receiver.function
    signal = WEBHOOK_SIGNALS.get(handler.event.kind, every_event)
    return function(signal=signal, sender=type(handler), event=handler.event)


def guarded(event: Event, where: str, step: Callable[[], None]) -> None:
    """Run a step; what it raises is put on record and becomes Failure. Stripe's errors and ties pass through."""
    try:
        step()
    except (NeedsFetch, StripeError, Failure, ConnectionLost):
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


def process_again(event_pk: int, *, by: str = "") -> Outcome:
    """Start over with an event: mirror again, and call every receiver again, done or not.

    Stripe is asked again about one that was refused. `by` is who wished it, for the timeline. A pruned event stays
    done: what it said is gone.
    """
    if is_pruned(event_pk):
        return Outcome.DONE
    start_over([event_pk], by=by)
    return process(event_pk)


def call_again(event_pk: int, receiver: str, *, by: str = "") -> Outcome:
    """Call one receiver of a genuine event again, by its identity, done or not, and those that are not done.

    A pruned event stays as it is.
    """
    if is_pruned(event_pk):
        return Outcome.DONE
    recall(event_pk, receiver, by=by)
    return process(event_pk)


def is_pruned(event_pk: int) -> bool:
    """Whether there is nothing left of an event that could be processed."""
    pruned = Event.objects.filter(pk=event_pk, pruned_at__isnull=False).exists()
    if pruned:
        logger.warning("pruned event_pk=%s", event_pk)
    return pruned


def answer(event: Event, outcome: Outcome) -> int:
    """The HTTP status for an event after an attempt."""
    if outcome in (Outcome.DONE, Outcome.DEFERRED):
        return 200
    if outcome is Outcome.FAILED and event.gave_up_at is not None:
        # It is on record and shown; an endpoint that goes on failing would be disabled by Stripe.
        return 200
    if event.reason in REASONS and not event.valid:
        return REASONS[event.reason].status
    return outcome.value
