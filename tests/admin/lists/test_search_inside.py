"""The migration that the documentation has for the search by any part of a text, carried out on PostgreSQL."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pinax.stripe import models
from pinax.stripe.admin.display.links import list_url
from tests.benchmarks.tables import fill
from tests.plans import captured, explained, rows_read_one_by_one

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="an extension of PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "admin.md"
#: Rows of each table: fewer PostgreSQL reads without an index when it is to find 500 of them.
ROWS = 60_000
INDEXES = {"shop_customer_name_parts", "shop_customer_email_parts", "shop_invoice_number_parts"}


@pytest.fixture
def with_parts(settings):
    """A database on which the migration of the page ran."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone() is None:
            pytest.skip("this PostgreSQL does not have the extension pg_trgm")
    [block] = re.findall(r"```python\n((?:(?!```).)*pg_trgm.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    migration: dict = {}
    exec(block, migration)
    assert not migration["Migration"].atomic
    with connection.schema_editor(atomic=False) as schema_editor:
        migration["make"](apps, schema_editor)
    settings.PINAX_STRIPE_SEARCH_INSIDE = True
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {', '.join(INDEXES)}")
        cursor.execute("DROP EXTENSION pg_trgm")


def test_any_part_of_a_text_is_found_by_the_indexes(admin_client, with_parts):
    fill(ROWS, tables=(models.Customer, models.Invoice))
    used = set()
    for name, term, expected in (
        ("customer", "SON 2477", {"cus_2477", *(f"cus_2477{number}" for number in range(10))}),
        ("customer", "r24777@exam", {"cus_24777"}),
        ("invoice", "p-24777", {"in_24777"}),
    ):
        with CaptureQueriesContext(connection) as context:
            response = admin_client.get(list_url(name, q=term))
        assert {row.pk for row in response.context["cl"].result_list} == expected
        statements = captured(context)
        assert not {table for table, rows in rows_read_one_by_one(statements).items() if rows > 1_000}
        used |= {node.get("Index Name") for sql in statements for node in explained(sql)}
    assert used >= INDEXES


def test_a_part_that_very_many_texts_have_is_not_looked_for_in_all(admin_client, with_parts):
    fill(ROWS, tables=(models.Customer,))
    with CaptureQueriesContext(connection) as context:
        assert admin_client.get(list_url("customer", q="erson")).status_code == 200
    assert not {table for table, rows in rows_read_one_by_one(captured(context)).items() if rows > 1_000}
