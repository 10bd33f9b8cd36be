"""Indexes for the pages: there, and no others beside them; changed without a copy of a table, and back again."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pinax.stripe import models

pytestmark = pytest.mark.django_db(transaction=True)
CREATION = re.compile('CREATE TABLE "(?P<table>[^"]+)"')
OF_A_CUSTOMER = (models.Charge, models.Invoice, models.OtherObject, models.PaymentIntent, models.Subscription)


def indexed(model):
    """The columns of each index of a table that has no condition."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return [index["columns"] for index in found.values() if index["index"]]


@pytest.mark.parametrize("model", OF_A_CUSTOMER)
def test_the_rows_of_a_customer_have_one_index_with_their_order(model):
    assert [columns[:3] for columns in indexed(model) if columns[:1] == ["customer_id"]] == [
        ["customer_id", "created_at", "id"]
    ]


@pytest.mark.slow
def test_the_indexes_of_the_pages_are_made_and_undone_without_a_copy_of_a_table():
    tables = {model._meta.db_table for model in OF_A_CUSTOMER}
    try:
        call_command("migrate", "pinax_stripe", "0019", verbosity=0)
        with CaptureQueriesContext(connection) as back:
            call_command("migrate", "pinax_stripe", "0016", verbosity=0)
        assert all(["customer_id"] in indexed(model) for model in OF_A_CUSTOMER)
    finally:
        with CaptureQueriesContext(connection) as forth:
            call_command("migrate", "pinax_stripe", "0019", verbosity=0)
        call_command("migrate", "pinax_stripe", verbosity=0)
    assert all(["customer_id"] not in indexed(model) for model in OF_A_CUSTOMER)
    for query in (*back.captured_queries, *forth.captured_queries):
        assert not any(query["sql"].startswith(f'CREATE TABLE "new__{table}"') for table in tables)
    # Those of tables that the way forth creates lock nothing.
    new = {found["table"] for query in forth.captured_queries if (found := CREATION.match(query["sql"]))}
    indexes = [query["sql"] for query in forth.captured_queries if query["sql"].startswith("CREATE INDEX")]
    made = [sql for sql in indexes if not any(f' ON "{table}" ' in sql for table in new)]
    assert len(made) > 20
    if connection.vendor == "postgresql":
        assert all(sql.startswith("CREATE INDEX CONCURRENTLY") for sql in made)
