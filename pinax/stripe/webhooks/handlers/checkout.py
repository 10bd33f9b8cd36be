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
        #: The customer's id, and what the session claims about their user; None if it claims nothing.
        self.claimed: tuple[str, Claim] | None = None
        self.customer_now: Fetched | None = None

    def find_claim(self) -> tuple[str, Claim] | None:
        """What `claimed` is, of a session that is there."""
        session = self.data()
        customer = reference(session.get("customer"))
        claim = claim_of_session(session, self.context.account, at=self.completed_at)
        return None if customer is None or claim is None else (customer, claim)

    def prepare(self) -> None:
        """Fetch the customer if its own event is still to come: a link needs a row."""
        super().prepare()
        self.claimed = self.find_claim()
        if self.claimed is None:
            return
        customer, _claim = self.claimed
        if any(customer == each.data["id"] for each in self.others):
            return
        if not Customer.all_objects.filter(pk=mirror_key(customer)).exists():
            named = naming("customer", customer)
            self.customer_now = retrieve_related(named, account="", api_version=self.context.api_version)

    def process_webhook(self) -> None:
        super().process_webhook()
        if self.claimed is None:
            return
        if self.customer_now is not None:
            context = as_fetched(self.context, self.customer_now)
            self.changes += sync_object(self.customer_now.data, context, self.fetched)
        customer, claim = self.claimed
        link_or_wait(mirror_key(customer), claim)


@register("checkout.session.async_payment_succeeded", "checkout.session.completed")
class CheckoutSessionCompletedWebhook(SessionWebhook):
    """For `checkout.session.completed` and `checkout.session.async_payment_succeeded`."""


@register("v1.checkout.session.async_payment_succeeded", "v1.checkout.session.completed")
class ThinCheckoutSessionCompletedWebhook(SessionWebhook, UnknownWebhook):
    """The same for their thin events, whose session is fetched."""
