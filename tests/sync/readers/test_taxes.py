"""Tax rates, tax ids, and what pays for usage, in every shape they have had."""

from decimal import Decimal

from pinax.stripe.models import CreditBalanceTransaction, TaxId, TaxRate
from pinax.stripe.sync.registry import READERS
from tests.sync.shapes import each, exact, read

TAX_RATES = {
    "2019-05-16, percentage": ({"percentage": 7.7}, {"percentage": Decimal("7.7"), "effective_percentage": None}),
    "2022-11-15, effective_percentage": (
        {"percentage": 7.7, "effective_percentage": 0},
        {"effective_percentage": Decimal(0)},
    ),
    "2024, a flat amount": (
        {"percentage": 0, "rate_type": "flat_amount", "flat_amount": {"amount": 50, "currency": "usd"}},
        {"rate_type": "flat_amount", "percentage": Decimal(0)},
    ),
}


@each(TAX_RATES)
def test_tax_rates(data, expected):
    assert read(READERS[TaxRate], data, expected) == exact(expected)


TAX_IDS = {
    "2018, of a customer": ({"customer": "cus_1"}, {"customer_id": "cus_1", "owner_type": ""}),
    "2024-04-10, of a customer": (
        {"customer": "cus_1", "owner": {"type": "customer", "customer": "cus_1"}},
        {"customer_id": "cus_1", "owner_type": "customer", "owner_account": ""},
    ),
    "2024-04-10, of the account": (
        {"customer": None, "owner": {"type": "self"}},
        {"customer_id": None, "owner_type": "self"},
    ),
    "2024-04-10, of a connected account": (
        {"customer": None, "owner": {"type": "account", "account": "acct_1"}},
        {"customer_id": None, "owner_type": "account", "owner_account": "acct_1"},
    ),
    "verified": ({"verification": {"status": "verified"}}, {"verification_status": "verified"}),
    "never verified": ({"verification": None}, {"verification_status": ""}),
}


@each(TAX_IDS)
def test_tax_ids(data, expected):
    assert read(READERS[TaxId], data, expected) == exact(expected)


MONEY = {"amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 500}}}
CREDITS = {
    "acacia, granted": (
        {"type": "credit", "credit": {**MONEY, "type": "credits_granted"}, "debit": None},
        {"reason": "credits_granted", "amount": 500, "currency": "usd", "invoice_id": None},
    ),
    "acacia, used": (
        {"debit": {**MONEY, "type": "credits_applied", "credits_applied": {"invoice": "in_1"}}, "credit": None},
        {"reason": "credits_applied", "amount": 500, "currency": "usd", "invoice_id": "in_1"},
    ),
    "acacia, given back with an invoice": (
        {
            "credit": {
                **MONEY,
                "type": "credits_application_invoice_voided",
                "credits_application_invoice_voided": {"invoice": {"id": "in_1"}},
            }
        },
        {"reason": "credits_application_invoice_voided", "invoice_id": "in_1"},
    ),
    "acacia, expired": (
        {"debit": {**MONEY, "type": "credits_expired", "credits_applied": None}},
        {"reason": "credits_expired", "invoice_id": None},
    ),
}


@each(CREDITS)
def test_transactions_of_credits(data, expected):
    assert read(READERS[CreditBalanceTransaction], data, expected) == exact(expected)
