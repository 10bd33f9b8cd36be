"""Builds objects and events in the shape of the newest API version."""

import copy
import random
import string
import time
from typing import Any

API_VERSION = "2026-10-28.endive"

#: Object type -> prefix of its ids.
PREFIXES = {
    "bank_account": "ba_",
    "card": "card_",
    "charge": "ch_",
    "coupon": "coupon_",
    "customer": "cus_",
    "event": "evt_",
    "invoice": "in_",
    "line_item": "il_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "plan": "plan_",
    "price": "price_",
    "product": "prod_",
    "refund": "re_",
    "source": "src_",
    "subscription": "sub_",
    "subscription_item": "si_",
}

CARD = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030, "funding": "credit", "country": "US"}

#: What objects of a type have unless a test says otherwise.
DEFAULTS: dict[str, dict[str, Any]] = {
    "bank_account": {"country": "US", "currency": "usd", "last4": "6789", "status": "new"},
    "card": {**CARD, "brand": "Visa"},
    "charge": {"amount": 2000, "currency": "usd", "status": "succeeded", "paid": True, "captured": True},
    "coupon": {"percent_off": 12.5, "duration": "once", "valid": True, "times_redeemed": 0},
    "customer": {"email": "jenny@example.com", "balance": 0, "metadata": {}},
    "invoice": {"status": "draft", "currency": "usd", "amount_due": 2000, "subtotal": 2000, "total": 2000},
    "payment_intent": {"amount": 2000, "currency": "usd", "status": "requires_payment_method"},
    "payment_method": {"type": "card", "card": CARD, "billing_details": {"name": "Jenny Rosen"}},
    "plan": {"amount": 2000, "currency": "usd", "interval": "month", "interval_count": 1, "active": True},
    "price": {"unit_amount": 2000, "currency": "usd", "type": "recurring", "active": True},
    "product": {"name": "Gold", "active": True},
    "refund": {"amount": 2000, "currency": "usd", "status": "succeeded"},
    "source": {"type": "card", "status": "chargeable", "card": CARD},
    "subscription": {"status": "active", "currency": "usd", "cancel_at_period_end": False},
}


def new_id(object_type: str) -> str:
    """A fresh id as Stripe makes them."""
    prefix = PREFIXES.get(object_type, object_type.replace(".", "_") + "_")
    return prefix + "".join(random.choices(string.ascii_letters + string.digits, k=24))


def build_object(object_type: str, **fields: Any) -> dict[str, Any]:
    """A plausible object of a type; `fields` win over the defaults, lists may be given as plain Python lists."""
    data = {
        "id": new_id(object_type),
        "object": object_type,
        "created": int(time.time()),
        "livemode": False,
        **copy.deepcopy(DEFAULTS.get(object_type, {})),
        **fields,
    }
    return as_lists(data)


def as_lists(data: dict[str, Any]) -> dict[str, Any]:
    """Turn plain Python lists of parts into Stripe's list objects."""
    for name in ("items", "lines"):
        if isinstance(data.get(name), list):
            data[name] = {"object": "list", "data": data[name], "has_more": False, "url": f"/v1/{name}"}
    return data


def build_event(
    type: str,
    object: dict[str, Any] | None = None,
    *,
    id: str | None = None,
    created: int | None = None,
    livemode: bool = False,
    account: str | None = None,
    api_version: str | None = API_VERSION,
    previous_attributes: dict[str, Any] | None = None,
    request: dict[str, Any] | str | None = None,
    **overrides: Any,
) -> dict[str, Any]:
    """A snapshot event. `created` in epoch seconds, now by default; `account` makes it a connected account's."""
    data: dict[str, Any] = {"object": copy.deepcopy(object) if object is not None else {}}
    if previous_attributes is not None:
        data["previous_attributes"] = previous_attributes
    event = {
        "id": id or new_id("event"),
        "object": "event",
        "api_version": api_version,
        "created": int(time.time()) if created is None else created,
        "data": data,
        "livemode": livemode,
        "pending_webhooks": 1,
        "request": request or {"id": None, "idempotency_key": None},
        "type": type,
    }
    if account:
        event["account"] = account
    return {**event, **overrides}
