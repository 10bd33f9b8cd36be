"""What older API versions said otherwise of invoices and their lines."""

from typing import Any

from ...models import Invoice, InvoiceLineItem
from ...stripe_values import JsonObject, dig, flag, integer, mapping, not_deleted, reference, text
from ..reader import History, ReadFrom, read_of_ids


def invoice_status(data: JsonObject) -> str:
    """`status`, which came with 2018-11-08; before that it is derived from the flags it replaced."""
    if "status" in data or "paid" not in data:
        return text(data.get("status"))
    if data.get("paid"):
        return "paid"
    if data.get("forgiven"):
        return "uncollectible"
    # A closed invoice was not collected any more, which `auto_advance` says now; it was not voided.
    return "open" if data.get("attempted") or data.get("closed") else "draft"


def invoice_auto_advance(data: JsonObject) -> bool | None:
    """`auto_advance`, the opposite of `closed` before 2018-11-08."""
    if "auto_advance" in data:
        return flag(data["auto_advance"])
    closed = flag(data.get("closed"))
    return None if closed is None else not closed


def invoice_tax(data: JsonObject) -> int | None:
    """The tax in minor units: `tax` until 2025-03-31.basil, then the sum of `total_taxes`; None when none applies."""
    if "tax" in data:
        return integer(data["tax"])
    taxes = data.get("total_taxes")
    amounts = [integer(dig(tax, "amount")) for tax in taxes] if isinstance(taxes, list) else []
    known = [amount for amount in amounts if amount is not None]
    return integer(sum(known)) if known else None


def invoice_charge(data: JsonObject) -> str | None:
    """Id of the charge: `charge` until 2025-03-31.basil, then that of the newest payment."""
    return reference(data.get("charge") or newest_payment(data).get("charge"))


def invoice_payment_intent(data: JsonObject) -> str | None:
    """Id of the payment intent: `payment_intent` until 2025-03-31.basil, then that of the newest payment."""
    return reference(data.get("payment_intent") or newest_payment(data).get("payment_intent"))


def newest_payment(data: JsonObject) -> JsonObject:
    """The `payment` hash of the default, else the newest, embedded invoice payment; {} without any."""
    payments = not_deleted(data.get("payments")) or [{}]
    chosen = max(
        payments, key=lambda payment: (payment.get("is_default") is True, integer(payment.get("created")) or 0)
    )
    return mapping(chosen.get("payment"))


def line_subscription(data: JsonObject) -> Any:
    """Id of the subscription a line bills; before 2019-12-03 a line of type "subscription" had it as its own id."""
    named = InvoiceLineItem._meta.get_field("subscription").read(data)
    if named is None and data.get("type") == "subscription" and text(data.get("id")).startswith("sub_"):
        return reference(data.get("id"))
    return named


INVOICE: History = {
    "status": ReadFrom(paths=("status", "paid"), read=invoice_status),
    "tax": ReadFrom(paths=("tax", "total_taxes"), read=invoice_tax),
    "auto_advance": ReadFrom(paths=("auto_advance", "closed"), read=invoice_auto_advance),
    "charge": ReadFrom(paths=("charge", "payments"), read=invoice_charge),
    "payment_intent": ReadFrom(paths=("payment_intent", "payments"), read=invoice_payment_intent),
    # Until 2020-08-27 discounts had no ids.
    "discount_ids": read_of_ids(Invoice, "discount_ids", "discounts", "discount.id"),
}
#: A line of an old version says by its type whether its own id is that of a subscription.
INVOICE_LINE_ITEM: History = {
    "subscription": ReadFrom(
        paths=(*InvoiceLineItem._meta.get_field("subscription").paths, "type"), read=line_subscription
    )
}
