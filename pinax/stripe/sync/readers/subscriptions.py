"""Reads subscriptions and their items."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from ..values import dig, flag, identifier, integer, living, natural, reference, text, timestamp


def subscription_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a subscription (https://docs.stripe.com/api/subscriptions/object), from any API version's shape."""
    entries = living(data.get("items"))
    only = entries[0] if len(entries) == 1 else {}
    plan = data.get("plan") or terms(only)
    quantity = data["quantity"] if data.get("quantity") is not None else only.get("quantity")
    return {
        "customer_id": reference(data.get("customer")),
        "status": text(data.get("status")),
        # `billing` until 2019-10-17.
        "collection_method": text(data.get("collection_method")) or text(data.get("billing")),
        "currency": subscription_currency(data, entries),
        "plan_id": reference(plan),
        "quantity": integer(quantity),
        # `start` until 2019-10-17; it moved with changes, but is the best those versions have.
        "start_date": timestamp(data.get("start_date") or data.get("start")),
        "current_period_start": bound(min, data, entries, "current_period_start"),
        "current_period_end": bound(max, data, entries, "current_period_end"),
        "billing_cycle_anchor": timestamp(data.get("billing_cycle_anchor")),
        "trial_start": timestamp(data.get("trial_start")),
        "trial_end": timestamp(data.get("trial_end")),
        "cancel_at": timestamp(data.get("cancel_at")),
        "cancel_at_period_end": flag(data.get("cancel_at_period_end")),
        "canceled_at": timestamp(data.get("canceled_at")),
        "ended_at": timestamp(data.get("ended_at")),
        "days_until_due": natural(data.get("days_until_due")),
        "default_payment_method": identifier(data.get("default_payment_method")),
        "latest_invoice_id": reference(data.get("latest_invoice")),
    }


def terms(item: dict[str, Any]) -> Any:
    """What an item subscribes to: a plan, beside or instead of it a price since 2020."""
    return item.get("plan") or item.get("price")


def subscription_currency(data: dict[str, Any], entries: list[dict[str, Any]]) -> str:
    """The subscription's own currency, in versions that have it; else that of what it bills, the same for all items."""
    billed = [data, data.get("plan"), *map(terms, entries)]
    return next(filter(None, (text(dig(each, "currency")) for each in billed)), "")


def bound(
    choose: Callable[[Iterable[int]], int], data: dict[str, Any], entries: list[dict[str, Any]], name: str
) -> datetime.datetime | None:
    """The subscription's own period bound (until 2025-03-31.basil), else the outermost one of its items."""
    own = integer(data.get(name))
    found = [own] if own is not None else [integer(entry.get(name)) for entry in entries]
    return timestamp(choose([value for value in found if value is not None] or [0]))


def subscription_item_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a subscription item (https://docs.stripe.com/api/subscription_items/object)."""
    return {
        "subscription_id": reference(data.get("subscription")),
        "price_id": reference(data.get("price")),
        "plan_id": reference(data.get("plan")),
        "product_id": reference(dig(data, "price", "product") or dig(data, "plan", "product")),
        "quantity": integer(data.get("quantity")),
        "current_period_start": timestamp(data.get("current_period_start")),
        "current_period_end": timestamp(data.get("current_period_end")),
    }
