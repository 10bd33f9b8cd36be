"""A payment method that is detached: the card that it was, too, and what had it as default.

Only `payment_method.detached` tells of it (https://docs.stripe.com/api/payment_methods/detach).
"""

import itertools

import pytest

from pinax.stripe.models import BankAccount, Card, Customer, PaymentMethod, Source, Subscription
from pinax.stripe.testing import build_object, post_event

from .delivery import deliver


def detached_card(stripe, account=None):
    """The events of a card that is added to a customer, and detached some time later."""
    stripe.create("customer", id="cus_1", account=account, silent=True)
    stripe.create("card", id="card_1", customer="cus_1", account=account)
    stripe.advance(5)
    stripe.detach("card_1", account=account)
    return stripe.events[-2:]


def test_stripe_makes_one_event_of_it(stripe):
    stripe.create("customer", id="cus_1", silent=True)
    default = {"customer": "cus_1", "default_payment_method": "card_1"}
    stripe.create("subscription", id="sub_1", silent=True, **default)
    stripe.create("subscription", id="sub_ended", status="canceled", silent=True, **default)
    made = detached_card(stripe)
    assert [event["type"] for event in stripe.events] == ["customer.source.created", "payment_method.detached"]
    assert (made[1]["data"]["object"]["id"], made[1]["data"]["object"]["customer"]) == ("card_1", None)
    assert made[1]["data"]["previous_attributes"] == {"customer": "cus_1"}
    assert stripe.objects("card") == []
    assert stripe.get("sub_1")["default_payment_method"] is None
    assert stripe.get("sub_ended")["default_payment_method"] == "card_1"


@pytest.mark.parametrize("account", [None, "acct_1"])
@pytest.mark.parametrize("order", [*itertools.permutations(range(2)), (1, 0, 1)])
def test_the_card_that_it_was_is_gone_whatever_comes_first(client, stripe, order, account):
    events = detached_card(stripe, account)
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    card, method = Card.all_objects.get(), PaymentMethod.objects.get()
    assert card.is_deleted
    assert card.pk == method.pk == ("acct_1/card_1" if account else "card_1")
    assert method.customer_id is None
    assert stripe.calls() == stripe.calls("/v1/events")


def test_a_card_that_is_added_and_detached_in_one_second_is_settled_by_asking(client, stripe):
    stripe.create("customer", id="cus_1", silent=True)
    stripe.create("card", id="card_1", customer="cus_1")
    stripe.detach("card_1")
    deliver(client, stripe)
    assert Card.all_objects.get().is_deleted


def test_a_payment_method_that_was_no_card_leaves_no_tombstone(client, stripe):
    stripe.create("payment_method", id="pm_1", customer="cus_1")
    stripe.advance(5)
    stripe.detach("pm_1")
    deliver(client, stripe)
    assert PaymentMethod.objects.get().customer_id is None
    assert not Card.all_objects.exists()
    assert not BankAccount.all_objects.exists()


def test_a_bank_account_goes_as_a_card_does(client, stripe):
    stripe.create("bank_account", id="ba_1", customer="cus_1")
    deliver(client, stripe)
    stripe.advance(5)
    method = build_object("payment_method", id="ba_1", type="us_bank_account", customer=None)
    stripe.emit("payment_method.detached", method, keep=False)
    deliver(client, stripe)
    assert BankAccount.all_objects.get().is_deleted


def test_a_source_stays_readable_and_is_read(client, stripe):
    stripe.create("source", id="src_1", customer="cus_1")
    deliver(client, stripe)
    stripe.advance(5)
    stripe.update("src_1", customer=None, status="consumed", silent=True)
    stripe.emit("payment_method.detached", build_object("payment_method", id="src_1", customer=None), keep=False)
    deliver(client, stripe)
    row = Source.objects.get()
    assert (row.status, stripe.calls("/v1/sources/src_1")) == ("consumed", 1)


@pytest.mark.parametrize("account", [None, "acct_1"])
def test_what_had_it_as_default_is_read(client, stripe, account):
    default = {"default_payment_method": "pm_1"}
    stripe.create("payment_method", id="pm_1", customer="cus_1", account=account)
    stripe.create("customer", id="cus_1", invoice_settings=default, account=account)
    stripe.create("customer", id="cus_2", invoice_settings={"default_payment_method": "pm_2"}, account=account)
    for number, fields in enumerate((default, default, {"default_payment_method": "pm_2"}, {})):
        stripe.create("subscription", id=f"sub_{number}", customer="cus_1", account=account, **fields)
    stripe.create("subscription", id="sub_ended", customer="cus_1", status="canceled", account=account, **default)
    # Of the same ids on the platform.
    other = "acct_1" if account is None else None
    stripe.create("subscription", id="sub_0", customer="cus_1", account=other, **default)
    deliver(client, stripe)
    stripe.advance(5)
    stripe.reset_requests()
    stripe.detach("pm_1", account=account)
    stripe.update("cus_1", account=account, silent=True, invoice_settings={"default_payment_method": None})
    deliver(client, stripe)
    of_account = {"stripe_account": account or ""}
    assert Customer.objects.get(stripe_id="cus_1", **of_account).default_payment_method == ""
    found = dict(Subscription.objects.filter(**of_account).values_list("stripe_id", "default_payment_method"))
    assert found == {"sub_0": "", "sub_1": "", "sub_2": "pm_2", "sub_3": "", "sub_ended": "pm_1"}
    assert Subscription.objects.exclude(**of_account).get().default_payment_method == "pm_1"
    asked = sorted(request.path for request in stripe.requests if "/events" not in request.path)
    assert asked == ["/v1/customers/cus_1", "/v1/subscriptions/sub_0", "/v1/subscriptions/sub_1"]
