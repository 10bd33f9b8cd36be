"""Writes what was read, and moves the position in the same transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..models.backfill import BackfillPosition
from ..models.events import database
from ..models.mirror import MirroredObject
from ..sync.batch_writing import COMPARED, Row, RowSnapshot, row_snapshot, write_all_plainly_newer
from ..sync.freshness import KEEP, decide, is_cut, is_same
from ..sync.own_writes import Reading, write_outside
from ..sync.snapshots import Changes
from ..webhooks.database_errors import persist
from .patience import patiently
from .reading import Batch


@dataclass(kw_only=True)
class Tally:
    """What a batch did to rows."""

    listed: int = 0
    created: int = 0
    updated: int = 0

    def add(self, other: "Tally") -> None:
        self.listed += other.listed
        self.created += other.created
        self.updated += other.updated

    def note(self, changes: Changes) -> None:
        """Count what became of single rows."""
        for _model, _key, change in changes:
            if change == "created":
                self.created += 1
            elif change in ("updated", "deleted"):
                self.updated += 1

    def count(self, versions: Iterable[int]) -> None:
        """Count written rows by their versions: that of a new one is 1."""
        for version in versions:
            if version == 1:
                self.created += 1
            else:
                self.updated += 1


#: Rows that many are written of at once, each with what was read of it.
Plain = dict[Row, tuple[RowSnapshot, Reading]]


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """What was read, by the way in which it is written: many at once, or each by itself."""

    plain: Plain = field(default_factory=dict)
    others: list[Reading] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of writing many rows at once."""

    #: Rows that only a decision about each can write.
    undecided: list[Row]
    tally: Tally
    has_moved: bool


def write_batch(position: BackfillPosition, batch: Batch, *, only_missing: bool = False, gone: int = 0) -> bool:
    """Bring the rows up to what was read, and move the position behind it; False if another process had moved it.

    `gone` counts the rows that became tombstones because the batch did not show their objects.

    What takes calls to Stripe, or a decision about a single row, comes first, each in a transaction of its own. The
    position moves with the rest.
    """
    readings = without_rows(batch.readings) if only_missing else batch.readings
    found = sorted_out(readings, batch)
    tally = Tally(listed=len(batch.readings), updated=gone)
    for reading in found.others:
        tally.note(write_by_itself(reading, batch))
    while True:
        written = persist(partial(write_plain, position, batch, found.plain, tally))
        if written.undecided:
            tally.add(written.tally)
        for row in written.undecided:
            _, reading = found.plain.pop(row)
            tally.note(write_by_itself(reading, batch))
        if not written.undecided:
            return written.has_moved


def write_by_itself(reading: Reading, batch: Batch) -> Changes:
    """Write what was read of one object; what it takes to order it is read as patiently as a list."""
    return patiently(partial(write_outside, reading, batch.lists))


def sorted_out(readings: Iterable[Reading], batch: Batch) -> Sorted:
    """What is one row, and its parts, and what is more; of two readings of an object, the last."""
    found = Sorted()
    for reading in readings:
        snapshot = row_snapshot(reading.data, reading.context)
        if snapshot is None:
            continue
        is_whole = snapshot.key not in batch.lists and not is_cut(snapshot.mirrored, reading.data)
        if snapshot.is_plain and is_whole:
            found.plain[snapshot.row] = snapshot, reading
        else:
            found.others.append(reading)
    return found


def write_plain(position: BackfillPosition, batch: Batch, plain: Plain, before: Tally) -> Written:
    """Write many rows, and move the position unless one of them is left: in one transaction."""
    snapshots = [snapshot for snapshot, _ in plain.values()]
    with transaction.atomic(using=database()):
        versions = write_all_plainly_newer(snapshots)
        tally = Tally()
        tally.count(versions.values())
        undecided = [each.row for each in snapshots if each.row not in versions]
        undecided = left_over({row: plain[row][0] for row in undecided})
        for each in snapshots:
            if each.mirrored.hook is not None and each.row not in undecided:
                each.mirrored.hook.follow_up(each.key, each.snapshot.data, each.context.account)
        has_moved = not undecided and move(position, batch, before, tally)
    if has_moved:
        for name, value in moved_values(position, batch, (before, tally)).items():
            setattr(position, name, value)
    return Written(undecided=undecided, tally=tally, has_moved=has_moved)


def move(position: BackfillPosition, batch: Batch, *tallies: Tally) -> bool:
    """Move a position behind a batch, in the caller's transaction; whether it was where it was thought to be."""
    values = moved_values(position, batch, tallies)
    return bool(BackfillPosition.objects.filter(pk=position.pk, moves=position.moves).update(**values))


def moved_values(position: BackfillPosition, batch: Batch, tallies: Iterable[Tally]) -> dict[str, Any]:
    """The columns of a position behind a batch."""
    values: dict[str, Any] = {**vars(batch.place), "moves": position.moves + 1}
    if batch.is_last:
        values["finished_at"] = timezone.now()
    if not batch.is_dated:
        values["is_dated"] = False
    for name in ("listed", "created", "updated"):
        values[name] = getattr(position, name) + sum(getattr(tally, name) for tally in tallies)
    return values


def left_over(snapshots: Mapping[Row, RowSnapshot]) -> list[Row]:
    """Which of the snapshots that were not written are not done with: the row says something else, and is not newer.

    The rows are not locked. What is newer than a snapshot, or says the same, is so for good.
    """
    rows = rows_of(snapshots, *COMPARED)
    return [row for row, each in snapshots.items() if row not in rows or not is_done_with(each, rows[row])]


def is_done_with(each: RowSnapshot, row: MirroredObject) -> bool:
    """Whether there is nothing to write of a snapshot: an object that did not change is not written again."""
    if is_same(row, each.snapshot) and not is_cut(each.mirrored, each.snapshot.data):
        return True
    return decide(each.mirrored, row, each.snapshot) is KEEP


def rows_of(rows: Iterable[Row], *names: str) -> dict[Row, MirroredObject]:
    """The rows that there are of these; with names, only those attributes are loaded."""
    keys: dict[type[MirroredObject], list[str]] = {}
    for model, key in rows:
        keys.setdefault(model, []).append(key)
    return {
        (model, row.pk): row
        for model, some in keys.items()
        for row in model.all_objects.filter(pk__in=some).order_by().only(*names)
    }


def without_rows(readings: list[Reading]) -> list[Reading]:
    """Readings of objects that have no row at all."""
    snapshots = [(row_snapshot(each.data, each.context), each) for each in readings]
    rows = rows_of({snapshot.row for snapshot, _ in snapshots if snapshot is not None}, *COMPARED)
    return [each for snapshot, each in snapshots if snapshot is not None and snapshot.row not in rows]


def compare_batch(batch: Batch) -> Tally:
    """What writing a batch would do, as far as that can be told without reading more."""
    tally = Tally(listed=len(batch.readings))
    snapshots = [row_snapshot(each.data, each.context) for each in batch.readings]
    known = {each.row: each for each in snapshots if each is not None}
    rows = rows_of(known, *COMPARED)
    tally.created = len(known) - len(rows)
    tally.updated = sum(not is_done_with(known[row], found) for row, found in rows.items())
    return tally
