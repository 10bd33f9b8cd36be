"""Payment methods: one that is detached."""

from ..base import MirrorWebhook
from ..registry import register


@register("payment_method.detached")
class PaymentMethodDetachedWebhook(MirrorWebhook):
    """`payment_method.detached` is an update: the object stays at Stripe, without a customer."""

    def data(self) -> dict:
        return {**self.event.object, "customer": None}
