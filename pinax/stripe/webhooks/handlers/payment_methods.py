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


# The types with `card` and `bank_account` in their names are those of versions before customer.source.* came.
@register(
    "customer.bank_account.created",
    "customer.bank_account.updated",
    "customer.card.created",
    "customer.card.updated",
    "customer.source.created",
    "customer.source.expiring",
    "customer.source.updated",
    "source.canceled",
    "source.chargeable",
    "source.failed",
    "source.mandate_notification",
    "source.refund_attributes_required",
)
class SourceWebhook(MirrorWebhook):
    """A card, bank account or source of a customer."""


# Recent objects stay readable as payment methods or sources, but the customer cannot be charged with them any more.
@register("customer.bank_account.deleted", "customer.card.deleted", "customer.source.deleted")
class SourceDeletedWebhook(DeletedWebhook):
    """The card, bank account or source leaves every list."""
