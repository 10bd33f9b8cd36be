"""Customers in every shape they have had since 2015-10-16, and what is asked of them."""

import pytest
from django.utils import timezone

from pinax.stripe.models import Customer, PaymentMethod
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.assertions import assert_row
from tests.sync.delivery import deliver
from tests.sync.shapes import each, exact, read

COUPON = {"id": "SUMMER", "object": "coupon", "percent_off": 10}

CUSTOMERS = {
    "before 2015-02-18, default_card": ({"default_card": "card_1"}, {"default_source": "card_1"}),
    "2015-02-18, both": ({"default_card": "card_1", "default_source": "ba_1"}, {"default_source": "ba_1"}),
    "2015-02-18, default_source": ({"default_source": "ba_1"}, {"default_source": "ba_1"}),
    "2015-02-18, default_source expanded": (
        {"default_source": {"id": "card_1", "object": "card", "last4": "4242"}},
        {"default_source": "card_1"},
    ),
    "2015-02-18, default_source null": ({"default_source": None}, {"default_source": ""}),
    "before 2019-10-17, account_balance": ({"account_balance": -500}, {"balance": -500}),
    "before 2019-10-17, account_balance zero": ({"account_balance": 0}, {"balance": 0}),
    "mid-2019, both": ({"account_balance": -500, "balance": -700}, {"balance": -700}),
    "2019-10-17, balance": ({"balance": 1200}, {"balance": 1200}),
    "2019-10-17, balance zero": ({"balance": 0, "account_balance": 5}, {"balance": 0}),
    "before 2019, no invoice_settings": (
        {"email": "jenny@example.com"},
        {"default_payment_method": "", "name": "", "phone": "", "tax_exempt": ""},
    ),
    "2019, invoice_settings": (
        {"invoice_settings": {"default_payment_method": "pm_1"}, "default_source": "card_1"},
        {"default_payment_method": "pm_1", "default_source": "card_1"},
    ),
    "2019, default payment method expanded": (
        {"invoice_settings": {"default_payment_method": {"id": "pm_1", "object": "payment_method"}}},
        {"default_payment_method": "pm_1"},
    ),
    "2019, no default payment method": (
        {"invoice_settings": {"default_payment_method": None}},
        {"default_payment_method": ""},
    ),
    "no discount": ({"discount": None}, {"coupon_id": None}),
    "before clover, discount.coupon": ({"discount": {"object": "discount", "coupon": COUPON}}, {"coupon_id": "SUMMER"}),
    "clover, discount.source.coupon": (
        {"discount": {"object": "discount", "source": {"type": "coupon", "coupon": "SUMMER"}}},
        {"coupon_id": "SUMMER"},
    ),
    "clover, discount.source.coupon expanded": (
        {"discount": {"object": "discount", "source": {"type": "coupon", "coupon": COUPON}}},
        {"coupon_id": "SUMMER"},
    ),
    "deleted stub": ({"id": "cus_1", "object": "customer", "deleted": True}, {"email": "", "balance": None}),
}


@each(CUSTOMERS)
def test_customers(data, expected):
    assert read(READERS[Customer], data, expected) == exact(expected)


def test_a_customer_of_today():
    customer = build_object(
        "customer",
        balance=-1500,
        currency="eur",
        default_source="card_1",
        delinquent=True,
        description="A patient",
        email="jenny@example.com",
        invoice_settings={"default_payment_method": "pm_1"},
        name="Jenny Rosen",
        phone="+1 555 0100",
        tax_exempt="reverse",
    )
    assert READERS[Customer](customer) == {
        "email": "jenny@example.com",
        "name": "Jenny Rosen",
        "phone": "+1 555 0100",
        "description": "A patient",
        "currency": "eur",
        "balance": -1500,
        "delinquent": True,
        "default_source": "card_1",
        "default_payment_method": "pm_1",
        "tax_exempt": "reverse",
        "coupon_id": None,
        "customer_account": "",
    }


def test_for_user_finds_only_the_customers_of_that_user_newest_first(client, stripe, django_user_model):
    jenny, other = (django_user_model.objects.create(username=name) for name in ("jenny", "other"))
    for stripe_id, user in (("cus_1", jenny), ("cus_2", other), ("cus_3", jenny), ("cus_4", None)):
        metadata = {USER_METADATA_KEY: user_reference(user)} if user else {}
        stripe.create("customer", id=stripe_id, metadata=metadata)
        stripe.advance(1)
    deliver(client, stripe)
    assert [customer.pk for customer in Customer.objects.for_user(jenny)] == ["cus_3", "cus_1"]


CARD = {"exp_month": 8, "exp_year": 2034, "last4": "0005"}


def source_event(stripe, kind, card, **overrides):
    """An event of an old version about a card; those have no time of their own."""
    stripe.emit(
        kind, build_object("card", id=card, customer="cus_1", **{"brand": "American Express", **CARD, **overrides})
    )
    stripe.advance(1)


