"""The object as a mirrored row keeps it: storable on every database, without secrets."""

from typing import Any

from ..catalogue.objects import SECRETS
from ..stripe_values import mapping, storable, text

#: Attributes that are secrets whatever has them, types newer than this release included.
SECRETS_OF_ALL = frozenset({"client_secret"})


def storable_object(data: dict[str, Any]) -> dict[str, Any]:
    """The object as `stripe_data` keeps it."""
    return storable(without_secrets(data, SECRETS_OF_ALL))


def without_secrets(value: Any, secrets: frozenset[str]) -> Any:
    """A value without the named attributes, at any depth, nor those that the table names of the objects in it.

    They let their reader act at Stripe, pay, or see documents: an event has them as evidence, a mirror needs none.
    What projects name in `metadata` is their own, but for what is a secret whatever has it.
    """
    if isinstance(value, list):
        return [without_secrets(entry, secrets) for entry in value]
    if not isinstance(value, dict):
        return value
    secrets |= SECRETS.get(text(value.get("object")), frozenset())
    return {
        name: without_secrets(entry, SECRETS_OF_ALL if name == "metadata" else secrets)
        for name, entry in value.items()
        if name not in secrets
    }


def with_whole_lists(data: dict[str, Any], lists: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """An object with whole lists in the place of those that were cut short."""
    return {**data, **{name: {**mapping(data.get(name)), "data": lists[name], "has_more": False} for name in lists}}
