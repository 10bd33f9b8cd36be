"""Waiting events are stored together: few statements, and nothing else than one by one."""

import pytest
from django.db import InterfaceError, connection

from pinax.stripe.models import Customer, Event, EventStep, Invoice, InvoicePayment, Subscription, SubscriptionItem
from pinax.stripe.models.events import ReceiverCall
from pinax.stripe.sync import batch_writing
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.upkeep import sweeper
from pinax.stripe.upkeep.sweeper import keys_in_order, sweep, undone_events
from pinax.stripe.webhooks import batches, event_rows
from pinax.stripe.webhooks.processing import Outcome
from tests import backlog, costs
from tests.promises.processes import NEEDS_POSTGRESQL

pytestmark = pytest.mark.django_db(transaction=True)

#: Statements of one sweep of fifty new customers: what waits, their times, their texts; BEGIN; customers, timelines,
#: events; COMMIT.
STATEMENTS = ["SELECT", "SELECT", "BEGIN", "INSERT", "INSERT", "WITH", "COMMIT"]


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    settings.PINAX_STRIPE_API_RETRIES = 0
    return fake_stripe


@pytest.fixture
def together(monkeypatch):
    """How many events of each batch were stored together."""
    sizes = []
    store = batches.store_together

    def counted(fetches):
        stored = store(fetches)
        sizes.append((len(fetches), len(stored)))
        return stored

    monkeypatch.setattr(sweeper, "store_together", counted)
    return sizes


def wait(client, stripe, start=0):
    """All events of Stripe's wait, or all from one on; the keys of their rows."""
    backlog.wait(client, stripe, stripe.events[start:])
    return keys_in_order(undone_events())


def swept(keys, **options):
    return [outcome for _key, outcome in sweep(keys, **options)]


def timelines():
    """What the timelines say of rows, by the event's id."""
    steps = EventStep.objects.filter(kind="mirror").values_list("event__stripe_id", "data")
    return {stripe_id: [change for _model, _key, change in data["rows"]] for stripe_id, data in steps}


def words(sent):
    return [statement.split()[0] for statement in sent]


@pytest.mark.parametrize("count", [5, 50])
def test_a_batch_costs_as_many_statements_as_it_has_tables_whatever_its_size(client, stripe, together, count):
    for _ in range(count):
        stripe.create("customer")
    keys = wait(client, stripe)
    sent = costs.statements(lambda: swept(keys))
    assert words(sent) == STATEMENTS
    assert (costs.commits(sent), together, stripe.calls()) == (1, [(count, count)], 1)
    assert Customer.objects.count() == count
    assert set(Event.objects.values_list("state", "valid", "attempts")) == {("done", True, 2)}


def test_lists_of_parts_cost_a_statement_and_one_more_where_they_may_be_shorter(client, stripe, together):
    sold = costs.what_is_sold()
    post_event(client, costs.create_subscription(stripe, "sub_before", sold))
    for number in range(50):
        costs.create_subscription(stripe, f"sub_{number}", sold)
    keys = wait(client, stripe, 1)
    sent = costs.statements(lambda: swept(keys))
    assert words(sent)[-6:] == ["BEGIN", "INSERT", "INSERT", "INSERT", "WITH", "COMMIT"]
    assert (together, SubscriptionItem.objects.count()) == ([(50, 50)], 102)
    # Of all their customers it is asked at once whether a deletion ended the subscriptions.
    assert sum('FROM "pinax_stripe_customer"' in statement for statement in sent) == 1


def test_objects_that_others_moved_since_are_read_and_the_rest_is_stored_together(client, stripe, together):
    for number in range(6):
        stripe.create("customer", id=f"cus_{number}")
        stripe.create("subscription", id=f"sub_{number}", customer=f"cus_{number}")
    stripe.advance(1)
    stripe.delete("cus_3")
    customers = [event for event in stripe.events if event["type"] == "customer.deleted"]
    subscriptions = [event for event in stripe.events if event["type"] == "customer.subscription.created"]
    for event in customers:
        assert post_event(client, event).status_code == 200
    backlog.wait(client, stripe, subscriptions)
    swept(keys_in_order(undone_events()))
    assert together == [(6, 5)]
    assert {row.pk for row in Subscription.objects.filter(status="canceled")} == {"sub_3"}


