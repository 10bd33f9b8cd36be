"""Locks on events: one process at a time takes the steps of an event, and no process waits for long.

What is stored in one transaction (`at_once`, `batches`) takes no lock: its last statement changes the event's row only
if no other process was quicker. On PostgreSQL the lock is an advisory one, not that on the event's row: receivers may
run for as long as they like, and meanwhile deliveries are counted and attempts are claimed in the row. SQLite has one
lock for all writes, and the process that processes an event holds it.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import OperationalError, connections, transaction
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from .. import statements
from ..models.events import Event, database
from ..sqlstates import sqlstate
from ..statements import update_returning_keys
from .database_errors import is_locked
from .failures import Interruption

T = TypeVar("T")

#: Seconds that a delivery waits for another process that processes its event, or has locked its row.
LOCK_WAIT_SECONDS = 2.0
#: SQLSTATE of a lock that was not to be had in time.
LOCK_NOT_AVAILABLE = "55P03"

_is_impatient: ContextVar[bool] = ContextVar("pinax_stripe_is_impatient", default=False)


class Busy(Interruption):
    """Another process, or another thread, processes the event."""


@contextmanager
def no_waiting() -> Iterator[None]:
    """Do not wait for locks: a command with many events continues with the next one."""
    token = _is_impatient.set(True)
    try:
        yield
    finally:
        _is_impatient.reset(token)


def is_postgresql() -> bool:
    return statements.is_postgresql(database())


def lock_key(event_pk: int) -> int:
    """The number of an event's lock; others may use advisory locks in the same database."""
    return int.from_bytes(hashlib.sha256(f"pinax_stripe event {event_pk}".encode()).digest()[:8], "big", signed=True)


def acquire_lock(event_pk: int) -> None:
    """Lock an event until the transaction ends; Busy if another process holds the lock."""
    if not is_postgresql():
        # Writing first takes the lock on the database: after a read, others could have written.
        Event.objects.filter(pk=event_pk).update(attempts=F("attempts"))
    elif not rows_of_query("SELECT pg_try_advisory_xact_lock(%s)", [lock_key(event_pk)])[0][0]:
        raise Busy


def wait_until_free(event_pk: int) -> bool:
    """Wait until the lock on an event is free, PATIENCE seconds at most; True if it is."""
    if not is_postgresql() or _is_impatient.get() or connections[database()].in_atomic_block:
        return False
    try:
        with limited_wait():
            rows_of_query("SELECT pg_advisory_xact_lock(%s)", [lock_key(event_pk)])
    except Busy:
        return False
    return True


@contextmanager
def limited_wait() -> Iterator[None]:
    """A transaction whose locks are waited for no longer than patience lasts; then Busy is raised."""
    try:
        with transaction.atomic(using=database()):
            seconds = 0.001 if _is_impatient.get() else LOCK_WAIT_SECONDS
            rows_of_query("SELECT set_config('lock_timeout', %s, true)", [f"{seconds * 1000:.0f}ms"])
            yield
    except OperationalError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise Busy from error
        raise


def update_event(event_pk: int, **values: Any) -> int:
    """Update an event's row; the number of rows. Busy if another transaction keeps the row locked."""
    if not is_postgresql():
        return Event.objects.filter(pk=event_pk).update(**values)
    changed = update_unless_locked(Event.objects.all(), event_pk, **values)
    if changed or not Event.objects.filter(pk=event_pk).exists():
        return changed
    with limited_wait():
        return Event.objects.filter(pk=event_pk).update(**values)


def update_unless_locked(events: QuerySet[Event], event_pk: int, **values: Any) -> int:
    """Update an event's row if it is among `events` and not locked; the number of rows, 0 or 1."""
    free = among_free(events, [event_pk])
    return unless_locked(lambda: free.update(**values), otherwise=0)


def update_all_unless_locked(events: QuerySet[Event], event_pks: Sequence[int], **values: Any) -> list[int]:
    """Update the rows of those keys that are among `events` and not locked; the keys of those that were updated."""
    free = among_free(events, event_pks)
    return unless_locked(lambda: update_returning_keys(free, values), otherwise=[])


def among_free(events: QuerySet[Event], event_pks: Sequence[int]) -> QuerySet[Event]:
    """Those events of these keys whose rows are not locked, as far as the database can tell rows apart."""
    if not is_postgresql():
        return events.filter(pk__in=event_pks)
    table = connections[database()].ops.quote_name(Event._meta.db_table)
    free = f"SELECT id FROM {table} WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED"  # noqa: S608  our own table
    return events.filter(pk__in=RawSQL(free, [list(event_pks)]))  # noqa: S611


def unless_locked(update: Callable[[], T], *, otherwise: T) -> T:
    """What an update returns; something else if SQLite has its database locked."""
    try:
        with no_busy_timeout():
            return update()
    except OperationalError as error:
        if is_locked(error):
            return otherwise
        raise


@contextmanager
def no_busy_timeout() -> Iterator[None]:
    """Have SQLite say at once that its database is locked; impatient ones only."""
    connection = connections[database()]
    if not _is_impatient.get() or connection.vendor != "sqlite":
        yield
        return
    timeout = int(connection.settings_dict.get("OPTIONS", {}).get("timeout", 5) * 1000)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {timeout}")


def lock_available(event_pks: Sequence[int]) -> list[int]:
    """The events of which neither the lock nor the row is held elsewhere; both are ours until the transaction ends."""
    if not is_postgresql():
        return list(event_pks)
    keys = [lock_key(pk) for pk in event_pks]
    query = "SELECT pk FROM unnest(%s::bigint[], %s::bigint[]) AS t(pk, key) WHERE pg_try_advisory_xact_lock(key)"
    taken = [row[0] for row in rows_of_query(query, [list(event_pks), keys])]
    rows = Event.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=taken)
    free = set(rows.order_by("pk").values_list("pk", flat=True))
    return [pk for pk in event_pks if pk in free]


def rows_of_query(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connections[database()].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
