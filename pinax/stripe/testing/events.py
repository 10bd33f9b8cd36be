"""Builds events in the form in which Stripe sends and keeps them."""

import copy
import time
from typing import Any

from .objects import build_object, new_id

API_VERSION = "2026-10-28.endive"

#: Beginning of an event type -> type of the object it carries, where that is not the beginning itself.
CARRIED = {
    "account.application": "application",
    "account.external_account": "bank_account",
    "charge.dispute": "dispute",
    "charge.refund": "refund",
    "customer.bank_account": "bank_account",
    "customer.card": "card",
    "customer.discount": "discount",
    "customer.source": "card",
    "customer.subscription": "subscription",
    "customer.tax_id": "tax_id",
}


def object_type_of(event_type: str) -> str:
    """The type of object that events of a type are about, as far as the name tells."""
    beginning = event_type.rpartition(".")[0] or event_type
    return CARRIED.get(beginning, beginning)


def build_event(
    type: str,
    object: dict[str, Any] | None = None,
    *,
    id: str | None = None,
    created: int | None = None,
    livemode: bool | None = None,
    account: str | None = None,
    api_version: str | None = API_VERSION,
    previous_attributes: dict[str, Any] | None = None,
    request: dict[str, Any] | str | None = None,
    **overrides: Any,
) -> dict[str, Any]:
    """A snapshot event (https://docs.stripe.com/api/events/object) with a fresh id.

    Without `object` it is about a plausible one of the right kind. `created` is in epoch seconds, now by default;
    `livemode` is the object's by default; `account` makes it a connected account's event.
    """
    moment = int(time.time()) if created is None else created
    carried = build_object(object_type_of(type), created=moment) if object is None else copy.deepcopy(object)
    data: dict[str, Any] = {"object": carried}
    if previous_attributes is not None:
        data["previous_attributes"] = copy.deepcopy(previous_attributes)
    event: dict[str, Any] = {
        "id": id or new_id("event"),
        "object": "event",
        "api_version": api_version,
        "created": moment,
        "data": data,
        "livemode": bool(carried.get("livemode")) if livemode is None else livemode,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None} if request is None else request,
        "type": type,
    }
    if account:
        event["account"] = account
    return {**event, **overrides}
