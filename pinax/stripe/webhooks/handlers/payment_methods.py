"""Payment methods, cards, bank accounts, sources."""

from ..base import DeletedWebhook, MirrorWebhook
from ..registry import register


@register(
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.updated",
)
class PaymentMethodWebhook(MirrorWebhook):
    """The payment method."""


@register("payment_method.detached")
class PaymentMethodDetachedWebhook(MirrorWebhook):
    """Detaching is an update: the object stays at Stripe, without a customer."""

    def data(self) -> dict:
        return {**self.event.object, "customer": None}


@register(
    "customer.source.created",
    "customer.source.updated",
    "customer.source.expiring",
    "source.canceled",
    "source.chargeable",
    "source.failed",
)
class SourceWebhook(MirrorWebhook):
    """A card, bank account or source of a customer."""


# Recent objects stay readable as payment methods or sources, but the customer cannot be charged with them any more.
@register("customer.source.deleted")
class SourceDeletedWebhook(DeletedWebhook):
    """The card, bank account or source leaves every list."""
