"""Built objects and events have Stripe's shape, and a test's own words win."""

import re

import pytest

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import EXTERNAL_ACCOUNT, OBJECT_TYPES, object_type
from pinax.stripe.testing import build_event, build_object
from pinax.stripe.testing.builders.changes import (
    previous_attributes,
    types_of_creation,
    types_of_deletion,
    types_of_update,
)
from pinax.stripe.testing.builders.objects import BUILDERS


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_every_object_names_its_type_and_takes_overrides(name):
    data = build_object(name, id="x_1", livemode=True, metadata={"a": "b"})
    # What connected accounts are paid to is a card or a bank account.
    kind = "bank_account" if name == EXTERNAL_ACCOUNT.name else name
    assert (data["object"], data["id"], data["livemode"], data["metadata"]) == (kind, "x_1", True, {"a": "b"})
    first, second = (build_object(name).get("id") for _ in range(2))
    assert (first != second) == object_type(name).has_id


def test_objects_share_nothing_with_each_other_or_with_what_was_given():
    metadata = {}
    first, second = build_object("customer", metadata=metadata), build_object("customer")
    first["metadata"]["a"] = first["invoice_settings"]["footer"] = "b"
    assert metadata == second["metadata"] == {}
    assert second["invoice_settings"]["footer"] is None


def test_a_subscription_has_its_period_on_its_item():
    subscription = build_object("subscription", created=1000)
    (item,) = subscription["items"]["data"]
    assert "current_period_end" not in subscription
    assert (item["current_period_start"], item["subscription"]) == (1000, subscription["id"])
    assert item["plan"]["id"] == item["price"]["id"]
    assert item["plan"]["amount"] == item["price"]["unit_amount"]


def test_an_invoice_names_its_subscription_in_its_parent():
    invoice = build_object("invoice", status="paid", total=700)
    assert invoice["parent"]["subscription_details"]["subscription"].startswith("sub_")
    assert not {"subscription", "charge", "payment_intent", "paid"} & set(invoice)
    assert (invoice["amount_paid"], invoice["amount_remaining"]) == (700, 0)
    assert invoice["lines"]["data"][0]["amount"] == 700


def test_plain_lists_become_stripes_lists():
    invoice = build_object("invoice", id="in_1", lines=[{"id": "il_1"}])
    assert invoice["lines"] == {
        "object": "list",
        "data": [{"id": "il_1"}],
        "has_more": False,
        "url": "/v1/invoices/in_1/lines",
    }


def test_an_event_is_stripes_envelope_around_a_copy():
    customer = build_object("customer", livemode=True)
    event = build_event("customer.created", customer, created=5, account="acct_1")
    assert re.fullmatch(r"evt_[A-Za-z0-9]{24}", event["id"])
    assert event["data"] == {"object": customer}
    assert event["data"]["object"] is not customer
    assert (event["created"], event["livemode"], event["account"]) == (5, True, "acct_1")
    assert (event["object"], event["api_version"], event["pending_webhooks"]) == ("event", "2026-10-28.endive", 1)
    assert event["request"] == {"id": None, "idempotency_key": None}
    assert build_event("ping", {}, pending_webhooks=0, context="acct_2")["context"] == "acct_2"
    assert "account" not in build_event("ping", {})


@pytest.mark.parametrize(
    ("event_type", "object_type"),
    [
        ("customer.created", "customer"),
        ("customer.subscription.updated", "subscription"),
        ("customer.source.created", "card"),
        ("charge.dispute.created", "dispute"),
        ("checkout.session.completed", "checkout.session"),
        ("payment_intent.succeeded", "payment_intent"),
        ("account.external_account.created", "bank_account"),
    ],
)
def test_an_event_without_an_object_is_about_a_plausible_one(event_type, object_type):
    assert build_event(event_type)["data"]["object"]["object"] == object_type


@pytest.mark.parametrize(
    ("event_type", "status"),
    [
        ("invoice.paid", "paid"),
        ("invoice.updated", "draft"),
        ("payment_intent.payment_failed", "requires_payment_method"),
        ("customer.subscription.deleted", "canceled"),
        ("charge.failed", "failed"),
        ("issuing_dispute.submitted", "submitted"),
        ("treasury.outbound_payment.created", "processing"),
    ],
)
def test_an_object_of_an_event_has_the_status_that_the_event_implies(event_type, status):
    assert build_event(event_type)["data"]["object"]["status"] == status


@pytest.mark.parametrize("name", sorted(OBJECT_TYPES))
def test_what_happens_to_an_object_is_told_by_events_that_stripe_sends_about_it(name):
    data = build_object(name, customer="cus_1")
    changes = [types_of_creation(data), types_of_update(data, {"metadata": {}}), types_of_deletion(data)]
    changes += [
        types_of_update({**data, "status": status}, {"status": "another"})
        for status in OBJECT_TYPES[name].status_events
    ]
    for event_type in [event_type for types in changes for event_type in types]:
        assert name in EVENT_TYPES[event_type].object_types
        assert EVENT_TYPES[event_type].current
    assert all(changes[3:])


def test_an_event_newer_than_this_release_is_about_what_its_name_says():
    assert build_event("moon.phase.changed")["data"]["object"]["object"] == "moon.phase"


