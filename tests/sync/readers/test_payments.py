"""Charges, payment intents and refunds in every shape they have had since 2015-10-16."""

import pytest

from pinax.stripe.models import Charge, PaymentIntent, Refund
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.sync.shapes import each, exact, read, utc

CARD = {"object": "card", "id": "card_1", "brand": "American Express", "last4": "0005"}
DETAILS = {"type": "card", "card": {"brand": "mastercard", "last4": "4444"}}
BANK_ACCOUNT = {"object": "bank_account", "id": "ba_1", "bank_name": "STRIPE TEST BANK", "last4": "6789"}
SEPA = {"object": "source", "id": "src_1", "type": "sepa_debit", "sepa_debit": {"last4": "3000"}}
CARD_SOURCE = {"object": "source", "id": "src_1", "type": "card", "card": {"brand": "MasterCard", "last4": "4444"}}
THREE_D_SECURE = {
    "object": "source",
    "id": "src_1",
    "type": "three_d_secure",
    "three_d_secure": {"card": "src_2", "brand": "Visa", "last4": "3220"},
}
AMEX = {"card_brand": "amex", "card_last4": "0005"}
MASTERCARD = {"card_brand": "mastercard", "card_last4": "4444"}
NO_CARD = {"card_brand": "", "card_last4": ""}

CHARGE_AMOUNTS = ("amount", "amount_captured", "amount_refunded")
INTENT_AMOUNTS = ("amount", "amount_capturable", "amount_received")

