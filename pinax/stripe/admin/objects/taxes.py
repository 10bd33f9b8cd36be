"""Pages of tax rates and tax ids."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...models import TaxId, TaxRate
from ..display.badges import badge, status_badge
from ..display.pages import percentage
from .columns import PanelColumns, own_link, reference, status, word
from .default import MirroredAdmin


def rate_badge(rate: TaxRate) -> SafeString | str:
    """Whether new subscriptions and invoices can have a rate; "" where that is not known."""
    if rate.active is None:
        return ""
    if rate.active:
        return badge(pgettext("state of a tax rate", "active"), "good")
    return badge(pgettext("state of a tax rate", "archived"), "quiet")


@admin.register(TaxRate)
class TaxRateAdmin(MirroredAdmin):
    list_display = ("state", "rate", word("tax_type", _("kind of tax")))
    badge_columns = ("active",)

    @admin.display(description=_("state"))
    def state(self, obj: TaxRate) -> SafeString | str:
        return rate_badge(obj)

    @admin.display(description=_("percentage"))
    def rate(self, obj: TaxRate) -> str:
        return percentage(obj.percentage)

    def badges(self, obj: TaxRate) -> list[Any]:
        return [word for word in (rate_badge(obj), *self.mode_badges(obj)) if word]

    def summary(self, obj: TaxRate) -> Any:
        rate = percentage(obj.percentage)
        if not rate:
            return ""
        if obj.inclusive:
            return gettext("%(rate)s, which the amounts include.") % {"rate": rate}
        return gettext("%(rate)s, on top of the amounts.") % {"rate": rate}


#: Status of a tax id's verification -> what it means, and what comes next.
VERIFICATIONS: dict[str, Any] = {
    "": _("Stripe has not said yet whether the authority knows this tax id."),
    "pending": _("The authority has not answered yet; Stripe sends an event when it does."),
    "unavailable": _("Stripe cannot verify tax ids of this type, or the authority does not answer."),
    "unverified": _("The authority does not know this tax id. Ask the customer for the right one."),
    "verified": _("The authority knows this tax id."),
}


@admin.register(TaxId)
class TaxIdAdmin(MirroredAdmin):
    list_display = (status, "type", reference("customer", _("customer")))

    def summary(self, obj: TaxId) -> Any:
        return super().summary(obj) or str(VERIFICATIONS.get(obj.verification_status, ""))

    def panel_columns(self) -> PanelColumns:
        return {
            _("Tax id"): lambda row: own_link(row, row.value),
            _("Type"): lambda row: row.type,
            _("Verification"): status_badge,
        }
