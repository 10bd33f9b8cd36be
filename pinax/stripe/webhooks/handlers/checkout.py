"""Checkout: whose customer is it that just paid?"""

from typing import Any

from ...api import Fetched
from ...models import Customer, Event
from ...models.mirror import mirror_key
from ...sync.links import set_user, user_of
from ...sync.mirror import as_fetched, retrieve_related, sync_object
from ...sync.values import reference
from ..base import Webhook
from ..registry import register


@register("checkout.session.async_payment_succeeded", "checkout.session.completed")
class CheckoutSessionWebhook(Webhook):
    """Links the session's customer to the user whom `client_reference_id`, or the metadata, names.

    Checkout makes customers by itself, and nobody can give those metadata beforehand.
    """

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.customer = reference(event.object.get("customer"))
        self.user: Any = None
        self.fetched: Fetched | None = None

    def prepare(self) -> None:
        """Fetch the customer if its own event is still to come: a link needs a row."""
        if self.customer is None:
            return
        self.user = user_of(self.event.object, self.origin.account)
        if self.user is not None and not Customer.all_objects.filter(pk=mirror_key(self.customer)).exists():
            related = {"id": self.customer, "type": "customer"}
            self.fetched = retrieve_related(related, account="", api_version=self.origin.api_version)

    def process_webhook(self) -> None:
        if self.customer is None or self.user is None:
            return
        if self.fetched is not None:
            sync_object(self.fetched.data, as_fetched(self.origin, self.fetched))
        set_user(mirror_key(self.customer), self.user)
