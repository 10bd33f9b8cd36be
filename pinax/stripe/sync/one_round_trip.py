"""Writes one object in statements that PostgreSQL takes in one round trip, none of which waits for another's answer.

Several statements that are sent together are one transaction. Each has a snapshot of its own, taken when the one before
is done: so those about parts see what other workers committed while the first waited for the lock on the owner's row.
Parts of one statement (`WITH`) would not. That the owner's row was written is seen by its `xmin`, which is the
transaction that wrote it (https://www.postgresql.org/docs/current/ddl-system-columns.html).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import router

from ..prepared_statements import Statement
from ..statements import Change, compiled, quoted_names
from ..stripe_values import is_stub, items
from .batch_writing import RowSnapshot
from .parts import Owner, compile_deletion, part_rows, shown_list
from .registry import MirroredPart
from .row_writers import upsert_statement
from .rows import alike, upsertion
from .shown import Row, insertions, missing_rows

#: Which row of a table was written by the transaction that asks.
IS_WRITTEN = "{table}.{id} = %s AND {table}.xmin = pg_current_xact_id()::xid"


@dataclass(frozen=True, kw_only=True)
class Writing:
    """What writes an object, and its parts."""

    #: Statements that are sent before.
    first: list[Statement]
    #: A part for another statement, which returns the version that was written; without one nothing was.
    mirrored: Statement
    #: Rows that are there once all is committed.
    rows: tuple[Row, ...] = ()


def writing_of(news: RowSnapshot, condition: Callable[[str], Statement | None]) -> Writing | None:
    """The statements that write a snapshot where it is plainly newer; None if more than they can do follows from it.

    `condition` is called with the database, and makes a query without whose row nothing is written either, or None.
    """
    hook, part = news.mirrored.hook, news.mirrored.part
    if not news.is_plain or (hook is not None and hook.concerns(news.snapshot.data, news.context.account)):
        return None
    using = router.db_for_write(news.mirrored.model)
    upsert = upsert_statement(news.mirrored, news.key, news.snapshot, news.context, condition(using))
    parts = [] if part is None else part_statements(part, news)
    if parts is None:
        return None
    rows = missing_rows(news.mirrored, news.snapshot.data, news.context)
    # As everywhere, the row of the object comes first, so that no two transactions wait for each other.
    others = [*parts, *insertions(rows)]
    if not others:
        return Writing(first=[], mirrored=upsert)
    return Writing(first=[upsert, *others], mirrored=written(news), rows=tuple(rows))


def written(news: RowSnapshot) -> Statement:
    """A query for the version of a row, if it was written just now."""
    model = news.mirrored.model
    using = router.db_for_write(model)
    text = compiled(using, (model, "written"), partial(compile_written, news, using))
    return Statement(using=using, text=text, parameters=[news.key])


def compile_written(news: RowSnapshot, using: str) -> str:
    names = quoted_names(news.mirrored.model, using)
    return f"SELECT {names['version']} FROM {names['table']} WHERE {IS_WRITTEN.format(**names)}"  # noqa: S608


def part_statements(part: MirroredPart, news: RowSnapshot) -> list[Statement] | None:
    """What makes the rows of an object's parts those of its list, if its row was written; None if that takes more."""
    shown = shown_list(part, news.snapshot.data)
    entries = items(shown)
    if entries is None:
        return []
    if shown.get("has_more") or any(map(is_stub, entries)):
        return None
    owner = Owner(key=news.key, snapshot=news.snapshot, context=news.context)
    rows = part_rows(part, owner, entries)
    keys = sorted(rows)
    groups = alike(rows[key] for key in keys)
    insertions = [parts_upserted(part, news, untold, [row.values for row in some]) for untold, some in groups]
    return [*insertions, others_deleted(part, news, keys)]


def parts_upserted(
    part: MirroredPart, news: RowSnapshot, untold: frozenset[str], rows: list[dict[str, Any]]
) -> Statement:
    """An INSERT of the rows of parts that overwrites those that are there, but for some of their columns."""
    return upsertion(part.model, untold).statement(rows, condition=written(news))


def others_deleted(part: MirroredPart, news: RowSnapshot, keys: list[str]) -> Statement:
    """An UPDATE that marks the other parts of an owner as deleted, unless its row is new."""
    condition = written(news)
    using = condition.using
    compile_it = partial(compile_deletion, part, using, len(keys))
    change: Change = compiled(using, (part.model, "others deleted", len(keys)), compile_it)
    return Statement(
        using=using,
        text=f"{change.text} AND EXISTS ({condition.text} AND version > 1)",
        parameters=[
            *change.parameters({"deleted_at": news.snapshot.as_of}),
            *(news.key, *keys),
            *condition.parameters,
        ],
    )
