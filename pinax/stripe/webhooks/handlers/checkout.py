"""Checkout: links the customer of a session to its user."""

from ...api import Fetched
from ...catalogue.objects import naming
from ...models import Customer, Event
from ...models.mirror import mirror_key
from ...stripe_values import reference
from ...sync.fetching import as_fetched, retrieve_related
from ...sync.user_links import claim_of_session, link_or_wait
from ...sync.writing import sync_object
from ..base import MirrorWebhook
from ..registry import register


@register("checkout.session.async_payment_succeeded", "checkout.session.completed")
class CheckoutSessionCompletedWebhook(MirrorWebhook):
    """Links the session's customer to the user whom `client_reference_id`, or the session's metadata, names.

    Checkout makes customers by itself, and those cannot be given metadata beforehand. What comes from a payment link
    links no user: the sender of such a link chooses its `client_reference_id`. For `checkout.session.completed` and
    `checkout.session.async_payment_succeeded`.
    """

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.customer = reference(event.object.get("customer"))
        self.claim = claim_of_session(event.object, self.context.account, at=self.context.as_of)
        self.customer_now: Fetched | None = None

    def prepare(self) -> None:
        """Fetch the customer if its own event is still to come: a link needs a row."""
        super().prepare()
        if self.customer is None or self.claim is None or any(self.customer == each.data["id"] for each in self.others):
            return
        if not Customer.all_objects.filter(pk=mirror_key(self.customer)).exists():
            named = naming("customer", self.customer)
            self.customer_now = retrieve_related(named, account="", api_version=self.context.api_version)

    def process_webhook(self) -> None:
        super().process_webhook()
        if self.customer is None or self.claim is None:
            return
        if self.customer_now is not None:
            context = as_fetched(self.context, self.customer_now)
            self.changes += sync_object(self.customer_now.data, context, self.fetched)
        link_or_wait(mirror_key(self.customer), self.claim)
