"""`expand` in a read: ids become the objects they name, and lists are there that are left out otherwise.

https://docs.stripe.com/expand. A path that does not lead to an object or a list is refused.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...catalogue.objects import OBJECT_TYPES, object_type
from ...stripe_values import JsonObject
from .refusals import ApiError

#: The object of an id, as Stripe answers it and with the lists that are left out; None for one that is not there.
Find = Callable[[str], tuple[JsonObject, JsonObject] | None]
#: Levels that a path may go down: those of a list begin with its `data`.
MOST_LEVELS = 4
#: What ids begin with.
ID = re.compile("|".join(sorted(re.escape(prefix) for row in OBJECT_TYPES.values() for prefix in row.id_prefixes)))


def expanded_paths(query: dict[str, str]) -> list[list[str]]:
    """The `expand` parameters of an address, split at their dots."""
    return [value.split(".") for name, value in query.items() if name.startswith("expand[")]


def as_shown(data: JsonObject) -> JsonObject:
    """An object without what answers have only with `expand`, and without parents that only its address names."""
    row = object_type(str(data.get("object")))
    return {name: value for name, value in data.items() if name not in row.unsent | row.unnamed}


def check_path(path: Sequence[str], examples: Iterable[JsonObject], find: Find, *, is_list: bool = False) -> None:
    """Refuse a path that goes too deep, or does not lead to what can be expanded in any of the examples.

    An attribute that is null in all of them may be a reference, and is let through.
    """
    whole = ".".join(path)
    if len(path) > MOST_LEVELS:
        raise ApiError(400, f"You cannot expand more than {MOST_LEVELS} levels of a property. Property: {whole}")
    if is_list and path[0] != "data":
        hint = f" You may want to try expanding 'data.{whole}' instead."
        raise ApiError(400, f"This property cannot be expanded ({whole}).{hint}")
    if not leads_on(examples, path[1:] if is_list else path, find):
        raise ApiError(400, f"This property cannot be expanded ({whole}).")


def leads_on(examples: Iterable[JsonObject], path: Sequence[str], find: Find) -> bool:
    """Whether a path leads to something that can be expanded, in one of the examples."""
    if not path:
        return False
    values = [each[path[0]] for each in examples if path[0] in each]
    told = [value for value in values if value is not None]
    return any(is_expandable(value, path[1:], find) for value in told or values)


def is_expandable(value: Any, rest: Sequence[str], find: Find) -> bool:
    """Whether the value of an attribute can be expanded, or leads on to what can be."""
    if isinstance(value, list):
        return not value or any(is_expandable(entry, rest, find) for entry in value)
    if isinstance(value, str):
        found = find(value)
        return bool(ID.match(value)) if found is None or not rest else leads_on([found[1]], rest, find)
    if isinstance(value, dict):
        return leads_on([value], rest, find) if rest else "object" in value
    return value is None


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
        found = find(full)
        if found is None:
            return value
        shown, full = found
        value = shown if isinstance(value, str) else value
    return expanded(value, full, rest, find) if rest and isinstance(full, dict) else value
