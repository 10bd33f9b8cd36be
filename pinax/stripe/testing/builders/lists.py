"""Lists that Stripe embeds in an object, and cuts."""

from typing import Any
from urllib.parse import quote, urlencode

from ...catalogue.objects import OBJECT_TYPES, ObjectType, object_type
from ...stripe_values import JsonObject

#: How many entries of a list Stripe embeds in an object.
MAX_EMBEDDED_ENTRIES = 10


def list_object(entries: list[JsonObject], url: str, *, has_more: bool = False) -> JsonObject:
    """A list as Stripe writes it."""
    return {"object": "list", "data": entries, "has_more": has_more, "url": url}


def embedded_list_url(row: ObjectType, attribute: str, stripe_id: str) -> str:
    """Where the whole list of an object of a type is read that is embedded under a name; "" when there is no such list.

    It is the one below the object, where there is one.
    """
    beginning = f"{row.path}/{{"
    for other in OBJECT_TYPES.values():
        for path in (other.path, *other.further_paths):
            if path.startswith(beginning) and path.endswith(f"}}/{attribute}"):
                return f"/v1/{row.path}/{quote(stripe_id, safe='')}/{attribute}"
    part = row.part if row.part is not None and row.part.attribute == attribute else row.lists.get(attribute)
    if part is None:
        return ""
    parameters = urlencode({name: value.format(id=stripe_id) for name, value in part.parameters.items()})
    return f"/v1/{part.path}?{parameters}"


def embedded_lists(row: ObjectType) -> frozenset[str]:
    """The attributes of a type's objects that hold lists: of parts, of whole objects, and of what is nowhere else."""
    below = {
        path.rpartition("/")[2]
        for other in OBJECT_TYPES.values()
        if not other.is_read
        for path in (other.path, *other.further_paths)
        if path.startswith(f"{row.path}/{{")
    }
    part = {row.part.attribute} if row.part is not None and not row.part.is_array else set()
    return row.includable.union(row.lists, part, below)


def with_list_objects(data: JsonObject) -> JsonObject:
    """Turn plain Python lists of parts into Stripe's list objects."""
    row = object_type(data["object"])
    for name in embedded_lists(row):
        if isinstance(data.get(name), list):
            data[name] = list_object(data[name], embedded_list_url(row, name, data.get("id", "")))
    return data


def cut_lists(value: Any) -> Any:
    """What Stripe sends of an object: long lists in it are cut and say so."""
    if isinstance(value, list):
        return [cut_lists(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    entries = value.get("data")
    if value.get("object") == "list" and isinstance(entries, list) and len(entries) > MAX_EMBEDDED_ENTRIES:
        value = {**value, "data": entries[:MAX_EMBEDDED_ENTRIES], "has_more": True}
    return {name: entry if name == "metadata" else cut_lists(entry) for name, entry in value.items()}
