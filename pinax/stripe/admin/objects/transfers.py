"""Pages of transfers to connected accounts, of their reversals, and of application fees."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import ApplicationFee, FeeRefund, Transfer, TransferReversal
from ..display.badges import badge, deleted_badge
from .columns import PanelColumns, money, own_link, reference
from .default import MirroredAdmin


def transfer_badge(transfer: Transfer) -> Any:
    """How much of a transfer came back."""
    if transfer.is_deleted:
        return deleted_badge()
    if transfer.reversed:
        return badge(gettext("reversed"), "quiet")
    return badge(gettext("partly reversed"), "open") if transfer.amount_reversed else badge(gettext("sent"), "good")


@admin.register(Transfer)
class TransferAdmin(MirroredAdmin):
    list_display = ("state", money("amount_reversed", _("reversed"), zero=False), reference("destination", _("to")))

    @admin.display(description=_("state"))
    def state(self, obj: Transfer) -> Any:
        return transfer_badge(obj)

    def badges(self, obj: Transfer) -> list[Any]:
        return [transfer_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: Transfer) -> Any:
        amounts = {
            "amount": format_amount(obj.amount, obj.currency),
            "reversed": format_amount(obj.amount_reversed, obj.currency),
            "account": obj.destination_id or "?",
        }
        if obj.amount_reversed:
            return gettext("%(reversed)s of %(amount)s came back from %(account)s.") % amounts
        return super().summary(obj) or gettext("%(amount)s went to the balance of %(account)s.") % amounts

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("State"): transfer_badge,
            _("Amount"): lambda row: format_amount(row.amount, row.currency),
            _("Reversed"): lambda row: format_amount(row.amount_reversed or None, row.currency),
            _("Created"): lambda row: row.created_at,
        }


@admin.register(ApplicationFee)
class ApplicationFeeAdmin(MirroredAdmin):
    list_display = (money("amount_refunded", _("refunded"), zero=False), reference("account", _("account")))

    def summary(self, obj: ApplicationFee) -> Any:
        amounts = {
            "amount": format_amount(obj.amount, obj.currency),
            "refunded": format_amount(obj.amount_refunded, obj.currency),
            "account": obj.account_id or "?",
        }
        if obj.amount_refunded:
            return gettext("%(refunded)s of %(amount)s were given back to %(account)s.") % amounts
        return super().summary(obj) or gettext("%(amount)s were kept of a payment to %(account)s.") % amounts


@admin.register(TransferReversal)
class TransferReversalAdmin(MirroredAdmin):
    def summary(self, obj: TransferReversal) -> Any:
        return super().summary(obj) or gettext("%(amount)s of the transfer came back.") % {
            "amount": format_amount(obj.amount, obj.currency)
        }


@admin.register(FeeRefund)
class FeeRefundAdmin(MirroredAdmin):
    def summary(self, obj: FeeRefund) -> Any:
        return super().summary(obj) or gettext("%(amount)s of the fee were given back to the account.") % {
            "amount": format_amount(obj.amount, obj.currency)
        }
