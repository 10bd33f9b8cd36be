"""The HTTP status that says whether Stripe sends an event again. Only this module decides it."""

from ..catalogue.reasons import REASONS
from ..models.events import Event
from .kept_answers import will_be_finished
from .processing import Outcome

#: How each outcome is answered: 200 ends Stripe's deliveries, whatever else makes Stripe send the event again.
STATUSES = {
    Outcome.DONE: 200,
    Outcome.DEFERRED: 200,
    Outcome.REFUSED: 400,
    Outcome.FAILED: 500,
    Outcome.UNDECIDED: 503,
    Outcome.POSTPONED: 503,
    Outcome.BUSY: 503,
}

#: The answer when the database has trouble: Stripe sends the event again.
DATABASE_TROUBLE_STATUS = 503


def status_for(event: Event, outcome: Outcome) -> int:
    """The HTTP status for an event after an attempt."""
    if outcome is Outcome.FAILED and event.gave_up_at is not None:
        # The failure is recorded and shown. Stripe would disable an endpoint that keeps failing.
        return 200
    if outcome is Outcome.UNDECIDED and will_be_finished(event):
        return 200
    if STATUSES[outcome] != 200 and event.reason in REASONS and not event.valid:
        return REASONS[event.reason].status
    return STATUSES[outcome]
