"""`expand` in a read: ids become the objects they name, and lists are there that are left out otherwise.

https://docs.stripe.com/expand. A path that leads nowhere changes nothing; Stripe refuses it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ...catalogue.objects import object_type
from ...stripe_values import JsonObject

#: The object of an id as Stripe answers it, None for one that is not there.
Find = Callable[[str], JsonObject | None]


def expanded_paths(query: dict[str, str]) -> list[list[str]]:
    """The `expand` parameters of an address, split at their dots."""
    return [value.split(".") for name, value in query.items() if name.startswith("expand[")]


def as_shown(data: JsonObject) -> JsonObject:
    """An object without what answers have only with `expand`, and without parents that only its address names."""
    row = object_type(str(data.get("object")))
    return {name: value for name, value in data.items() if name not in row.unsent | row.unnamed}


def expanded(data: JsonObject, whole: JsonObject, path: Sequence[str], find: Find) -> JsonObject:
    """An answer with what one path names in full; `whole` is the same object with the lists that are left out."""
    name, rest = path[0], path[1:]
    if name not in whole:
        return data
    full = whole[name]
    value = data.get(name, full)
    if isinstance(full, list) and isinstance(value, list):
        return {**data, name: [expanded_member(*pair, rest, find) for pair in zip(value, full, strict=True)]}
    return {**data, name: expanded_member(value, full, rest, find)}


def expanded_member(value: Any, full: Any, rest: Sequence[str], find: Find) -> Any:
    """One value on the way of a path: an id, an object, or what cannot be followed any further.

    `full` is what is kept in its place; an earlier path may have put more into `value`.
    """
    if isinstance(full, str):
        full = find(full)
        if full is None:
            return value
        value = as_shown(full) if isinstance(value, str) else value
    return expanded(value, full, rest, find) if rest and isinstance(full, dict) else value
