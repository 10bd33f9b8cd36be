"""An event from before another object moved its object comes after that: the object is read, and old news stays out."""

import pytest

from pinax.stripe.models import Customer, Subscription
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.upkeep.sweeper import keys_in_order, sweep, undone_events
from pinax.stripe.webhooks.processing import Outcome
from tests import backlog

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def subscribed(fake_stripe):
    """A customer with a payment method by which a subscription and all its invoices are paid."""
    default = {"default_payment_method": "pm_1"}
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.advance(1)
    fake_stripe.create("payment_method", id="pm_1", customer="cus_1")
    fake_stripe.advance(1)
    fake_stripe.update("cus_1", invoice_settings=default)
    fake_stripe.advance(1)
    items = [build_object("subscription_item", subscription="sub_1") for _ in range(2)]
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", items=items, **default)
    fake_stripe.advance(1)
    return fake_stripe


def post_backwards(client, stripe):
    for event in reversed(stripe.events):
        assert post_event(client, event).status_code == 200


def detach(stripe):
    """Detach the payment method. Whether Stripe takes it from the customer, too, is not documented: here it does."""
    stripe.update("cus_1", silent=True, invoice_settings={"default_payment_method": None})
    stripe.delete("pm_1")


def check_that_there_is_no_default(stripe):
    assert stripe.get("sub_1")["default_payment_method"] is None
    assert Subscription.objects.get().default_payment_method == ""
    assert Customer.objects.get().default_payment_method == ""


@pytest.mark.parametrize("items", [2, 12], ids=["with all its items", "cut short"])
def test_a_default_that_was_detached_before_there_was_a_row_is_none(client, subscribed, items):
    rest = [build_object("subscription_item", subscription="sub_1") for _ in range(items)]
    subscribed.update("sub_1", items=rest)
    subscribed.advance(1)
    detach(subscribed)
    post_backwards(client, subscribed)
    check_that_there_is_no_default(subscribed)


def test_what_waits_together_ends_so_too(client, subscribed):
    detach(subscribed)
    backlog.wait(client, subscribed, [*reversed(subscribed.events)])
    assert {outcome for _key, outcome in sweep(keys_in_order(undone_events()))} == {Outcome.DONE}
    check_that_there_is_no_default(subscribed)


def test_an_event_of_a_type_that_is_not_known_is_no_newer_either(client, subscribed):
    subscribed.emit("customer.subscription.polished", subscribed.get("sub_1"))
    subscribed.advance(1)
    detach(subscribed)
    for event in (subscribed.events[-1], subscribed.events[-2]):
        assert post_event(client, event).status_code == 200
    assert Subscription.objects.get().default_payment_method == ""


def test_a_subscription_of_a_customer_who_was_deleted_before_there_was_a_row_has_ended(client, subscribed):
    subscribed.delete("cus_1")
    # That each subscription has an event of its own then is not documented: here none comes.
    subscribed.events[:] = [event for event in subscribed.events if event["type"] != "customer.subscription.deleted"]
    post_backwards(client, subscribed)
    assert Subscription.objects.get().status == subscribed.get("sub_1")["status"] == "canceled"


def test_what_happened_before_the_event_costs_no_read(client, subscribed):
    subscribed.delete("pm_1")
    subscribed.advance(1)
    # Stripe may go on to name it.
    subscribed.update("sub_1", default_payment_method="pm_1")
    for event in subscribed.events:
        assert post_event(client, event).status_code == 200
    assert subscribed.calls("/v1/subscriptions/sub_1") == 1
    assert Subscription.objects.get().default_payment_method == "pm_1"
