"""The object as a mirrored row keeps it: storable on every database, without secrets."""

import re
from typing import Any

from ..catalogue.objects import SECRETS
from ..stripe_values import mapping, storable, storable_text, text

#: Attributes that are secrets whatever has them, types newer than this release included.
SECRETS_OF_ALL = frozenset({"account_number", "client_secret", "cvc", "secret", "signing_secret"})
#: What shows that a hash is about a card, whose `number` is a secret; that of an invoice, say, is none.
OF_CARDS = "exp_month"
#: What is stored as it is.
PLAIN = frozenset({bool, int, type(None)})
#: A client secret in the address of a page: `https://…?payment_intent_client_secret=pi_1_secret_abc`.
SECRET_IN_ADDRESS = re.compile(r"(?<=_secret_)\w+|(?<=_secret=)(?!\w+_secret_)[^&#]+")


def storable_object(data: dict[str, Any]) -> dict[str, Any]:
    """The object as `stripe_data` keeps it."""
    return without_secrets(data, SECRETS_OF_ALL)


def without_secrets(value: Any, secrets: frozenset[str]) -> Any:
    """A value as it is kept, without the named attributes, at any depth, those that the table names of the objects in
    it, and client secrets in addresses.

    They let their reader act at Stripe, pay, or see documents: an event has them as evidence, a mirror needs none.
    What projects name in `metadata` is their own, but for what is a secret whatever has it.
    """
    if isinstance(value, dict):
        return attributes_without_secrets(value, secrets)
    if isinstance(value, list):
        return [without_secrets(entry, secrets) for entry in value]
    if isinstance(value, str) and "://" in value and "_secret" in value:
        value = SECRET_IN_ADDRESS.sub("…", value)
    return storable(value)


def attributes_without_secrets(value: dict[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    """The same for an object. It takes every attribute of every object, so most are left as they are without a call."""
    if OF_CARDS in value:
        secrets |= {"number"}
    secrets |= SECRETS.get(text(value.get("object")), frozenset())
    kept: dict[str, Any] = {}
    for name, entry in value.items():
        if name in secrets:
            continue
        kind = type(entry)
        is_plain = kind in PLAIN or (kind is str and entry.isascii() and entry.isprintable() and "_secret" not in entry)
        if not is_plain:
            entry = storable(without_secret_names(entry)) if name == "metadata" else without_secrets(entry, secrets)
        kept[name if name.isascii() and name.isprintable() else storable_text(name)] = entry
    return kept


def without_secret_names(metadata: Any) -> Any:
    """Metadata without client secrets; whatever else projects call their own attributes is theirs."""
    if not isinstance(metadata, dict):
        return metadata
    return {name: value for name, value in metadata.items() if name != "client_secret"}


def with_whole_lists(data: dict[str, Any], lists: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """An object with whole lists in the place of those that were cut short."""
    return {**data, **{name: {**mapping(data.get(name)), "data": lists[name], "has_more": False} for name in lists}}