def test_previous_attributes_are_the_old_values_of_what_changed():
    before = {"a": 1, "metadata": {"x": "1", "y": "2"}, "tags": [1, 2], "gone": None}
    after = {"a": 1, "metadata": {"x": "1", "y": "3", "z": "4"}, "tags": [1], "new": True}
    assert previous_attributes(before, after) == {"metadata": {"y": "2", "z": None}, "tags": [1, 2], "new": None}


@pytest.mark.parametrize(
    ("name", "fields", "types"),
    [
        ("charge", {"status": "failed"}, ["charge.failed"]),
        ("charge", {"status": "pending"}, ["charge.pending"]),
        ("payment_method", {"customer": None}, []),
        ("source", {"customer": None}, ["source.chargeable"]),
        ("card", {"customer": "cus_1"}, ["customer.source.created"]),
        ("card", {"customer": None}, []),
        ("review", {}, ["review.opened"]),
        ("checkout.session", {}, []),
        ("mandate", {}, []),
        ("reporting.report_run", {"status": "failed"}, ["reporting.report_run.failed"]),
        ("moon.phase", {}, ["moon.phase.created"]),
        ("bank_account", {"account": "acct_1"}, ["account.external_account.created"]),
        ("subscription", {}, ["customer.subscription.created"]),
        ("refund", {}, ["refund.created"]),
        ("dispute", {}, ["charge.dispute.created"]),
        (
            "dispute",
            {"balance_transactions": [{"id": "txn_1", "net": -2500}]},
            ["charge.dispute.created", "charge.dispute.funds_withdrawn"],
        ),
    ],
)
def test_types_of_creation(name, fields, types):
    assert types_of_creation(build_object(name, **fields)) == types


@pytest.mark.parametrize(
    ("name", "fields", "previous", "types"),
    [
        ("payment_intent", {"status": "succeeded"}, {"status": "processing"}, ["payment_intent.succeeded"]),
        ("payment_intent", {}, {"description": None}, []),
        ("invoice", {"status": "paid"}, {"status": "open"}, ["invoice.paid", "invoice.updated"]),
        ("invoice", {}, {"description": None}, ["invoice.updated"]),
        ("charge", {}, {"amount_refunded": 0}, ["charge.refunded"]),
        ("charge", {"captured": True}, {"captured": False}, ["charge.captured"]),
        ("charge", {"status": "failed"}, {"status": "pending"}, ["charge.failed"]),
        ("charge", {}, {"description": None}, ["charge.updated"]),
        ("charge", {"amount_refunded": 500}, {"amount_refunded": 0}, ["charge.refunded"]),
        ("charge", {"amount_refunded": 0, "refunded": False}, {"amount_refunded": 2000, "refunded": True}, []),
        ("charge", {"disputed": True}, {"disputed": False}, []),
        ("charge", {"disputed": True}, {"disputed": False, "metadata": {}}, ["charge.updated"]),
        ("refund", {"status": "failed"}, {"status": "succeeded"}, ["refund.updated", "refund.failed"]),
        ("refund", {"status": "canceled"}, {"status": "pending"}, ["refund.updated"]),
        ("dispute", {"status": "under_review"}, {"status": "needs_response"}, ["charge.dispute.updated"]),
        ("dispute", {"status": "lost"}, {"status": "under_review"}, ["charge.dispute.closed"]),
        (
            "dispute",
            {"status": "won", "balance_transactions": [{"id": "txn_1", "net": -2500}, {"id": "txn_2", "net": 2500}]},
            {"status": "under_review", "balance_transactions": [{"id": "txn_1", "net": -2500}]},
            ["charge.dispute.closed", "charge.dispute.funds_reinstated"],
        ),
        (
            "dispute",
            {"balance_transactions": [{"id": "txn_1", "net": -2500}]},
            {"balance_transactions": []},
            ["charge.dispute.funds_withdrawn"],
        ),
        ("payment_method", {"customer": "cus_1"}, {"customer": None}, ["payment_method.attached"]),
        ("payment_method", {"customer": None}, {"customer": "cus_1"}, ["payment_method.detached"]),
        ("payment_method", {}, {"billing_details": {}}, ["payment_method.updated"]),
        ("card", {"customer": "cus_1"}, {"exp_year": 1}, ["customer.source.updated"]),
        ("source", {"customer": None, "status": "failed"}, {"status": "chargeable"}, ["source.failed"]),
        ("review", {"open": False}, {"open": True}, ["review.closed"]),
        ("transfer", {"reversed": True}, {"reversed": False}, ["transfer.reversed"]),
        ("application_fee", {"refunded": True}, {"refunded": False}, ["application_fee.refunded"]),
        ("payout", {"status": "in_transit"}, {"status": "pending"}, ["payout.updated"]),
        ("payout", {"status": "paid"}, {"status": "in_transit"}, ["payout.paid"]),
        ("quote", {"status": "open"}, {"status": "draft"}, ["quote.finalized"]),
        ("quote", {}, {"description": None}, []),
        ("credit_note", {"status": "void"}, {"status": "issued"}, ["credit_note.voided"]),
        ("terminal.reader", {}, {"label": None}, []),
    ],
)
def test_types_of_update(name, fields, previous, types):
    assert types_of_update(build_object(name, **fields), previous) == types
