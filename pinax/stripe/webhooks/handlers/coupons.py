"""Coupons."""

from ..base import DeletedWebhook, MirrorWebhook
from ..registry import register


@register("coupon.created", "coupon.updated")
class CouponWebhook(MirrorWebhook):
    """The coupon."""


@register("coupon.deleted")
class CouponDeletedWebhook(DeletedWebhook):
    """A tombstone; the id may be created again later."""
