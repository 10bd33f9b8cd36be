"""Processes events again: asks Stripe first where that is needed, and puts them back to an earlier point.

Processing again may need Stripe, and an event that is not done any more is taken up by the sweeper whenever Stripe is
back. So an event stays done until Stripe has answered, and the user who asked is told at once when it did not.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from ..catalogue.reasons import NO_EVENT
from ..conf import setting
from ..exceptions import StripeError, TemporaryStripeError
from ..models.events import Event, EventSource, EventStep, ReceiverCall, database
from ..webhooks.batch_validation import with_copies
from ..webhooks.envelopes import NotAnEvent, parse_envelope
from ..webhooks.locks import lock_available
from ..webhooks.processing import Outcome, process
from ..webhooks.registry import registry
from ..webhooks.retries import next_attempt_columns
from ..webhooks.validation import Fetch

logger = logging.getLogger(__name__)


def columns_as_new() -> dict[str, Any]:
    """Columns of an event that was not tried yet. The sweeper leaves it to the process that processes it now."""
    return {
        "processed": False,
        "processed_at": None,
        "failures": 0,
        "gave_up_at": None,
        "postponed_since": None,
        **next_attempt_columns(1),
    }


def restartable() -> QuerySet[Event]:
    """Events that can be taken up again: there is a message, and as much of it as is needed.

    What is left of a redacted message cannot be compared with Stripe's copy any more, so only a genuine one will do.
    """
    whole = Q(redacted_at__isnull=True) | Q(valid=True)
    return Event.objects.filter(~Q(reason__in=NO_EVENT), whole, pruned_at__isnull=True)


def process_again(event_pk: int, *, by: str = "") -> Outcome:
    """Process an event from the beginning: mirror it again, and call every receiver again, done or not.

    Stripe is asked again about one that was refused. One that is done stays done, and the outcome is UNDECIDED, if
    Stripe does not answer. An event that cannot be taken up again stays as it is. `by` names who asked for it, for the
    timeline.
    """
    if not restartable().filter(pk=event_pk).exists():
        logger.warning("left alone event_pk=%s", event_pk)
        return Outcome.REFUSED if Event.objects.filter(pk=event_pk, valid=False).exists() else Outcome.DONE
    if not with_answer([event_pk], by=by):
        return Outcome.UNDECIDED
    return process(event_pk) if start_over([event_pk], by=by) else Outcome.BUSY


def start_over(event_pks: Sequence[int], *, by: str = "") -> list[int]:
    """Let events be validated (unless Stripe confirmed them), mirrored and announced as if they had just come.

    The keys of those that will be. A refused copy of an event that is on record as another row is left alone, and so is
    an event that is being processed.
    """
    with transaction.atomic(using=database()):
        doubted = doubt_refusals(lock_available(event_pks))
        ReceiverCall.objects.filter(event__in=doubted).delete()
        Event.objects.filter(pk__in=doubted).update(mirrored_at=None, **columns_as_new())
        save_again_steps(doubted, by=by)
    return doubted


def doubt_refusals(event_pks: Sequence[int]) -> list[int]:
    """Turn refusals into open questions; the keys of all events that are no copies of others."""
    refused = set(Event.objects.filter(pk__in=event_pks, valid=False).values_list("pk", flat=True))
    kept = [key for key in event_pks if key not in refused]
    for key in sorted(refused):
        try:
            with transaction.atomic(using=database()):
                Event.objects.filter(pk=key).update(valid=None, signed=None)
        except IntegrityError:
            continue  # Only one row may stand for what was claimed under one id.
        kept.append(key)
    return kept


def go_on(event_pks: Sequence[int], *, by: str = "") -> list[int]:
    """Let undone events be tried again from where they stopped, given up or not; the keys of those that will be."""
    with transaction.atomic(using=database()):
        keys = list(Event.objects.undone().filter(pk__in=lock_available(event_pks)).values_list("pk", flat=True))
        Event.objects.filter(pk__in=keys, processed=False).update(**columns_as_new())
        save_again_steps(keys, by=by, undone=True)
    return keys


def recall(event_pk: int, receiver: str, *, by: str = "") -> bool:
    """Let one receiver be called again by its identity, done or not, and with it those that are not done.

    False, and nothing happens, if the event is being processed.
    """
    with transaction.atomic(using=database()):
        if not lock_available([event_pk]):
            return False
        ReceiverCall.objects.filter(event=event_pk, receiver=receiver).delete()
        Event.objects.filter(pk=event_pk).update(**columns_as_new())
        save_again_steps([event_pk], by=by, receiver=receiver)
    return True


def save_again_steps(event_pks: Sequence[int], **data: Any) -> None:
    """Record in the timelines of events what a user asked for."""
    EventStep.objects.bulk_create(EventStep(event_id=key, kind=EventStep.Kind.AGAIN, data=data) for key in event_pks)


def with_answer(event_pks: Sequence[int], *, by: str = "") -> list[int]:
    """Those of the events that may be started over; the others are done, Stripe gave no answer, and they stay done.

    The timeline says so; `by` names who asked for it. What the answer is does not matter: Stripe confirmed the event
    before. Where a signature alone confirms an event, only what the handler reads is asked for. Nothing is asked about
    events that are redacted or not done.
    """
    events = Event.objects.filter(pk__in=event_pks, processed=True, valid=True)
    wanted = list(events.defer("body", "validated_message", "difference").order_by("pk"))
    silent = {
        event.pk
        for event, fetch in with_copies([event for event in wanted if is_asked(event)])
        if is_silent(event, fetch)
    }
    silent |= {event.pk for event in wanted if not is_asked(event) and is_unprepared(event)}
    save_again_steps(sorted(silent), by=by, unanswered=True)
    return [key for key in event_pks if key not in silent]


def is_asked(event: Event) -> bool:
    """Whether an event is validated by asking Stripe; of a redacted one nothing is left to settle with Stripe."""
    return event.redacted_at is None and (setting("VALIDATION") != "signature" or event.source != EventSource.WEBHOOK)


def is_unprepared(event: Event) -> bool:
    """Whether Stripe gives no answer to what the handler of an event reads before it mirrors."""
    if event.redacted_at is not None:
        return False
    try:
        registry.get(event.kind)(event).prepare()
    except TemporaryStripeError:
        return True
    except Exception:
        return False  # Whatever it is, the attempt itself records it.
    return False


def is_silent(event: Event, fetch: Fetch) -> bool:
    """Whether Stripe gives no answer about an event."""
    try:
        fetch(parse_envelope(event.webhook_message))
    except TemporaryStripeError:
        return True
    except (StripeError, NotAnEvent):
        return False
    return False
