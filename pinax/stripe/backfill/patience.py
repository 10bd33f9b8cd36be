"""Calls that are made again as long as waiting may help."""

import logging
from collections.abc import Callable
from typing import TypeVar

from ..api import pace
from ..exceptions import ListChanged, TemporaryStripeError

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds between attempts, after those that each call makes itself.
PAUSES = (1, 2, 4, 8, 15, 30, 30, 60, 60)
#: Temporary errors that waiting may cure; the others are for a person to put right.
CURED_BY_WAITING = frozenset({"api_error", "no_answer", "rate_limited"})


def patiently(call: Callable[[], T]) -> T:
    """What calls Stripe, again as long as waiting may cure what is wrong."""
    for seconds in PAUSES:
        try:
            return call()
        except ListChanged:
            raise
        except TemporaryStripeError as error:
            if error.code not in CURED_BY_WAITING:
                raise
            logger.info("waiting seconds=%s code=%s", seconds, error.code)
            pace.sleep(seconds)
    return call()
