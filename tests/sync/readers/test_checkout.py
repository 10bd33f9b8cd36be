"""Checkout sessions in every shape they have had since 2019."""

import pytest

from pinax.stripe.models import CheckoutSession
from pinax.stripe.stripe_values import JsonObject
from pinax.stripe.sync.registry import READERS
from tests.sync.shapes import each, exact, read, utc

SKU = {"type": "sku", "sku": {"id": "sku_1"}, "amount": 1500, "currency": "eur", "quantity": 2}
CUSTOM = {"type": "custom", "custom": {"name": "Hat"}, "amount": 500, "currency": "eur", "quantity": 1}
PLAN = {"type": "plan", "plan": {"id": "gold", "amount": 900}, "currency": "eur", "quantity": 3}

SESSIONS = {
    "before 2020-08-27, display_items": (
        {"display_items": [SKU, CUSTOM]},
        {"currency": "eur", "amount_subtotal": 3500, "amount_total": None, "payment_status": "", "status": ""},
    ),
    "before 2020-08-27, a plan": ({"display_items": [PLAN]}, {"currency": "eur", "amount_subtotal": 2700}),
    "before 2020-08-27, an amount that is not known": (
        {"display_items": [SKU, {"type": "plan", "plan": "gold", "currency": "eur"}]},
        {"currency": "eur", "amount_subtotal": None},
    ),
    "before 2020-08-27, with both": (
        {"display_items": [SKU], "currency": "usd", "amount_subtotal": 100},
        {"currency": "usd", "amount_subtotal": 100},
    ),
    "before 2020-08-27, setup": ({"display_items": None}, {"currency": "", "amount_subtotal": None}),
    "2020-08-27, amounts": (
        {"amount_subtotal": 0, "amount_total": 0, "currency": "usd", "payment_status": "no_payment_required"},
        {"amount_subtotal": 0, "amount_total": 0, "currency": "usd", "payment_status": "no_payment_required"},
    ),
    "before 2022, no customer_details": ({"customer_email": "a@example.com"}, {"customer_email": "a@example.com"}),
    "2022, customer_details": (
        {"customer_details": {"email": "b@example.com"}, "customer_email": "a@example.com"},
        {"customer_email": "b@example.com"},
    ),
    "2022, details without an address": (
        {"customer_details": {"email": None}, "customer_email": "a@example.com"},
        {"customer_email": "a@example.com"},
    ),
    "2022, expires_at": ({"expires_at": 1_700_000_000}, {"expires_at": utc("2023-11-14 22:13:20")}),
    "2022-08-01, the payment intent comes late": ({"payment_intent": None}, {"payment_intent_id": None}),
    "expanded": (
        {"payment_intent": {"id": "pi_1"}, "subscription": {"id": "sub_1"}},
        {"payment_intent_id": "pi_1", "subscription_id": "sub_1"},
    ),
    "nonsense": ({"display_items": [7, {"amount": "x"}], "customer_details": []}, {"amount_subtotal": None}),
}


@each(SESSIONS)
def test_sessions(data, expected):
    assert read(READERS[CheckoutSession], data, expected) == exact(expected)


@pytest.mark.parametrize(
    "data", [{}, {"created": 1_700_000_000}], ids=["before 2022/23, no created", "2022/23, created"]
)
def test_when_a_session_was_created(data: JsonObject):
    expected = utc("2023-11-14 22:13:20") if data else None
    assert READERS[CheckoutSession].shared(data)["created_at"] == expected
