"""Database errors that are not the fault of a receiver or a handler. They are retried at once, a few times.

PostgreSQL: deadlocks, serialization failures, time-outs of locks and statements, lost connections, a server that stops
(https://www.postgresql.org/docs/current/errcodes-appendix.html). SQLite: a database that is locked.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections

from ..models.events import database
from ..sqlstates import sqlstate

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Attempts in a row, the first one included ...
MAX_TRIES = 5
#: ... and seconds after which there is no further one: Stripe waits for an answer.
RETRY_SECONDS = 4.0
#: SQLSTATEs, or their first two characters, that psycopg does not call operational.
FURTHER_SQLSTATES = ("25P03", "25P04", "40", "55P03")
#: Those after which there is no connection any more.
CONNECTION_LOST_SQLSTATES = ("08", "25P03", "25P04", "57P0")
#: What SQLite says, which calls missing tables operational errors too.
SQLITE_LOCKED_WORDS = ("locked", "busy")


def is_trouble(error: BaseException) -> bool:
    """Whether an error is such a database error, or was raised from one.

    SystemExit, time-outs of gevent and other BaseExceptions are not: they end the step.
    """
    return isinstance(error, Exception) and any(is_troubled(link) for link in causes(error))


def is_connection_lost(error: BaseException) -> bool:
    """Whether the error is that the connection is lost."""
    return is_trouble(error) and any(
        isinstance(link, InterfaceError)
        or (not is_locked(link) and (sqlstate(link) or "08").startswith(CONNECTION_LOST_SQLSTATES))
        for link in causes(error)
        if is_troubled(link)
    )


def is_troubled(error: BaseException) -> bool:
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return False
    if "sqlite3" in type(error.__cause__).__module__:
        return is_locked(error)
    return isinstance(error, (OperationalError, InterfaceError)) or sqlstate(error).startswith(FURTHER_SQLSTATES)


def is_locked(error: BaseException) -> bool:
    """Whether it is SQLite that has no time for us."""
    return (
        isinstance(error, OperationalError)
        and any(word in str(error) for word in SQLITE_LOCKED_WORDS)
        and not sqlstate(error)
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it was raised from."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__


def persist(step: Callable[[], T]) -> T:
    """Run a step that may be repeated, again when the database had trouble; what it raises in the end is raised.

    Within a transaction of the caller's, which is gone with the error, nothing is repeated.
    """
    end = time.monotonic() + RETRY_SECONDS
    for left in reversed(range(MAX_TRIES)):
        try:
            return step()
        except DatabaseErrors as error:
            if not left or not is_trouble(error) or time.monotonic() > end or not renew_connection():
                raise
            logger.info("repeated error=%s", type(error.__cause__ or error).__name__)
    raise AssertionError("unreachable")


#: What may be trouble.
DatabaseErrors = (DatabaseError, InterfaceError)


def renew_connection() -> bool:
    """Close a broken connection; returns whether a new transaction can begin."""
    connection = connections[database()]
    if connection.in_atomic_block:
        return False
    connection.close_if_unusable_or_obsolete()
    return True
