"""Stripe's API: plain dicts in and out, errors sorted into temporary and final ones."""

from .answers import CLOCK_TOLERANCE, answer_date
from .calls import Fetched, delete, get, keeping, post, quoted, retrieve, retrieve_event, retrieve_thin_event, version
from .deadlines import budget, patient, remaining
from .lists import PAGE, iterate, list_events, pages
from .pace import paced
from .sdk import plain

__all__ = [
    "CLOCK_TOLERANCE",
    "PAGE",
    "Fetched",
    "answer_date",
    "budget",
    "delete",
    "get",
    "iterate",
    "keeping",
    "list_events",
    "paced",
    "pages",
    "patient",
    "plain",
    "post",
    "quoted",
    "remaining",
    "retrieve",
    "retrieve_event",
    "retrieve_thin_event",
    "version",
]