def test_paid_invoices_with_a_payment_that_is_open_are_read_and_the_rest_is_stored_together(client, stripe, together):
    for number in range(6):
        stripe.create("invoice", id=f"in_{number}", status="open", silent=True)
    stripe.create("invoice_payment", id="inpay_open", invoice="in_3", status="open", silent=True)
    post_event(client, stripe.emit("invoice.payment_failed", "in_3"))
    stripe.advance(5)
    stripe.update("inpay_open", status="canceled", silent=True)
    for number in range(6):
        stripe.update(f"in_{number}", status="paid", silent=True)
        stripe.emit("invoice.paid", f"in_{number}")
    keys = wait(client, stripe, 1)
    sent = costs.statements(lambda: swept(keys))
    assert together == [(6, 5)]
    # Once for all of them, and once for the one that is taken up by itself.
    assert sum(asks_for_open_payments(statement) for statement in sent) == 2
    assert set(Invoice.objects.values_list("status", flat=True)) == {"paid"}
    assert InvoicePayment.objects.get().status == "canceled"


def asks_for_open_payments(statement):
    return (
        statement.startswith("SELECT") and 'FROM "pinax_stripe_invoicepayment"' in statement and "'open'" in statement
    )


def test_what_is_gone_from_a_list_ended_when_its_own_object_changed(client, stripe, together):
    for number in range(6):
        items = [build_object("subscription_item", id=f"si_{number}_{n}", subscription=f"sub_{number}") for n in (0, 1)]
        stripe.create("subscription", id=f"sub_{number}", items=items)
    swept(wait(client, stripe))
    for number in range(6):
        stripe.advance(5)
        stripe.update(f"sub_{number}", items=stripe.get(f"sub_{number}")["items"]["data"][:1])
    keys = wait(client, stripe, 6)
    sent = costs.statements(lambda: swept(keys))
    assert sum("subscriptionitem" in statement for statement in sent) == 2
    assert together[-1] == (6, 6)
    ended = SubscriptionItem.all_objects.filter(deleted_at__isnull=False).select_related("subscription")
    assert {item.pk: item.deleted_at for item in ended} == {
        f"si_{number}_1": Subscription.objects.get(pk=f"sub_{number}").as_of for number in range(6)
    }
    assert len(set(ended.values_list("deleted_at", flat=True))) == 6


def test_only_the_newest_state_of_an_object_is_written_and_the_timelines_say_so(client, stripe, together):
    stripe.create("customer", id="cus_1")
    for number in range(5):
        stripe.advance(1)
        stripe.update("cus_1", description=str(number))
    swept(wait(client, stripe))
    assert together == [(6, 6)]
    assert Customer.objects.values_list("description", "version").get() == ("4", 1)
    ids = [event["id"] for event in stripe.events]
    assert timelines() == {**{stripe_id: ["kept"] for stripe_id in ids[:-1]}, ids[-1]: ["created"]}


def test_two_states_of_one_second_are_settled_one_by_one(client, stripe, together):
    stripe.advance(0)
    stripe.create("customer", id="cus_1", description="first")
    stripe.update("cus_1", description="second")
    for _ in range(3):
        stripe.create("coupon")
    swept(wait(client, stripe))
    assert together == [(5, 3)]
    assert Customer.objects.get().description == "second"
    assert stripe.calls("/v1/customers/cus_1") == 1


def test_all_events_of_an_object_that_is_deleted_are_taken_up_one_by_one(client, stripe, together):
    stripe.create("customer", id="cus_1")
    stripe.advance(1)
    stripe.delete("cus_1")
    for _ in range(2):
        stripe.create("coupon")
    swept(wait(client, stripe))
    assert together == [(4, 2)]
    assert Customer.all_objects.get().is_deleted


