"""Payouts before API version 2017-04-06, when they were transfers (https://docs.stripe.com/transfer-payout-split)."""

import time

import pytest

from pinax.stripe.catalogue.objects import type_of_object
from pinax.stripe.models import Event, Payout, Transfer
from pinax.stripe.testing import build_object, post_event
from tests.assertions import assert_row

OLD, NEW = "2015-10-16", "2026-10-28.endive"
BANK = {"id": "ba_1", "object": "bank_account", "last4": "6789"}


@pytest.fixture
def stripe(fake_stripe, transactional_db):
    fake_stripe.now = int(time.time()) - 20
    return fake_stripe


@pytest.fixture
def told(stripe):
    """A payout that changes twice, and is told of in a version each time; the events."""

    def make(*versions):
        stripe.create("payout", id="po_1", arrival_date=1_600_000_000, destination="ba_1", type="card", silent=True)
        for number, version in enumerate(versions):
            stripe.api_version = version
            stripe.advance(4)
            stripe.update("po_1", status=("in_transit", "paid")[number])
        return stripe.events

    return make


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"date": 1_600_000_000, "type": "bank_account", "bank_account": BANK, "destination": "ba_1"}, "payout"),
        ({"date": 1_600_000_000, "type": "card", "destination": "card_1"}, "payout"),
        ({"date": 1_600_000_000, "recipient": "rp_1", "status": "paid"}, "payout"),
        ({"type": "bank_account"}, "payout"),
        ({"date": 1_600_000_000, "type": "stripe_account", "destination": "acct_1"}, "transfer"),
        ({"date": 1_600_000_000, "destination": "acct_1"}, "transfer"),
        ({"destination": "acct_1", "status": "pending"}, "transfer"),
        ({"destination": {"id": "acct_1", "object": "account"}, "date": 1_600_000_000}, "transfer"),
        ({}, "transfer"),
    ],
)
def test_what_went_to_a_bank_is_a_payout(fields, name):
    assert type_of_object({"id": "tr_1", "object": "transfer", **fields}).name == name


def test_the_stand_in_shows_and_calls_it_as_old_versions_do(stripe, told):
    old, new = told(OLD, NEW)
    assert (old["type"], old["data"]["object"]["object"], old["data"]["object"]["date"]) == (
        "transfer.updated",
        "transfer",
        1_600_000_000,
    )
    assert "arrival_date" not in old["data"]["object"]
    assert (new["type"], new["data"]["object"]["object"]) == ("payout.paid", "payout")


@pytest.mark.parametrize("versions", [(OLD, NEW), (NEW, OLD), (OLD, OLD)])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
def test_both_shapes_have_one_row(client, stripe, told, versions, order):
    events = told(*versions)
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    row = Payout.objects.get()
    assert_row(row, pk="po_1", status="paid", destination="ba_1", type="card", version=2 if order == (0, 1) else 1)
    assert row.arrival_date.timestamp() == 1_600_000_000
    assert not Transfer.all_objects.exists()
    assert {event.mirrored_object for event in Event.objects.all()} == {row}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_states_of_one_second_are_settled_among_the_transfers_of_that_version(client, stripe, order):
    stripe.api_version = OLD
    stripe.create("payout", id="po_1", silent=True)
    stripe.advance(0)
    events = [stripe.emit("payout.updated", stripe.update("po_1", silent=True, status=word)) for word in ("x", "paid")]
    assert {event["type"] for event in events} == {"transfer.updated"}
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert Payout.objects.get().status == "paid"
    assert stripe.calls("/v1/transfers/po_1") == 1
    # Our own reads are of a version that has payouts.
    stripe.api_version = NEW
    stripe.update("po_1", silent=True, status="failed")
    assert Payout.objects.get().refresh_from_stripe().status == "failed"
    assert stripe.calls("/v1/payouts/po_1") >= 1


@pytest.mark.parametrize("kind", ["paid", "failed"])
def test_the_event_types_of_that_time_are_about_payouts(client, stripe, admin_client, kind):
    data = build_object("transfer", id="tr_1", date=1_600_000_000, type="bank_account", bank_account=BANK, status=kind)
    del data["destination"]
    event = stripe.emit(f"transfer.{kind}", data)
    assert post_event(client, event).status_code == 200
    row = Payout.objects.get()
    assert_row(row, pk="tr_1", status=kind, destination="ba_1", type="bank_account")
    page = admin_client.get(f"/admin/pinax_stripe/event/{Event.objects.get().pk}/change/").content.decode()
    assert "/admin/pinax_stripe/payout/tr_5F1/change/" in page
