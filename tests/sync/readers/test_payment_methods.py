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
NO_CARD = {"brand": "", "exp_month": None, "exp_year": None, "funding": ""}
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
    "a Korean card": (
        {"type": "kr_card", "kr_card": {"brand": "bc", "last4": "4242"}},
        {**BLANK, "brand": "bc", "last4": "4242"},
    ),
    "sepa debit": (
        {
            "type": "sepa_debit",
            "sepa_debit": {"last4": "3000", "country": "DE", "fingerprint": "print", "bank_code": "37040044"},
        },
        {**NO_CARD, "last4": "3000", "country": "DE", "fingerprint": "print", "bank_name": "37040044"},
    ),
    "a bank account in the US": (
        {"type": "us_bank_account", "us_bank_account": {"last4": "6789", "bank_name": "TEST BANK", "fingerprint": "x"}},
        {**NO_CARD, "last4": "6789", "bank_name": "TEST BANK", "fingerprint": "x", "country": ""},
    ),
    "iDEAL": ({"type": "ideal", "ideal": {"bank": "ing", "bic": "INGBNL2A"}}, {**BLANK, "bank_name": "ing"}),
    "PayPal": ({"type": "paypal", "paypal": {"country": "FR", "payer_id": "x"}}, {**BLANK, "country": "FR"}),
    "a type from next year": ({"type": "luck", "luck": {"last4": "0007"}}, {**BLANK, "last4": "0007"}),
    "a type without its hash": ({"type": "luck"}, {**BLANK, "bank_name": ""}),
    "a hash of another type": ({"type": "luck", "sepa_debit": {"last4": "3000"}}, BLANK),
    "of a customer that is an account": (
        {"customer": None, "customer_account": "acct_1"},
        {"customer_id": None, "customer_account": "acct_1"},
    ),
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
        "bank_name": "",
        "customer_id": "cus_1",
        "customer_account": "",
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
    "sepa debit": (
        {"type": "sepa_debit", "sepa_debit": {"last4": "3000", "fingerprint": "x"}},
        {"type": "sepa_debit", **NO_CARD, "last4": "3000", "fingerprint": "x", "country": ""},
    ),
    "bancontact": (
        {
            "type": "bancontact",
            "bancontact": {"iban_last4": "7061", "bank_name": "VAN DE PUT & CO", "bank_code": "VAPE"},
        },
        {**NO_CARD, "last4": "7061", "bank_name": "VAN DE PUT & CO"},
    ),
    "ACH debit": (
        {"type": "ach_debit", "ach_debit": {"bank_name": "TEST BANK", "country": "US", "last4": "6789"}},
        {**NO_CARD, "bank_name": "TEST BANK", "country": "US", "last4": "6789"},
    ),
    "ACH credit transfer": (
        {"type": "ach_credit_transfer", "ach_credit_transfer": {"bank_name": "TEST BANK", "fingerprint": "x"}},
        {**NO_CARD, "bank_name": "TEST BANK", "fingerprint": "x", "last4": ""},
    ),
    "owner": (
        {"owner": {"name": "Jenny Rosen", "email": "jenny@example.com"}},
        {"owner_name": "Jenny Rosen", "owner_email": "jenny@example.com"},
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
    owner = {"name": "Jenny Rosen", "email": "jenny@example.com"}
    source = build_object("source", customer="cus_1", card=DETAILS, owner=owner, **columns)
    assert READERS[Source](source) == {
        **columns,
        **DETAILS,
        "bank_name": "",
        "customer_id": "cus_1",
        "owner_name": "Jenny Rosen",
        "owner_email": "jenny@example.com",
    }