@pytest.mark.parametrize("family", ["customer.source", "customer.card"])
def test_cards_of_old_events_come_change_and_go(client, stripe, family):
    stripe.create("customer", id="cus_1")
    stripe.advance(1)
    source_event(stripe, f"{family}.created", "card_1")
    source_event(stripe, f"{family}.created", "card_2")
    source_event(stripe, f"{family}.updated", "card_1", exp_year=2040)
    source_event(stripe, f"{family}.deleted", "card_2")
    deliver(client, stripe)
    (card,) = Customer.objects.get().cards
    assert_row(card, stripe_id="card_1", brand="amex", last4="0005", exp_month=8, exp_year=2040)


@pytest.mark.parametrize("name", ["sources", "cards"])
def test_cards_that_old_versions_embed_are_in_the_list(client, stripe, name):
    card = build_object("card", id="card_1", customer="cus_1", brand="MasterCard", **CARD)
    stripe.create("customer", id="cus_1", **{name: {"object": "list", "data": [card], "has_more": False}})
    deliver(client, stripe)
    assert [(card.stripe_id, card.brand, card.last4) for card in Customer.objects.get().cards] == [
        ("card_1", "mastercard", "0005")
    ]


def test_one_brand_has_one_name_whatever_a_card_is_at_stripe(client, stripe):
    stripe.create("customer", id="cus_1")
    stripe.create("payment_method", id="pm_1", customer="cus_1", card={"brand": "amex", **CARD})
    stripe.create("card", id="card_1", customer="cus_1", brand="American Express")
    stripe.create("source", id="src_1", customer="cus_1", card={"brand": "American Express", **CARD})
    deliver(client, stripe)
    cards = Customer.objects.get().cards
    assert {card.stripe_id: card.brand for card in cards} == {"pm_1": "amex", "card_1": "amex", "src_1": "amex"}


def test_what_is_no_card_is_not_among_the_cards(client, stripe):
    stripe.create("customer", id="cus_1")
    stripe.create("payment_method", id="pm_1", customer="cus_1", type="sepa_debit", card=None)
    stripe.create("source", id="src_1", customer="cus_1", type="sepa_debit", card=None)
    stripe.create("bank_account", id="ba_1", customer="cus_1")
    stripe.create("card", id="card_1", customer="cus_2")
    deliver(client, stripe)
    assert Customer.objects.get().cards == []


@pytest.mark.parametrize("status", ["canceled", "consumed", "failed"])
def test_sources_that_are_used_up_cannot_be_charged(client, stripe, status):
    stripe.create("customer", id="cus_1")
    stripe.create("source", id="src_1", customer="cus_1", usage="single_use")
    deliver(client, stripe)
    assert [card.stripe_id for card in Customer.objects.get().cards] == ["src_1"]
    stripe.advance(1)
    stripe.emit("source.canceled", build_object("source", id="src_1", customer="cus_1", status=status))
    deliver(client, stripe)
    assert Customer.objects.get().cards == []


@pytest.mark.parametrize("name", ["card", "source"])
def test_a_deleted_card_is_gone_though_it_was_a_payment_method_too(client, stripe, name):
    stripe.create("customer", id="cus_1")
    stripe.create("payment_method", id="x_1", customer="cus_1")
    stripe.advance(1)
    stripe.emit("customer.source.deleted", build_object(name, id="x_1", customer="cus_1"))
    deliver(client, stripe)
    assert Customer.objects.get().cards == []


@pytest.mark.parametrize("name", ["card", "source"])
@pytest.mark.parametrize("gone", [{"customer": None}, {"deleted_at": timezone.now()}], ids=["detached", "deleted"])
def test_a_detached_payment_method_is_gone_though_it_was_a_card_or_source_too(client, stripe, name, gone):
    stripe.create("customer", id="cus_1")
    for kind, shape in (("customer.source.created", name), ("payment_method.attached", "payment_method")):
        stripe.emit(kind, build_object(shape, id="x_1", customer="cus_1"))
    deliver(client, stripe)
    (card,) = Customer.objects.get().cards
    assert isinstance(card.row, PaymentMethod)
    PaymentMethod.objects.update(**gone)
    assert Customer.objects.get().cards == []


def test_cards_are_listed_newest_first_and_last_those_without_a_time(client, stripe):
    stripe.create("customer", id="cus_1")
    for stripe_id in ("pm_1", "pm_2", "pm_3"):
        stripe.advance(1)
        stripe.create("payment_method", id=stripe_id, customer="cus_1")
    for stripe_id in ("card_1", "card_2"):
        stripe.advance(1)
        stripe.emit("customer.source.created", build_object("card", id=stripe_id, customer="cus_1"))
    deliver(client, stripe)
    listed = [card.stripe_id for card in Customer.objects.get().cards]
    assert listed == ["pm_3", "pm_2", "pm_1", "card_2", "card_1"]


def test_customers_of_a_connected_account_have_their_own_cards(client, stripe):
    """Objects of an account have it in front of every key, those in references too."""
    for account in ("", "acct_1"):
        stripe.emit("customer.created", build_object("customer", id="cus_1"), account=account)
        card = build_object("card", id=f"card_{account}", customer="cus_1")
        stripe.emit("customer.source.created", card, account=account)
    deliver(client, stripe)
    for key, card in (("cus_1", "card_"), ("acct_1/cus_1", "card_acct_1")):
        assert [listed.stripe_id for listed in Customer.objects.get(pk=key).cards] == [card]
