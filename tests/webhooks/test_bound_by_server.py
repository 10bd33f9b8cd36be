"""However a project has PostgreSQL take statements, everything is the same."""

import pytest
from django.db import DatabaseError, connection

from pinax.stripe import statements
from pinax.stripe.models import Customer, Event, EventStep, Subscription, SubscriptionItem
from pinax.stripe.prepared_statements import Statement
from pinax.stripe.statements import fetched_last
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.webhooks import at_once
from tests import costs
from tests.promises.processes import NEEDS_POSTGRESQL

pytestmark = [NEEDS_POSTGRESQL, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
INSERTION = "INSERT INTO auth_group (name) VALUES (%s)"


@pytest.fixture(params=["unprepared", "prepared", "bound by server"])
def binding(request):
    if request.param == "prepared":
        request.getfixturevalue("statements_prepared_at_once")
    elif request.param == "bound by server":
        request.getfixturevalue("statements_bound_by_server")


def statement(text, *parameters):
    return Statement(using="default", text=text, parameters=[*parameters])


def ids_of_transactions(*models):
    """The transactions that wrote the rows of some tables."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in models]
        cursor.execute(" UNION ".join(f"SELECT xmin::text FROM {table}" for table in tables))
        return [name for (name,) in cursor.fetchall()]


def test_what_an_event_sends_together_is_one_transaction(client, fake_stripe, binding):
    items = [build_object("subscription_item", id=f"si_{number}") for number in range(3)]
    fake_stripe.create("subscription", id="sub_1", items=items)
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    event = Event.objects.get()
    assert (event.state, event.attempts, SubscriptionItem.objects.count()) == ("done", 1, 3)
    # The event's row is written once more in that transaction, and the steps only there.
    assert len(ids_of_transactions(Event, EventStep, Subscription, SubscriptionItem)) == 1


def test_an_event_that_says_what_the_row_says_is_done_without_a_transaction_of_its_own(
    client, fake_stripe, binding, monkeypatch
):
    monkeypatch.setattr(at_once, "store_in_one_transaction", None)
    fake_stripe.create("subscription", id="sub_1", items=[build_object("subscription_item", id="si_1")])
    fake_stripe.advance(0)
    fake_stripe.emit("customer.subscription.updated", fake_stripe.get("sub_1"))
    for event in fake_stripe.events:
        assert post_event(client, event).status_code == 200
    assert [*Event.objects.values_list("state", "attempts", "failures")] == [("done", 1, 0)] * 2
    assert Subscription.objects.get().version == 1


def test_what_fails_among_statements_that_are_sent_together_leaves_nothing(binding):
    bad = statement("SELECT 1 / %s::int", 0)
    for together in ([statement(INSERTION, "group 1"), bad], [bad, statement(INSERTION, "group 1")]):
        with pytest.raises(DatabaseError, match="division by zero"):
            fetched_last(together)
        assert fetched_last([statement("SELECT count(*) FROM auth_group")]) == [(0,)]


def test_the_last_statement_s_rows_are_those_that_count(binding):
    together = [statement(INSERTION, name) for name in ("group 1", "group 2")]
    last = statement("SELECT name FROM auth_group WHERE name > %s", "group 1")
    assert fetched_last([*together, last]) == [("group 2",)]


def test_psycopg_prepares_the_statements_of_events(client, fake_stripe, statements_bound_by_server):
    for number in range(4):
        fake_stripe.create("customer", id=f"cus_{number}")
        assert post_event(client, fake_stripe.events[-1]).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE from_sql = false")
        prepared = " ".join(text for (text,) in cursor.fetchall())
    assert 'INSERT INTO "pinax_stripe_event"' in prepared
    assert 'INSERT INTO "pinax_stripe_customer"' in prepared
    assert Customer.objects.count() == 4


def test_an_old_libpq_has_one_statement_follow_the_other(client, fake_stripe, statements_bound_by_server, monkeypatch):
    monkeypatch.setattr(statements, "has_pipelines", lambda using: False)
    fake_stripe.create("customer", id="cus_1")
    cost = costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1])
    assert (cost.status, cost.commits, len(cost.statements)) == (200, 2, 5)
