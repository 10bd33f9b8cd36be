"""The pipeline: validate, mirror, announce, mark. Every door leads here; there is no second way.

Each step is committed before the next begins, and each is safe to run again: a crash anywhere leaves an event that a
later attempt finishes, with nothing done twice.
"""

import enum
import logging
import traceback
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..exceptions import NeedsFetch, StripeError, TemporaryStripeError
from ..models.events import Event, EventProcessingException, ReceiverCall
from ..signals import WEBHOOK_SIGNALS, Receiver, every_event, failed_event
from ..sync.mirror import resolve
from .base import Webhook
from .reasons import REASONS
from .registry import registry
from .validation import validate

logger = logging.getLogger(__name__)

#: Fetches for one event before somebody else may try: a row that changes this often is hot.
MOST_FETCHES = 5


class Outcome(enum.Enum):
    """What became of an attempt, with the HTTP status that tells Stripe."""

    DONE = 200
    REFUSED = 400
    FAILED = 500
    UNDECIDED = 503


class Failure(Exception):
    """A step did not get through; what went wrong is on record."""


def process(event_pk: int) -> Outcome:
    """Bring an event as far as it gets. Safe to call at any time, any number of times, from any process."""
    event = Event.objects.get(pk=event_pk)
    if event.processed:
        return Outcome.DONE
    if event.valid:
        Event.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)
    elif event.valid is None:
        event = validate(event)
    if event.valid is None:
        logger.warning("undecided event=%s reason=%s", event.stripe_id, event.reason)
        return Outcome.UNDECIDED
    if not event.valid:
        logger.warning("refused event=%s reason=%s", event.stripe_id, event.reason)
        return Outcome.REFUSED
    try:
        handler = registry.get(event.kind)(event)
        mirror(handler)
        announce(handler)
    except Failure:
        return Outcome.FAILED
    except StripeError as error:
        fail(event, "mirror", error)
        return Outcome.UNDECIDED if isinstance(error, TemporaryStripeError) else Outcome.FAILED
    logger.info("done event=%s type=%s", event.stripe_id, event.kind)
    return Outcome.DONE


def mirror(handler: Webhook) -> None:
    """Step 2: the handler's writes, in one transaction with the mark that they are done."""
    event = handler.event
    if event.mirrored_at is not None:
        return
    guarded(event, "prepare", handler.prepare)
    for _ in range(MOST_FETCHES):
        try:
            guarded(event, "mirror", lambda: mirror_once(handler))
            return
        except NeedsFetch as need:
            handler.origin.resolutions[need.key] = resolve(need)
    raise TemporaryStripeError(f"{event.object_id} changed with every attempt to settle it.", code="api_error")


def mirror_once(handler: Webhook) -> None:
    with transaction.atomic():
        # Writing first takes the lock on the row, on SQLite that on the database: a twin waits here, and then finds
        # nothing left to do.
        mine = Event.objects.filter(pk=handler.event.pk, mirrored_at__isnull=True).update(mirrored_at=timezone.now())
        if mine:
            handler.process_webhook()
    handler.event.mirrored_at = timezone.now()


def announce(handler: Webhook) -> None:
    """Steps 3 and 4: the receivers, each in a savepoint, and the mark, in one transaction."""
    event = handler.event
    failures: list[tuple[str, BaseException]] = []

    def announce_once() -> None:
        with transaction.atomic():
            moment = timezone.now()
            mine = Event.objects.filter(pk=event.pk, processed=False).update(processed=True, processed_at=moment)
            if not mine:
                return
            failures.extend(call_receivers(handler))
            if failures:
                Event.objects.filter(pk=event.pk).update(processed=False, processed_at=None)
            else:
                event.processed, event.processed_at = True, moment

    guarded(event, "announce", announce_once)
    for where, error in failures:
        fail(event, where, error)
    if failures:
        raise Failure


def call_receivers(handler: Webhook) -> list[tuple[str, BaseException]]:
    """Call every receiver that is not done with the event yet; those that raised, with their errors."""
    event = handler.event
    receivers = list(connected(event.kind))
    if not receivers:
        return []
    done = set(ReceiverCall.objects.filter(event=event).values_list("receiver", flat=True))
    failures: list[tuple[str, BaseException]] = []
    for receiver in receivers:
        if receiver.identity in done:
            continue
        try:
            with transaction.atomic():
                call(receiver, handler)
                if receiver.identity:
                    ReceiverCall.objects.create(event=event, receiver=receiver.identity)
        except Exception as error:
            failures.append((receiver.identity or repr(receiver.function), error))
        done.add(receiver.identity or repr(receiver.function))
    return failures


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
    except (NeedsFetch, StripeError, Failure):
        raise
    except Exception as error:
        if where == "announce" and Event.objects.filter(pk=event.pk, processed=True).exists():
            # A callback of transaction.on_commit raised: the event is done, and the callback will not come again.
            fail(event, "after commit", error)
            return
        fail(event, where, error)
        raise Failure from error


def fail(event: Event, where: str, error: BaseException) -> None:
    """Put an error on record, outside whatever was rolled back."""
    exception = EventProcessingException.objects.create(
        event=event,
        data=where,
        message=f"{type(error).__name__}: {error}"[:500].replace("\x00", "�"),
        traceback="".join(traceback.format_exception(error)).replace("\x00", "�"),
    )
    logger.error("failed event=%s type=%s where=%s exception=%s", event.stripe_id, event.kind, where, exception.pk)
    failed_event.send_robust(sender=Event, event=event, exceptions=[exception])


def process_again(event_pk: int) -> Outcome:
    """Start over with an event: ask Stripe again, mirror again, and call every receiver again, done or not."""
    with transaction.atomic():
        ReceiverCall.objects.filter(event=event_pk).delete()
        Event.objects.filter(pk=event_pk).update(processed=False, processed_at=None, mirrored_at=None)
        Event.objects.filter(pk=event_pk, valid=False).update(valid=None, signed=None)
    return process(event_pk)


def answer(event: Event, outcome: Outcome) -> int:
    """The HTTP status for an event after an attempt."""
    if event.reason in REASONS and not event.valid:
        return REASONS[event.reason].status
    return outcome.value
