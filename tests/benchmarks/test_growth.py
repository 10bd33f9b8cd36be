"""An event costs as much in a large database as in a small one, but for the levels of its indexes."""

import pytest
from django.db import connection

from .growth import compare


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL database")
@pytest.mark.django_db(transaction=True)
def test_a_statement_touches_at_most_one_block_an_index_more_with_fifty_times_the_rows(client, fake_stripe):
    pairs = list(compare(client, fake_stripe, 50_000))
    assert len(pairs) == 2
    for few, many in pairs:
        assert few.statement[:60] == many.statement[:60]
        assert many.blocks <= few.blocks + few.indexes
