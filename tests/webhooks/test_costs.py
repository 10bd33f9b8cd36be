"""What each kind of delivery costs: statements as the connection sends them, commits, calls to Stripe."""

import json
from contextlib import nullcontext

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from pinax.stripe.models import Customer, Event, EventStep
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.sync import row_writers
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.webhooks import at_once, event_rows, mirroring, one_statement
from tests import costs
from tests.promises.processes import NEEDS_POSTGRESQL

pytestmark = pytest.mark.django_db(transaction=True)

#: Kind -> statements on SQLite, round trips to PostgreSQL, where several statements are one; transactions that write;
#: calls.
COSTS = {
    "no receiver": (6, 2, 2, 1),
    "one receiver": (12, 9, 3, 1),
    "two receivers": (15, 12, 3, 1),
    # Of the customer of a subscription it is asked whether a deletion ended it; PostgreSQL is in the same round trip.
    "a list of parts": (8, 2, 2, 1),
    "a price without a row": (9, 2, 2, 1),
    "a change": (6, 2, 2, 1),
    "a duplicate": (3, 2, None, 0),
    "junk": (1, 1, 1, 0),
}


@pytest.mark.parametrize("kind", COSTS)
def test_each_kind_of_delivery_costs_exactly_this(client, fake_stripe, kind):
    on_sqlite, on_postgresql, commits, calls = COSTS[kind]
    cost = costs.costs(client, fake_stripe)[kind]
    assert len(cost.statements) == (on_postgresql if connection.vendor == "postgresql" else on_sqlite)
    assert (commits, calls) in ((cost.commits, cost.calls), (None, cost.calls))


def test_a_changed_list_of_parts_costs_two_statements_or_none(client, fake_stripe):
    costs.cost_of_parts(client, fake_stripe)
    fake_stripe.advance(1)
    fake_stripe.update("sub_costs", description="changed")
    cost = costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1])
    assert len(cost.statements) == (2 if connection.vendor == "postgresql" else 9)
    assert str(cost.statements).count('INTO "pinax_stripe_subscriptionitem"') == 1
    assert str(cost.statements).count('UPDATE "pinax_stripe_subscriptionitem"') == 1


def test_news_that_says_what_the_row_says_costs_one_statement_more(client, fake_stripe):
    """Stripe tells of one change by several events, which have the same object and the same second."""
    fake_stripe.advance(0)
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.emit("customer.updated", fake_stripe.get("cus_1"))
    created, updated = fake_stripe.events
    assert created["created"] == updated["created"]
    assert post_event(client, created).status_code == 200
    cost = costs.cost_of_posting(client, fake_stripe, updated)
    assert (cost.status, Customer.objects.get().version) == (200, 1)
    on_postgresql = 3  # The event, the attempt, and that the row is kept.
    assert len(cost.statements) == (on_postgresql if connection.vendor == "postgresql" else 7)
    mirrored = Event.objects.get(stripe_id=updated["id"]).steps.get(kind=EventStep.Kind.MIRROR)
    assert mirrored.data == {"rows": [["customer", "cus_1", "kept"]]}


#: What changes an object of each of these types -> how Stripe tells of it.
PLAIN = {
    "checkout.session": "checkout.session.expired",
    "billing_portal.configuration": "billing_portal.configuration.created",
    "setup_intent": "setup_intent.created",
}


@pytest.mark.parametrize("name", PLAIN)
def test_an_object_that_shows_everything_costs_what_any_does(client, fake_stripe, name):
    event = fake_stripe.add_event(build_event(PLAIN[name], build_object(name, status="open")))
    cost = costs.cost_of_posting(client, fake_stripe, event)
    on_sqlite, on_postgresql, commits, calls = COSTS["no receiver"]
    assert len(cost.statements) == (on_postgresql if connection.vendor == "postgresql" else on_sqlite)
    assert (cost.commits, cost.calls) == (commits, calls)


def test_whether_a_payment_of_a_paid_invoice_is_open_costs_no_round_trip(client, fake_stripe):
    fake_stripe.create("invoice", id="in_1", status="paid", silent=True)
    fake_stripe.emit("invoice.paid", "in_1")
    cost = costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1])
    on_sqlite, on_postgresql, commits, calls = COSTS["no receiver"]
    assert len(cost.statements) == (on_postgresql if connection.vendor == "postgresql" else on_sqlite + 2)
    assert (cost.commits, cost.calls) == (commits, calls)


def test_an_event_of_a_payment_link_costs_one_read_of_its_lines(client, fake_stripe):
    """No event has them, and they can be edited."""
    fake_stripe.create("payment_link", id="plink_1", line_items=[build_object("item")])
    assert costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1]).calls == 2


def test_a_completed_checkout_costs_one_read_of_its_lines(client, fake_stripe):
    """No event has them, and they change no more: what comes later reads nothing."""
    fake_stripe.create("checkout.session", id="cs_1", line_items=[build_object("item")], silent=True)
    fake_stripe.update("cs_1", status="complete")
    assert costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1]).calls == 2
    assert fake_stripe.calls("/v1/checkout/sessions/cs_1/line_items") == 1
    fake_stripe.advance(1)
    fake_stripe.emit("checkout.session.async_payment_succeeded", fake_stripe.get("cs_1"))
    assert costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1]).calls == 1