@pytest.mark.parametrize("apart", [0, 1])
def test_what_the_database_says_was_not_written_is_compared_with_its_row(client, stripe, together, apart):
    """Old news is done with. What is of the second of its row, and says something else, is settled alone."""
    stripe.advance(0)
    for number in range(5):
        stripe.create("customer", id=f"cus_{number}", description="old")
    keys = wait(client, stripe)
    stripe.advance(apart)
    stripe.update("cus_2", description="new")
    assert post_event(client, stripe.events[-1]).status_code == 200
    stripe.reset_requests()
    assert set(swept(keys)) == {Outcome.DONE}
    assert together == [(5, 5 if apart else 4)]
    assert stripe.calls("/v1/customers/cus_2") == (0 if apart else 1)
    assert Customer.objects.get(pk="cus_2").description == "new"
    assert timelines()[stripe.events[2]["id"]] == (["kept"] if apart else ["updated"])


def test_equal_states_of_one_second_are_one(client, stripe, together):
    for number in range(4):
        stripe.create("invoice", id=f"in_{number}")
        stripe.emit("invoice.finalized", stripe.get(f"in_{number}"))
    swept(wait(client, stripe))
    assert together == [(8, 8)]
    assert sorted(timelines().values()) == [["created"]] * 4 + [["kept"]] * 4


def test_receivers_are_called_event_by_event_and_a_bad_one_fails_alone(client, stripe, together, connect):
    seen = []

    def receiver(event, **kwargs):
        seen.append((event.stripe_id, event.webhook_message == event.validated_message, bytes(event.body) != b""))
        if event.object["description"] == "bad":
            raise ValueError("bad")

    for number in range(5):
        stripe.create("customer", description="bad" if number == 2 else "good")
    keys = wait(client, stripe)
    connect(receiver, uid="receiver")
    outcomes = dict(sweep(keys))
    assert sorted(seen) == sorted((event["id"], True, True) for event in stripe.events)
    bad = Event.objects.get(stripe_id=stripe.events[2]["id"])
    assert together == [(5, 5)]
    assert outcomes == {**dict.fromkeys(keys, Outcome.DONE), bad.pk: Outcome.FAILED}
    assert (bad.state, bad.failures, bad.valid, bad.mirrored_at is None) == ("failed", 1, True, False)
    assert (Customer.objects.count(), ReceiverCall.objects.count()) == (5, 4)


@pytest.mark.parametrize("where", ["writer", "statement"])
def test_a_bad_event_does_not_keep_the_others_of_its_batch(client, stripe, together, monkeypatch, where):
    for number in range(5):
        stripe.create("customer", id=f"cus_{number}")
    keys = wait(client, stripe)
    real = batch_writing.row_values

    def row_values(mirrored, snapshot, context):
        values = real(mirrored, snapshot, context)
        if snapshot.data["id"] != "cus_2":
            return values
        if where == "writer":
            raise ZeroDivisionError
        return {**values, "created_at": None, "stripe_data": None}

    monkeypatch.setattr(batch_writing, "row_values", row_values)
    monkeypatch.setattr("pinax.stripe.sync.row_writers.row_values", row_values)
    outcomes = dict(sweep(keys))
    bad = Event.objects.get(object_id="cus_2")
    assert together == [(5, 0)]
    assert outcomes == {**dict.fromkeys(keys, Outcome.DONE), bad.pk: Outcome.FAILED}
    assert (bad.valid, bad.failures, bad.exceptions.count()) == (True, 1, 1)
    assert Customer.objects.count() == 4


def test_a_batch_that_fails_is_divided_until_what_failed_is_among_few(client, stripe, together, monkeypatch):
    monkeypatch.setattr(batches, "FEW_EVENTS", 2)
    for number in range(8):
        stripe.create("customer", id=f"cus_{number}")
    keys = wait(client, stripe)
    real = batch_writing.row_values

    def row_values(mirrored, snapshot, context):
        if snapshot.data["id"] == "cus_2":
            raise ZeroDivisionError
        return real(mirrored, snapshot, context)

    monkeypatch.setattr(batch_writing, "row_values", row_values)
    assert set(swept(keys)) == {Outcome.DONE}
    assert together == [(8, 6)]
    assert Customer.objects.count() == 8


