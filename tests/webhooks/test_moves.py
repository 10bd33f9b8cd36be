"""Objects that change with the events of other objects: the table says which, and they are read again."""

import pytest

from pinax.stripe.catalogue.objects import MOVERS, OBJECT_TYPES
from pinax.stripe.models import Charge, Coupon, Customer, Event
from pinax.stripe.testing import build_object, post_event

MOVES = [(row, move) for row in OBJECT_TYPES.values() for move in row.moved_by]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe):
    return fake_stripe


@pytest.mark.parametrize(("row", "move"), MOVES, ids=[f"{row.name} by {move.by or 'all'}" for row, move in MOVES])
def test_each_rule_can_be_carried_out(row, move):
    assert row.model
    # Cards are read below the customer that a detached payment method had, if the event says so.
    assert row.path
    assert bool(move.reference) is not bool(move.named_in)
    assert move.by in ("", "v2.core.account", *OBJECT_TYPES)


def test_the_rules_are_those_that_are_known():
    assert {(row.name, move.by) for row, move in MOVES} == {
        ("account", "v2.core.account"),
        ("cash_balance", "customer_cash_balance_transaction"),
        ("charge", "dispute"),
        ("charge", "refund"),
        ("bank_account", "payment_method"),
        ("card", "payment_method"),
        ("charge", "review"),
        ("charge", "transfer"),
        ("customer", ""),
        ("coupon", "discount"),
        ("mandate", "setup_intent"),
        ("customer", "discount"),
        ("customer", "payment_method"),
        ("customer", "v2.core.account"),
        ("source", "charge"),
        ("source", "payment_method"),
        ("subscription", "customer"),
        ("subscription", "discount"),
        ("subscription", "payment_method"),
    }
    assert {
        *("charge", "customer", "customer_cash_balance_transaction", "discount", "dispute", "payment_method"),
        *("refund", "review", "setup_intent", "transfer", "v2.core.account"),
    } == MOVERS


@pytest.mark.parametrize("kind", ["review.opened", "review.closed"])
def test_a_review_reads_its_charge(client, stripe, kind):
    stripe.create("charge", id="ch_1")
    stripe.deliver_to(client)
    stripe.advance(5)
    stripe.update("ch_1", review="prv_1")
    assert stripe.undelivered() == []
    stripe.emit(kind, build_object("review", id="prv_1", charge="ch_1"))
    stripe.deliver_to(client)
    assert Charge.objects.get().stripe_data["review"] == "prv_1"
    assert stripe.calls("/v1/charges/ch_1") == 1


def test_a_transfer_of_a_charge_reads_it(client, stripe):
    """Stripe gives both a transfer group then, if the charge had none."""
    stripe.create("charge", id="ch_1")
    stripe.advance(5)
    stripe.update("ch_1", transfer_group="group_ch_1")
    assert [event["type"] for event in stripe.events] == ["charge.succeeded"]
    stripe.create("transfer", source_transaction="ch_1", transfer_group="group_ch_1")
    stripe.create("transfer", source_transaction=None)
    stripe.deliver_to(client)
    assert Charge.objects.get().transfer_group == "group_ch_1"
    assert stripe.calls("/v1/charges/ch_1") == 1


def discounted(stripe, **fields):
    """A customer gets a coupon, and only the discount has an event."""
    stripe.create("coupon", id="SUMMER")
    stripe.create("customer", id="cus_1")
    stripe.advance(5)
    discount = build_object("discount", customer="cus_1", source={"type": "coupon", "coupon": "SUMMER"}, **fields)
    stripe.update("cus_1", discount=discount, silent=True)
    return discount


@pytest.mark.parametrize("kind", ["created", "updated", "deleted"])
def test_a_discount_reads_its_customer(client, stripe, kind):
    stripe.emit(f"customer.discount.{kind}", discounted(stripe))
    stripe.deliver_to(client)
    assert Customer.objects.get().coupon == Coupon.objects.get()
    assert stripe.calls("/v1/customers/cus_1") == 1


def test_a_discount_of_a_subscription_does_not(client, stripe):
    stripe.emit("customer.discount.created", discounted(stripe, subscription="sub_1"))
    stripe.deliver_to(client)
    assert Customer.objects.get().coupon is None
    assert stripe.calls("/v1/customers/cus_1") == 0


def test_an_object_that_several_rules_name_is_read_once(client, stripe):
    stripe.create("customer", id="cus_1", customer_account="acct_v2", silent=True)
    stripe.emit("customer.discount.created", build_object("discount", customer="cus_1", customer_account="acct_v2"))
    stripe.deliver_to(client)
    assert Customer.objects.get().pk == "cus_1"
    assert stripe.calls("/v1/customers/cus_1") == 1


def test_a_customer_that_is_gone_leaves_a_tombstone_and_a_charge_that_is_unknown_nothing(client, stripe):
    stripe.create("customer", id="cus_1", customer_account="acct_v2")
    stripe.deliver_to(client)
    stripe.advance(5)
    stripe.delete("cus_1", silent=True)
    stripe.emit("customer.discount.created", build_object("discount", customer="cus_1"))
    stripe.emit("review.opened", build_object("review", charge="ch_unknown"))
    stripe.deliver_to(client)
    assert Customer.all_objects.get().is_deleted
    assert not Charge.all_objects.exists()


def test_a_redacted_event_moves_nothing(client, stripe):
    discount = discounted(stripe)
    stripe.emit("customer.discount.created", discount)
    stripe.fail("/v1/customers", times=None)
    post_event(client, stripe.events[-1])
    Event.objects.update(redacted_at="2026-10-01T00:00:00Z")
    stripe.clear_faults()
    post_event(client, stripe.events[-1])
    assert Event.objects.get().processed
    assert not Customer.all_objects.exists()
