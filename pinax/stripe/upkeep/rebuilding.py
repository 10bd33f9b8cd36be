"""Reads the columns of the mirror anew from the objects that its rows have. Nothing is fetched from Stripe."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import router, transaction

from ..models.backfill import TableReading
from ..models.mirror import MirroredObject
from ..models.other_objects import OtherObject
from ..sync.fetching import is_list_cut
from ..sync.registry import MIRRORED, READERS, ROWS_WITH_MODELS, model_of
from ..sync.revisions import digest, revision_of, settle_revisions
from ..sync.rows import locked_rows, read_columns
from ..sync.snapshots import SyncContext

#: Rows of one transaction at most.
BATCH_ROWS = 200
#: What does not come from the object, or is the object.
KEPT = frozenset({"stripe_id", "stripe_account", "stripe_data"})


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What came of some rows of one table."""

    model: type[MirroredObject]
    rows: int
    changed: int
    #: Rows that do not have whole what their columns are made of: a list of their object was longer than Stripe shows.
    left: int


def models_of(names: Iterable[str]) -> list[type[MirroredObject]]:
    """The tables of the types with these names, all without any; KeyError for a name that no table is for."""
    tables = {row.name: model_of(row) for row in ROWS_WITH_MODELS}
    return list(dict.fromkeys(tables[name] for name in names)) or [*READERS]


def rebuild(model: type[MirroredObject]) -> Iterator[Rebuilt]:
    """Bring the columns of a table up to what this release reads from `stripe_data`, batch by batch.

    Each batch is a short transaction that locks its rows; workers may write meanwhile. Columns of which an object says
    nothing stay as they are. Rows that are right are not written. What was broken off goes on where it was, however it
    ended: the first batch then counts the rows that were done.
    """
    revision = revision_of(model)
    reading = begun(model.__name__, digest(revision))
    if reading.position:
        yield Rebuilt(model=model, rows=reading.rows, changed=0, left=0)
    rows = model.all_objects.order_by("pk").values_list("pk", flat=True)
    while keys := list(rows.filter(pk__gt=reading.position)[:BATCH_ROWS]):
        with transaction.atomic(using=router.db_for_write(model)):
            found = [rebuilt_row(row) for row in locked_rows(model, keys).values()]
            move(reading, keys[-1], len(found))
        yield Rebuilt(model=model, rows=len(found), changed=found.count(True), left=found.count(None))
    end(reading, columns=revision, is_due=False)


def begun(table: str, target: str) -> TableReading:
    """Where a rebuild of a table is; at the beginning, unless one that reads the same was broken off."""
    reading, _is_new = TableReading.objects.get_or_create(table=table)
    if reading.target != target:
        reading.target, reading.position, reading.rows = target, "", 0
    return reading


def move(reading: TableReading, position: str, rows: int) -> None:
    """Note how far a rebuild is, in the transaction of what is done."""
    reading.position, reading.rows = position, reading.rows + rows
    reading.save(update_fields=["target", "position", "rows"])


def end(reading: TableReading, **values: Any) -> None:
    """Note that a rebuild came to its end."""
    TableReading.objects.filter(pk=reading.pk).update(target="", position="", rows=0, **values)


def say_what_is_due(
    *, using: str, verbosity: int, plan: Any = None, apps: Any = None, stdout: Any = sys.stdout, **kwargs: Any
) -> None:
    """After `migrate`: name the tables whose rows do not have all that this release reads. Receiver of post_migrate."""
    # A flush sends the signal without a plan; backwards, the table is gone.
    if plan is None or not has_readings(apps, using):
        return
    due = settle_revisions(using)
    if due and verbosity > 0:
        names = " ".join(type_of_table(reading.table) for reading in due)
        stdout.write(f"This release reads more from Stripe's objects. Run: manage.py stripe_rebuild {names}\n")


def has_readings(apps: Any, using: str) -> bool:
    """Whether a database has the table of readings, after a migration to these models."""
    try:
        model = apps.get_model("pinax_stripe", TableReading.__name__)
    except LookupError:
        return False
    return bool(router.allow_migrate_model(using, model))


def type_of_table(table: str) -> str:
    """Stripe's name of what a table has."""
    return next((row.name for row in ROWS_WITH_MODELS if model_of(row).__name__ == table), table)


def rebuilt_row(row: MirroredObject) -> bool | None:
    """Bring the columns of a locked row up to its object; whether any changed, None if it cannot be told."""
    model = type(row)
    if is_cut_short(row):
        return None
    changed = {name: value for name, value in columns_of(row).items() if getattr(row, name) != value}
    if changed:
        model.all_objects.filter(pk=row.pk).update(**changed)
    return bool(changed)


def columns_of(row: MirroredObject) -> dict[str, Any]:
    """What the object of a row says of its columns, by the names of their attributes."""
    model, data = type(row), row.stripe_data
    context = SyncContext(as_of=row.as_of, account=row.stripe_account, livemode=row.livemode)
    untold = READERS[model].untold(data) | KEPT
    values = read_columns(model, READERS[model], data, context)
    return {name: value for name, value in values.items() if name not in untold}


def is_cut_short(row: MirroredObject) -> bool:
    """Whether the object of a row shows a list only in part that its columns may be made of."""
    mirrored = None if isinstance(row, OtherObject) else MIRRORED.get(row.stripe_data.get("object", ""))
    return mirrored is not None and any(is_list_cut(row.stripe_data, name) for name in mirrored.object_type.lists)
