"""Which events Stripe makes of a change to an object, and what they say of the state before."""

from typing import Any

from ...catalogue.objects import object_type as row_of
from .copies import copied

#: Status that an object got -> last part of the event's type.
PAYMENT_INTENT = {
    "canceled": "canceled",
    "processing": "processing",
    "requires_action": "requires_action",
    "requires_capture": "amount_capturable_updated",
    "requires_payment_method": "payment_failed",
    "succeeded": "succeeded",
}
#: Type of a new object -> type of the object that it changes, and how.
CHANGED_BY_CREATION = {"dispute": ("charge", {"disputed": True})}
DISPUTES_THAT_ARE_OVER = {"lost", "prevented", "warning_closed", "won"}
CHECKOUT_SESSION = {"complete": "completed", "expired": "expired"}
INVOICE = {"open": "finalized", "paid": "paid", "uncollectible": "marked_uncollectible", "void": "voided"}


def event_prefix(object_type: str) -> str:
    """What the types of events about an object begin with: `customer.subscription`."""
    return row_of(object_type).event_prefixes[0]


def types_of_creation(data: dict[str, Any]) -> list[str]:
    """Types of the events that tell of a new object; none for what Stripe creates silently."""
    name, customer = data["object"], data.get("customer")
    if name == "charge":
        return [f"charge.{data.get('status') or 'succeeded'}"]
    if name == "payment_method":
        return ["payment_method.attached"] if customer else []
    if name == "invoice_payment":
        return types_of_invoice_payment(data)
    if name == "checkout.session":
        return []
    if name == "source" and not customer:
        return ["source.chargeable"] if data.get("status") == "chargeable" else []
    if name in ("card", "bank_account", "source"):
        return types_of_source(data, "created")
    return [f"{event_prefix(name)}.created"]


def changes_of_creation(data: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The other object that a new one changes, by its id, and how; Stripe makes no event about that object."""
    changed, changes = CHANGED_BY_CREATION.get(data["object"], ("", {}))
    for move in row_of(changed).moved_by:
        if move.by == data["object"] and data.get(move.reference):
            return data[move.reference], changes
    return None


def told_by_no_event(object_type: str) -> frozenset[str]:
    """What changes in an object with events about other objects, or with none: a charge's `disputed`."""
    row = row_of(object_type)
    return row.changed_silently.union(*(move.attributes for move in row.moved_by))


def types_of_update(data: dict[str, Any], previous: dict[str, Any]) -> list[str]:
    """Types of the events that tell of a change; `previous` has the old values of what changed."""
    name, status = data["object"], data.get("status")
    if name == "payment_intent":
        # There is no payment_intent.updated.
        return [f"payment_intent.{PAYMENT_INTENT[status]}"] if "status" in previous and status in PAYMENT_INTENT else []
    if name == "charge":
        change = charge_change(data, previous)
        return [f"charge.{change}"] if change else []
    if name == "refund" and "status" in previous and status == "failed":
        return ["refund.updated", "refund.failed"]
    if name == "dispute" and "status" in previous and status in DISPUTES_THAT_ARE_OVER:
        return ["charge.dispute.closed"]
    if name == "payment_method" and "customer" in previous:
        return ["payment_method.attached" if data.get("customer") else "payment_method.detached"]
    if name == "invoice" and "status" in previous and status in INVOICE:
        return [f"invoice.{INVOICE[status]}", "invoice.updated"]
    if name == "invoice_payment":
        return types_of_invoice_payment(data) if "status" in previous else []
    if name == "checkout.session":
        end = CHECKOUT_SESSION.get(str(status)) if "status" in previous else None
        return [f"checkout.session.{end}"] if end else []
    if name in ("card", "bank_account", "source"):
        return types_of_source(data, "updated")
    return [f"{event_prefix(name)}.updated"]


def types_of_deletion(data: dict[str, Any]) -> list[str]:
    """Types of the events that tell of the end of an object."""
    name = data["object"]
    if name in ("card", "bank_account", "source"):
        return types_of_source(data, "deleted")
    return [f"{event_prefix(name)}.deleted"]


def types_of_source(data: dict[str, Any], change: str) -> list[str]:
    """Cards, bank accounts and sources: a customer pays with them, a connected account is paid to them."""
    if data.get("customer"):
        return [f"customer.source.{change}"]
    return [f"account.external_account.{change}"] if data.get("account") else []


def types_of_invoice_payment(data: dict[str, Any]) -> list[str]:
    """Stripe sends the event only for those that are paid."""
    return ["invoice_payment.paid"] if data.get("status") == "paid" else []


def charge_change(data: dict[str, Any], previous: dict[str, Any]) -> str:
    """The last part of the type of an event about a changed charge; "" when Stripe makes none."""
    if "status" in previous and data.get("status") in ("succeeded", "failed"):
        return str(data["status"])
    if is_more_refunded(data, previous):
        return "refunded"
    if "captured" in previous and data.get("captured"):
        return "captured"
    return "updated" if previous.keys() - told_by_no_event("charge") else ""


def is_more_refunded(data: dict[str, Any], previous: dict[str, Any]) -> bool:
    """Whether a charge was refunded; Stripe sends no event when less of it is (a refund failed)."""
    if "amount_refunded" in previous:
        return (data.get("amount_refunded") or 0) >= (previous["amount_refunded"] or 0)
    return "refunded" in previous and data.get("refunded") is True


def previous_attributes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Old values of what differs: of hashes only the members that changed, of arrays the whole."""
    previous: dict[str, Any] = {}
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            previous[name] = previous_attributes(old, new)
        else:
            previous[name] = copied(old)
    return previous
