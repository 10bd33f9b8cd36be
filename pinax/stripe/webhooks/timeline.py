"""Stores the steps of an event's timeline."""

from functools import partial

from django.db import IntegrityError

from ..models.events import Event, single_statement
from .database_errors import persist


def save_steps(row: Event) -> None:
    """Store the steps that are pending, unless the row was just merged into another: that one has the count."""
    try:
        persist(partial(save_steps_once, row))
    except IntegrityError:
        row.pending_steps.clear()


def save_steps_once(row: Event) -> None:
    with single_statement():
        row.save_steps()
