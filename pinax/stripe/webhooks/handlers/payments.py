"""Charges, payment intents, refunds, disputes."""

from collections.abc import Iterator

from ...stripe_values import identifier, text
from ..base import MirrorWebhook
from ..registry import register

#: Statuses of refunds of which nothing is given back: the charge's sums are as they were before.
FAILED_REFUNDS = ("canceled", "failed")


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


class MovesChargeWebhook(MirrorWebhook):
    """Mirrors the object, and reads its charge: what happened changed that, too, and no event carries it.

    "Events that occur on subresources don't trigger a corresponding event for the parent resource"
    (https://docs.stripe.com/api/events/types).
    """

    def moves_charge(self) -> bool:
        """Whether the charge is another one since."""
        return True

    def others_to_read(self) -> Iterator[tuple[str, str]]:
        yield from super().others_to_read()
        stripe_id = identifier(self.data().get("charge"))
        if stripe_id and self.moves_charge():
            yield "charge", stripe_id


@register("charge.refund.updated", "refund.created", "refund.failed", "refund.updated")
class RefundWebhook(MovesChargeWebhook):
    """The refund; when it failed or was canceled, also the charge, of which less is refunded then.

    That more is refunded is told by `charge.refunded`, with the charge.
    """

    def moves_charge(self) -> bool:
        return self.event.kind == "refund.failed" or text(self.data().get("status")) in FAILED_REFUNDS


@register(
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
)
class DisputeWebhook(MovesChargeWebhook):
    """The charge, which says whether it is disputed. The dispute itself has no table."""
