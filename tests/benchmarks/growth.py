"""Whether an event costs more in a large database: the blocks that each of its statements touches, before and after.

    python -m tests.postgres python -m tests.benchmarks.growth --rows 5000000

An index that is one level deeper costs one block more; nothing else may.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

if __name__ == "__main__":
    django.setup()

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import override_settings, setup_test_environment

from pinax.stripe.models import Customer, Event, EventStep, ReceiverCall
from pinax.stripe.testing import FakeStripe, post_event

from .tables import fill

#: The tables that an event of a customer is written to, with receivers' marks.
TABLES = (Event, EventStep, ReceiverCall, Customer)
#: Rows of each before.
FEW = 1_000
ANALYZED = ("INSERT", "UPDATE", "WITH", "SELECT", "DELETE")


class Touched(NamedTuple):
    """What a statement touched."""

    statement: str
    blocks: int
    #: Bytes that it added to the write-ahead log.
    wal: int
    #: The indexes of the tables that it names.
    indexes: int


@contextmanager
def measuring(found: list[Touched]) -> Iterator[None]:
    """Each statement that runs inside is carried out twice: once to measure it, which is rolled back."""

    def measured(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(ANALYZED):
            found.append(Touched(sql, *blocks_and_wal(sql, params), number_of_indexes(sql)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(measured):
        yield


def blocks_and_wal(sql: str, params: Any) -> tuple[int, int]:
    """The blocks that a statement touches, wherever they are, and the bytes that it adds to the write-ahead log."""
    begin, end = ("SAVEPOINT m", "ROLLBACK TO m") if connection.in_atomic_block else ("BEGIN", "ROLLBACK")
    with connection.connection.cursor() as cursor:
        cursor.execute(begin)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT JSON) {sql}", params)
        answer = cursor.fetchone()[0]
        cursor.execute(end)
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], plan["WAL Bytes"]


def number_of_indexes(sql: str) -> int:
    """The indexes of the tables that a statement names."""
    tables = [model._meta.db_table for model in apps.get_app_config("pinax_stripe").get_models()]
    named = [table for table in tables if f'"{table}"' in sql]
    with connection.cursor().cursor as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = ANY(%s)", [named])
        return cursor.fetchone()[0]


def touched_by_an_event(client: Client, stripe: FakeStripe) -> list[Touched]:
    """What the event of a new customer touches, in a process that has seen one before."""
    for _ in range(2):
        stripe.create("customer", email="someone@example.com")
        found: list[Touched] = []
        with measuring(found):
            assert post_event(client, stripe.events[-1]).status_code == 200
    return found


def compare(client: Client, stripe: FakeStripe, rows: int) -> Iterator[tuple[Touched, Touched]]:
    """Each statement of an event, with few rows in each table and with so many."""
    fill(FEW, tables=TABLES)
    few = touched_by_an_event(client, stripe)
    call_command("flush", interactive=False, verbosity=0)
    fill(rows, tables=TABLES)
    return zip(few, touched_by_an_event(client, stripe), strict=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of each table, afterwards")
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        raise SystemExit("Run it with a PostgreSQL: python -m tests.postgres python -m tests.benchmarks.growth")
    setup_test_environment()
    call_command("migrate", verbosity=0)
    print(f"{FEW:>12}{options.rows:>12}{'indexes':>10}   blocks with so many rows in each table")
    with FakeStripe() as stripe, override_settings(**stripe.settings):
        for few, many in compare(Client(), stripe, options.rows):
            print(f"{few.blocks:12}{many.blocks:12}{few.indexes:10}   {few.statement[:80]}", flush=True)


if __name__ == "__main__":
    main()
