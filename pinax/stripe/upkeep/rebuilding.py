"""Reads the columns of the mirror anew from the objects that its rows have. Nothing is fetched from Stripe."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import router, transaction

from ..models.mirror import MirroredObject
from ..models.other_objects import OtherObject
from ..sync.fetching import is_list_cut
from ..sync.registry import MIRRORED, READERS, ROWS_WITH_MODELS, model_of
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
    nothing stay as they are. Rows that are right are not written, so it can be broken off, and run again.
    """
    last = ""
    while keys := list(model.all_objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_ROWS]):
        with transaction.atomic(using=router.db_for_write(model)):
            found = [rebuilt_row(row) for row in locked_rows(model, keys).values()]
        yield Rebuilt(model=model, rows=len(found), changed=found.count(True), left=found.count(None))
        last = keys[-1]


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
