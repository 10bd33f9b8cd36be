"""Reads charges, payment intents and refunds."""

from typing import Any

from ...models.payment_methods import brand_code
from ..values import flag, identifier, integer, items, mapping, reference, text, timestamp
from .payment_methods import card_details, held_card

#: Renamed with API version 2019-02-11.
OLD_INTENT_STATUSES = {
    "requires_source": "requires_payment_method",
    "requires_source_action": "requires_action",
}


def charge_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a charge (https://docs.stripe.com/api/charges/object), from any API version's shape."""
    card = card_details(charge_card(data))
    return {
        "customer_id": reference(data.get("customer")),
        "invoice_id": reference(data.get("invoice")),
        "payment_intent_id": reference(data.get("payment_intent")),
        "payment_method": identifier(data.get("payment_method") or data.get("source") or data.get("card")),
        "amount": integer(data.get("amount")),
        "amount_captured": integer(data.get("amount_captured")),
        "amount_refunded": integer(data.get("amount_refunded")),
        "currency": text(data.get("currency")),
        "status": text(data.get("status")),
        "description": text(data.get("description")),
        "paid": flag(data.get("paid")),
        "captured": flag(data.get("captured")),
        "refunded": flag(data.get("refunded")),
        "disputed": charge_disputed(data),
        "failure_code": text(data.get("failure_code")),
        "failure_message": text(data.get("failure_message")),
        "receipt_email": text(data.get("receipt_email")),
        "receipt_url": text(data.get("receipt_url")),
        # Cards spell their brands in another way than payment methods.
        "card_brand": brand_code(card["brand"]) if card["last4"] else "",
        "card_last4": card["last4"],
    }


def charge_card(data: dict[str, Any]) -> dict[str, Any]:
    """The card of a charge; {} when it was paid by other means.

    `payment_method_details` replaced `source`, which may be a card or hold one, with 2019-05-16; `card` is older.
    """
    source = mapping(data.get("source") or data.get("card"))
    itself = source if source.get("object", "card") == "card" else {}
    return held_card(data.get("payment_method_details")) or held_card(source) or itself


def charge_disputed(data: dict[str, Any]) -> bool | None:
    """`disputed`; until about 2020 there was the id of the dispute, or null, in `dispute`."""
    if "disputed" in data or "dispute" not in data:
        return flag(data.get("disputed"))
    return bool(data["dispute"])


def payment_intent_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a payment intent (https://docs.stripe.com/api/payment_intents/object)."""
    status = text(data.get("status"))
    # A list of `charges`, newest first, until 2022-11-15.
    charges = items(data.get("charges")) or [{}]
    return {
        "customer_id": reference(data.get("customer")),
        "invoice_id": reference(data.get("invoice")),
        "latest_charge_id": reference(data.get("latest_charge") or charges[0]),
        "payment_method": identifier(data.get("payment_method") or data.get("source")),
        "amount": integer(data.get("amount")),
        "amount_capturable": integer(data.get("amount_capturable")),
        "amount_received": integer(data.get("amount_received")),
        "currency": text(data.get("currency")),
        "status": OLD_INTENT_STATUSES.get(status, status),
        "description": text(data.get("description")),
        "capture_method": text(data.get("capture_method")),
        "setup_future_usage": text(data.get("setup_future_usage")),
        "canceled_at": timestamp(data.get("canceled_at")),
        "cancellation_reason": text(data.get("cancellation_reason")),
    }


def refund_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a refund (https://docs.stripe.com/api/refunds/object)."""
    return {
        "charge_id": reference(data.get("charge")),
        "payment_intent_id": reference(data.get("payment_intent")),
        "amount": integer(data.get("amount")),
        "currency": text(data.get("currency")),
        "status": text(data.get("status")),
        "description": text(data.get("description")),
        "reason": text(data.get("reason")),
        "failure_reason": text(data.get("failure_reason")),
        "receipt_number": text(data.get("receipt_number")),
    }
