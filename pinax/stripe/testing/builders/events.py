"""Builds events in the form in which Stripe sends and keeps them."""

import time
from typing import Any

from ...catalogue.objects import OBJECT_TYPES_BY_EVENT, object_type
from .copies import copied_json
from .ids import new_id
from .objects import build_object

#: The newest version of Stripe's API that is known here.
API_VERSION = "2026-10-28.endive"


def object_type_of_event(event_type: str) -> str:
    """The type of object that events of a type are about: the most common one where there are several.

    Of a type that this release does not know, what precedes the last dot.
    """
    beginning = event_type.rpartition(".")[0] or event_type
    return OBJECT_TYPES_BY_EVENT.get(event_type) or OBJECT_TYPES_BY_EVENT.get(beginning, beginning)


def plausible_object(event_type: str, moment: int) -> dict[str, Any]:
    """An object that an event of a type may be about, made at a moment (epoch seconds) where objects tell that."""
    row = object_type(object_type_of_event(event_type))
    values: dict[str, Any] = {}
    if row.created or "created" not in row.lacks:
        values[row.created or "created"] = moment
    if status_told_by(event_type):
        values["status"] = status_told_by(event_type)
    data = build_object(row.name, **values)
    if event_type in row.previewed_by:
        del data["id"]
    return data


def status_told_by(event_type: str) -> str:
    """The status of an object that an event of a type implies: `paid` with `invoice.paid`; "" where it tells none."""
    row = object_type(object_type_of_event(event_type))
    if event_type in row.not_deleted_by:
        return row.status_after_deletion
    change = event_type.rpartition(".")[2]
    telling = (status for status, changes in row.status_events.items() if change in changes.split())
    return "" if change == "updated" else next(telling, "")


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
    carried = plausible_object(type, moment) if object is None else copied_json(object)
    data: dict[str, Any] = {"object": carried}
    if previous_attributes is not None:
        data["previous_attributes"] = copied_json(previous_attributes)
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
