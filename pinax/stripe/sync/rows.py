"""Single rows of the mirror: the columns of a snapshot, and the statements that lock, insert and overwrite rows."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any

from django.db import models, router
from django.utils import timezone

from ..catalogue.objects import name_of
from ..models.fields import references_of
from ..models.mirror import MirroredObject, mirror_key
from ..statements import (
    Conflict,
    Insertion,
    compile_insertion,
    compiled,
    compiled_select,
    fetched,
    instance_of,
    rows_changed,
)
from ..stripe_values import storable
from .freshness import says_only_that_it_is_gone
from .reader import Reader
from .registry import MirroredType
from .snapshots import Snapshot, SyncContext
from .storable import storable_object, with_whole_lists

logger = logging.getLogger(__name__)

#: The columns of a row that a snapshot is compared with.
COMPARED = ("stripe_data", "as_of", "as_of_end", "version", "deleted_at")


def row_key(mirrored: MirroredType, data: dict[str, Any], account: str) -> str:
    """Primary key of an object's row."""
    return mirrored.key(name_of(data), mirrored.account_of(data, account))


def locked_row(model: type[MirroredObject], key: str) -> MirroredObject | None:
    """The row of a key, with what is compared, locked until the transaction ends; None when there is none."""
    using = router.db_for_write(model)
    text = compiled_select(using, (model, "locked"), partial(row_to_lock, model, using, key))
    found = fetched(using, text, [key])
    names = [column.attname for column in model._meta.concrete_fields if column.attname in ("id", *COMPARED)]
    return instance_of(model, using, names, found[0]) if found else None


def row_to_lock(model: type[MirroredObject], using: str, key: str) -> "models.QuerySet[Any]":
    """The query of `locked_row`."""
    return model.all_objects.using(using).select_for_update().filter(pk=key).order_by().only(*COMPARED)


def locked_rows(model: type[MirroredObject], keys: Iterable[str], *names: str) -> dict[str, MirroredObject]:
    """The rows of these keys, by key, locked in one order in every process; with names, only those attributes."""
    rows = model.all_objects.select_for_update().filter(pk__in=list(keys)).order_by("pk")
    return {row.pk: row for row in (rows.only(*names) if names else rows)}


def insert(row: MirroredObject) -> bool:
    """Add a row unless there is one of its key; whether it was added.

    The database says which of two workers was first: times can be equal, and clocks can be coarse.
    """
    model = type(row)
    using = router.db_for_write(model)
    insertion = compiled(using, (model, "insert"), partial(compile_insertion, model, using, Conflict()))
    values = {field.attname: field.pre_save(row, add=True) for field in insertion.fields}
    return rows_changed(using, insertion.text(), insertion.parameters(values)) == 1


def overwrite(mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot, context: SyncContext) -> None:
    """Write a snapshot over the locked row."""
    is_gone = says_only_that_it_is_gone(snapshot)
    values = tombstone(row, snapshot) if is_gone else told_values(mirrored, snapshot, context)
    mirrored.model.all_objects.filter(pk=row.pk).update(**values, version=row.version + 1, synced_at=timezone.now())
    logger.debug("mirrored object=%s as_of=%s", row.pk, snapshot.as_of.isoformat())


def overwritten(
    mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot, context: SyncContext
) -> MirroredObject:
    """The whole row as a snapshot makes it, not written yet; what no object says stays."""
    is_gone = says_only_that_it_is_gone(snapshot)
    values = tombstone(row, snapshot) if is_gone else told_values(mirrored, snapshot, context)
    for name, value in {**values, "version": row.version + 1}.items():
        setattr(row, name, value)
    return row


@dataclass(frozen=True, kw_only=True)
class RowToWrite:
    """A whole row that is not written yet."""

    #: By the names of its attributes.
    values: dict[str, Any]
    #: The columns of which the object says nothing: a row that is there keeps them.
    untold: frozenset[str] = frozenset()


def upsert(model: type[MirroredObject], rows: Iterable[RowToWrite]) -> None:
    """Write rows that are locked, or that belong to a row that is, in their order."""
    for untold, some in alike(rows):
        upsertion(model, untold).execute([row.values for row in some])


def alike(rows: Iterable[RowToWrite]) -> Iterator[tuple[frozenset[str], list[RowToWrite]]]:
    """The rows in their order, those together that follow each other and that one statement can write."""
    for untold, some in groupby(rows, key=lambda row: row.untold):
        yield untold, list(some)


def upsertion(model: type[MirroredObject], untold: frozenset[str]) -> Insertion:
    """The INSERT of whole rows that overwrites those that are there, but for some of their columns."""
    using = router.db_for_write(model)
    names = tuple(
        column.attname
        for column in model._meta.concrete_fields
        if not column.primary_key and column.attname not in untold
    )
    conflict = Conflict(unique=(model._meta.pk.attname,), overwrites=names)
    return compiled(using, (model, "upsert", untold), partial(compile_insertion, model, using, conflict))


def tombstone(row: MirroredObject, snapshot: Snapshot) -> dict[str, Any]:
    """The columns that mark an object as deleted; a row that is a tombstone keeps the time of its deletion."""
    return {"as_of": snapshot.as_of, "as_of_end": snapshot.as_of_end, "deleted_at": row.deleted_at or snapshot.as_of}


def told_values(mirrored: MirroredType, snapshot: Snapshot, context: SyncContext) -> dict[str, Any]:
    """The columns of the row of which a snapshot says something: absent is not empty."""
    untold = untold_columns(mirrored, snapshot)
    return {name: value for name, value in row_values(mirrored, snapshot, context).items() if name not in untold}


def untold_columns(mirrored: MirroredType, snapshot: Snapshot) -> frozenset[str]:
    """The columns of which a snapshot says nothing, because its API version does not have them in this object."""
    return mirrored.read.untold(with_whole_lists(snapshot.data, snapshot.lists))


def row_values(mirrored: MirroredType, snapshot: Snapshot, context: SyncContext) -> dict[str, Any]:
    """All columns of the row but its key and its version."""
    account = mirrored.account_of(snapshot.data, context.account)
    if account != context.account:
        context = replace(context, account=account)
    return {
        **read_columns(mirrored.model, mirrored.read, snapshot.data, context, snapshot.lists),
        "as_of": snapshot.as_of,
        "as_of_end": snapshot.as_of_end,
        "deleted_at": snapshot.as_of if snapshot.deleted else None,
    }


def read_columns(
    model: type[models.Model],
    read: Reader,
    data: dict[str, Any],
    context: SyncContext,
    lists: dict[str, list[dict[str, Any]]] | None = None,
) -> dict[str, Any]:
    """What the object itself says, with its lists whole, references turned into keys of rows."""
    data = storable_object(data)
    values = {
        **read.shared(data),
        **read(with_whole_lists(data, storable(lists or {}))),
        "stripe_id": name_of(data),
        "stripe_account": context.account,
        "stripe_data": data,
    }
    if values["livemode"] is None:
        # Refunds, cards and a few others do not tell; they are of their event's mode.
        values["livemode"] = context.livemode
    for column in references_of(model):
        if values.get(column.attname):
            values[column.attname] = mirror_key(values[column.attname], context.account)
    return values
