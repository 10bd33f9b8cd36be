"""Ids of objects, as Stripe makes them."""

import random
import string
from typing import Any

from ...catalogue.objects import ObjectType, object_type

ALPHABET = string.ascii_letters + string.digits


def new_id(name: str) -> str:
    """A fresh id for an object of a type, or for an `event`. Where people choose ids, eight letters and digits."""
    row = object_type(name)
    if not row.id_prefixes and row.ids_can_recur:
        return "".join(random.choices(string.ascii_uppercase + string.digits, k=8))
    return id_prefix(row) + "".join(random.choices(ALPHABET, k=24))


def id_prefix(row: ObjectType) -> str:
    """What ids of a type begin with; a plausible beginning where that is not known."""
    known = row.id_prefixes or (("evt_",) if row.name == "event" else ())
    return known[0] if known else row.name.replace(".", "_") + "_"


def storage_key(data: dict[str, Any]) -> str:
    """What a FakeStripe calls an object: its id; its type, and what it belongs to, where objects have no id."""
    parents = object_type(str(data["object"])).parents
    return str(data.get("id") or ":".join([data["object"], *(str(data.get(parent)) for parent in parents)]))
