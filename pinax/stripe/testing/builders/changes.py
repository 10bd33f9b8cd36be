"""Which events Stripe makes of a change to an object, and what they say of the state before."""

from collections.abc import Iterator
from typing import Any

from ...catalogue.objects import OBJECT_TYPES
from ...catalogue.objects import object_type as row_of
from ...stripe_values import JsonObject, reference
from .copies import copied_json
from .ids import storage_key

#: Type of a new object -> type of the object that it changes, and how.
CHANGED_BY_CREATION = {"dispute": ("charge", {"disputed": True})}
#: What a customer pays with, and what a connected account is paid to: beginning of the event's type -> the attribute
#: that names the one or the other.
OWNERS_OF_SOURCES = {"customer.source": "customer", "account.external_account": "account"}

#: What says how much of an object was given back -> what says that all of it was, and ends the type of the event.
GIVEN_BACK = {"amount_refunded": "refunded", "amount_reversed": "reversed"}


def types_of_creation(data: JsonObject) -> list[str]:
    """Types of the events about a new object; none for what Stripe creates without an event."""
    row, prefix = row_of(data["object"]), event_prefix(data)
    set_ones = [events[0] for name, events in row.attribute_events.items() if data.get(name)]
    found = (
        sent_types(data, f"{prefix}.created")
        or status_types(data, prefix)
        or sent_types(data, *(f"{prefix}.{event}" for event in set_ones))
    )
    return found + types_about_funds(data, {"balance_transactions": []})


def types_of_update(data: JsonObject, previous: JsonObject) -> list[str]:
    """Types of the events about a change; `previous` has the old values of what changed."""
    row, prefix = row_of(data["object"]), event_prefix(data)
    found = status_types(data, prefix) if "status" in previous else []
    if not found:
        found = sent_types(data, *(f"{prefix}.{event}" for event in events_of_growth(data, previous)))
    if not found:
        changed = {
            name: events[not data.get(name)] for name, events in row.attribute_events.items() if name in previous
        }
        found = sent_types(data, *(f"{prefix}.{event}" for event in changed.values() if event))
    found += types_about_funds(data, previous)
    found += word_types(data, prefix, previous)
    is_told = not previous or bool(previous.keys() - told_by_no_event(data["object"]))
    return found or (sent_types(data, f"{prefix}.updated") if is_told else [])


def types_of_deletion(data: JsonObject) -> list[str]:
    """Types of the events about the deletion of an object."""
    return sent_types(data, f"{event_prefix(data)}.deleted")


def event_prefix(data: JsonObject) -> str:
    """What the types of events about an object begin with: `customer.subscription`; "" for one that has no events."""
    row = row_of(data["object"])
    for prefix, owner in OWNERS_OF_SOURCES.items():
        if prefix in row.event_prefixes and data.get(owner):
            return prefix
    return "" if row.is_customer_owned else row.event_prefixes[0]


def status_types(data: JsonObject, prefix: str) -> list[str]:
    """Types of the events about the status that an object got."""
    events = row_of(data["object"]).status_events.get(str(data.get("status")), "")
    return sent_types(data, *(f"{prefix}.{event}" for event in events.split()))


def word_types(data: JsonObject, prefix: str, previous: JsonObject) -> list[str]:
    """Types of the events about the words that other attributes than the status got."""
    words = {name: words for name, words in row_of(data["object"]).word_events.items() if name in previous}
    events = [words[name].get(str(data.get(name)), "") for name in words]
    return sent_types(data, *(f"{prefix}.{event}" for each in events for event in each.split()))


def types_about_funds(data: JsonObject, previous: JsonObject) -> list[str]:
    """Types of the events about each new balance transaction of a dispute, which takes its money or gives it back."""
    if data["object"] != "dispute" or "balance_transactions" not in previous:
        return []
    new = (data.get("balance_transactions") or [])[len(previous["balance_transactions"] or []) :]
    kinds = ("funds_withdrawn" if (each.get("net") or 0) < 0 else "funds_reinstated" for each in new)
    return sent_types(data, *(f"{event_prefix(data)}.{kind}" for kind in kinds))