CHARGES = {
    "before 2015-02-18, card": ({"card": CARD}, {"payment_method": "card_1", **AMEX}),
    "before 2015-02-18, brand as type": (
        {"card": {"id": "card_1", "type": "Visa", "last4": "4242"}},
        {"card_brand": "visa"},
    ),
    "before 2019-05-16, source": ({"source": CARD}, {"payment_method": "card_1", **AMEX}),
    "before 2019-05-16, source of type card": ({"source": CARD_SOURCE}, {"payment_method": "src_1", **MASTERCARD}),
    "before 2019-05-16, three_d_secure": (
        {"source": THREE_D_SECURE},
        {"payment_method": "src_1", "card_brand": "visa", "card_last4": "3220"},
    ),
    "before 2019-05-16, bank account": ({"source": BANK_ACCOUNT}, {"payment_method": "ba_1", **NO_CARD}),
    "before 2019-05-16, sepa debit": ({"source": SEPA}, {"payment_method": "src_1", **NO_CARD}),
    "before 2019-05-16, account": ({"source": {"object": "account", "id": "acct_1"}}, NO_CARD),
    "2019-05-16, payment_method_details": (
        {"payment_method": "pm_1", "payment_method_details": DETAILS},
        {"payment_method": "pm_1", **MASTERCARD},
    ),
    "2019-05-16, source still on the wire": (
        {"payment_method": "card_2", "payment_method_details": DETAILS, "source": CARD},
        {"payment_method": "card_2", **MASTERCARD},
    ),
    "before 2019-05-16, source beside card": (
        {"source": CARD_SOURCE, "card": CARD},
        {"payment_method": "src_1", **MASTERCARD},
    ),
    "2019-05-16, source null": ({"payment_method": "pm_1", "source": None}, {"payment_method": "pm_1", **NO_CARD}),
    "2019-05-16, in person": (
        {"payment_method_details": {"type": "card_present", "card_present": {"brand": "visa", "last4": "9969"}}},
        {"card_brand": "visa", "card_last4": "9969"},
    ),
    "2019-05-16, Interac in person": (
        {"payment_method_details": {"type": "interac_present", "interac_present": {"brand": "interac", "last4": "1"}}},
        {"card_brand": "interac", "card_last4": "1"},
    ),
    "2019-05-16, bank account": (
        {"payment_method_details": {"type": "ach_debit", "ach_debit": {"last4": "6789"}}, "source": BANK_ACCOUNT},
        NO_CARD,
    ),
    "a card without a number": ({"source": {**CARD, "last4": None}}, NO_CARD),
    "more than 32 bits": (dict.fromkeys(CHARGE_AMOUNTS, 2**40), dict.fromkeys(CHARGE_AMOUNTS, 2**40)),
    "payment method expanded": ({"payment_method": {"id": "pm_1", "type": "card"}}, {"payment_method": "pm_1"}),
    "before 2019-11, dispute null": ({"dispute": None}, {"disputed": False}),
    "before 2019-11, dispute": ({"dispute": "dp_1"}, {"disputed": True}),
    "before 2019-11, dispute expanded": ({"dispute": {"id": "dp_1", "object": "dispute"}}, {"disputed": True}),
    "2019-11, disputed": ({"dispute": None, "disputed": True}, {"disputed": True}),
    "2019-11, not disputed": ({"dispute": "dp_1", "disputed": False}, {"disputed": False}),
    "neither dispute nor disputed": ({}, {"disputed": None}),
    "before 2020, no amount_captured": ({"amount": 500, "captured": True}, {"amount_captured": None}),
    "before basil, invoice": ({"invoice": "in_1"}, {"invoice_id": "in_1"}),
    "basil, no invoice": ({}, {"invoice_id": None}),
    "references": (
        {"customer": "cus_1", "invoice": "in_1", "payment_intent": "pi_1"},
        {"customer_id": "cus_1", "invoice_id": "in_1", "payment_intent_id": "pi_1"},
    ),
    "references expanded": (
        {
            "customer": {"id": "cus_1", "object": "customer", "deleted": True},
            "invoice": {"id": "in_1", "object": "invoice"},
            "payment_intent": {"id": "pi_1", "object": "payment_intent"},
        },
        {"customer_id": "cus_1", "invoice_id": "in_1", "payment_intent_id": "pi_1"},
    ),
    "2019-05-16, paid by": (
        {"payment_method_details": {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}},
        {"payment_method_type": "sepa_debit"},
    ),
    "before 2019-05-16, paid by a card": ({"source": CARD}, {"payment_method_type": "card"}),
    "before 2015-02-18, paid by a card": ({"card": {"id": "card_1", "type": "Visa"}}, {"payment_method_type": "card"}),
    "before 2019-05-16, paid by a source": ({"source": SEPA}, {"payment_method_type": "sepa_debit"}),
    "before 2019-05-16, paid by a bank account": ({"source": BANK_ACCOUNT}, {"payment_method_type": "ach_debit"}),
    "before 2019-05-16, paid by an account": (
        {"source": {"object": "account", "id": "acct_1"}},
        {"payment_method_type": "stripe_account"},
    ),
    "paid by what is not said": ({"source": None}, {"payment_method_type": ""}),
    "before 2019-02-19, destination": ({"destination": "acct_1"}, {"destination": "acct_1"}),
    "2019-02-19, destination still on the wire": (
        {"destination": "acct_1", "transfer_data": {"destination": "acct_1", "amount": None}},
        {"destination": "acct_1"},
    ),
    "2019-02-19, transfer data": ({"transfer_data": {"destination": "acct_1"}}, {"destination": "acct_1"}),
    "balance transaction expanded": (
        {"balance_transaction": {"id": "txn_1", "object": "balance_transaction"}},
        {"balance_transaction_id": "txn_1"},
    ),
    "not captured yet": ({"balance_transaction": None}, {"balance_transaction_id": None}),
    "for an account": (
        {
            "application_fee": {"id": "fee_1", "object": "application_fee"},
            "application_fee_amount": 123,
            "on_behalf_of": "acct_1",
            "transfer": "tr_1",
            "transfer_group": "order 7",
        },
        {
            "application_fee": "fee_1",
            "application_fee_amount": 123,
            "on_behalf_of": "acct_1",
            "transfer_id": "tr_1",
            "transfer_group": "order 7",
        },
    ),
    "declined": (
        {
            "outcome": {
                "type": "issuer_declined",
                "reason": "do_not_honor",
                "seller_message": "The bank declined.",
                "risk_level": "normal",
                "risk_score": 32,
            }
        },
        {
            "outcome_type": "issuer_declined",
            "outcome_reason": "do_not_honor",
            "outcome_message": "The bank declined.",
            "risk_level": "normal",
            "risk_score": 32,
        },
    ),
    "a score of no risk assessment": ({"outcome": {"risk_score": -1}}, {"risk_score": None}),
    "failed": (
        {"status": "failed", "paid": False, "failure_code": "card_declined", "failure_message": "Declined."},
        {"status": "failed", "paid": False, "failure_code": "card_declined", "failure_message": "Declined."},
    ),
}


@each(CHARGES)
def test_charges(data, expected):
    assert read(READERS[Charge], data, expected) == exact(expected)


