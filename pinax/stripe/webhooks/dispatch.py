"""Dispatches a recorded event: processes it now, or calls the function that PINAX_STRIPE_DISPATCH names."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from .. import api
from ..conf import IN_REQUEST, dispatcher, setting
from ..models.events import Event, database
from .failures import PROCESS_ENDS, record_failure_once
from .processing import Outcome, process_row

logger = logging.getLogger(__name__)


def dispatch(event: Event) -> Outcome:
    """Process an event within PINAX_STRIPE_REQUEST_BUDGET, or enqueue it once it is committed.

    If enqueueing raises, the event is left to the sweeper, and UNDECIDED makes Stripe send it again.
    """
    if setting("DISPATCH") == IN_REQUEST:
        with api.budget(setting("REQUEST_BUDGET")):
            return process_row(event)
    return hand_over_later(event)


def hand_over_later(event: Event) -> Outcome:
    """Enqueue an event as soon as it is committed."""
    outcomes: list[Any] = []
    transaction.on_commit(partial(hand_over, dispatcher(), event, outcomes), using=database())
    # In a transaction of a caller (a test's, say) nothing is enqueued yet.
    outcome = outcomes[0] if outcomes else None
    return outcome if isinstance(outcome, Outcome) else Outcome.DEFERRED


def hand_over(function: Callable[[int], Any], event: Event, outcomes: list[Any]) -> None:
    """Call the project's function; what it returns, or UNDECIDED, goes into `outcomes`."""
    try:
        outcomes.append(function(event.pk))
    except PROCESS_ENDS:
        raise
    except BaseException as error:
        # An unreachable broker is logged once, not with every delivery.
        record_failure_once(event, "dispatch", error)
        outcomes.append(Outcome.UNDECIDED)