def test_a_batch_is_not_divided_while_there_is_no_connection(client, stripe, monkeypatch):
    monkeypatch.setattr(batches, "FEW_EVENTS", 2)
    tried = []

    def lost(fetches):
        tried.append(len(fetches))
        raise InterfaceError("connection is closed")

    monkeypatch.setattr(batches, "judge_all", lost)
    assert batches.store_together(dict.fromkeys(range(8), stripe)) == {}
    assert tried == [8]


def test_an_altered_event_does_not_keep_the_others_either(client, stripe, together):
    for _ in range(4):
        stripe.create("customer")
    first = stripe.events[0]
    altered = {**first, "data": {"object": {**first["data"]["object"], "name": "x"}}}
    backlog.wait(client, stripe, [altered, *stripe.events[1:]])
    assert sorted(outcome.value for outcome in swept(keys_in_order(undone_events()))) == [*["done"] * 3, "refused"]
    assert together == [(4, 3)]


def test_an_event_that_another_process_was_quicker_with_is_not_done_twice(client, stripe, together, monkeypatch):
    for _ in range(4):
        stripe.create("customer")
    keys = wait(client, stripe)
    real = event_rows.store_attempts

    def overtaken(attempts):
        Event.objects.filter(pk=keys[1]).update(valid=True, processed=True)
        return real(attempts)

    monkeypatch.setattr(event_rows, "store_attempts", overtaken)
    assert set(swept(keys)) == {Outcome.DONE}
    # The other's transaction was ours here, and was rolled back with it.
    assert together == [(4, 0)]
    assert set(Customer.objects.values_list("version", flat=True)) == {1}
    assert EventStep.objects.filter(kind="mirror").count() == 4


def test_two_rows_of_one_event_become_one(client, stripe, together):
    for _ in range(4):
        stripe.create("customer")
    again = {**stripe.events[0], "api_version": "2015-10-16"}
    backlog.wait(client, stripe, [again, *stripe.events])
    assert set(swept(keys_in_order(undone_events()))) == {Outcome.DONE}
    assert together == [(5, 4)]
    assert sorted(Event.objects.values_list("valid", "deliveries")) == [(True, 1)] * 3 + [(True, 2)]


def test_a_row_of_an_event_that_is_genuine_already_does_not_spoil_a_batch(client, stripe, together):
    for _ in range(4):
        stripe.create("customer")
    keys = wait(client, stripe)
    Event.objects.filter(pk=keys[0]).update(fingerprint="another")
    assert post_event(client, stripe.events[0]).status_code == 200
    swept(keys)
    assert together == [(4, 3)]
    assert Event.objects.count() == 4


def test_an_endpoint_with_another_api_version_is_common_too(client, stripe, together):
    for _ in range(4):
        stripe.create("customer")
    backlog.wait(client, stripe, [{**event, "api_version": "2015-10-16"} for event in stripe.events])
    swept(keys_in_order(undone_events()))
    assert together == [(4, 4)]
    row = Event.objects.first()
    assert row.webhook_message["api_version"] == "2015-10-16"
    assert (row.notes, row.validated_message) == ([], stripe.events[-1])


def test_with_claims_two_sweepers_share_a_backlog(client, stripe, together):
    for _ in range(6):
        stripe.create("customer")
    keys = wait(client, stripe)
    Event.objects.update(next_attempt_at=None)
    Event.objects.filter(pk__in=keys[:4]).update(next_attempt_at="2020-01-01T00:00Z")
    assert sorted(outcome.value for outcome in swept(keys, claiming=True)) == ["deferred"] * 2 + ["done"] * 4
    assert together == [(4, 4)]


def test_signatures_make_a_batch_without_a_call(client, stripe, together, settings):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    settings.PINAX_STRIPE_DISPATCH = "tests.webhooks.test_batches.nothing"
    for _ in range(5):
        stripe.create("customer")
    stripe.reset_requests()
    for event in stripe.events:
        assert post_event(client, event, secret="whsec_1").status_code == 200
    swept(keys_in_order(undone_events()))
    assert (together, stripe.requests) == ([(5, 5)], [])
    assert set(Event.objects.values_list("signed", "state", "attempts")) == {(True, "done", 1)}


