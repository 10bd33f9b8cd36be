"""Whole objects that another object shows, such as the price in a subscription's item, as far as they have no row yet.

An old catalogue tells of its prices by no event, and so they come with the first subscription or invoice that shows
them. A row that is there stays as it is: changes have events of their own. That a row is there is remembered in each
process, so that what is shown again and again costs nothing.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.core.signals import setting_changed
from django.db import connections, router
from django.db.models.signals import post_migrate
from django.utils import timezone

from ..models.mirror import MirroredObject
from ..prepared_statements import Statement
from ..statements import Conflict, Insertion, compile_insertion, compiled, fetched
from ..stripe_values import is_stub
from .after_commit import run_after_commit
from .embedded import hashes_at, known_since
from .registry import MirroredType, mirrored_type
from .rows import row_key, row_values
from .snapshots import Snapshot, SyncContext

#: Keys that a process remembers.
MOST_REMEMBERED = 10_000

Row = tuple[type[MirroredObject], str]


#: The rows that are known to be there, by database, model and key.
_known: dict[tuple[str, type[MirroredObject], str], None] = {}


def forget_rows(**kwargs: Any) -> None:
    """Tables changed, or other databases are used: nothing is known of their rows."""
    _known.clear()


setting_changed.connect(forget_rows)
post_migrate.connect(forget_rows)


def insert_rows(rows: dict[Row, dict[str, Any]]) -> None:
    """Insert the rows that are missing, in the caller's transaction."""
    for statement in insertions(rows):
        fetched(statement.using, statement.text, statement.parameters)
    if rows:
        using = router.db_for_write(next(iter(rows))[0])
        run_after_commit(partial(remember, rows), "remembering rows that are there", using=using)


def missing_rows(mirrored: MirroredType, data: dict[str, Any], context: SyncContext) -> dict[Row, dict[str, Any]]:
    """The values of rows for what an object shows, but for those that are known to be there."""
    rows: dict[Row, dict[str, Any]] = {}
    shown = [*shown_in(mirrored, data)]
    # Since 2020 items show a plan beside each price, with its id: the price says it all.
    prices = {entry["id"] for inner, entry in shown if inner.object_type.name == "price"}
    for inner, entry in shown:
        if inner.object_type.name == "plan" and entry["id"] in prices:
            continue
        key = row_key(inner, entry, context.account)
        if (router.db_for_write(inner.model), inner.model, key) not in _known:
            rows[inner.model, key] = new_row(inner, key, entry, context)
    return rows


def shown_in(mirrored: MirroredType, data: dict[str, Any]) -> Iterator[tuple[MirroredType, dict[str, Any]]]:
    """The whole objects that an object shows, of types that have a table."""
    for path in mirrored.object_type.shows:
        for entry in hashes_at(data, path.split(".")):
            inner = mirrored_type(entry)
            if inner is not None and not inner.is_general and not is_stub(entry):
                yield inner, entry


def new_row(mirrored: MirroredType, key: str, data: dict[str, Any], context: SyncContext) -> dict[str, Any]:
    """The values of a row for an object that is shown: it may hold since it was made, and does at the time of that.

    What was deleted is shown on by those that it was sold with, so an event about a deletion is not old news.
    """
    snapshot = Snapshot(data=data, as_of=context.as_of, as_of_end=context.end)
    values = row_values(mirrored, snapshot, context)
    times = {"as_of": known_since(None, snapshot), "synced_at": timezone.now()}
    return {**values, **times, "id": key, "version": 1}


def insertions(rows: dict[Row, dict[str, Any]]) -> list[Statement]:
    """One INSERT for each table, of the rows that are not there, in one order in every process."""
    by_table: dict[type[MirroredObject], list[str]] = {}
    for model, key in sorted(rows, key=lambda row: (row[0]._meta.db_table, row[1])):
        by_table.setdefault(model, []).append(key)
    return [insertion_of(model, [rows[model, key] for key in keys]) for model, keys in by_table.items()]


def insertion_of(model: type[MirroredObject], rows: list[dict[str, Any]]) -> Statement:
    using = router.db_for_write(model)
    insertion: Insertion = compiled(using, (model, "insert"), partial(compile_insertion, model, using, Conflict()))
    return insertion.statement(rows)


def remember(rows: Iterable[Row]) -> None:
    """Remember that rows are there, once their transaction is committed.

    A test may call what waits for that, and roll all back later.
    """
    if len(_known) > MOST_REMEMBERED:
        _known.clear()
    for model, key in rows:
        using = router.db_for_write(model)
        if not connections[using].in_atomic_block:
            _known[using, model, key] = None
