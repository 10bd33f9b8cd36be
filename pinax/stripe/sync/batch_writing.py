"""The writer for many objects at once: one statement a table, for snapshots that are plainly newer than their rows.

Every write happens in the caller's transaction, without any call to the network. Only what the database returns was
written: another worker can be quicker. Then a snapshot that is old news is done with (`is_kept`). Whatever else there
is to decide has no place here, but in `writing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from django.db import router
from django.utils import timezone

from ..models.mirror import MirroredObject
from ..statements import Insertion, compiled
from ..stripe_values import is_stub
from .embedded import embedded_objects
from .freshness import KEEP, decide
from .parts import Owner, write_parts
from .registry import MirroredType, mirrored_type
from .row_writers import compile_upsert
from .rows import locked_rows, row_key, row_values, untold_columns
from .shown import insert_rows, missing_rows
from .snapshots import Snapshot, SyncContext

#: What a snapshot is compared with.
COMPARED = ("as_of", "as_of_end", "deleted_at", "stripe_data")
#: A row by its table and its key.
Row = tuple[type[MirroredObject], str]


@dataclass(frozen=True, kw_only=True)
class RowSnapshot:
    """A snapshot of an object, and the row that it belongs to."""

    mirrored: MirroredType
    key: str
    snapshot: Snapshot
    context: SyncContext

    @property
    def row(self) -> Row:
        """The row, which all snapshots of the object have in common."""
        return self.mirrored.model, self.key

    @property
    def is_plain(self) -> bool:
        """Whether one row, and its parts, is all that the snapshot is about: the object exists and embeds no others."""
        return not self.snapshot.deleted and not embedded_objects(self.mirrored, self.snapshot.data)


def row_snapshot(data: dict[str, Any], context: SyncContext, *, deleted: bool = False) -> RowSnapshot | None:
    """The snapshot of an object, of which no list was read from the API; None for what has no row."""
    mirrored = mirrored_type(data)
    if mirrored is None:
        return None
    snapshot = Snapshot(
        data=data,
        as_of=context.as_of,
        as_of_end=context.end,
        deleted=deleted or is_stub(data),
        is_reading=context.is_reading,
    )
    key = row_key(mirrored, data, context.account)
    return RowSnapshot(mirrored=mirrored, key=key, snapshot=snapshot, context=context)


def write_all_plainly_newer(snapshots: Iterable[RowSnapshot]) -> dict[Row, int]:
    """Write plain snapshots, one for each row, where there is no row that is not plainly older.

    The versions that were written, 1 for new rows; rows that are left out were not written. Tables come in the same
    order in every batch, and so do the rows of each, so no two batches wait for each other. A single event that moves
    another object may lock the two the other way round; the database then ends one, which is tried again.
    """
    versions: dict[Row, int] = {}
    for _table, group in groupby(sorted(snapshots, key=place), key=table):
        versions |= write_table(list(group))
    return versions


def table(each: RowSnapshot) -> tuple[bool, str, bool]:
    """What the rows of one statement have in common. Those that embed others come first, as where one is written."""
    row = each.mirrored.object_type
    return not (row.embedded or row.inside), each.mirrored.model._meta.db_table, row.ids_can_recur


def place(each: RowSnapshot) -> tuple[tuple[bool, str, bool], str]:
    """The place of a row among all that are written."""
    return table(each), each.key


def rows_unchanged(snapshots: Iterable[RowSnapshot], versions: Mapping[Row, int]) -> dict[Row, MirroredObject]:
    """The rows of snapshots that were not written, locked until the transaction ends."""
    rows: dict[Row, MirroredObject] = {}
    others = (each for each in snapshots if each.row not in versions)
    for _table, group in groupby(sorted(others, key=place), key=table):
        some = list(group)
        model = some[0].mirrored.model
        found = locked_rows(model, {each.key for each in some}, *COMPARED)
        rows |= {(model, key): row for key, row in found.items()}
    return rows


def is_kept(each: RowSnapshot, rows: Mapping[Row, MirroredObject]) -> bool:
    """Whether a snapshot is no newer than its row, or says the same: then there is nothing to do about it."""
    row = rows.get(each.row)
    return row is not None and decide(each.mirrored, row, each.snapshot) is KEEP


def write_table(group: Sequence[RowSnapshot]) -> dict[Row, int]:
    """Write rows of one table, and their parts."""
    mirrored = group[0].mirrored
    versions: dict[str, int] = {}
    for untold, some in groupby(group, key=lambda each: untold_columns(each.mirrored, each.snapshot)):
        versions |= upsert_plainly_newer(list(some), untold)
    if mirrored.part is not None:
        owners = [
            Owner(key=each.key, snapshot=each.snapshot, context=each.context, is_new=versions[each.key] == 1)
            for each in group
            if each.key in versions
        ]
        # A part that two of them list is that of the newer one.
        write_parts(mirrored.part, sorted(owners, key=lambda owner: owner.snapshot.as_of))
    if mirrored.object_type.shows:
        insert_all_shown(group)
    return {(mirrored.model, key): version for key, version in versions.items()}


def insert_all_shown(group: Sequence[RowSnapshot]) -> None:
    """Insert the rows that are missing of what objects of one type show."""
    rows: dict[Row, dict[str, Any]] = {}
    for each in group:
        rows |= missing_rows(each.mirrored, each.snapshot.data, each.context)
    insert_rows(rows)


def upsert_plainly_newer(group: Sequence[RowSnapshot], untold: frozenset[str]) -> dict[str, int]:
    """Insert rows of one table, or update those that are plainly older, but for some of their columns.

    The versions that were written, by key.
    """
    model, can_recur = group[0].mirrored.model, group[0].mirrored.object_type.ids_can_recur
    using, now = router.db_for_write(model), timezone.now()
    rows = [row_values(each.mirrored, each.snapshot, each.context) for each in group]
    overwrites = (*(name for name in rows[0] if name not in untold), "synced_at")
    # Of what was only read, most did not change.
    kind = {"can_recur": can_recur, "only_different": all(each.snapshot.is_reading for each in group)}
    compile_it = partial(compile_upsert, model, using, overwrites, **kind, returning="{id}, {version}")
    statement: Insertion = compiled(using, (model, "newer of many", overwrites, *kind.values()), compile_it)
    return dict(
        statement.execute(
            [{**row, "id": each.key, "version": 1, "synced_at": now} for each, row in zip(group, rows, strict=True)]
        )
    )
