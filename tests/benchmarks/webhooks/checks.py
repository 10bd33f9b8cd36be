"""Whether the rows are right: what a peer's database has to hold after the events of a history."""

from collections.abc import Callable
from typing import Any

Values = dict[str, Any]

#: Name of a check -> type of Stripe's object, and what its row has to say.
OBJECT_CHECKS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "customer": ("customer", lambda data: data["id"]),
    "customer email": ("customer", lambda data: data["email"]),
    "customer default payment method": (
        "customer",
        lambda data: data["invoice_settings"]["default_payment_method"],
    ),
    "payment method customer": ("payment_method", lambda data: data["customer"]),
    "subscription status": ("subscription", lambda data: data["status"]),
    "subscription latest invoice": ("subscription", lambda data: data["latest_invoice"]),
    "invoice status": ("invoice", lambda data: data["status"]),
    "invoice amount paid": ("invoice", lambda data: data["amount_paid"]),
    "charge amount": ("charge", lambda data: data["amount"]),
    "payment intent status": ("payment_intent", lambda data: data["status"]),
    "price amount": ("price", lambda data: data["unit_amount"]),
}


def expected(events: list[dict[str, Any]], objects: dict[str, dict[str, Any]]) -> dict[str, Values]:
    """Name of a check -> id -> value, for the events that were posted and the objects, as they are now, in them."""
    carried = {event["data"]["object"].get("id") for event in events}
    known = [data for stripe_id, data in objects.items() if stripe_id in carried]
    wanted: dict[str, Values] = {
        "event type": {event["id"]: event["type"] for event in events},
        "event done": {event["id"]: True for event in events},
    }
    for name, (object_type, value) in OBJECT_CHECKS.items():
        wanted[name] = {data["id"]: value(data) for data in known if data["object"] == object_type}
    return wanted


def mistakes(wanted: Values, found: Values) -> list[str]:
    """A sentence for each row that is missing or wrong."""
    missing = [f"{stripe_id} is missing" for stripe_id in wanted if stripe_id not in found]
    wrong = [
        f"{stripe_id} is {found[stripe_id]!r} instead of {value!r}"
        for stripe_id, value in wanted.items()
        if stripe_id in found and found[stripe_id] != value
    ]
    return missing + wrong
