"""Reads products, prices and plans."""

from typing import Any

from ..values import decimal, dig, flag, integer, natural, reference, text


def product_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a product (https://docs.stripe.com/api/products/object)."""
    return {
        "name": text(data.get("name")),
        "active": flag(data.get("active")),
        "description": text(data.get("description")),
        "type": text(data.get("type")),
        "default_price_id": reference(data.get("default_price")),
        "statement_descriptor": text(data.get("statement_descriptor")),
        "unit_label": text(data.get("unit_label")),
        "url": text(data.get("url")),
    }


def price_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a price (https://docs.stripe.com/api/prices/object)."""
    return {
        "product_id": reference(data.get("product")),
        "active": flag(data.get("active")),
        "nickname": text(data.get("nickname")),
        "currency": text(data.get("currency")),
        "type": text(data.get("type")),
        "unit_amount": integer(data.get("unit_amount")),
        "unit_amount_decimal": decimal(data.get("unit_amount_decimal"), digits=32, places=12),
        "billing_scheme": text(data.get("billing_scheme")),
        "tiers_mode": text(data.get("tiers_mode")),
        "interval": text(dig(data, "recurring", "interval")),
        "interval_count": natural(dig(data, "recurring", "interval_count")),
        "usage_type": text(dig(data, "recurring", "usage_type")),
        "trial_period_days": natural(dig(data, "recurring", "trial_period_days")),
        "lookup_key": text(data.get("lookup_key")),
        "tax_behavior": text(data.get("tax_behavior")),
    }


def plan_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a plan (https://docs.stripe.com/api/plans/object)."""
    return {
        "product_id": reference(data.get("product")),
        "active": flag(data.get("active")),
        "name": text(data.get("name")),
        "nickname": text(data.get("nickname")),
        "currency": text(data.get("currency")),
        "amount": integer(data.get("amount")),
        "amount_decimal": decimal(data.get("amount_decimal"), digits=32, places=12),
        "billing_scheme": text(data.get("billing_scheme")),
        "tiers_mode": text(data.get("tiers_mode")),
        "interval": text(data.get("interval")),
        "interval_count": natural(data.get("interval_count")),
        "usage_type": text(data.get("usage_type")),
        "trial_period_days": natural(data.get("trial_period_days")),
    }
