"""The indexes of our tables: each costs with every write, so there is none that nothing uses."""

import random

import pytest
from django.apps import apps
from django.db import connection

from pinax.stripe.models import Customer, Event, Invoice
from pinax.stripe.testing import build_event, build_object, post_event

POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL database")
MODELS = sorted(apps.get_app_config("pinax_stripe").get_models(), key=lambda model: model.__name__)
#: Those that the admin's search uses.
SEARCHED = {
    Customer: {"pinax_stripe_customer_name_begins", "pinax_stripe_customer_email_begins"},
    Invoice: {"pinax_stripe_invoice_number_begins"},
}
#: What a genuine event of the platform in live mode is in once it is done.
OF_A_DONE_EVENT = {
    "pinax_stripe_event_pkey",
    "pinax_stripe_event_genuine",
    "pinax_stripe_event_claim",
    "pinax_stripe_event_kind",
    "pinax_stripe_event_object",
    "pinax_stripe_event_customer",
    "pinax_stripe_event_recorded",
}


def indexes(table):
    """The definition of each index of a table, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
        return dict(cursor.fetchall())


@pytest.mark.postgres
@POSTGRESQL
@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_table_has_other_indexes_for_searches_by_the_beginning_of_a_text(model):
    """Django adds them to a new table: see the migration that drops those of others."""
    found = {name for name, definition in indexes(model._meta.db_table).items() if "_pattern_ops" in definition}
    assert found == SEARCHED.get(model, set())


@pytest.mark.postgres
@POSTGRESQL
@pytest.mark.django_db
def test_a_done_event_is_in_seven_indexes(client, fake_stripe, settings):
    """Of partial ones it is in those whose condition holds of its row."""
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_fake"
    event = fake_stripe.add_event(
        build_event("customer.created", build_object("customer", livemode=True), livemode=True)
    )
    post_event(client, event)
    assert Event.objects.get().state == "done"
    found = set()
    with connection.cursor() as cursor:
        for name, definition in indexes("pinax_stripe_event").items():
            condition = definition.partition(" WHERE ")[2] or "true"
            cursor.execute(f"SELECT count(*) FROM pinax_stripe_event WHERE {condition}")
            if cursor.fetchone()[0]:
                found.add(name)
    assert found == OF_A_DONE_EVENT


@pytest.mark.postgres
@POSTGRESQL
@pytest.mark.django_db
def test_documents_are_kept_out_of_an_events_row(client, fake_stripe):
    """An update of the row, which leaves a second version of it, does not write them again."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pinax_stripe_event CASCADE")  # Of other tests their rows' room is left.
    for number in range(40):
        # Compressed, the whole row would fit into what PostgreSQL leaves in place.
        words = random.choices(["order", "invoice", "customer", "payment", "refund", str(number)], k=400)
        fake_stripe.create("customer", id=f"cus_{number}", description=" ".join(words))
        post_event(client, fake_stripe.events[-1])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('pinax_stripe_event')")
        (size,) = cursor.fetchone()
    assert size < 2 * 40 * 1000
