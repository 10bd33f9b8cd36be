"""What each kind of delivery costs: statements as the connection sends them, commits, calls to Stripe."""

import json
from contextlib import nullcontext

import pytest
from django.db import connection

from pinax.stripe.models import Customer, Event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.webhooks import at_once, base, event_rows, mirroring
from tests import costs

pytestmark = pytest.mark.django_db(transaction=True)

#: Kind -> statements on SQLite and on PostgreSQL, where one statement holds another; transactions that write; calls.
COSTS = {
    "no receiver": (6, 5, 2, 1),
    "one receiver": (12, 12, 3, 1),
    "two receivers": (15, 15, 3, 1),
    "a list of parts": (7, 6, 2, 1),
    "a change": (6, 5, 2, 1),
    "a duplicate": (3, 2, None, 0),
    "junk": (1, 1, 1, 0),
}


@pytest.mark.parametrize("kind", COSTS)
def test_each_kind_of_delivery_costs_exactly_this(client, fake_stripe, kind):
    on_sqlite, on_postgresql, commits, calls = COSTS[kind]
    cost = costs.costs(client, fake_stripe)[kind]
    assert len(cost.statements) == (on_postgresql if connection.vendor == "postgresql" else on_sqlite)
    assert (commits, calls) in ((cost.commits, cost.calls), (None, cost.calls))


def test_a_changed_list_of_parts_costs_two_statements(client, fake_stripe):
    costs.cost_of_parts(client, fake_stripe)
    fake_stripe.advance(1)
    fake_stripe.update("sub_costs", description="changed")
    cost = costs.cost_of_posting(client, fake_stripe, fake_stripe.events[-1])
    assert len(cost.statements) == (7 if connection.vendor == "postgresql" else 8)
    assert sum("subscriptionitem" in statement for statement in cost.statements) == 2


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
        monkeypatch.setattr("pinax.stripe.webhooks.base.sync_object", fails)
    else:
        monkeypatch.setattr(at_once, "mirror_steps", fails)
        monkeypatch.setattr(mirroring, "mirror_steps", fails)
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
    calls, sync_object = [], base.sync_object

    def limited(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            raise error
        return sync_object(*args, **kwargs)

    monkeypatch.setattr(base, "sync_object", limited)
    with pytest.raises(SystemExit) if error is SystemExit else nullcontext():
        assert post_event(client, event).status_code == 500
    row = Event.objects.get()
    assert (row.valid, row.failures, row.exceptions.get().data, len(calls)) == (True, 1, "mirror", 1)
    assert post_event(client, event).status_code == 200
    assert fake_stripe.calls() == 1


def test_what_another_process_stored_meanwhile_counts(client, fake_stripe, event, monkeypatch):
    """Between the mirror and the mark of the one transaction another process is through with the event."""
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
