"""What an event adds to the write-ahead log, and that it costs as much in a large database as in a small one, but for
the levels of its indexes.
"""

from statistics import median

import pytest
from django.db import connection

from .growth import compare, touched_by_an_event

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL database"),
    pytest.mark.django_db(transaction=True),
]
#: Bytes of the write-ahead log of a new customer's event, of 900 bytes, without the two records of its commits.
WAL_BYTES = 5_000


def test_a_statement_touches_at_most_one_block_an_index_more_with_fifty_times_the_rows(client, fake_stripe):
    pairs = list(compare(client, fake_stripe, 50_000))
    assert len(pairs) == 2
    for few, many in pairs:
        assert few.statement[:60] == many.statement[:60]
        assert many.blocks <= few.blocks + few.indexes


def test_an_event_keeps_to_its_budget_of_the_write_ahead_log(client, fake_stripe):
    """Counted by statement, so without other connections. Some events split a page of an index: the median counts."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW full_page_writes")
        if cursor.fetchone()[0] != "off":
            pytest.skip("whole pages are written after each checkpoint: start the server with full_page_writes=off")
    logged = [sum(each.wal for each in touched_by_an_event(client, fake_stripe)) for _number in range(10)]
    assert median(logged) <= WAL_BYTES
