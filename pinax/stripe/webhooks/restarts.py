"""Puts events back to an earlier point of the pipeline, because somebody wants them processed once more.

Nothing is processed here; the rows are left as the pipeline and the sweeper take them up.
"""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from ..models.events import Event, EventStep, ReceiverCall, database
from .locks import untaken
from .retries import planned

#: Reasons of refusal that no second look can change: there is no event that Stripe could be asked about.
NO_EVENT = frozenset(
    (
        *("too_large", "unreadable", "no_length", "compressed"),
        *("not_json", "not_an_event", "organization", "dashboard_test"),
    )
)


def as_new() -> dict[str, Any]:
    """Columns of an event that nobody has tried yet; the sweeper leaves it to whoever processes it right now."""
    return {
        "processed": False,
        "processed_at": None,
        "failures": 0,
        "gave_up_at": None,
        "postponed_since": None,
        **planned(1),
    }


def restartable() -> QuerySet[Event]:
    """Events that can be taken up again: there is a message, and as much of it as is needed.

    What is left of a redacted message cannot be compared with Stripe's copy any more, so only a genuine one will do.
    """
    whole = Q(redacted_at__isnull=True) | Q(valid=True)
    return Event.objects.filter(~Q(reason__in=NO_EVENT), whole, pruned_at__isnull=True)


def start_over(event_pks: Sequence[int], *, by: str = "") -> list[int]:
    """Let events be validated (unless Stripe vouched for them), mirrored and announced as if they had just come.

    The keys of those that will be. A refused copy of an event that is on record as another row is left alone, and so is
    an event that is being processed.
    """
    with transaction.atomic(using=database()):
        doubted = doubt_refusals(untaken(event_pks))
        ReceiverCall.objects.filter(event__in=doubted).delete()
        Event.objects.filter(pk__in=doubted).update(mirrored_at=None, **as_new())
        tell(doubted, by=by)
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
        keys = list(Event.objects.undone().filter(pk__in=untaken(event_pks)).values_list("pk", flat=True))
        Event.objects.filter(pk__in=keys, processed=False).update(**as_new())
        tell(keys, by=by, undone=True)
    return keys


def recall(event_pk: int, receiver: str, *, by: str = "") -> bool:
    """Let one receiver be called again by its identity, done or not, and with it those that are not done.

    False, and nothing happens, if the event is being processed.
    """
    with transaction.atomic(using=database()):
        if not untaken([event_pk]):
            return False
        ReceiverCall.objects.filter(event=event_pk, receiver=receiver).delete()
        Event.objects.filter(pk=event_pk).update(**as_new())
        tell([event_pk], by=by, receiver=receiver)
    return True


def tell(event_pks: Sequence[int], **data: Any) -> None:
    """Put into the timelines of events that somebody wished this, and what exactly."""
    EventStep.objects.bulk_create(EventStep(event_id=key, kind=EventStep.Kind.AGAIN, data=data) for key in event_pks)
