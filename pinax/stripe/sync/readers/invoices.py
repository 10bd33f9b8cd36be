"""Reads invoices, their lines and their payments."""

from typing import Any

from ..values import dig, flag, integer, living, mapping, natural, reference, text, timestamp


def invoice_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of an invoice (https://docs.stripe.com/api/invoices/object), from any API version's shape."""
    # The `parent` is new in 2025-03-31.basil; `charge`, `payment_intent`, `paid` and `tax` went away with it.
    subscription = data.get("subscription") or dig(data, "parent", "subscription_details", "subscription")
    transitions = mapping(data.get("status_transitions"))
    payment = newest_payment(data)
    return {
        "customer_id": reference(data.get("customer")),
        "subscription_id": reference(subscription),
        "number": text(data.get("number")),
        "status": invoice_status(data),
        "collection_method": text(data.get("collection_method")) or text(data.get("billing")),
        "billing_reason": text(data.get("billing_reason")),
        "currency": text(data.get("currency")),
        "amount_due": integer(data.get("amount_due")),
        "amount_paid": integer(data.get("amount_paid")),
        "amount_remaining": integer(data.get("amount_remaining")),
        "subtotal": integer(data.get("subtotal")),
        "tax": invoice_tax(data),
        "total": integer(data.get("total")),
        "starting_balance": integer(data.get("starting_balance")),
        "ending_balance": integer(data.get("ending_balance")),
        "attempt_count": natural(data.get("attempt_count")),
        "attempted": flag(data.get("attempted")),
        "auto_advance": invoice_auto_advance(data),
        "next_payment_attempt": timestamp(data.get("next_payment_attempt")),
        "due_date": timestamp(data.get("due_date")),
        "period_start": timestamp(data.get("period_start")),
        "period_end": timestamp(data.get("period_end")),
        "finalized_at": timestamp(transitions.get("finalized_at") or data.get("finalized_at")),
        "paid_at": timestamp(transitions.get("paid_at")),
        "voided_at": timestamp(transitions.get("voided_at")),
        "marked_uncollectible_at": timestamp(transitions.get("marked_uncollectible_at")),
        "charge_id": reference(data.get("charge") or payment.get("charge")),
        "payment_intent_id": reference(data.get("payment_intent") or payment.get("payment_intent")),
        "description": text(data.get("description")),
        "receipt_number": text(data.get("receipt_number")),
        "hosted_invoice_url": text(data.get("hosted_invoice_url")),
        "invoice_pdf": text(data.get("invoice_pdf")),
    }


def invoice_status(data: dict[str, Any]) -> str:
    """`status`, which came with 2018-11-08; before that it is told from the flags it replaced."""
    if "status" in data or "paid" not in data:
        return text(data.get("status"))
    if data.get("paid"):
        return "paid"
    if data.get("forgiven"):
        return "uncollectible"
    # A closed invoice was not collected any more, which `auto_advance` says now; it was not voided.
    return "open" if data.get("attempted") or data.get("closed") else "draft"


def invoice_auto_advance(data: dict[str, Any]) -> bool | None:
    """`auto_advance`, the opposite of `closed` before 2018-11-08."""
    if "auto_advance" in data:
        return flag(data["auto_advance"])
    closed = flag(data.get("closed"))
    return None if closed is None else not closed


def invoice_tax(data: dict[str, Any]) -> int | None:
    """The tax in minor units: `tax` until 2025-03-31.basil, then the sum of `total_taxes`; None when none applies."""
    if "tax" in data:
        return integer(data["tax"])
    taxes = data.get("total_taxes")
    amounts = [integer(dig(tax, "amount")) for tax in taxes] if isinstance(taxes, list) else []
    known = [amount for amount in amounts if amount is not None]
    return integer(sum(known)) if known else None


def newest_payment(data: dict[str, Any]) -> dict[str, Any]:
    """The `payment` hash of the default, else the newest, embedded invoice payment; {} without any."""
    payments = living(data.get("payments")) or [{}]
    chosen = max(
        payments, key=lambda payment: (payment.get("is_default") is True, integer(payment.get("created")) or 0)
    )
    return mapping(chosen.get("payment"))


def invoice_line_item_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of an invoice line (https://docs.stripe.com/api/invoice-line-item/object), from any version's shape."""
    parent = mapping(data.get("parent"))
    details = mapping(parent.get("subscription_item_details") or parent.get("invoice_item_details"))
    pricing = mapping(dig(data, "pricing", "price_details"))
    price = data.get("price") or pricing.get("price")
    return {
        "invoice_id": reference(data.get("invoice")),
        "amount": integer(data.get("amount")),
        "currency": text(data.get("currency")),
        "description": text(data.get("description")),
        "quantity": integer(data.get("quantity")),
        "period_start": timestamp(dig(data, "period", "start")),
        "period_end": timestamp(dig(data, "period", "end")),
        "proration": flag(data["proration"] if "proration" in data else details.get("proration")),
        "price_id": reference(price),
        "plan_id": reference(data.get("plan")),
        "product_id": reference(
            pricing.get("product") or dig(data, "price", "product") or dig(data, "plan", "product")
        ),
        "subscription_id": line_subscription(data, details),
        "subscription_item_id": reference(data.get("subscription_item") or details.get("subscription_item")),
    }


def line_subscription(data: dict[str, Any], details: dict[str, Any]) -> str | None:
    """Id of the subscription a line bills; before 2019-12-03 a line of type "subscription" had it as its own id."""
    named = reference(data.get("subscription") or details.get("subscription"))
    if named is None and data.get("type") == "subscription" and text(data.get("id")).startswith("sub_"):
        return reference(data.get("id"))
    return named


def invoice_payment_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of an invoice payment (https://docs.stripe.com/api/invoice-payment/object), new in 2025-03-31.basil."""
    payment = mapping(data.get("payment"))
    transitions = mapping(data.get("status_transitions"))
    return {
        "invoice_id": reference(data.get("invoice")),
        "status": text(data.get("status")),
        "amount_requested": integer(data.get("amount_requested")),
        "amount_paid": integer(data.get("amount_paid")),
        "currency": text(data.get("currency")),
        "is_default": flag(data.get("is_default")),
        "payment_type": text(payment.get("type")),
        "charge_id": reference(payment.get("charge")),
        "payment_intent_id": reference(payment.get("payment_intent")),
        "paid_at": timestamp(transitions.get("paid_at")),
        "canceled_at": timestamp(transitions.get("canceled_at")),
    }
