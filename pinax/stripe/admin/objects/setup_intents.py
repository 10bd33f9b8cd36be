"""Pages of setup intents and of the attempts at them."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ...models import SetupAttempt, SetupIntent
from ..display.badges import status_badge
from .columns import PanelColumns, own_link, reference, status, word
from .default import MirroredAdmin

#: Status of an intent -> the sentence about it.
SENTENCES: dict[str, Any] = {
    "requires_payment_method": _("No payment method is saved yet: the customer has to give one."),
    "requires_confirmation": _("The customer gave a payment method; your project has to confirm it."),
    "requires_action": _("The customer has to confirm the payment method with the bank."),
    "processing": _("Stripe is still setting up the payment method."),
    "succeeded": _("A payment method is saved and can be charged later."),
    "canceled": _("Canceled: no payment method was saved."),
}


def columns() -> PanelColumns:
    """Of intents and of attempts."""
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Created"): lambda row: row.created_at,
        _("What went wrong"): why,
    }


def why(row: SetupIntent | SetupAttempt) -> str:
    """Why the last attempt failed; "" when it did not."""
    return row.error_message or row.decline_code or row.error_code


@admin.register(SetupIntent)
class SetupIntentAdmin(MirroredAdmin):
    list_display = (status, word("usage", _("usage")), reference("customer", _("customer")))

    def summary(self, obj: SetupIntent) -> Any:
        said = super().summary(obj)
        # What went wrong before says nothing about an intent that is through.
        failed = why(obj) if obj.status == "requires_payment_method" else ""
        return said or failed or SENTENCES.get(obj.status, "")

    def panel_columns(self) -> PanelColumns:
        return columns()


@admin.register(SetupAttempt)
class SetupAttemptAdmin(MirroredAdmin):
    list_display = (status, reference("setup_intent", _("setup intent")), reference("customer", _("customer")))

    def summary(self, obj: SetupAttempt) -> Any:
        return super().summary(obj) or why(obj)

    def panel_columns(self) -> PanelColumns:
        return columns()
