"""Has PostgreSQL keep the plans of statements that come again, on the connections that Django opens as it always does.

More than half of what an event costs PostgreSQL is to read and to plan statements whose text never changes. `PREPARE`
and `EXECUTE` (https://www.postgresql.org/docs/current/sql-prepare.html) save that. As they are SQL, several of them are
still one round trip, and one transaction.

Django prepares nothing, because a pooler that gives each transaction a connection of its own choice does not keep it.
So this is done outside of transactions only. There the answer that PostgreSQL does not know a statement leaves nothing
behind: the statement is executed as it is, and the process prepares no more. A project that names its pooler, with
`DISABLE_SERVER_SIDE_CURSORS` as Django asks for, never comes to that.
"""

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, ProgrammingError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from .sqlstates import sqlstate

logger = logging.getLogger(__name__)

#: A statement is prepared before it is executed on one connection for this time.
EXECUTIONS = 5
#: Statements that a connection has prepared, at most, for PostgreSQL holds a plan of each; the one that was not used
#: for longest makes room. And those that are counted.
MOST_PREPARED, MOST_COUNTED = 100, 1000
#: What PostgreSQL answers when a pooler has changed the connection: there is no such prepared statement, or there was
#: one before.
NOT_KEPT = ("26000", "42P05")
#: And when a migration has changed the type of a column that a statement returns.
OUTDATED = "0A000"
#: What stands for a parameter, and for a percent sign.
PLACEHOLDER = re.compile("%(s|%)")
#: The types of literals that are not in quotation marks.
TYPES = {bool: "boolean", int: "bigint", float: "numeric", Decimal: "numeric"}
#: A driver's status of a connection on which no transaction is open, neither Django's nor another.
IDLE = 0


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement that is ready to be executed, or to be a part of another one."""

    using: str
    text: str
    parameters: list[Any]


#: The text of a statement, and the types that its parameters are declared with.
Key = tuple[str, tuple[str, ...]]


@dataclass(eq=False)
class Known:
    """What is known of the statements of one connection."""

    executions: Counter[Key] = field(default_factory=Counter)
    #: What executes a statement that is prepared, the one that was used last at the end.
    calls: dict[Key, str] = field(default_factory=dict)
    #: Statements that PostgreSQL cannot prepare, or not any more.
    unprepared: set[Key] = field(default_factory=set)


#: By the driver's connection; it is forgotten with it.
known_of: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()
#: The databases that did not keep what this process had prepared.
does_not_keep: set[str] = set()


def execute(cursor: CursorWrapper, statements: Sequence[Statement]) -> None:
    """Execute statements with a cursor of their database in one round trip, prepared if they come again."""
    connection = cursor.db
    parameters = [value for statement in statements for value in statement.parameters]
    text = "; ".join(statement.text for statement in statements)
    if can_prepare(connection):
        known = known_about(connection)
        calls = text
        try:
            calls = "; ".join([call_of(cursor, known, statement) for statement in statements])
            cursor.execute(calls, parameters)
        except DatabaseError as error:
            if sqlstate(error) in NOT_KEPT:
                prepare_no_more(connection.alias, error)
            elif sqlstate(error) == OUTDATED and calls != text:
                known.unprepared.update(map(key_of, statements))
            else:
                raise
        else:
            return
    cursor.execute(text, parameters)


def can_prepare(connection: BaseDatabaseWrapper) -> bool:
    """Whether a database is a PostgreSQL that keeps what is prepared, as far as is known, and no transaction is open.

    Where a project has the driver bind parameters on the server, it is for the driver to prepare statements, or not.
    """
    return (
        connection.vendor == "postgresql"
        and not connection.in_atomic_block
        and connection.alias not in does_not_keep
        and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
        and not getattr(connection.features, "uses_server_side_binding", False)
        and connection.get_autocommit()
        and connection.connection.info.transaction_status == IDLE
    )


def known_about(connection: BaseDatabaseWrapper) -> Known:
    """What is known of the statements of an open connection."""
    known = known_of.get(connection.connection)
    if known is None:
        known = known_of[connection.connection] = Known()
    return known


def call_of(cursor: CursorWrapper, known: Known, statement: Statement) -> str:
    """What executes a statement, with as many `%s` as its text has; it is prepared if its time has come."""
    key = key_of(statement)
    if key in known.unprepared:
        return statement.text
    call = known.calls.pop(key, None)
    if call is None and is_time(known, key):
        make_room(cursor, known)
        call = prepare(cursor, known, key)
    if call is None:
        return statement.text
    known.calls[key] = call
    return call


def is_time(known: Known, key: Key) -> bool:
    """Count an execution; whether enough were counted."""
    if len(known.executions) >= MOST_COUNTED:
        known.executions.clear()
    known.executions[key] += 1
    if known.executions[key] < EXECUTIONS:
        return False
    del known.executions[key]
    return True


def make_room(cursor: CursorWrapper, known: Known) -> None:
    """Have PostgreSQL forget the statement that was not used for longest, if a connection has as many as it may."""
    if len(known.calls) >= MOST_PREPARED:
        oldest = next(iter(known.calls))
        del known.calls[oldest]
        cursor.execute(f"DEALLOCATE {name_of(oldest)}")


def prepare(cursor: CursorWrapper, known: Known, key: Key) -> str | None:
    """Prepare a statement; what executes it, None where PostgreSQL cannot prepare it."""
    (text, types), name = key, name_of(key)
    known.unprepared.add(key)
    try:
        cursor.execute(f"PREPARE {name}{in_brackets(types)} AS {numbered(text)}")
    except ProgrammingError as error:
        if sqlstate(error) in NOT_KEPT:
            raise
        logger.warning("statement unprepared name=%s sqlstate=%s", name, sqlstate(error))
        return None
    known.unprepared.remove(key)
    return f"EXECUTE {name}{in_brackets(['%s'] * len(types))}"


def in_brackets(words: Sequence[str]) -> str:
    """Words between brackets; nothing for no words."""
    return f" ({', '.join(words)})" if words else ""


def key_of(statement: Statement) -> Key:
    """By what a statement is known."""
    return statement.text, tuple(map(type_of, statement.parameters))


def name_of(key: Key) -> str:
    """The name of a statement, which says what it does; no two have the same, in whatever process."""
    text, _types = key
    verb = text.partition(" ")[0].lower()
    return f"pinax_stripe_{verb}_{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"


def type_of(parameter: Any) -> str:
    """The type that a parameter is declared with, if its literal has one.

    PostgreSQL finds the others out from what is around them, as it does where the literal stands there itself.
    """
    return TYPES.get(type(parameter), "unknown")


def numbered(text: str) -> str:
    """A statement with `$1` and so on for each `%s`."""
    numbers = iter(range(1, text.count("%s") + 1))
    return PLACEHOLDER.sub(lambda found: "%" if found[1] == "%" else f"${next(numbers)}", text)


def prepare_no_more(using: str, error: DatabaseError) -> None:
    """Have this process prepare nothing more in a database."""
    does_not_keep.add(using)
    logger.warning("preparing ended database=%s sqlstate=%s", using, sqlstate(error))
