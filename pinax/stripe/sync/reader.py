"""Reads the columns of mirrored rows from Stripe's JSON, in the shape of any API version."""

from collections.abc import Callable
from typing import Any

from django.db import models

from ..models.fields import StripeColumn
from ..models.mirror import MirroredObject

Data = dict[str, Any]
#: Column -> what reads it from an object, where the API's history asks for more than a place to look at.
History = dict[str, Callable[[Data], Any]]


def columns_of(model: type[models.Model]) -> list[StripeColumn]:
    """The columns of a table, or of an abstract model, that Stripe's object fills, by the names that Django knows."""
    return [column for column in model._meta.fields if isinstance(column, StripeColumn)]


#: Columns that every mirrored table has.
SHARED = frozenset(column.name for column in columns_of(MirroredObject))


class Reader:
    """Reads the columns that a table adds to those that all mirrored tables have.

    Each is read by its field, or by what `history` has under its name. Called with an object of Stripe's, it returns
    the values by the names of the attributes (`customer_id` for a reference, the Stripe id in it); it never raises.
    """

    def __init__(self, model: type[MirroredObject], history: History | None = None) -> None:
        self.model = model
        columns = {column.name: column for column in columns_of(model) if column.name not in SHARED}
        history = history or {}
        unknown = history.keys() - columns.keys()
        if unknown:
            raise ValueError(f"{model.__name__} has no columns {sorted(unknown)} that Stripe fills.")
        self.reads = {column.attname: history.get(name, column.read) for name, column in columns.items()}

    def __call__(self, data: Data) -> dict[str, Any]:
        return {attname: read(data) for attname, read in self.reads.items()}


def below(model: type[models.Model], part: Callable[[Data], Data]) -> History:
    """The history of an abstract model's columns that are not read from the object itself, but from a part of it."""

    def reading(column: StripeColumn) -> Callable[[Data], Any]:
        return lambda data: column.read(part(data))

    return {column.name: reading(column) for column in columns_of(model)}
