"""Whole objects, with events of their own, that another object shows: in lists, or where others name them only."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..catalogue.objects import ObjectType, object_type
from ..models.mirror import MirroredObject
from ..stripe_values import is_stub, items, text, timestamp
from .freshness import APPLY, after_deletion, change_of, decide, is_cut, with_known_end
from .parts import Owner, write_parts
from .registry import MirroredType, mirrored_type
from .rows import RowToWrite, insert, locked_rows, overwritten, row_key, row_values, upsert
from .snapshots import Changes, Snapshot, SyncContext, note_change


def embedded_objects(mirrored: MirroredType, data: dict[str, Any]) -> list[tuple[MirroredType, list[dict[str, Any]]]]:
    """Mirrored objects in another one, type by type."""
    found: dict[str, tuple[MirroredType, list[dict[str, Any]]]] = {}
    for entry in whole_objects(mirrored.object_type, data):
        inner = mirrored_type(entry)
        if inner is not None:
            found.setdefault(inner.object_type.name, (inner, []))[1].append(entry)
    return list(found.values())


def whole_objects(row: ObjectType, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects in an object of a type, and those in what its type has `inside`."""
    for name in row.embedded:
        yield from items(data.get(name)) or []
    for path in row.inside:
        for entry in hashes_at(data, path.split(".")):
            yield entry
            yield from whole_objects(object_type(text(entry.get("object"))), entry)


def hashes_at(value: Any, path: list[str]) -> list[dict[str, Any]]:
    """The hashes at a path, through the entries of arrays and lists; ids and nulls are none."""
    listed = items(value)
    entries = value if isinstance(value, list) else [value] if listed is None else listed
    found = [entry for entry in entries if isinstance(entry, dict)]
    if not path:
        return found
    return [each for entry in found for each in hashes_at(entry.get(path[0]), path[1:])]


def write_embedded(
    mirrored: MirroredType, entries: list[dict[str, Any]], context: SyncContext, end: datetime.datetime
) -> Changes:
    """Apply the snapshots of embedded objects of one type to rows that are missing or plainly older.

    They lose ties, against rows and against workers that write the same rows: their changes have events of their own.
    They are true from the context's `as_of` to `end`. A few queries do it for all.

    What was deleted may be shown on, as a coupon is by the discounts that it gave. So of a type whose ids can be used
    again, for which time alone decides, an embedded object makes the row no newer: it may hold what is shown, and a
    deletion from before is settled by asking Stripe.
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
        is_applied = row is None or is_newer(mirrored, row, snapshot)
        if is_applied and mirrored.object_type.ids_can_recur:
            snapshot = replace(snapshot, as_of=known_since(row, snapshot))
        if row is None:
            written[key] = model(id=key, version=1, **row_values(mirrored, snapshot, context))
        elif is_applied:
            written[key] = overwritten(mirrored, row, with_known_end(row, snapshot), context)
        note_change(changes, model, key, change_of(row, snapshot) if key in written else "kept")
    upsert(model, [RowToWrite(values=values_of(written[key])) for key in written if key in rows])
    lost = insert_new(mirrored, [written[key] for key in written if key not in rows])
    if mirrored.part is not None:
        owners = [Owner(key=key, snapshot=snapshots[key], context=context) for key in written if key not in lost]
        write_parts(mirrored.part, owners)
    return changes


def is_newer(mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot) -> bool:
    """Whether an embedded object is plainly newer than its row. That it is shown on brings none back."""
    decision = after_deletion(row, snapshot) if row.is_deleted else decide(mirrored, row, snapshot)
    return decision is APPLY


def known_since(row: MirroredObject | None, snapshot: Snapshot) -> datetime.datetime:
    """From when on an object's row is good, whatever was shown since: from what it held, or the object's creation."""
    if row is not None:
        return row.as_of
    return min(timestamp(snapshot.data.get("created")) or snapshot.as_of, snapshot.as_of)


def values_of(row: MirroredObject) -> dict[str, Any]:
    """The values of a row that is written now, by the names of its attributes."""
    return {column.attname: column.pre_save(row, add=False) for column in row._meta.concrete_fields}


def insert_new(mirrored: MirroredType, rows: list[Any]) -> set[str]:
    """Insert rows; the keys of those that another worker inserted first, as far as the parts depend on it."""
    if mirrored.part is None:
        mirrored.model.all_objects.bulk_create(rows, ignore_conflicts=True)
        return set()
    return {row.pk for row in rows if not insert(row)}
