"""Subscriptions."""

from ..base import MirrorWebhook
from ..registry import register


# "deleted" is the end of a subscription, not of the object: Stripe keeps it and sends its final state.
@register(
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
)
class SubscriptionWebhook(MirrorWebhook):
    """The subscription with its items."""