#: Names of brands on cards -> what they are called in payment methods.
BRANDS = {
    "American Express": "amex",
    "Cartes Bancaires": "cartes_bancaires",
    "Diners Club": "diners",
    "Discover": "discover",
    "Eftpos Australia": "eftpos_au",
    "JCB": "jcb",
    "MasterCard": "mastercard",
    "UnionPay": "unionpay",
    "Unknown": "unknown",
    "Visa": "visa",
    "A New Brand": "a new brand",
}


@pytest.mark.parametrize(("name", "brand"), BRANDS.items())
def test_a_brand_has_one_name_on_charges_of_all_versions(name, brand):
    old = {"source": {"object": "card", "brand": name, "last4": "4242"}}
    new = {"payment_method_details": {"type": "card", "card": {"brand": brand, "last4": "4242"}}}
    assert READERS[Charge](old)["card_brand"] == READERS[Charge](new)["card_brand"] == brand


def test_a_charge_of_today():
    charge = build_object(
        "charge",
        amount=1999,
        amount_refunded=500,
        currency="eur",
        customer="cus_1",
        description="Gold",
        payment_intent="pi_1",
        payment_method="pm_1",
        balance_transaction="txn_1",
        receipt_email="jenny@example.com",
        receipt_url="https://pay.stripe.com/receipts/1",
    )
    assert READERS[Charge](charge) == {
        "customer_id": "cus_1",
        "invoice_id": None,
        "payment_intent_id": "pi_1",
        "payment_method": "pm_1",
        "amount": 1999,
        "amount_captured": 1999,
        "amount_refunded": 500,
        "currency": "eur",
        "status": "succeeded",
        "description": "Gold",
        "paid": True,
        "captured": True,
        "refunded": False,
        "disputed": False,
        "failure_code": "",
        "failure_message": "",
        "receipt_email": "jenny@example.com",
        "receipt_url": "https://pay.stripe.com/receipts/1",
        "payment_method_type": "card",
        "card_brand": "visa",
        "card_last4": "4242",
        "outcome_type": "authorized",
        "outcome_reason": "",
        "outcome_message": "Payment complete.",
        "risk_level": "normal",
        "risk_score": None,
        "balance_transaction_id": "txn_1",
        "on_behalf_of": "",
        "destination": "",
        "transfer_id": None,
        "transfer_group": "",
        "application_fee": "",
        "application_fee_amount": None,
    }


CHARGE_LIST = {"object": "list", "data": [{"id": "ch_2", "object": "charge"}, {"id": "ch_1", "object": "charge"}]}

INTENTS = {
    "before 2019-02-11, requires_source": ({"status": "requires_source"}, {"status": "requires_payment_method"}),
    "before 2019-02-11, requires_source_action": ({"status": "requires_source_action"}, {"status": "requires_action"}),
    "before 2019-05-16, source": ({"source": "src_1"}, {"payment_method": "src_1"}),
    "before 2019-05-16, source expanded": (
        {"source": {"id": "card_1", "object": "card"}},
        {"payment_method": "card_1"},
    ),
    "2019-05-16, payment_method": ({"payment_method": "pm_1", "source": None}, {"payment_method": "pm_1"}),
    "2019-05-16, both": ({"payment_method": "pm_1", "source": "card_1"}, {"payment_method": "pm_1"}),
    "payment method expanded": ({"payment_method": {"id": "pm_1"}}, {"payment_method": "pm_1"}),
    "before 2022-11-15, charges, newest first": ({"charges": CHARGE_LIST}, {"latest_charge_id": "ch_2"}),
    "before 2022-11-15, no charge yet": ({"charges": {"object": "list", "data": []}}, {"latest_charge_id": None}),
    "2022-11-15, latest_charge": ({"latest_charge": "ch_3"}, {"latest_charge_id": "ch_3"}),
    "2022-11-15, latest_charge expanded": ({"latest_charge": {"id": "ch_3"}}, {"latest_charge_id": "ch_3"}),
    "2022-11-15, both": ({"latest_charge": "ch_3", "charges": CHARGE_LIST}, {"latest_charge_id": "ch_3"}),
    "2022-11-15, no charge yet": ({"latest_charge": None}, {"latest_charge_id": None}),
    "before basil, invoice": ({"invoice": "in_1"}, {"invoice_id": "in_1"}),
    "before basil, invoice expanded": ({"invoice": {"id": "in_1"}}, {"invoice_id": "in_1"}),
    "basil, no invoice": ({}, {"invoice_id": None}),
    "customer expanded": ({"customer": {"id": "cus_1", "deleted": True}}, {"customer_id": "cus_1"}),
    "more than 32 bits": (dict.fromkeys(INTENT_AMOUNTS, 2**40), dict.fromkeys(INTENT_AMOUNTS, 2**40)),
    "a status from next year": ({"status": "requires_luck"}, {"status": "requires_luck"}),
    "the last attempt failed": (
        {"last_payment_error": {"code": "card_declined", "decline_code": "do_not_honor", "message": "Declined."}},
        {"error_code": "card_declined", "decline_code": "do_not_honor", "error_message": "Declined."},
    ),
    "no attempt failed": (
        {"last_payment_error": None},
        {"error_code": "", "decline_code": "", "error_message": ""},
    ),
    "for an account": (
        {
            "application_fee_amount": 123,
            "on_behalf_of": "acct_1",
            "transfer_data": {"destination": {"id": "acct_1", "object": "account"}, "amount": 900},
            "transfer_group": "order 7",
        },
        {
            "application_fee_amount": 123,
            "on_behalf_of": "acct_1",
            "destination": "acct_1",
            "transfer_amount": 900,
            "transfer_group": "order 7",
        },
    ),
    "of a customer that is an account": (
        {"customer": None, "customer_account": "acct_1"},
        {"customer_id": None, "customer_account": "acct_1"},
    ),
    "amounts": (
        {"amount": 1099, "amount_capturable": 1000, "amount_received": 99},
        {"amount": 1099, "amount_capturable": 1000, "amount_received": 99},
    ),
}


