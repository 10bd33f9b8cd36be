"""Reads customers (https://docs.stripe.com/api/customers/object)."""

from typing import Any

from ..values import dig, flag, identifier, integer, text
from .coupons import discount_coupon


def customer_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a customer, from any API version's shape."""
    # `account_balance` until 2019-10-17.
    balance = data["balance"] if "balance" in data else data.get("account_balance")
    return {
        "email": text(data.get("email")),
        "name": text(data.get("name")),
        "phone": text(data.get("phone")),
        "description": text(data.get("description")),
        "currency": text(data.get("currency")),
        "balance": integer(balance),
        "delinquent": flag(data.get("delinquent")),
        # `default_card` until 2015-02-18.
        "default_source": identifier(data.get("default_source") or data.get("default_card")),
        "default_payment_method": identifier(dig(data, "invoice_settings", "default_payment_method")),
        "tax_exempt": text(data.get("tax_exempt")),
        "coupon_id": discount_coupon(data.get("discount")),
        "customer_account": identifier(data.get("customer_account")),
    }