def type_in_version(event_type: str, data: JsonObject, api_version: str) -> str:
    """The name of an event's type in an API version: until 2017-04-06 `payout.paid` was `transfer.paid`."""
    from ...catalogue.event_types import EVENT_TYPES

    name = data["object"]
    row = row_of(name if isinstance(name, str) else "")
    formerly = (
        f"{name}.{event_type.rpartition('.')[2]}" for name, until in row.formerly.items() if api_version < until
    )
    return next((name for name in formerly if name in EVENT_TYPES), event_type)


def sent_types(data: JsonObject, *names: str) -> list[str]:
    """Those of the types that Stripe sends; all of them about an object of a type newer than this release."""
    # Here, because the catalogue's sentences can be translated, which takes Django; the kit is imported without it.
    from ...catalogue.event_types import EVENT_TYPES

    if row_of(data["object"]).name not in OBJECT_TYPES:
        return list(names)
    return [name for name in names if name in EVENT_TYPES and EVENT_TYPES[name].current]


def changes_of_creation(data: JsonObject, objects: Any) -> Iterator[tuple[str, JsonObject]]:
    """The other objects that a new one changes, by their ids, and how; Stripe makes no events about those.

    `objects` are those of the account, to look things up in.
    """
    changed, changes = CHANGED_BY_CREATION.get(data["object"], ("", {}))
    for move in row_of(changed).moved_by:
        if move.by == data["object"] and objects.find(data.get(move.reference)):
            yield data[move.reference], changes
    if data["object"] == "customer_cash_balance_transaction":
        yield from changes_of_cash(data, objects)
    source = objects.find(data.get("payment_method")) if data["object"] == "charge" else {}
    if source.get("object") == "source" and source.get("usage") == "single_use":
        yield source["id"], {"status": "consumed"}


def changes_of_cash(transaction: JsonObject, objects: Any) -> Iterator[tuple[str, JsonObject]]:
    """The cash balance of a customer that a transaction changes, if it is there: it has what is left afterwards."""
    for balance in objects.all("cash_balance", customer=transaction["customer"]):
        left = {transaction["currency"]: transaction["ending_balance"]}
        yield storage_key(balance), {"available": {**(balance["available"] or {}), **left}}


def cancels_payments(data: JsonObject, previous: JsonObject) -> bool:
    """Whether with a change the payments of an invoice that are open are canceled."""
    return data["object"] == "invoice" and "status" in previous and data["status"] in ("paid", "void")


def owner_with_discount(discount: JsonObject, owner: JsonObject, *, is_there: bool = True) -> JsonObject:
    """What changes in a subscription, or in a customer, with a discount that is there or gone; no event tells of it."""
    if owner["object"] == "customer":
        return {"discount": discount if is_there else None}
    others = [each for each in owner.get("discounts") or [] if reference(each) != discount["id"]]
    return {"discounts": [*others, discount["id"]] if is_there else others}


def told_by_no_event(object_type: str) -> frozenset[str]:
    """What changes in an object with events about other objects, or with none: a charge's `disputed`."""
    row = row_of(object_type)
    return row.changed_silently.union(*(move.attributes for move in row.moved_by))


def events_of_growth(data: JsonObject, previous: JsonObject) -> list[str]:
    """Last parts of the types of the events that tell that more of an object was given back, in part or in full.

    Stripe sends none when it is less: a refund failed.
    """
    return [event for amount, event in GIVEN_BACK.items() if is_more_given_back(data, previous, amount, event)]


def is_more_given_back(data: JsonObject, previous: JsonObject, amount: str, flag: str) -> bool:
    if amount in previous:
        return (data.get(amount) or 0) >= (previous[amount] or 0)
    return flag in previous and data.get(flag) is True


def previous_attributes(before: JsonObject, after: JsonObject) -> JsonObject:
    """Old values of what differs: of hashes only the members that changed, of arrays the whole."""
    previous: JsonObject = {}
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            previous[name] = previous_attributes(old, new)
        else:
            previous[name] = copied_json(old)
    return previous
