"""Revisions of readers: from where in Stripe's objects each column of a table is read, and which rows were read so.

A release that adds a column, or reads one from another place, has another revision. Where only the way of reading
changes, `READ_BETTER` says so.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..models.backfill import TableReading
from ..models.mirror import MirroredObject
from .registry import READERS

#: Table and column -> how often the way in which it is read has changed since its column exists, from the same places.
READ_BETTER: Mapping[tuple[str, str], int] = {}
#: The name under which a rebuild from recorded events keeps its place.
FROM_EVENTS = "Event"


def revision_of(model: type[MirroredObject]) -> dict[str, str]:
    """The columns of a table that its reader reads, by the names of their attributes, each with where it is found."""
    read = READERS[model]
    return {
        name: " ".join([*read.places.get(name, ()), *times_changed(model, name)])
        for name in sorted({*read.shared_reads, *read.own_reads})
    }


def times_changed(model: type[MirroredObject], name: str) -> list[str]:
    """How often a column's way of reading changed, if it did."""
    number = READ_BETTER.get((model.__name__, name), 0)
    return [f"#{number}"] if number else []


def digest(*parts: Any) -> str:
    """What tells a rebuild that reads one thing from one that reads another."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def new_columns(reading: TableReading) -> list[str]:
    """The columns of a table that this release reads, or reads from elsewhere, since its rows were read."""
    model = table_named(reading.table)
    if model is None:
        return []
    return [name for name, places in revision_of(model).items() if reading.columns.get(name) != places]


def table_named(name: str) -> type[MirroredObject] | None:
    """The mirrored table of a model's name; None for what is none, or is not any more."""
    return next((model for model in READERS if model.__name__ == name), None)


def settle_revisions(using: str) -> list[TableReading]:
    """Note which tables are to be read anew, after the tables of a database were migrated; those that are.

    The rows of a table that was not known are read by this release, which made it.
    """
    known = {reading.table: reading for reading in TableReading.objects.using(using).exclude(table=FROM_EVENTS)}
    TableReading.objects.using(using).bulk_create(
        [
            TableReading(table=model.__name__, columns=revision_of(model))
            for model in READERS
            if model.__name__ not in known
        ],
        ignore_conflicts=True,
    )
    due = [reading for reading in known.values() if new_columns(reading)]
    for reading in known.values():
        if reading.is_due != (reading in due):
            reading.is_due = reading in due
            reading.save(using=using, update_fields=["is_due"])
    return due
