"""What every page costs on large tables: few queries, and none that reads a table row by row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.benchmarks.pages import addresses
from tests.benchmarks.tables import fill
from tests.plans import captured, rows_read_one_by_one

#: Rows of each table: of fewer, PostgreSQL reads all where it would not read a million.
ROWS = 25_000
#: Rows that are counted, at most: those of a list's pages, and of a mirrored table with the deleted ones.
COUNTED = 12_001
MOST_QUERIES, MOST_QUERIES_OF_THE_OVERVIEW = 10, 15


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_no_page_reads_a_large_table_row_by_row_or_asks_often(admin_client):
    fill(ROWS)
    expensive = {}
    # A page of which PostgreSQL would sort most of such a table is not among them.
    for address in addresses(ROWS, page=10):
        with CaptureQueriesContext(connection) as context:
            assert admin_client.get(address).status_code == 200, address
        queries = len(context.captured_queries)
        most = MOST_QUERIES_OF_THE_OVERVIEW if "/overview/" in address else MOST_QUERIES
        scans = {name: rows for name, rows in rows_read_one_by_one(captured(context)).items() if rows > COUNTED}
        if scans or queries > most:
            expensive[address] = (queries, scans)
    assert expensive == {}
