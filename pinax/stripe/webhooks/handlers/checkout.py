"""Checkout: whose customer is it that just paid?"""

from typing import Any

from ...api import Fetched
from ...models import Customer, Event
from ...models.mirror import mirror_key
from ...sync.links import link_user, user_of
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
        self.fetched: Fetched | None = None

    @property
    def session(self) -> dict[str, Any]:
        return self.event.object

    @property
    def customer(self) -> str | None:
        """Id of the customer to link; None without one, or without somebody to link it to."""
        return reference(self.session.get("customer")) if user_of(self.session, self.origin.account) else None

    def prepare(self) -> None:
        """Fetch the customer if its own event is still to come: a link needs a row."""
        customer = self.customer
        if customer and not Customer.all_objects.filter(pk=mirror_key(customer)).exists():
            self.fetched = retrieve_related({"id": customer, "type": "customer"}, account="")

    def process_webhook(self) -> None:
        customer = self.customer
        if customer is None:
            return
        if self.fetched is not None:
            sync_object(self.fetched.data, as_fetched(self.origin, self.fetched))
        link_user(mirror_key(customer), self.session, self.origin.account)
