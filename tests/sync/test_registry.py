"""What is particular about each mirrored object: where it is read again, and what comes inside of it."""

import pytest

from pinax.stripe.models import Charge, Customer, Refund, Subscription
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.testing import build_object

EXPANDED = {"id": "cus_1", "object": "customer"}

#: Where Stripe has an object now, where its id or its customer's has to be written in another way. All other paths are
#: those of the table, which the SDK's and the contract suite's requests check.
PATHS = {
    "card": ({"id": "card_1", "customer": "cus_1"}, "/v1/customers/cus_1/sources/card_1"),
    "bank_account": ({"id": "ba_1", "customer": EXPANDED}, "/v1/customers/cus_1/sources/ba_1"),
    "product": ({"id": "gold"}, "/v1/products/gold"),
    "plan": ({"id": "Gold Plan/EUR"}, "/v1/plans/Gold%20Plan%2FEUR"),
    "coupon": ({"id": "SUMMER?"}, "/v1/coupons/SUMMER%3F"),
}


@pytest.mark.parametrize(("name", "case"), PATHS.items(), ids=PATHS)
def test_paths_of_current_objects(name, case):
    data, path = case
    assert MIRRORED[name].path(data) == path


def test_paths_of_parts():
    assert MIRRORED["subscription"].part.path({"id": "sub_1"}) == (
        "/v1/subscription_items",
        {"subscription": "sub_1"},
    )
    assert MIRRORED["invoice"].part.path({"id": "in_1"}) == ("/v1/invoices/in_1/lines", {})


LISTS = {
    ("customer", "sources"): ("/v1/customers/x%2F1/sources", {}),
    ("customer", "cards"): ("/v1/customers/x%2F1/sources", {"object": "card"}),
    ("customer", "subscriptions"): ("/v1/subscriptions", {"customer": "x/1"}),
    ("subscription", "items"): ("/v1/subscription_items", {"subscription": "x/1"}),
    ("invoice", "lines"): ("/v1/invoices/x%2F1/lines", {}),
    ("invoice", "payments"): ("/v1/invoice_payments", {"invoice": "x/1"}),
    ("account", "external_accounts"): ("/v1/accounts/x%2F1/external_accounts", {}),
    ("application_fee", "refunds"): ("/v1/application_fees/x%2F1/refunds", {}),
    ("transfer", "reversals"): ("/v1/transfers/x%2F1/reversals", {}),
    ("charge", "refunds"): ("/v1/refunds", {"charge": "x/1"}),
    ("credit_note", "lines"): ("/v1/credit_notes/x%2F1/lines", {}),
    ("checkout.session", "line_items"): ("/v1/checkout/sessions/x%2F1/line_items", {}),
    ("quote", "line_items"): ("/v1/quotes/x%2F1/line_items", {}),
    ("payment_link", "line_items"): ("/v1/payment_links/x%2F1/line_items", {}),
    ("setup_intent", "attempts"): ("/v1/setup_attempts", {"setup_intent": "x/1"}),
}


def test_each_list_that_is_read_whole_is_here():
    assert LISTS.keys() == {(owner, name) for owner, mirrored in MIRRORED.items() for name in mirrored.lists}


@pytest.mark.parametrize(("owner", "name"), LISTS, ids=":".join)
def test_paths_of_whole_lists(owner, name):
    assert MIRRORED[owner].lists[name]({"id": "x/1"}) == LISTS[owner, name]


def test_only_ids_that_people_choose_and_names_may_come_back():
    assert {name for name, mirrored in MIRRORED.items() if mirrored.object_type.ids_can_recur} == {
        "capability",
        "coupon",
        "plan",
        "price",
        "product",
    }


def embedded(entry):
    return {"object": "list", "data": [entry], "has_more": False}


def test_refunds_inside_a_charge_before_2022_11_15_are_mirrored(client, stripe):
    refund = build_object("refund", id="re_1", amount=500, charge="ch_1")
    stripe.create("charge", id="ch_1", refunds=embedded(refund))
    stripe.deliver_to(client)
    assert Charge.objects.get().refunds.get().amount == Refund.objects.get().amount == 500


def test_subscriptions_inside_a_customer_before_2020_08_27_are_mirrored(client, stripe):
    subscription = build_object("subscription", id="sub_1", customer="cus_1")
    stripe.create("customer", id="cus_1", subscriptions=embedded(subscription))
    stripe.deliver_to(client)
    assert Customer.objects.get().subscriptions.get().items.count() == Subscription.objects.count() == 1


def test_a_card_that_an_account_is_paid_out_to_is_not_a_customers(client, stripe):
    card = build_object("card", id="card_1", customer=None, account="acct_1")
    stripe.emit("account.external_account.created", card, account="acct_1")
    stripe.emit("customer.source.created", {**card, "id": "card_2"})
    stripe.deliver_to(client)
    assert not MIRRORED["card"].model.all_objects.exists()


@pytest.mark.parametrize("metadata", [[], None, "text"])
def test_metadata_that_is_no_object_is_empty(client, stripe, metadata):
    """Old captures have lists, for they went through PHP."""
    stripe.create("customer", id="cus_1", metadata=metadata)
    stripe.deliver_to(client)
    assert Customer.objects.get().metadata == {}
