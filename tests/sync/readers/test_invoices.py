"""Invoices and their lines in every shape they have had since 2015-10-16, and what is asked of them."""

import pytest

from pinax.stripe.models import Invoice, InvoiceLineItem
from pinax.stripe.sync.registry import READERS, line_key
from pinax.stripe.testing import build_object
from tests.sync.delivery import deliver
from tests.sync.shapes import each, exact, read, utc

START, END, LATER = 1_700_000_000, 1_702_592_000, 1_703_000_000
AT_START, AT_END, AT_LATER = utc("2023-11-14 22:13:20"), utc("2023-12-14 22:13:20"), utc("2023-12-19 15:33:20")


def flags(paid, closed, attempted, forgiven=False):
    return {"paid": paid, "closed": closed, "attempted": attempted, "forgiven": forgiven}


def listed(*entries):
    return {"object": "list", "data": list(entries), "has_more": False}


def paid_with(created=START, is_default=False, **payment):
    return {"object": "invoice_payment", "created": created, "is_default": is_default, "payment": payment}


BY_INTENT = {"type": "payment_intent", "payment_intent": "pi_1"}
TRANSITIONS = {"finalized_at": START, "paid_at": END, "voided_at": None, "marked_uncollectible_at": None}
AMOUNTS = ("amount_due", "amount_paid", "amount_remaining", "subtotal", "tax", "total", "starting_balance")

