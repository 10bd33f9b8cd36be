"""Charges, payment intents, refunds, disputes."""

import logging

from ...api import Fetched
from ...exceptions import AccessDenied
from ...models import Event
from ...sync.mirror import as_fetched, complete_children, retrieve_related, sync_object
from ...sync.values import identifier, is_stub, text
from ..base import MirrorWebhook
from ..registry import register

logger = logging.getLogger(__name__)

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

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.charge: Fetched | None = None

    def moves_charge(self) -> bool:
        """Whether the charge is another one since."""
        return True

    def prepare(self) -> None:
        super().prepare()
        stripe_id = identifier(self.data().get("charge"))
        # A redacted event that is processed again must not bring back from Stripe what was removed here.
        if not stripe_id or not self.moves_charge() or self.event.redacted_at is not None:
            return
        origin = self.origin
        related = {"id": stripe_id, "type": "charge"}
        try:
            fetched = retrieve_related(related, account=origin.account, api_version=origin.api_version)
        except AccessDenied as error:
            # Receivers of the event have done without the charge so far, and a key may not be allowed to read it.
            logger.warning("unread charge=%s event=%s error=%s", stripe_id, self.event.stripe_id, error)
            return
        # No charge is ever deleted: what Stripe does not know under this id is left alone.
        if fetched is not None and not is_stub(fetched.data):
            self.charge = fetched
            origin.children.update(complete_children(fetched.data, origin.account, origin.api_version))

    def process_webhook(self) -> None:
        super().process_webhook()
        if self.charge is not None:
            sync_object(self.charge.data, as_fetched(self.origin, self.charge))


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