def test_the_end_of_an_attempt_at_a_setup_intent_costs_one_read(client, fake_stripe):
    fake_stripe.create("setup_attempt", id="setatt_1", setup_intent="seti_1", silent=True)
    fake_stripe.create("setup_intent", id="seti_1", latest_attempt="setatt_1", status="succeeded", silent=True)
    fake_stripe.emit("setup_intent.succeeded", fake_stripe.get("seti_1"))
    assert costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1]).calls == 2


def test_a_change_of_a_customer_s_balance_costs_one_read_of_its_entries(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    fake_stripe.advance(1)
    fake_stripe.update("cus_1", balance=100)
    assert costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1]).calls == 2
    assert fake_stripe.calls("/v1/customers/cus_1/balance_transactions") == 1


@pytest.fixture
def event(fake_stripe):
    return fake_stripe.add_event(build_event("customer.created", build_object("customer", id="cus_1", name="Ada")))


@pytest.mark.parametrize("where", ["mirror", "timeline"])
def test_a_bug_of_ours_leaves_the_verdict_and_asks_stripe_no_second_time(
    client, fake_stripe, event, monkeypatch, where
):
    def fails(*args, **kwargs):
        raise ZeroDivisionError

    if where == "mirror":
        monkeypatch.setattr(row_writers, "row_values", fails)
    else:
        for module in (one_statement, at_once, mirroring):
            monkeypatch.setattr(module, "mirror_steps", fails)
    for failures in (1, 2):
        assert post_event(client, event).status_code == 500
        row = Event.objects.get()
        assert (row.valid, row.state, row.failures, row.exceptions.count()) == (True, "failed", failures, failures)
    assert fake_stripe.calls() == 1
    assert not Customer.objects.exists()
    monkeypatch.undo()
    assert post_event(client, event).status_code == 200
    assert Customer.objects.get().name == "Ada"


class SoftLimit(Exception):
    """What a task queue raises in a task whose time is nearly up: once."""


@pytest.mark.parametrize("error", [SoftLimit, SystemExit])
def test_what_is_raised_once_in_the_one_transaction_is_a_failure(client, fake_stripe, event, monkeypatch, error):
    calls, row_values = [], row_writers.row_values

    def limited(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            raise error
        return row_values(*args, **kwargs)

    monkeypatch.setattr(row_writers, "row_values", limited)
    with pytest.raises(SystemExit) if error is SystemExit else nullcontext():
        assert post_event(client, event).status_code == 500
    row = Event.objects.get()
    assert (row.valid, row.failures, row.exceptions.get().data, len(calls)) == (True, 1, "mirror", 1)
    assert post_event(client, event).status_code == 200
    assert fake_stripe.calls() == 1


def test_what_another_process_stored_meanwhile_counts(client, fake_stripe, monkeypatch):
    """Between the mirror and the mark of the one transaction another process is through with the event."""
    metadata = {USER_METADATA_KEY: user_reference(get_user_model()(pk=1))}  # In several statements.
    customer = build_object("customer", id="cus_1", metadata=metadata)
    event = fake_stripe.add_event(build_event("customer.created", customer))
    real = event_rows.store_attempt

    def overtaken(row, values, steps):
        monkeypatch.setattr(event_rows, "store_attempt", real)
        Event.objects.filter(pk=row.pk).update(valid=True, processed=True)
        return real(row, values, steps)

    monkeypatch.setattr(event_rows, "store_attempt", overtaken)
    assert post_event(client, event).status_code == 200
    row = Event.objects.get()
    # The other's transaction was ours here, and went with it: what is left are the steps one by one.
    assert (row.state, row.attempts, Customer.objects.get().version) == ("done", 1, 1)


@NEEDS_POSTGRESQL
def test_an_event_that_another_process_stored_is_not_marked_in_one_round_trip(client, event, monkeypatch):
    """The row of its object is written all the same: the other process would have written it, too."""
    real = one_statement.fetched_last

    def overtaken(statements):
        Event.objects.filter(stripe_id=event["id"]).update(valid=True, processed=True, attempts=1)
        return real(statements)

    monkeypatch.setattr(one_statement, "fetched_last", overtaken)
    assert post_event(client, event).status_code == 200
    row = Event.objects.get()
    assert (row.state, row.attempts, row.steps.count(), Customer.objects.get().version) == ("done", 1, 0, 1)


@pytest.mark.parametrize("kind", ["charge", "invoice"])
def test_old_news_of_an_object_writes_nothing(client, fake_stripe, kind):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(2)]
    parts = {"lines": lines} if kind == "invoice" else {}
    fake_stripe.create(kind, id="x_1", description="old", **parts)
    fake_stripe.advance(1)
    fake_stripe.update("x_1", description="new", **({"lines": lines[:1]} if parts else {}))
    for event in reversed(fake_stripe.events):
        assert post_event(client, event).status_code == 200
    row = MIRRORED[kind].model.objects.get()
    assert (row.description, row.version) == ("new", 1)
    assert not parts or [line.stripe_id for line in row.lines.all()] == ["il_0"]
    steps = EventStep.objects.filter(kind=EventStep.Kind.MIRROR).order_by("pk")
    assert [step.data["rows"][0][2] for step in steps] == ["created", "kept"]


def test_the_instance_of_a_receiver_has_what_the_row_has(client, fake_stripe, event, connect):
    seen = []

    def receiver(event, **kwargs):
        stored = Event.objects.get(pk=event.pk)
        seen.append(
            {name for name in vars(stored) if name != "_state" and getattr(event, name) != getattr(stored, name)}
        )

    connect(receiver, uid="receiver")
    assert post_event(client, event).status_code == 200
    assert seen == [set()]
    assert json.loads(bytes(Event.objects.get().body)) == event
