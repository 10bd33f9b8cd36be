"""Reads coupons (https://docs.stripe.com/api/coupons/object) and where discounts name theirs."""

from typing import Any

from ..values import decimal, dig, flag, integer, mapping, natural, reference, text, timestamp


def coupon_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Columns of a coupon."""
    # Until 2018-07-27 `percent_off` was an integer, the exact value in `percent_off_precise`.
    percent = data.get("percent_off_precise")
    return {
        "name": text(data.get("name")),
        "percent_off": decimal(data.get("percent_off") if percent is None else percent, digits=7, places=4),
        "amount_off": integer(data.get("amount_off")),
        "currency": text(data.get("currency")),
        "duration": text(data.get("duration")),
        "duration_in_months": natural(data.get("duration_in_months")),
        "max_redemptions": natural(data.get("max_redemptions"), most=2**63 - 1),
        "times_redeemed": natural(data.get("times_redeemed"), most=2**63 - 1),
        "redeem_by": timestamp(data.get("redeem_by")),
        "valid": flag(data.get("valid")),
    }


def discount_coupon(discount: Any) -> str | None:
    """Id of a discount's coupon: `source.coupon` since 2025-09-30.clover, the object in `coupon` before."""
    source = mapping(discount).get("source")
    return reference(dig(discount, "source", "coupon") if source else mapping(discount).get("coupon"))