def nothing(event_pk):
    """A task queue that has not got round to it."""


def test_long_bodies_are_no_batch(client, stripe, together, monkeypatch):
    for _ in range(6):
        stripe.create("customer")
    keys = wait(client, stripe)
    monkeypatch.setattr(sweeper, "BATCH_BYTES", 2 * max(Event.objects.values_list("body_size", flat=True)) + 1)
    swept(keys)
    assert together == [(2, 2)] * 3


def test_tables_that_embed_others_come_first():
    kinds = ["card", "charge", "coupon", "customer", "refund", "subscription", "payout"]
    context = batch_writing.SyncContext(as_of=None)
    snapshots = [batch_writing.row_snapshot(build_object(kind, id=f"{kind}_1"), context) for kind in kinds]
    names = [each.mirrored.object_type.name for each in sorted(snapshots, key=batch_writing.place)]
    assert names == ["charge", "customer", "subscription", "card", "coupon", "payout", "refund"]


@NEEDS_POSTGRESQL
def test_an_event_whose_row_is_locked_is_not_waited_for(client, stripe, together):
    for _ in range(3):
        stripe.create("coupon")
    keys = wait(client, stripe)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM pinax_stripe_event WHERE id = %s FOR UPDATE", [keys[0]])
            events = [(event, {"valid": True, "reason": ""}) for event in Event.objects.filter(pk__in=keys)]
            assert sorted(event_rows.store_attempts(events)) == keys[1:]
            cursor.execute("ROLLBACK")
    finally:
        other.close()


@NEEDS_POSTGRESQL
def test_claims_leave_out_what_is_locked(client, stripe, together):
    for _ in range(3):
        stripe.create("coupon")
    keys = wait(client, stripe)
    Event.objects.update(next_attempt_at="2020-01-01T00:00Z")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM pinax_stripe_event WHERE id = %s FOR UPDATE", [keys[0]])
            assert swept(keys, claiming=True).count(Outcome.DEFERRED) == 1
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def test_attempts_that_differ_in_documents_are_stored_as_each_is(client, stripe):
    for number in range(3):
        stripe.create("customer", id=f"cus_{number}")
    keys = wait(client, stripe)
    values = [
        {"difference": [], "notes": [], "detail": None, "validated_message": None, "explanation": ""},
        {
            **{
                "difference": [{"path": "a", "posted": None, "stripe": [1, "%s {rows}"]}],
                "notes": ["rendering_differs"],
            },
            **{"detail": {"name": "x"}, "validated_message": {"text": "\u0000\ud800 'quoted' \\"}, "explanation": "é"},
        },
        {"difference": [None], "notes": ["one", "two"], "detail": {}, "validated_message": {}, "explanation": "%"},
    ]
    events = [Event.objects.get(pk=key) for key in keys]
    assert sorted(event_rows.store_attempts(list(zip(events, values, strict=True)))) == keys
    assert list(Event.objects.order_by("pk").values(*values[0])) == values
    assert set(Event.objects.values_list("attempts", flat=True)) == {2}


@pytest.mark.parametrize("differing", [[0], [5], [1, 2]])
def test_copies_that_differ_and_copies_that_do_not_are_stored_together(client, stripe, together, differing):
    """Columns are taken from a copy that differs from what was posted: for another API version, say."""
    for number in range(6):
        stripe.create("customer", id=f"cus_{number}")
    versions = {event["api_version"] for event in stripe.events}
    posted = [
        {**event, "api_version": "2015-10-16"} if number in differing else event
        for number, event in enumerate(stripe.events)
    ]
    backlog.wait(client, stripe, posted)
    assert set(swept(keys_in_order(undone_events()))) == {Outcome.DONE}
    assert together == [(6, 6)]
    assert set(Event.objects.values_list("api_version", flat=True)) == versions
