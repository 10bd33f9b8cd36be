"""Asks Stripe about events that are done, before they are processed once more. Calls the network.

Processing again may need Stripe, and an event that is not done any more is taken up by the sweeper whenever Stripe is
back. So an event stays done until Stripe has answered, and the user who asked is told at once when it did not.
"""

from collections.abc import Sequence

from ..conf import setting
from ..exceptions import StripeError, TemporaryStripeError
from ..models.events import Event, Source
from .copies import with_copies
from .envelopes import NotAnEvent, parse_envelope
from .registry import registry
from .restarts import tell
from .validation import Fetch


def answered(event_pks: Sequence[int], *, by: str = "") -> list[int]:
    """Those of the events that may be started over; the others are done, Stripe gave no answer, and they stay done.

    The timeline says so; `by` is who wished it. What the answer is does not matter: Stripe vouched for the event
    before. Where a signature alone vouches, only what the handler reads is asked for. Nothing is asked about events
    that are redacted or not done.
    """
    events = Event.objects.filter(pk__in=event_pks, processed=True, valid=True)
    wanted = list(events.defer("body", "validated_message", "difference").order_by("pk"))
    silent = {
        event.pk
        for event, fetch in with_copies([event for event in wanted if is_asked(event)])
        if is_silent(event, fetch)
    }
    silent |= {event.pk for event in wanted if not is_asked(event) and is_unprepared(event)}
    tell(sorted(silent), by=by, unanswered=True)
    return [key for key in event_pks if key not in silent]


def is_asked(event: Event) -> bool:
    """Whether an event is validated by asking Stripe; of a redacted one nothing is left to settle with Stripe."""
    return event.redacted_at is None and (setting("VALIDATION") != "signature" or event.source != Source.WEBHOOK)


def is_unprepared(event: Event) -> bool:
    """Whether Stripe gives no answer to what the handler of an event reads before it mirrors."""
    if event.redacted_at is not None:
        return False
    try:
        registry.get(event.kind)(event).prepare()
    except TemporaryStripeError:
        return True
    except Exception:
        return False  # Whatever it is, the attempt itself puts it on record.
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
