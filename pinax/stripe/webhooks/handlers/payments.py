"""Charges, payment intents, refunds."""

from ..base import MirrorWebhook
from ..registry import register


@register(
    "charge.captured",
    "charge.expired",
    "charge.failed",
    "charge.pending",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
)
class ChargeWebhook(MirrorWebhook):
    """The charge, and the refunds that versions before 2022-11-15 embed."""


@register(
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.partially_funded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
)
class PaymentIntentWebhook(MirrorWebhook):
    """The payment intent."""


@register("charge.refund.updated", "refund.created", "refund.failed", "refund.updated")
class RefundWebhook(MirrorWebhook):
    """The refund."""
