"""Payment methods, cards, bank accounts and sources in every shape they have had since 2015-10-16."""

from pinax.stripe.models import BankAccount, Card, PaymentMethod, Source
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.sync.shapes import each, exact, read

BLANK = {
    "brand": "",
    "last4": "",
    "exp_month": None,
    "exp_year": None,
    "funding": "",
    "country": "",
    "fingerprint": "",
}
DETAILS = {
    "brand": "mastercard",
    "last4": "4444",
    "exp_month": 12,
    "exp_year": 2030,
    "funding": "debit",
    "country": "DE",
    "fingerprint": "print",
}

PAYMENT_METHODS = {
    "attached": ({"customer": "cus_1"}, {"customer_id": "cus_1"}),
    "customer expanded": ({"customer": {"id": "cus_1", "object": "customer"}}, {"customer_id": "cus_1"}),
    "detached": ({"customer": None}, {"customer_id": None}),
    "legacy card, read as a payment method": (
        {"id": "card_1", "object": "payment_method", "type": "card", "card": DETAILS},
        {"type": "card", **DETAILS},
    ),
    "in person": ({"type": "card_present", "card_present": DETAILS}, {"type": "card_present", **DETAILS}),
    "in person, Interac": (
        {"type": "interac_present", "interac_present": DETAILS},
        {"type": "interac_present", **DETAILS},
    ),
    "no card, though it has digits": ({"type": "sepa_debit", "sepa_debit": {"last4": "3000", "country": "DE"}}, BLANK),
    "no billing details": ({"billing_details": None}, {"billing_name": "", "billing_email": ""}),
}


@each(PAYMENT_METHODS)
def test_payment_methods(data, expected):
    assert read(READERS[PaymentMethod], data, expected) == exact(expected)


def test_a_payment_method_of_today():
    details = {"name": "Jenny Rosen", "email": "jenny@example.com"}
    method = build_object("payment_method", customer="cus_1", billing_details=details, card=DETAILS)
    assert READERS[PaymentMethod](method) == {
        **DETAILS,
        "customer_id": "cus_1",
        "type": "card",
        "billing_name": "Jenny Rosen",
        "billing_email": "jenny@example.com",
    }


CARDS = {
    "before 2015-02-18, brand as type": ({"type": "Visa"}, {"brand": "Visa"}),
    "2015-02-18, brand": ({"brand": "MasterCard"}, {"brand": "MasterCard"}),
    "both": ({"brand": "MasterCard", "type": "Visa"}, {"brand": "MasterCard"}),
    "customer null": ({"customer": None}, {"customer_id": None}),
    "customer expanded": ({"customer": {"id": "cus_1", "deleted": True}}, {"customer_id": "cus_1"}),
    "no such month": ({"exp_month": 13, "exp_year": 10_000}, {"exp_month": None, "exp_year": None}),
    "the last month": ({"exp_month": 12, "exp_year": 9999}, {"exp_month": 12, "exp_year": 9999}),
    "deleted stub": ({"id": "card_1", "object": "card", "deleted": True}, {"customer_id": None, **BLANK}),
}


@each(CARDS)
def test_cards(data, expected):
    assert read(READERS[Card], data, expected) == exact(expected)


def test_a_card_of_today():
    card = build_object("card", customer="cus_1", name="Jenny Rosen", **DETAILS)
    assert READERS[Card](card) == {**DETAILS, "customer_id": "cus_1", "name": "Jenny Rosen"}


BANK_ACCOUNTS = {
    "2015, without a holder": ({"bank_name": "BANK"}, {"bank_name": "BANK", "account_holder_name": ""}),
    "customer expanded": ({"customer": {"id": "cus_1"}}, {"customer_id": "cus_1"}),
    "of an account": ({"account": "acct_1", "customer": None}, {"customer_id": None}),
    "deleted stub": ({"id": "ba_1", "object": "bank_account", "deleted": True}, {"last4": "", "status": ""}),
}


@each(BANK_ACCOUNTS)
def test_bank_accounts(data, expected):
    assert read(READERS[BankAccount], data, expected) == exact(expected)


def test_a_bank_account_of_today():
    columns = {
        "account_holder_name": "Jane Austen",
        "account_holder_type": "company",
        "bank_name": "STRIPE TEST BANK",
        "country": "US",
        "currency": "usd",
        "last4": "6789",
        "routing_number": "110000000",
        "fingerprint": "print",
        "status": "verified",
    }
    account = build_object("bank_account", customer="cus_1", **columns)
    assert READERS[BankAccount](account) == {**columns, "customer_id": "cus_1"}


SOURCES = {
    "before late 2018, no customer": ({"type": "card"}, {"customer_id": None}),
    "customer": ({"customer": "cus_1"}, {"customer_id": "cus_1"}),
    "customer expanded": ({"customer": {"id": "cus_1"}}, {"customer_id": "cus_1"}),
    "card": ({"type": "card", "card": DETAILS}, {"type": "card", **DETAILS}),
    "more than 32 bits": ({"amount": 2**40}, {"amount": 2**40}),
    "3D Secure": ({"type": "three_d_secure", "three_d_secure": DETAILS}, {"type": "three_d_secure", **DETAILS}),
    "no card": (
        {"type": "sepa_debit", "sepa_debit": {"last4": "3000", "fingerprint": "x"}},
        {"type": "sepa_debit", **BLANK},
    ),
}


@each(SOURCES)
def test_sources(data, expected):
    assert read(READERS[Source], data, expected) == exact(expected)


def test_a_source_of_today():
    columns = {
        "type": "card",
        "status": "chargeable",
        "usage": "reusable",
        "flow": "redirect",
        "amount": 1099,
        "currency": "eur",
    }
    source = build_object("source", customer="cus_1", card=DETAILS, **columns)
    assert READERS[Source](source) == {**columns, **DETAILS, "customer_id": "cus_1"}
