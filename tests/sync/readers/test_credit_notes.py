"""Credit notes, their lines, and invoice items, in every shape they have had."""

from decimal import Decimal

from pinax.stripe.models import CreditNote, CreditNoteLineItem, InvoiceItem
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.sync.shapes import each, exact, read, utc

CREDIT_NOTES = {
    "2019-03-14, a refund": ({"refund": "re_1"}, {"refund_ids": ["re_1"], "tax": None}),
    "2019-12-03, taxes": ({"tax_amounts": [{"amount": 100}, {"amount": 90}]}, {"tax": 190}),
    "before basil, no refund": ({"refund": None}, {"refund_ids": []}),
    "before basil, a refund expanded": ({"refund": {"id": "re_1", "object": "refund"}}, {"refund_ids": ["re_1"]}),
    "basil, refunds": (
        {"refunds": [{"amount_refunded": 5, "refund": "re_1"}, {"amount_refunded": 5, "refund": {"id": "re_2"}}]},
        {"refund_ids": ["re_1", "re_2"]},
    ),
    "basil, taxes": ({"total_taxes": [{"amount": 100}, {"amount": 90}], "tax_amounts": None}, {"tax": 190}),
    "basil, no taxes": ({"total_taxes": []}, {"tax": None}),
    "basil, taxes of nothing": ({"total_taxes": [{"amount": 0}]}, {"tax": 0}),
    "nonsense": ({"refunds": [None, 5, {"refund": 7}], "total_taxes": {"amount": 5}}, {"refund_ids": [], "tax": None}),
}


@each(CREDIT_NOTES)
def test_credit_notes(data, expected):
    assert read(READERS[CreditNote], data, expected) == exact(expected)


LINES = {
    "before basil, tax_amounts": ({"tax_amounts": [{"amount": 19}]}, {"tax": 19}),
    "basil, taxes": ({"taxes": [{"amount": 10}, {"amount": 9}]}, {"tax": 19}),
    "of its own": ({"type": "custom_line_item", "invoice_line_item": None}, {"invoice_line_item_id": None}),
    "a part of a cent": ({"unit_amount": None, "unit_amount_decimal": "0.5"}, {"unit_amount_decimal": Decimal("0.5")}),
}


@each(LINES)
def test_lines_of_credit_notes(data, expected):
    assert read(READERS[CreditNoteLineItem], data, expected) == exact(expected)


PRICE = {"id": "price_1", "object": "price", "product": "prod_1"}
INVOICE_ITEMS = {
    "2015-10-16, amount and date alone": (
        {"amount": 500, "subscription": "sub_1", "invoice": None},
        {"amount": 500, "subscription_id": "sub_1", "invoice_id": None, "price_id": None},
    ),
    "before 2020-08-27, plan": (
        {"plan": {"id": "gold", "object": "plan", "product": "prod_1"}},
        {"plan_id": "gold", "product_id": "prod_1"},
    ),
    "2018-05-21, unit_amount": ({"unit_amount": 250}, {"unit_amount_decimal": Decimal(250)}),
    "2019-12-03, unit_amount_decimal": (
        {"unit_amount": None, "unit_amount_decimal": "0.25"},
        {"unit_amount_decimal": Decimal("0.25")},
    ),
    "2020-08-27, price": ({"price": PRICE}, {"price_id": "price_1", "product_id": "prod_1"}),
    "basil, parent and pricing": (
        {
            "parent": {"subscription_details": {"subscription": "sub_1", "subscription_item": "si_1"}},
            "pricing": {"price_details": {"price": "price_1", "product": "prod_1"}, "unit_amount_decimal": "250"},
        },
        {
            "subscription_id": "sub_1",
            "price_id": "price_1",
            "product_id": "prod_1",
            "unit_amount_decimal": Decimal(250),
        },
    ),
    "a credit": ({"amount": -500}, {"amount": -500}),
    "discounts": ({"discounts": ["di_1"]}, {"discount_ids": ["di_1"]}),
}


@each(INVOICE_ITEMS)
def test_invoice_items(data, expected):
    assert read(READERS[InvoiceItem], data, expected) == exact(expected)


def test_an_invoice_item_was_made_at_its_date():
    item = build_object("invoiceitem", date=1_700_000_000)
    assert READERS[InvoiceItem].shared(item)["created_at"] == utc("2023-11-14 22:13:20")
