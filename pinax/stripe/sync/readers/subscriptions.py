"""What API versions say otherwise of subscriptions: terms and periods moved from them to their items."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from ...models import Subscription
from ...stripe_values import JsonObject, dig, integer, not_deleted, reference, text, timestamp
from ..reader import History, ReadFrom, read_of_ids

#: Where an item says what it subscribes to.
TERMS = ("items.data.plan", "items.data.price")


def entries_of(data: JsonObject) -> list[JsonObject]:
    return not_deleted(data.get("items"))


def only_entry(data: JsonObject) -> JsonObject:
    """The item of a subscription that has one; {} for any other number."""
    entries = entries_of(data)
    return entries[0] if len(entries) == 1 else {}


def terms(item: JsonObject) -> Any:
    """What an item subscribes to: a plan, beside or instead of it a price since 2020."""
    return item.get("plan") or item.get("price")


def subscription_plan(data: JsonObject) -> str | None:
    """Id of the subscription's own plan, else of what its only item subscribes to."""
    return reference(data.get("plan") or terms(only_entry(data)))


def subscription_quantity(data: JsonObject) -> int | None:
    """The subscription's own quantity, else that of its only item."""
    own = data.get("quantity")
    return integer(only_entry(data).get("quantity") if own is None else own)


def subscription_currency(data: JsonObject) -> str:
    """The subscription's own currency, in versions that have it; else that of what it bills, the same for all items."""
    billed = [data, data.get("plan"), *map(terms, entries_of(data))]
    return next(filter(None, (text(dig(each, "currency")) for each in billed)), "")


def bound(choose: Callable[[Iterable[int]], int], name: str) -> ReadFrom:
    """Reads the subscription's own period bound (until 2025-03-31.basil), else the outermost one of its items."""

    def read(data: JsonObject) -> datetime.datetime | None:
        own = integer(data.get(name))
        found = [own] if own is not None else [integer(entry.get(name)) for entry in entries_of(data)]
        return timestamp(choose([value for value in found if value is not None] or [0]))

    return ReadFrom(paths=(name, f"items.data.{name}"), read=read)


def phase_prices(data: JsonObject) -> list[str]:
    """Ids of the prices of a phase's `items`, which were `plans` of a plan each until 2020-08-27."""
    entries = data.get("items") or data.get("plans")
    found = [reference(terms_of_phase(entry)) for entry in entries] if isinstance(entries, list) else []
    return [stripe_id for stripe_id in found if stripe_id is not None]


def terms_of_phase(entry: Any) -> Any:
    """The price that an entry of a phase bills, else the plan."""
    return dig(entry, "price") or dig(entry, "plan")


SCHEDULE_PHASE: History = {"price_ids": ReadFrom(paths=("items", "plans"), read=phase_prices)}
SUBSCRIPTION: History = {
    "plan": ReadFrom(paths=("plan", *TERMS), read=subscription_plan),
    "quantity": ReadFrom(paths=("quantity", "items.data.quantity"), read=subscription_quantity),
    "currency": ReadFrom(paths=("currency", "plan", *TERMS), read=subscription_currency),
    "current_period_start": bound(min, "current_period_start"),
    "current_period_end": bound(max, "current_period_end"),
    # Until 2020-08-27 discounts had no ids.
    "discount_ids": read_of_ids(Subscription, "discount_ids", "discounts", "discount.id"),
}
