"""What changes in a charge with the events of another object, and with none of its own.

https://docs.stripe.com/api/events/types: "charge.updated: Occurs whenever a charge description or metadata is updated,
or upon an asynchronous capture."
"""

import time

import pytest

from pinax.stripe.models import Charge, Event, EventProcessingException, Refund
from pinax.stripe.testing import build_object, post_event
from tests.assertions import assert_row

from .delivery import deliver

DISPUTES = ("created", "updated", "funds_withdrawn", "funds_reinstated", "closed")


def disputed(stripe, kind="created", account=None):
    """A charge is disputed some time after it succeeded; its events, in their order."""
    stripe.create("charge", id="ch_1", account=account)
    stripe.advance(5)
    stripe.create("dispute", id="dp_1", charge="ch_1", account=account, silent=True)
    stripe.emit(f"charge.dispute.{kind}", "dp_1", account=account)
    return stripe.events[-2:]


def calls(stripe):
    """Calls for events, and all others."""
    events = stripe.calls("/v1/events")
    return events, stripe.calls() - events


@pytest.mark.parametrize("kind", DISPUTES)
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1, 0)])
def test_a_dispute_shows_on_its_charge_for_one_call_whichever_event_comes_first(client, stripe, kind, order):
    events = disputed(stripe, kind)
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert Charge.objects.get().disputed is True
    assert calls(stripe) == (2, 1)


def test_stripe_makes_no_other_event_of_a_dispute(stripe):
    stripe.create("charge", id="ch_1")
    stripe.create("dispute", id="dp_1", charge="ch_1")
    stripe.update("dp_1", status="won")
    kinds = [event["type"] for event in stripe.events]
    assert kinds == ["charge.succeeded", "charge.dispute.created", "charge.dispute.closed"]
    assert stripe.get("ch_1")["disputed"] is True


def test_a_charge_and_a_dispute_of_the_same_second_are_settled_by_asking(client, stripe):
    stripe.create("charge", id="ch_1")
    stripe.create("dispute", charge="ch_1")
    deliver(client, stripe)
    assert Charge.objects.get().disputed is True
    assert calls(stripe) == (2, 2)


def test_a_later_event_of_the_charge_needs_no_asking(client, stripe):
    stripe.now = int(time.time()) - 20  # Only a clock that is right tells when the charge was read.
    disputed(stripe)
    deliver(client, stripe)
    stripe.advance(5)
    stripe.update("ch_1", description="later")
    deliver(client, stripe)
    row = Charge.objects.get()
    assert (row.disputed, row.description) == (True, "later")
    assert calls(stripe) == (3, 1)


def test_a_dispute_of_a_connected_account_is_read_there(client, stripe):
    disputed(stripe, account="acct_1")
    stripe.create("charge", id="ch_1")
    deliver(client, stripe)
    assert dict(Charge.objects.values_list("pk", "disputed")) == {"acct_1/ch_1": True, "ch_1": False}


def test_in_an_old_version_the_charge_names_its_dispute(client, stripe):
    stripe.api_version = "2018-11-08"
    disputed(stripe)
    deliver(client, stripe)
    row = Charge.objects.get()
    assert (row.disputed, row.stripe_data["dispute"]) == (True, "dp_1")


def test_a_charge_that_has_not_come_yet_is_mirrored(client, stripe):
    assert post_event(client, disputed(stripe)[1]).status_code == 200
    row = Charge.objects.get()
    assert_row(row, disputed=True, amount=2000, livemode=False)


@pytest.mark.parametrize("charge", ["ch_unknown", None, "", 5, {"id": "ch_unknown"}])
def test_a_charge_that_stripe_does_not_know_is_left_alone(client, stripe, charge):
    stripe.emit("charge.dispute.created", build_object("dispute", charge=charge))
    deliver(client, stripe)
    assert Event.objects.get().processed
    assert not Charge.all_objects.exists()


def test_a_key_that_may_not_read_charges_does_not_keep_the_event_from_its_receivers(client, stripe, caplog):
    disputed(stripe)
    stripe.fail("/v1/charges", 403, times=None)
    deliver(client, stripe)
    assert Event.objects.filter(processed=True).count() == 2
    assert Charge.objects.get().disputed is False
    assert "unread type=charge id=ch_1" in caplog.text


def test_while_the_charge_cannot_be_read_the_event_is_not_done(client, stripe):
    events = disputed(stripe)
    stripe.fail("/v1/charges", times=None)
    assert [post_event(client, event).status_code for event in events] == [200, 503]
    stripe.clear_faults()
    assert post_event(client, events[1]).status_code == 200
    assert Charge.objects.get().disputed is True
    assert EventProcessingException.objects.get().data == "mirror"


def refunded(stripe):
    """A charge is refunded, and its events are delivered."""
    stripe.create("charge", id="ch_1")
    stripe.advance(5)
    stripe.create("refund", id="re_1", charge="ch_1")
    stripe.update("ch_1", amount_refunded=2000, refunded=True)


def failed(stripe, status="failed"):
    """The refund fails after all, and Stripe's sums go back."""
    stripe.advance(5)
    stripe.update("ch_1", amount_refunded=0, refunded=False)
    stripe.update("re_1", status=status, failure_reason="expired_or_canceled_card")


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_fails_is_no_refund_of_the_charge(client, stripe, status):
    refunded(stripe)
    deliver(client, stripe)
    assert (Charge.objects.get().refunded, stripe.calls("/v1/charges")) == (True, 0)
    failed(stripe, status)
    told = [event["type"] for event in stripe.undelivered()]
    assert told == ["refund.updated", *["refund.failed"] * (status == "failed")]
    deliver(client, stripe)
    row = Charge.objects.get()
    assert (row.refunded, row.amount_refunded, Refund.objects.get().status) == (False, 0, status)
    assert stripe.calls("/v1/charges") == len(told)


@pytest.mark.parametrize("order", ["created", "reversed", "random"])
@pytest.mark.parametrize("kind", ["charge.refund.updated", "refund.failed", "refund.updated"])
def test_each_event_of_a_failed_refund_is_enough_in_any_order(client, stripe, order, kind):
    refunded(stripe)
    failed(stripe)
    wanted = [event for event in stripe.events if event["data"]["object"]["object"] == "charge"]
    stripe.emit(kind, "re_1")
    stripe.deliver_to(client, [*wanted, stripe.events[-1]], order=order, seed=1)
    row = Charge.objects.get()
    assert (row.refunded, row.amount_refunded) == (False, 0)
    assert calls(stripe) == (3, 1)
