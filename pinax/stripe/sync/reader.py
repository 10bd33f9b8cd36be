"""Reads the columns of mirrored rows from Stripe's JSON, in the shape of any API version."""

from collections.abc import Callable
from typing import Any

from django.db import models

from ..models.fields import StripeColumn
from ..models.mirror import MirroredObject
from ..stripe_values import JsonObject

#: Column -> what reads it from an object, where the API's history asks for more than a place to look at.
History = dict[str, Callable[[JsonObject], Any]]


def stripe_columns(model: type[models.Model]) -> list[StripeColumn]:
    """The columns of a table, or of an abstract model, that Stripe's object fills, by the names that Django knows."""
    return [column for column in model._meta.fields if isinstance(column, StripeColumn) and column.is_filled]


#: Columns that every mirrored table has.
SHARED = frozenset(column.name for column in stripe_columns(MirroredObject))


class Reader:
    """Reads the columns of one table from Stripe's JSON.

    Each is read by its field, or by what `history` has under its name. Called with an object, a reader returns the
    columns that the table adds to those of all mirrored tables (`shared` returns these), by the names of their
    attributes: `customer_id` for a reference, with the Stripe id in it. It never raises.
    """

    def __init__(self, model: type[MirroredObject], history: History | None = None) -> None:
        self.model = model
        columns = {column.name: column for column in stripe_columns(model)}
        history = history or {}
        unknown = history.keys() - columns.keys()
        if unknown:
            raise ValueError(f"{model.__name__} has no columns {sorted(unknown)} that Stripe fills.")
        reads = {name: (column.attname, history.get(name, column.read)) for name, column in columns.items()}
        self.own_reads = dict(read for name, read in reads.items() if name not in SHARED)
        self.shared_reads = dict(read for name, read in reads.items() if name in SHARED)

    def __call__(self, data: JsonObject) -> dict[str, Any]:
        return {attname: read(data) for attname, read in self.own_reads.items()}

    def shared(self, data: JsonObject) -> dict[str, Any]:
        """The columns that every mirrored row has; `livemode` is None where the object does not tell."""
        return {attname: read(data) for attname, read in self.shared_reads.items()}


def columns_below(model: type[models.Model], part: Callable[[JsonObject], JsonObject]) -> History:
    """The history of an abstract model's columns that are not read from the object itself, but from a part of it."""

    def reading(column: StripeColumn) -> Callable[[JsonObject], Any]:
        return lambda data: column.read(part(data))

    return {column.name: reading(column) for column in stripe_columns(model)}
