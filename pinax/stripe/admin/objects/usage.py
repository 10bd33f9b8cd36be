"""Pages of meters, and of the credits that pay for usage."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import CreditBalanceTransaction, CreditGrant, Meter
from ..display.badges import badge, deleted_badge
from ..display.pages import day
from .columns import PanelColumns, label_of, money, own_link, reference, status, word
from .default import MirroredAdmin


@admin.register(Meter)
class MeterAdmin(MirroredAdmin):
    list_display = (status, "event_name", word("aggregation", _("counted by")))

    def summary(self, obj: Meter) -> Any:
        if obj.status == "inactive":
            return gettext("Switched off: Stripe takes no more events for it.")
        return gettext("It counts the events that are sent as “%(name)s”.") % {"name": obj.event_name}


def grant_badge(grant: CreditGrant) -> SafeString:
    """Whether credit can be used now, and else why not: Stripe makes no event when it begins or expires."""
    now = timezone.now()
    if grant.is_deleted:
        return deleted_badge()
    if grant.voided_at is not None:
        return badge(pgettext("state of a credit grant", "voided"), "quiet")
    if grant.expires_at is not None and grant.expires_at <= now:
        return badge(pgettext("state of a credit grant", "expired"), "quiet")
    if not grant.is_usable(now):
        return badge(pgettext("state of a credit grant", "not effective yet"), "open")
    return badge(pgettext("state of a credit grant", "effective"), "good")


@admin.register(CreditGrant)
class CreditGrantAdmin(MirroredAdmin):
    list_display = ("state", money("amount", _("amount")), reference("customer", _("customer")))

    @admin.display(description=_("state"))
    def state(self, obj: CreditGrant) -> SafeString:
        return grant_badge(obj)

    def badges(self, obj: CreditGrant) -> list[Any]:
        return [grant_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: CreditGrant) -> Any:
        """How much, and until when; what is left of it is not in the grant."""
        amount = format_amount(obj.amount, obj.currency)
        what = gettext("The customer got %(amount)s for what they use.") % {"amount": amount} if amount else ""
        return " ".join(filter(None, (what, self.outlook(obj))))

    def outlook(self, obj: CreditGrant) -> str:
        now = timezone.now()
        if obj.voided_at is not None:
            return gettext("It was voided on %(day)s.") % {"day": day(obj.voided_at)}
        if obj.expires_at is not None and obj.expires_at <= now:
            return gettext("It expired on %(day)s.") % {"day": day(obj.expires_at)}
        if obj.effective_at is not None and obj.effective_at > now:
            return gettext("It can be used from %(day)s.") % {"day": day(obj.effective_at)}
        return gettext("It expires on %(day)s.") % {"day": day(obj.expires_at)} if obj.expires_at else ""

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("State"): grant_badge,
            _("Amount"): lambda row: format_amount(row.amount, row.currency),
            _("Category"): lambda row: label_of(row, "category"),
            _("End"): lambda row: row.expires_at,
        }


@admin.register(CreditBalanceTransaction)
class CreditBalanceTransactionAdmin(MirroredAdmin):
    list_display = (word("reason", _("reason")), reference("credit_grant", _("credit grant")))

    def summary(self, obj: CreditBalanceTransaction) -> Any:
        amount = format_amount(obj.amount, obj.currency)
        if not amount:
            return ""
        sentence = gettext("%(amount)s of credit were used or lost.")
        if obj.type == "credit":
            sentence = gettext("%(amount)s of credit came in.")
        return sentence % {"amount": amount}

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Type"): lambda row: label_of(row, "type"),
            _("Amount"): lambda row: format_amount(row.amount, row.currency),
            _("Reason"): lambda row: label_of(row, "reason"),
            _("Created"): lambda row: row.created_at,
        }