INVOICES = {
    # What became of it.
    "before 2018-11-08, paid": (flags(True, True, True), {"status": "paid", "auto_advance": False}),
    "before 2018-11-08, paid though forgiven": (flags(True, True, True, True), {"status": "paid"}),
    "before 2018-11-08, nothing to pay": (flags(True, True, False), {"status": "paid", "auto_advance": False}),
    "before 2018-11-08, forgiven": (flags(False, True, True, True), {"status": "uncollectible", "auto_advance": False}),
    "before 2018-11-08, closed": (flags(False, True, False), {"status": "open", "auto_advance": False}),
    "before 2018-11-08, attempted": (flags(False, False, True), {"status": "open", "auto_advance": True}),
    "before 2018-11-08, new": (flags(False, False, False), {"status": "draft", "auto_advance": True}),
    "before 2018-11-08, neither closed nor forgiven sent": (
        {"paid": False, "attempted": True},
        {"status": "open", "auto_advance": None},
    ),
    "2018-11-08, status": ({"status": "open", "auto_advance": True}, {"status": "open", "auto_advance": True}),
    "2018-11-08, status beside paid": (
        {"status": "uncollectible", "paid": False, "attempted": True, "auto_advance": False},
        {"status": "uncollectible", "auto_advance": False},
    ),
    "2018-11-08, void": ({"status": "void", "paid": False, "closed": True}, {"status": "void"}),
    "2018-11-08, status null": ({"status": None, "paid": True}, {"status": ""}),
    "2018-11-08, auto_advance beside closed": ({"auto_advance": True, "closed": True}, {"auto_advance": True}),
    "basil, paid gone": ({"status": "paid"}, {"status": "paid", "auto_advance": None}),
    "a status from next year": ({"status": "haggling"}, {"status": "haggling"}),
    # When.
    "before 2019-03-14, finalized_at": ({"finalized_at": START}, {"finalized_at": AT_START, "paid_at": None}),
    "2019-03-14, status_transitions": (
        {"status_transitions": TRANSITIONS},
        {"finalized_at": AT_START, "paid_at": AT_END, "voided_at": None, "marked_uncollectible_at": None},
    ),
    "2019-03-14, both": (
        {"finalized_at": LATER, "status_transitions": TRANSITIONS},
        {"finalized_at": AT_START},
    ),
    "2019-03-14, given up": (
        {"status_transitions": {"voided_at": END, "marked_uncollectible_at": START}},
        {"voided_at": AT_END, "marked_uncollectible_at": AT_START, "finalized_at": None},
    ),
    "before 2018, no due date": ({"next_payment_attempt": END}, {"due_date": None, "next_payment_attempt": AT_END}),
    # How.
    "before 2019-10-17, billing": ({"billing": "send_invoice"}, {"collection_method": "send_invoice"}),
    "mid-2019, both": (
        {"billing": "send_invoice", "collection_method": "charge_automatically"},
        {"collection_method": "charge_automatically"},
    ),
    "2019-10-17, collection_method": ({"collection_method": "send_invoice"}, {"collection_method": "send_invoice"}),
    # How much.
    "before spring 2018, no amount_paid": (
        {"amount_due": 2000, "paid": True},
        {"amount_due": 2000, "amount_paid": None, "amount_remaining": None},
    ),
    "a credit": (
        {"total": -500, "subtotal": -500, "starting_balance": -100, "ending_balance": -600, "amount_due": 0},
        {"total": -500, "subtotal": -500, "starting_balance": -100, "ending_balance": -600, "amount_due": 0},
    ),
    "more than 32 bits": (dict.fromkeys(AMOUNTS, 2**40), dict.fromkeys(AMOUNTS, 2**40)),
    "less than nothing": (
        {**dict.fromkeys(AMOUNTS, -5), "attempt_count": -5},
        {**dict.fromkeys(AMOUNTS, -5), "attempt_count": None},
    ),
    "basil, taxes given back": ({"total_taxes": [{"amount": -200}, {"amount": -61}]}, {"tax": -261}),
    "before basil, tax": ({"tax": 261, "total_tax_amounts": [{"amount": 261}]}, {"tax": 261}),
    "before basil, taxed by nothing": ({"tax": 0}, {"tax": 0}),
    "before basil, not taxed": ({"tax": None, "total_tax_amounts": []}, {"tax": None}),
    "basil, total_taxes": (
        {"total_taxes": [{"amount": 200, "tax_behavior": "exclusive"}, {"amount": 61, "tax_behavior": "inclusive"}]},
        {"tax": 261},
    ),
    "basil, taxed by nothing": ({"total_taxes": [{"amount": 0}]}, {"tax": 0}),
    "basil, not taxed": ({"total_taxes": []}, {"tax": None}),
    "basil, total_taxes null": ({"total_taxes": None}, {"tax": None}),
    "basil, total_taxes of nonsense": ({"total_taxes": [None, {"amount": "5"}, {"amount": 7}]}, {"tax": 7}),
    # Of what.
    "before basil, subscription": ({"subscription": "sub_1"}, {"subscription_id": "sub_1"}),
    "before basil, subscription expanded": ({"subscription": {"id": "sub_1"}}, {"subscription_id": "sub_1"}),
    "before basil, no subscription": ({"subscription": None}, {"subscription_id": None}),
    "basil, parent": (
        {"parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}},
        {"subscription_id": "sub_1"},
    ),
    "basil, parent with an expanded subscription": (
        {"parent": {"type": "subscription_details", "subscription_details": {"subscription": {"id": "sub_1"}}}},
        {"subscription_id": "sub_1"},
    ),
    "both, subscription and parent": (
        {"subscription": "sub_1", "parent": {"subscription_details": {"subscription": "sub_2"}}},
        {"subscription_id": "sub_1"},
    ),
    "basil, parent is a quote": (
        {"parent": {"type": "quote_details", "quote_details": {"quote": "qt_1"}, "subscription_details": None}},
        {"subscription_id": None},
    ),
    "basil, no parent": ({"parent": None}, {"subscription_id": None}),
    "customer expanded": ({"customer": {"id": "cus_1", "deleted": True}}, {"customer_id": "cus_1"}),
    # Paid with what.
    "before basil, charge": ({"charge": "ch_1"}, {"charge_id": "ch_1", "payment_intent_id": None}),
    "before basil, charge expanded": ({"charge": {"id": "ch_1", "object": "charge"}}, {"charge_id": "ch_1"}),
    "2019, payment_intent": (
        {"charge": "ch_1", "payment_intent": "pi_1"},
        {"charge_id": "ch_1", "payment_intent_id": "pi_1"},
    ),
    "2019, payment_intent expanded": (
        {"charge": None, "payment_intent": {"id": "pi_1"}},
        {"payment_intent_id": "pi_1"},
    ),
    "its own payment beside payments": (
        {
            "charge": "ch_1",
            "payment_intent": "pi_1",
            "payments": listed(paid_with(charge="ch_2", payment_intent="pi_2")),
        },
        {"charge_id": "ch_1", "payment_intent_id": "pi_1"},
    ),
    "basil, a payment of no time": (
        {"payments": listed(paid_with(None, payment_intent="pi_2"), paid_with(START, **BY_INTENT))},
        {"payment_intent_id": "pi_1"},
    ),
    "basil, payments not included": ({"status": "paid"}, {"charge_id": None, "payment_intent_id": None}),
    "basil, no payments": ({"payments": listed()}, {"charge_id": None, "payment_intent_id": None}),
    "basil, payment intent": (
        {"payments": listed(paid_with(**BY_INTENT))},
        {"charge_id": None, "payment_intent_id": "pi_1"},
    ),
    "basil, charge": (
        {"payments": listed(paid_with(type="charge", charge="ch_1"))},
        {"charge_id": "ch_1", "payment_intent_id": None},
    ),
    "basil, payment intent expanded": (
        {"payments": listed(paid_with(type="payment_intent", payment_intent={"id": "pi_1"}))},
        {"payment_intent_id": "pi_1"},
    ),
    "basil, paid elsewhere": (
        {"payments": listed(paid_with(type="payment_record", payment_record="pr_1"))},
        {"charge_id": None, "payment_intent_id": None},
    ),
    "basil, the default payment": (
        {
            "payments": listed(
                paid_with(START, payment_intent="pi_2"),
                paid_with(END, is_default=True, **BY_INTENT),
                paid_with(LATER, payment_intent="pi_3"),
            )
        },
        {"payment_intent_id": "pi_1"},
    ),
    "basil, no default, newest first": (
        {"payments": listed(paid_with(END, **BY_INTENT), paid_with(START, payment_intent="pi_2"))},
        {"payment_intent_id": "pi_1"},
    ),
    "basil, no default, newest last": (
        {"payments": listed(paid_with(START, payment_intent="pi_2"), paid_with(END, **BY_INTENT))},
        {"payment_intent_id": "pi_1"},
    ),
}


@each(INVOICES)
def test_invoices(data, expected):
    assert read(READERS[Invoice], data, expected) == exact(expected)


def test_an_invoice_of_today():
    columns = {
        "number": "ABC-0001",
        "status": "open",
        "collection_method": "send_invoice",
        "billing_reason": "subscription_cycle",
        "currency": "eur",
        "amount_due": 2000,
        "amount_paid": 1500,
        "amount_remaining": 500,
        "subtotal": 1800,
        "total": 2100,
        "starting_balance": -100,
        "ending_balance": 0,
        "attempt_count": 2,
        "attempted": True,
        "auto_advance": False,
        "description": "For Gold",
        "receipt_number": "1234-5678",
        "hosted_invoice_url": "https://invoice.stripe.com/i/1",
        "invoice_pdf": "https://pay.stripe.com/invoice/1/pdf",
    }
    transitions = {"finalized_at": START, "paid_at": END, "voided_at": LATER, "marked_uncollectible_at": START}
    invoice = build_object(
        "invoice",
        customer="cus_1",
        discounts=["di_1"],
        due_date=LATER,
        next_payment_attempt=END,
        parent={"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        period_end=END,
        period_start=START,
        status_transitions=transitions,
        total_taxes=[{"amount": 300}],
        **columns,
    )
    assert READERS[Invoice](invoice) == {
        **columns,
        "customer_id": "cus_1",
        "customer_account": "",
        "subscription_id": "sub_1",
        "tax": 300,
        "next_payment_attempt": AT_END,
        "due_date": AT_LATER,
        "period_start": AT_START,
        "period_end": AT_END,
        "finalized_at": AT_START,
        "paid_at": AT_END,
        "voided_at": AT_LATER,
        "marked_uncollectible_at": AT_START,
        "charge_id": None,
        "payment_intent_id": None,
        "discount_ids": ["di_1"],
    }


PLAN = {"id": "gold", "object": "plan", "product": "prod_1"}
PRICE = {"id": "price_1", "object": "price", "product": "prod_2"}
PRICED = {"type": "price_details", "price_details": {"price": "price_1", "product": "prod_2"}}

LINES = {
    "before 2019-12-03, subscription in its own id": (
        {"id": "sub_1", "type": "subscription", "subscription": None, "plan": PLAN, "proration": False},
        {"subscription_id": "sub_1", "plan_id": "gold", "product_id": "prod_1", "price_id": None, "proration": False},
    ),
    "before 2019-12-03, subscription item": (
        {"id": "sli_1", "type": "subscription", "subscription": "sub_1", "subscription_item": "si_1"},
        {"subscription_id": "sub_1", "subscription_item_id": "si_1"},
    ),
    "before 2019-12-03, subscription in both places": (
        {"id": "sub_2", "type": "subscription", "subscription": "sub_1"},
        {"subscription_id": "sub_1"},
    ),
    "both shapes": (
        {
            "subscription": "sub_1",
            "subscription_item": "si_1",
            "proration": True,
            "price": PRICE,
            "parent": {
                "subscription_item_details": {"subscription": "sub_2", "subscription_item": "si_2", "proration": False}
            },
            "pricing": {"price_details": {"price": "price_2", "product": "prod_2"}},
        },
        {"subscription_id": "sub_1", "subscription_item_id": "si_1", "proration": True, "price_id": "price_1"},
    ),
    "before 2019-12-03, of another id": (
        {"id": "sli_1", "type": "subscription", "subscription": None},
        {"subscription_id": None, "subscription_item_id": None},
    ),
    "before 2019-12-03, invoice item": (
        {"id": "ii_1", "type": "invoiceitem", "subscription": None, "plan": None, "proration": False},
        {"subscription_id": None, "plan_id": None, "product_id": None, "proration": False},
    ),
    "before 2019-12-03, proration": (
        {"id": "ii_1", "type": "invoiceitem", "subscription": "sub_1", "plan": PLAN, "proration": True},
        {"subscription_id": "sub_1", "plan_id": "gold", "proration": True},
    ),
    "an invoice item of a subscription's name": (
        {"id": "sub_1", "type": "invoiceitem"},
        {"subscription_id": None},
    ),
    "before 2018-02-05, plan without product": ({"plan": {"id": "gold", "name": "Gold"}}, {"product_id": None}),
    "2020, price beside plan": (
        {"price": PRICE, "plan": PLAN},
        {"price_id": "price_1", "plan_id": "gold", "product_id": "prod_2"},
    ),
    "2020, product expanded": ({"price": {**PRICE, "product": {"id": "prod_3"}}}, {"product_id": "prod_3"}),
    "2020, plan null": (
        {"price": PRICE, "plan": None},
        {"price_id": "price_1", "plan_id": None, "product_id": "prod_2"},
    ),
    "basil, pricing": ({"pricing": PRICED}, {"price_id": "price_1", "product_id": "prod_2", "plan_id": None}),
    "basil, price expanded": (
        {"pricing": {"price_details": {"price": PRICE, "product": "prod_2"}}},
        {"price_id": "price_1", "product_id": "prod_2"},
    ),
    "basil, no price": ({"pricing": None}, {"price_id": None, "product_id": None}),
    "basil, of a subscription item": (
        {
            "parent": {
                "type": "subscription_item_details",
                "invoice_item_details": None,
                "subscription_item_details": {"subscription": "sub_1", "subscription_item": "si_1", "proration": True},
            }
        },
        {"subscription_id": "sub_1", "subscription_item_id": "si_1", "proration": True},
    ),
    "basil, of an invoice item": (
        {
            "parent": {
                "type": "invoice_item_details",
                "invoice_item_details": {"invoice_item": "ii_1", "proration": False, "subscription": "sub_1"},
                "subscription_item_details": None,
            }
        },
        {"subscription_id": "sub_1", "subscription_item_id": None, "proration": False},
    ),
    "basil, of an invoice item of no subscription": (
        {"parent": {"invoice_item_details": {"invoice_item": "ii_1", "proration": False, "subscription": None}}},
        {"subscription_id": None, "proration": False},
    ),
    "basil, no parent": ({"parent": None}, {"subscription_id": None, "proration": None}),
    "subscription expanded": ({"subscription": {"id": "sub_1"}}, {"subscription_id": "sub_1"}),
    "before basil, no invoice": ({"id": "il_1"}, {"invoice_id": None}),
    "invoice expanded": ({"invoice": {"id": "in_1"}}, {"invoice_id": "in_1"}),
    "a credit": ({"amount": -500, "quantity": 0}, {"amount": -500, "quantity": 0}),
    "more than 32 bits": ({"amount": 2**40, "quantity": 2**40}, {"amount": 2**40, "quantity": 2**40}),
    "2026-03, a fraction": ({"quantity": None, "quantity_decimal": "1.5"}, {"quantity": None}),
}


@each(LINES)
def test_lines(data, expected):
    assert read(READERS[InvoiceLineItem], data, expected) == exact(expected)


def test_a_line_of_today():
    parent = {"subscription_item_details": {"subscription": "sub_1", "subscription_item": "si_1", "proration": False}}
    line = build_object(
        "line_item",
        amount=1999,
        currency="eur",
        description="2 x Gold",
        invoice="in_1",
        parent=parent,
        period={"start": START, "end": END},
        pricing=PRICED,
        quantity=2,
    )
    assert READERS[InvoiceLineItem](line) == {
        "invoice_id": "in_1",
        "amount": 1999,
        "currency": "eur",
        "description": "2 x Gold",
        "quantity": 2,
        "period_start": AT_START,
        "period_end": AT_END,
        "proration": False,
        "price_id": "price_1",
        "plan_id": None,
        "product_id": "prod_2",
        "subscription_id": "sub_1",
        "subscription_item_id": "si_1",
    }


KEYS = {
    "before 2019-12-03, subscription": ({"id": "sub_1"}, "acct_1/in_1/sub_1"),
    "before 2019-12-03, invoice item": ({"id": "ii_1"}, "acct_1/in_1/ii_1"),
    "before 2019-12-03, unique_id": ({"id": "sub_1", "unique_id": "il_1"}, "acct_1/il_1"),
    "before 2019-12-03, unique_id null": ({"id": "sub_1", "unique_id": None}, "acct_1/in_1/sub_1"),
    "2019-12-03, id": ({"id": "il_1"}, "acct_1/il_1"),
}


@pytest.mark.parametrize(("line", "key"), KEYS.values(), ids=KEYS)
def test_keys_of_lines(line, key):
    assert line_key(line, "acct_1/in_1", "acct_1") == key
    assert line_key(line, "in_1", "") == key.replace("acct_1/", "")


def old_invoice(stripe, stripe_id, *lines):
    """An invoice as it was before 2018-11-08, without the attributes that came later."""
    data = {
        "id": stripe_id,
        "object": "invoice",
        "date": START,
        "livemode": False,
        "currency": "usd",
        "customer": "cus_1",
    }
    stripe.api_version = "2018-09-24"
    stripe.emit("invoice.created", {**data, **flags(False, False, False), "lines": listed(*lines)})


def test_lines_are_in_the_order_of_the_invoice(client, stripe):
    lines = [build_object("line_item", id=f"il_{name}") for name in "cab"]
    stripe.create("invoice", id="in_1", lines=lines)
    deliver(client, stripe)
    assert [line.pk for line in Invoice.objects.get().lines.all()] == ["il_c", "il_a", "il_b"]


def test_lines_of_two_old_invoices_that_share_an_id_are_two(client, stripe):
    line = {"id": "sub_1", "object": "line_item", "type": "subscription", "amount": 2000, "quantity": 1}
    old_invoice(stripe, "in_1", line, {**line, "amount": -500})
    stripe.advance(1)
    old_invoice(stripe, "in_2", {**line, "amount": 3000})
    deliver(client, stripe)
    amounts = {invoice.pk: [line.amount for line in invoice.lines.all()] for invoice in Invoice.objects.all()}
    assert amounts == {"in_1": [2000, -500], "in_2": [3000]}
    assert {line.subscription_id for line in InvoiceLineItem.objects.all()} == {"sub_1"}


def test_an_old_invoice_was_created_at_its_date(client, stripe):
    old_invoice(stripe, "in_1")
    deliver(client, stripe)
    assert Invoice.objects.get().created_at == AT_START


def test_lines_get_their_unique_ids_with_a_new_version(client, stripe):
    old_invoice(stripe, "in_1", {"id": "sub_1", "object": "line_item", "amount": 2000})
    stripe.advance(1)
    stripe.create("invoice", id="in_1", lines=[build_object("line_item", id="il_1", amount=2000)])
    deliver(client, stripe)
    assert [line.pk for line in Invoice.objects.get().lines.all()] == ["il_1"]


@pytest.mark.parametrize(
    ("shape", "is_paid"),
    [
        ({"status": "paid"}, True),
        ({"status": "open"}, False),
        (flags(True, True, True), True),
        (flags(False, True, True), False),
    ],
)
def test_is_paid_in_old_and_new_versions(shape, is_paid):
    assert Invoice(**{"status": READERS[Invoice](shape)["status"]}).is_paid is is_paid
