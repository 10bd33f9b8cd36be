"""Whole objects, with events of their own, in the lists that old API versions embed in another object."""

import datetime
from typing import Any

from ..models.mirror import MirroredObject
from ..stripe_values import is_stub, items
from .freshness import APPLY, change_of, decide, is_cut, with_known_end
from .parts import Owner, write_parts
from .registry import MirroredType, mirrored_type
from .rows import insert, locked_rows, overwritten, row_key, row_values, upsert
from .snapshots import Changes, Snapshot, SyncContext, note_change


def embedded_objects(mirrored: MirroredType, data: dict[str, Any]) -> list[tuple[MirroredType, list[dict[str, Any]]]]:
    """Mirrored objects in the lists of another one, type by type."""
    found: dict[str, tuple[MirroredType, list[dict[str, Any]]]] = {}
    for name in mirrored.object_type.embedded:
        for entry in items(data.get(name)) or []:
            inner = mirrored_type(entry)
            if inner is not None:
                found.setdefault(inner.object_type.name, (inner, []))[1].append(entry)
    return list(found.values())


def write_embedded(
    mirrored: MirroredType, entries: list[dict[str, Any]], context: SyncContext, end: datetime.datetime
) -> Changes:
    """Apply the snapshots of embedded objects of one type to rows that are missing or plainly older.

    They lose ties, against rows and against workers that write the same rows: their changes have events of their own.
    They are true from the context's `as_of` to `end`. A few queries do it for all.
    """
    model = mirrored.model
    changes: Changes = []
    snapshots = {
        row_key(mirrored, data, context.account): Snapshot(
            data=data, as_of=context.as_of, as_of_end=end, deleted=is_stub(data)
        )
        for data in entries
        # A list that is cut short inside is not completed, and a partial object would keep the complete one out.
        if not is_cut(mirrored, data)
    }
    rows = locked_rows(model, snapshots)
    written = {}
    for key in sorted(snapshots):
        row, snapshot = rows.get(key), snapshots[key]
        if row is None:
            written[key] = model(id=key, version=1, **row_values(mirrored, snapshot, context))
        elif decide(mirrored, row, snapshot) is APPLY:
            written[key] = overwritten(mirrored, row, with_known_end(row, snapshot), context)
        note_change(changes, model, key, change_of(row, snapshot) if key in written else "kept")
    upsert(model, [values_of(written[key]) for key in written if key in rows])
    lost = insert_new(mirrored, [written[key] for key in written if key not in rows])
    if mirrored.part is not None:
        owners = [Owner(key=key, snapshot=snapshots[key], context=context) for key in written if key not in lost]
        write_parts(mirrored.part, owners)
    return changes


def values_of(row: MirroredObject) -> dict[str, Any]:
    """The values of a row that is written now, by the names of its attributes."""
    return {column.attname: column.pre_save(row, add=False) for column in row._meta.concrete_fields}


def insert_new(mirrored: MirroredType, rows: list[Any]) -> set[str]:
    """Insert rows; the keys of those that another worker inserted first, as far as the parts depend on it."""
    if mirrored.part is None:
        mirrored.model.all_objects.bulk_create(rows, ignore_conflicts=True)
        return set()
    return {row.pk for row in rows if not insert(row)}
