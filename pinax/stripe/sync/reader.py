"""Reads the columns of mirrored rows from Stripe's JSON, in the shape of any API version."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from ..models.fields import StripeColumn
from ..models.mirror import MirroredObject
from ..stripe_values import JsonObject, is_stub, mapping

#: Column -> what reads it from an object, where the API's history asks for more than a place to look at.
History = dict[str, Callable[[JsonObject], Any]]


def stripe_columns(model: type[models.Model]) -> list[StripeColumn]:
    """The columns of a table, or of an abstract model, that Stripe's object fills, by the names that Django knows."""
    return [column for column in model._meta.fields if isinstance(column, StripeColumn) and column.is_filled]


@dataclass(frozen=True, kw_only=True)
class ReadFrom:
    """Reads a column from several places of an object. An object that has none of them does not tell of the column."""

    paths: tuple[str, ...]
    read: Callable[[JsonObject], Any]

    def __call__(self, data: JsonObject) -> Any:
        return self.read(data)


def tells(data: JsonObject, path: str) -> bool:
    """Whether an object says something of a place in it, if only that nothing is there; of a list, in each entry.

    API versions differ in what they have at all, and a bare id says nothing of what is in the object but its id.
    """
    return tells_of(data, path.split("."))


def tells_of(value: Any, names: list[str]) -> bool:
    if value is None or not names or (names == ["id"] and isinstance(value, str)):
        return True
    if isinstance(value, list):
        return all(tells_of(entry, names) for entry in value if not is_stub(mapping(entry)))
    return isinstance(value, dict) and names[0] in value and tells_of(value[names[0]], names[1:])


def read_of_ids(model: type[models.Model], column: str, *paths: str) -> ReadFrom:
    """Reads a column of ids as its field does, from objects that show the ids: older ones may have had none."""
    return ReadFrom(paths=paths, read=model._meta.get_field(column).read)  # type: ignore[union-attr]


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
        #: What each column is read from, of those of which an object may say nothing. The mode is never unknown.
        self.places = {
            column.attname: getattr(history.get(name, column), "paths", ())
            for name, column in columns.items()
            if name != "livemode"
        }
        self.own_reads = dict(read for name, read in reads.items() if name not in SHARED)
        self.shared_reads = dict(read for name, read in reads.items() if name in SHARED)

    def __call__(self, data: JsonObject) -> dict[str, Any]:
        return {attname: read(data) for attname, read in self.own_reads.items()}

    def untold(self, data: JsonObject) -> frozenset[str]:
        """The columns of which an object of this shape says nothing, neither a value nor that there is none."""
        return frozenset(
            attname
            for attname, paths in self.places.items()
            if paths and not any(name in data or ("." in name and tells(data, name)) for name in paths)
        )

    def shared(self, data: JsonObject) -> dict[str, Any]:
        """The columns that every mirrored row has; `livemode` is None where the object does not tell."""
        return {attname: read(data) for attname, read in self.shared_reads.items()}


def columns_below(
    model: type[models.Model], part: Callable[[JsonObject], JsonObject], paths: tuple[str, ...]
) -> History:
    """The history of an abstract model's columns that are not read from the object itself, but from a part of it.

    `paths` are the places where that part may be.
    """

    def reading(column: StripeColumn) -> ReadFrom:
        return ReadFrom(paths=paths, read=lambda data: column.read(part(data)))

    return {column.name: reading(column) for column in stripe_columns(model)}
