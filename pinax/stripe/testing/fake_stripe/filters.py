"""Which entries of a list the parameters of a request ask for."""

import re
from collections.abc import Callable
from typing import Any

from ...catalogue.objects import ObjectType
from ...stripe_values import JsonObject
from .refusals import ApiError

#: Parameters of lists that are no filter on an attribute of the same name.
NO_FILTERS = re.compile(r"(limit|starting_after|ending_before|expand|created)(\[.*)?")
MAX_EVENT_TYPES = 20
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def whole_number(text: str, param: str) -> int:
    """A parameter that has to be an integer."""
    if not re.fullmatch(r"-?\d{1,15}", text):
        raise ApiError(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=param)
    return int(text)


def check_event_types(query: dict[str, str]) -> None:
    """Refuse filters on event types that Stripe refuses."""
    types = [name for name in query if name.startswith("types[")]
    if types and "type" in query:
        raise ApiError(400, "You may only specify one of these parameters: type, types.", param="types")
    if len(types) > MAX_EVENT_TYPES:
        raise ApiError(400, f"types may have at most {MAX_EVENT_TYPES} entries.", param="types")


def is_wanted_event_type(event_type: str, query: dict[str, str]) -> bool:
    """Whether `type` (exact, or `beginning.*`) and `types` let an event type through."""
    types = [value for name, value in query.items() if name.startswith("types[")]
    if types:
        return event_type in types
    wanted = query.get("type", "*")
    return event_type.startswith(wanted[:-1]) if wanted.endswith("*") else event_type == wanted


def is_created_when(entry: JsonObject, query: dict[str, str]) -> bool:
    """Whether `created` and `created[gt]` and so on let an entry through."""
    created = entry.get("created") or 0
    if "created" in query and created != whole_number(query["created"], "created"):
        return False
    return all(
        holds(created, whole_number(query[f"created[{name}]"], f"created[{name}]"))
        for name, holds in COMPARISONS.items()
        if f"created[{name}]" in query
    )


def has_wanted_attributes(entry: JsonObject, row: ObjectType, query: dict[str, str]) -> bool:
    """Whether an entry has the attributes that parameters like `customer=cus_1` or `active=true` ask for."""
    if row.ended_statuses and not is_wanted_status(entry.get("status"), row, query.get("status")):
        return False
    by_others = row.unnamed - {*row.parents, *row.list_demands}
    return all(
        as_parameter(entry.get(name)) == value
        for name, value in query.items()
        if (name in entry or name in by_others) and is_filter(name, row)
    )


def is_filter(name: str, row: ObjectType) -> bool:
    """Whether a parameter asks for the entries with that value of the attribute of its name."""
    return not NO_FILTERS.fullmatch(name) and not (name == "status" and row.ended_statuses)


def is_wanted_status(status: str | None, row: ObjectType, wanted: str | None) -> bool:
    """Lists leave objects that have ended out, unless asked for `all`, for `ended` ones or for one status."""
    if wanted is None or wanted == "ended":
        return (status in row.ended_statuses) == (wanted == "ended")
    return wanted in (row.list_parameters.get("status"), status)


def as_parameter(value: Any) -> str:
    """A value as an address spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
