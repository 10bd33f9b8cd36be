"""Checkout: links the customer of a session to its user."""

from ...api import Fetched
from ...catalogue.objects import naming
from ...models import Customer, Event
from ...models.mirror import mirror_key
from ...stripe_values import reference
from ...sync.fetching import as_fetched, retrieve_related
from ...sync.user_links import Claim, claim_of_session, link_or_wait
from ...sync.writing import sync_object
from ..base import MirrorWebhook, UnknownWebhook
from ..registry import register


class SessionWebhook(MirrorWebhook):
    """Links the session's customer to the user whom `client_reference_id`, or the session's metadata, names.

    Checkout makes customers by itself, and those cannot be given metadata beforehand. What comes from a payment link
    links no user: the sender of such a link chooses its `client_reference_id`.
    """

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.completed_at = self.context.as_of
        self.customer_now: Fetched | None = None

    def claimed(self) -> tuple[str, Claim] | None:
        """The customer's id, and what the session claims about their user; None if it claims nothing."""
        session = self.data()
        customer = reference(session.get("customer"))
        claim = claim_of_session(session, self.context.account, at=self.completed_at)
        return None if customer is None or claim is None else (customer, claim)

    def prepare(self) -> None:
        """Fetch the customer if its own event is still to come: a link needs a row."""
        super().prepare()
        claimed = self.claimed()
        if claimed is None or any(claimed[0] == each.data["id"] for each in self.others):
            return
        if not Customer.all_objects.filter(pk=mirror_key(claimed[0])).exists():
            named = naming("customer", claimed[0])
            self.customer_now = retrieve_related(named, account="", api_version=self.context.api_version)

    def process_webhook(self) -> None:
        super().process_webhook()
        claimed = self.claimed()
        if claimed is None:
            return
        if self.customer_now is not None:
            context = as_fetched(self.context, self.customer_now)
            self.changes += sync_object(self.customer_now.data, context, self.fetched)
        customer, claim = claimed
        link_or_wait(mirror_key(customer), claim)


@register("checkout.session.async_payment_succeeded", "checkout.session.completed")
class CheckoutSessionCompletedWebhook(SessionWebhook):
    """For `checkout.session.completed` and `checkout.session.async_payment_succeeded`."""


@register("v1.checkout.session.async_payment_succeeded", "v1.checkout.session.completed")
class ThinCheckoutSessionCompletedWebhook(SessionWebhook, UnknownWebhook):
    """The same for their thin events, whose session is fetched."""
