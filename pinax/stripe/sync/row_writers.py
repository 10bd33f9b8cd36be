"""Two ways to write a snapshot that is plainly newer than its row: in one statement, or by locking the row first.

`write_plainly_newer` takes the one that the database has. Whatever is not plain is left to a decision about the locked
row (`writing`), and so is what another worker was quicker with: only what the database returns says what was done.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connections, router
from django.utils import timezone

from ..models.mirror import MirroredObject
from ..prepared_statements import Statement
from ..statements import (
    Conflict,
    Insertion,
    compile_insertion,
    compiled,
    fetched,
    has_conditional_upsert,
    is_postgresql,
)
from .freshness import is_plainly_newer
from .registry import MirroredType
from .rows import insert, locked_row, overwrite, row_values, untold_columns
from .snapshots import Snapshot, SyncContext

logger = logging.getLogger(__name__)

#: Inserts or overwrites the row of a key; the version that it wrote (1 for a new row), None if the row is not plainly
#: older.
RowWriter = Callable[[MirroredType, str, Snapshot, SyncContext], int | None]

#: `freshness.is_plainly_newer` as a condition on the row that is there.
IS_PLAINLY_NEWER = "{table}.{as_of_end} < EXCLUDED.{as_of}"
#: The same where a deletion is final.
IS_NOT_DELETED = " AND {table}.{deleted_at} IS NULL"
#: What is read without any news of a change, and says what the row says, leaves it as it is.
IS_DIFFERENT = " AND {table}.{stripe_data} IS DISTINCT FROM EXCLUDED.{stripe_data}"
#: The same on SQLite, whose versions before 3.39 have another word for it.
IS_DIFFERENT_ON_SQLITE = " AND {table}.{stripe_data} IS NOT EXCLUDED.{stripe_data}"


def write_plainly_newer(mirrored: MirroredType, key: str, snapshot: Snapshot, context: SyncContext) -> int | None:
    """Write a snapshot of an object that exists unless there is a row that is not plainly older.

    The version that was written, 1 for a new row; None if nothing was.
    """
    return row_writer(router.db_for_write(mirrored.model))(mirrored, key, snapshot, context)


def row_writer(using: str) -> RowWriter:
    """How rows of a database are written."""
    return write_in_one_statement if has_conditional_upsert(connections[using]) else write_after_locking


def write_in_one_statement(mirrored: MirroredType, key: str, snapshot: Snapshot, context: SyncContext) -> int | None:
    """Insert the row, or update it under the condition that it is plainly older."""
    statement = upsert_statement(mirrored, key, snapshot, context)
    returned = fetched(statement.using, statement.text, statement.parameters)
    return returned[0][0] if returned else None


def upsert_statement(
    mirrored: MirroredType, key: str, snapshot: Snapshot, context: SyncContext, condition: Statement | None = None
) -> Statement:
    """The statement of `write_in_one_statement`, which returns the version that it writes, or nothing.

    With a condition, a query, it writes only if that returns a row: PostgreSQL has such statements.
    """
    values = row_values(mirrored, snapshot, context)
    # The version counts; `user` and whatever else no object says stays as it is, and so does what this one says
    # nothing of.
    untold = untold_columns(mirrored, snapshot)
    overwrites = (*(name for name in values if name not in untold), "synced_at")
    using, can_recur = router.db_for_write(mirrored.model), mirrored.object_type.ids_can_recur
    compile_it = partial(compile_upsert, mirrored.model, using, overwrites, can_recur=can_recur)
    insertion: Insertion = compiled(using, (mirrored.model, "newer", overwrites, can_recur), compile_it)
    return insertion.statement([{**values, "id": key, "version": 1, "synced_at": timezone.now()}], condition)


def compile_upsert(
    model: type[MirroredObject],
    using: str,
    overwrites: tuple[str, ...],
    *,
    can_recur: bool,
    only_different: bool = False,
    returning: str = "{version}",
) -> Insertion:
    """The statement for the rows of a table whose ids can name another object later, or cannot."""
    condition = IS_PLAINLY_NEWER if can_recur else IS_PLAINLY_NEWER + IS_NOT_DELETED
    if only_different:
        condition += IS_DIFFERENT if is_postgresql(using) else IS_DIFFERENT_ON_SQLITE
    further = f", {{version}} = {{table}}.{{version}} + 1 WHERE {condition} RETURNING {returning}"
    return compile_insertion(model, using, Conflict(unique=("id",), overwrites=overwrites, further=further))


def write_after_locking(mirrored: MirroredType, key: str, snapshot: Snapshot, context: SyncContext) -> int | None:
    """The same in two statements, for databases that have no such condition."""
    row: Any = locked_row(mirrored.model, key)
    if row is None:
        new = mirrored.model(id=key, version=1, **row_values(mirrored, snapshot, context))
        return 1 if insert(new) else None
    if not is_plainly_newer(mirrored, row, snapshot):
        return None
    overwrite(mirrored, row, snapshot, context)
    return row.version + 1
