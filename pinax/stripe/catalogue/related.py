"""What thin events say of the object that they are about: what it is, and where it is.

https://docs.stripe.com/event-destinations#thin-events
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from ..stripe_values import identifier, mapping, text
from .objects import LIVEMODE, PLACEHOLDER, ObjectType, naming, object_type


def named_object(message: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the object that a thin event names: its type, its name and the parents in its address.

    `{"object": "cash_balance", "customer": "cus_1"}`; {} for events that name none. The address itself is never asked:
    it only counts where the table of object types has such an address for the type.
    """
    related = mapping(message.get("related_object"))
    name = text(related.get("type"))
    if not name:
        return {}
    row = object_type(name)
    known = {**naming(name, identifier(related)), **parents_in(row, text(related.get("url")))}
    if row.named_by == LIVEMODE:
        known[LIVEMODE] = message.get("livemode")
    return {attribute: value for attribute, value in known.items() if value not in ("", None)}


def parents_in(row: ObjectType, address: str) -> dict[str, str]:
    """The parents of an object that its address names: `/v1/customers/cus_1/cash_balance` names the customer."""
    for pattern in patterns_of(row):
        found = pattern.fullmatch(address)
        if found:
            return {name: identifier(unquote(value)) for name, value in found.groupdict().items()}
    return {}


def patterns_of(row: ObjectType) -> Iterator[re.Pattern[str]]:
    """What matches the addresses of objects of a type."""
    for path in (row.path, *row.further_paths, *row.named_at):
        if PLACEHOLDER.search(path):
            yield re.compile("/v1/" + PLACEHOLDER.sub(r"(?P<\1>[^/?#]+)", path) + "(?:/[^/?#]+)?")