@each(INTENTS)
def test_payment_intents(data, expected):
    assert read(READERS[PaymentIntent], data, expected) == exact(expected)


def test_a_payment_intent_of_today():
    intent = build_object(
        "payment_intent",
        amount=1099,
        canceled_at=1_700_000_000,
        cancellation_reason="abandoned",
        capture_method="manual",
        currency="jpy",
        customer="cus_1",
        description="Gold",
        latest_charge="ch_1",
        payment_method="pm_1",
        setup_future_usage="off_session",
        status="canceled",
    )
    assert READERS[PaymentIntent](intent) == {
        "customer_id": "cus_1",
        "invoice_id": None,
        "latest_charge_id": "ch_1",
        "payment_method": "pm_1",
        "amount": 1099,
        "amount_capturable": 0,
        "amount_received": 0,
        "currency": "jpy",
        "status": "canceled",
        "description": "Gold",
        "capture_method": "manual",
        "setup_future_usage": "off_session",
        "canceled_at": utc("2023-11-14 22:13:20"),
        "cancellation_reason": "abandoned",
        "customer_account": "",
        "error_code": "",
        "decline_code": "",
        "error_message": "",
        "on_behalf_of": "",
        "destination": "",
        "transfer_amount": None,
        "transfer_group": "",
        "application_fee_amount": None,
    }


REFUNDS = {
    "2015-10-16, no status": ({"charge": "ch_1"}, {"charge_id": "ch_1", "status": "", "payment_intent_id": None}),
    "expanded": (
        {"charge": {"id": "ch_1", "object": "charge"}, "payment_intent": {"id": "pi_1"}},
        {"charge_id": "ch_1", "payment_intent_id": "pi_1"},
    ),
    "more than 32 bits": ({"amount": 2**40}, {"amount": 2**40}),
    "of no charge": ({"charge": None, "status": None}, {"charge_id": None, "status": ""}),
}


@each(REFUNDS)
def test_refunds(data, expected):
    assert read(READERS[Refund], data, expected) == exact(expected)


def test_a_refund_of_today():
    refund = build_object(
        "refund",
        amount=500,
        balance_transaction="txn_1",
        charge="ch_1",
        currency="eur",
        description="Sorry",
        failure_balance_transaction="txn_2",
        failure_reason="expired_or_canceled_card",
        payment_intent="pi_1",
        reason="requested_by_customer",
        receipt_number="1234-5678",
        status="failed",
    )
    assert READERS[Refund](refund) == {
        "charge_id": "ch_1",
        "payment_intent_id": "pi_1",
        "amount": 500,
        "currency": "eur",
        "status": "failed",
        "description": "Sorry",
        "reason": "requested_by_customer",
        "failure_reason": "expired_or_canceled_card",
        "receipt_number": "1234-5678",
        "balance_transaction_id": "txn_1",
        "failure_balance_transaction_id": "txn_2",
    }
