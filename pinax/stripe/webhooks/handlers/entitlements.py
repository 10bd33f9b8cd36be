"""Summaries of what a customer is entitled to."""

from ... import api
from ...exceptions import NeedsFetch, ObjectNotFound
from ...models import Event
from ...stripe_values import identifier, items, mapping
from ...sync.entitlements import ENTITLEMENTS_PATH, Entitlements, sync_entitlements
from ...sync.fetching import as_fetched
from ..base import MirrorWebhook
from ..registry import register


@register("entitlements.active_entitlement_summary.updated")
class ActiveEntitlementSummaryWebhook(MirrorWebhook):
    """Makes the customer's entitlements those of the summary; what it does not name is revoked.

    Stripe cuts the list of the summary at ten. The rest is read; a summary that does not say whether there is more
    changes nothing.
    """

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.customer = identifier(event.object.get("customer"))
        shown = mapping(event.object.get("entitlements"))
        self.is_cut = bool(shown.get("has_more"))
        #: The whole list, once it is known.
        self.news: Entitlements | None = None
        entries = items(shown)
        if self.customer and entries is not None and not self.is_cut:
            self.news = Entitlements(customer=self.customer, entries=entries, context=self.context)

    def needs_reading(self) -> bool:
        return (bool(self.customer) and self.is_cut) or self.moves_others()

    def prepare(self) -> None:
        super().prepare()
        if self.customer and self.is_cut and self.event.redacted_at is None and not self.is_out_of_reach():
            self.read_list(settles=None)

    def settle(self, need: NeedsFetch) -> None:
        """Read the list, where this customer's is the one that cannot be ordered."""
        if need.path == ENTITLEMENTS_PATH:
            self.read_list(settles=need.version)
        else:
            super().settle(need)

    def read_list(self, settles: int | None) -> None:
        """Read all that the customer has now. Calls the network."""
        asked, context = {"customer": self.customer}, self.context
        try:
            pages = list(api.pages(ENTITLEMENTS_PATH, asked, account=context.account, api_version=context.api_version))
        except ObjectNotFound as error:  # The customer is deleted.
            pages = [api.Fetched(data={"data": []}, earliest=error.earliest, latest=error.latest)]
        read = api.Fetched(data={}, earliest=pages[0].earliest, latest=pages[-1].latest)
        self.news = Entitlements(
            customer=self.customer,
            entries=[entry for page in pages for entry in page.data["data"]],
            context=as_fetched(context, read),
            settles=settles,
        )

    def process_webhook(self) -> None:
        super().process_webhook()
        if self.news is not None and self.news.customer_key not in self.fetched.resolutions:
            self.changes += sync_entitlements(self.news)
