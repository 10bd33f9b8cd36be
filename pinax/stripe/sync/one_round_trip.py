"""Writes one object in statements that PostgreSQL takes in one round trip, none of which waits for another's answer.

Several statements that are sent together are one transaction. Each has a snapshot of its own, taken when the one before
is done: so those about parts see what other workers committed while the first waited for the lock on the owner's row.
Parts of one statement (`WITH`) would not. That the owner's row was written is seen by its `xmin`, which is the
transaction that wrote it (https://www.postgresql.org/docs/current/ddl-system-columns.html).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import router

from ..models.mirror import MirroredObject
from ..prepared_statements import Statement
from ..statements import Change, compiled, quoted_names
from ..stripe_values import is_stub, items
from .batch_writing import RowSnapshot
from .freshness import is_cut
from .parts import Owner, compile_deletion, part_rows, shown_list
from .registry import MirroredPart
from .row_writers import upsert_statement
from .rows import alike, upsertion
from .shown import Row, insertions, missing_rows
from .storable import storable_object

#: Which row of a table was written by the transaction that asks.
IS_WRITTEN = "{table}.{id} = %s AND {table}.xmin = pg_current_xact_id()::xid"
#: Which row is newer than a snapshot, or not older and says the same. The parameters are the key, the last and the
#: first second of which the snapshot may be, and the object.
IS_KEPT = "{id} = %s AND {deleted_at} IS NULL AND ({as_of} > %s OR ({as_of_end} >= %s AND {stripe_data} = %s))"


@dataclass(frozen=True, kw_only=True)
class Writing:
    """What writes an object and its parts, or leaves them as they are."""

    #: Statements that are sent before.
    first: list[Statement]
    #: A part for another statement, which returns the version of the row; nothing if that is not so.
    mirrored: Statement
    #: Rows that are there once all is committed.
    rows: tuple[Row, ...] = ()


def writing_of(news: RowSnapshot, condition: Callable[[str], Statement | None]) -> Writing | None:
    """The statements that write a snapshot where it is plainly newer; None if more than they can do follows from it.

    `condition` is called with the database, and makes a query without whose row nothing is written either, or None.
    """
    part = news.mirrored.part
    if not fits_one_round_trip(news):
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


def fits_one_round_trip(news: RowSnapshot) -> bool:
    """Whether a snapshot changes nothing but the row of its object and the rows of its parts."""
    hook = news.mirrored.hook
    return news.is_plain and (hook is None or not hook.concerns(news.snapshot.data, news.context.account))


def keeping_of(news: RowSnapshot, condition: Callable[[str], Statement | None]) -> Writing | None:
    """The statements that leave the row of an object as it is where it says what a snapshot says, or is newer.

    None, and `condition`, are as in `writing_of`. The row is not locked: whatever another transaction makes of it, that
    is newer than what it holds now.
    """
    if not fits_one_round_trip(news) or is_cut(news.mirrored, news.snapshot.data):
        return None
    model, snapshot = news.mirrored.model, news.snapshot
    using = router.db_for_write(model)
    needed = condition(using)
    # KEEP of `freshness.by_time`.
    text = compiled(using, (model, "kept"), partial(compile_version, model, using, IS_KEPT))
    parameters = [news.key, snapshot.newest, snapshot.as_of, json.dumps(storable_object(snapshot.data))]
    if needed is not None:
        text, parameters = f"{text} AND EXISTS ({needed.text})", [*parameters, *needed.parameters]
    rows = missing_rows(news.mirrored, snapshot.data, news.context)
    kept = Statement(using=using, text=text, parameters=parameters)
    return Writing(first=insertions(rows), mirrored=kept, rows=tuple(rows))


def written(news: RowSnapshot) -> Statement:
    """A query for the version of a row, if it was written just now."""
    model = news.mirrored.model
    using = router.db_for_write(model)
    text = compiled(using, (model, "written"), partial(compile_version, model, using, IS_WRITTEN))
    return Statement(using=using, text=text, parameters=[news.key])


def compile_version(model: type[MirroredObject], using: str, condition: str) -> str:
    """A query for the version of a row that meets a condition, SQL with `{id}` for the column of that name."""
    names = quoted_names(model, using)
    return f"SELECT {names['version']} FROM {names['table']} WHERE {condition.format(**names)}"  # noqa: S608


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
