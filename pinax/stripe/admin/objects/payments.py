"""Pages of charges, payment intents and refunds."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...currencies import format_amount
from ...models import Charge, InvoicePayment, PaymentIntent, Refund
from ..display.badges import badge, status_badge
from ..display.line_breaks import breakable
from ..display.pages import Panel, two_lines
from ..filters import ChargeOutcomeFilter
from .columns import PanelColumns, label_of, money, own_link, reference, status, word
from .default import MirroredAdmin
from .paid_invoices import paid_invoices
from .payouts import transactions_about


def charge_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("Status"): charge_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Refunded"): lambda row: format_amount(row.amount_refunded or None, row.currency),
        _("Card"): lambda row: f"{row.card_brand} •••• {row.card_last4}" if row.card_last4 else "",
        _("Created"): lambda row: row.created_at,
        _("What went wrong"): lambda row: row.failure_message or row.failure_code,
    }


def intent_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Received"): lambda row: format_amount(row.amount_received, row.currency),
        _("Created"): lambda row: row.created_at,
        _("What went wrong"): lambda row: row.error_message or row.error_code,
    }


def refund_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Reason"): lambda row: label_of(row, "reason"),
        _("Created"): lambda row: row.created_at,
    }


def charge_badge(charge: Charge) -> Any:
    """The status, and what happened to the money later."""
    if charge.refunded:
        return badge(gettext("refunded"), "quiet")
    if charge.disputed:
        return badge(gettext("disputed"), "bad")
    if charge.status == "succeeded" and charge.captured is False:
        return badge(pgettext("state of a charge", "authorized, not captured"), "open")
    return status_badge(charge)


#: What a charge comes to -> the sentence about it.
CHARGE_SENTENCES: dict[str, Any] = {
    "failed": _("The payment failed: nothing was taken."),
    "pending": _("%(amount)s are on their way; the customer's bank can still refuse them."),
    "authorized": _("%(amount)s are reserved, and are taken when the payment is captured."),
    "disputed": _("The payment was disputed: the dispute says how much, why, and what is due."),
    "succeeded": _("%(amount)s were paid."),
}
#: Status of a payment intent -> what it waits for.
INTENT_SENTENCES: dict[str, Any] = {
    "requires_payment_method": _("%(amount)s are still to be paid: the customer has to give a payment method."),
    "requires_confirmation": _("%(amount)s are still to be paid: your site has to confirm the payment."),
    "requires_action": _("%(amount)s are still to be paid: the customer has to approve the payment."),
    "processing": _("%(amount)s are on their way; the customer's bank can still refuse them."),
    "requires_capture": _("%(amount)s are reserved, and are taken when the payment is captured."),
    "succeeded": _("%(received)s were paid."),
    "canceled": _("Canceled: nothing was taken."),
}
#: Status of a refund -> where its money is.
REFUND_SENTENCES: dict[str, Any] = {
    "pending": _("%(amount)s are on their way back to the customer."),
    "requires_action": _("%(amount)s go back when the customer has said where to."),
    "succeeded": _("%(amount)s went back to the customer."),
    "failed": _("%(amount)s did not reach the customer, and are in your balance again. Pay them back in another way."),
    "canceled": _("Canceled: nothing goes back to the customer."),
}


def charge_case(charge: Charge) -> str:
    """Key of `CHARGE_SENTENCES`: the status of a charge, or what happened to the money since."""
    if charge.disputed:
        return "disputed"
    return "authorized" if charge.status == "succeeded" and charge.captured is False else str(charge.status)


def said_of(sentences: dict[str, Any], case: str, row: Charge | PaymentIntent | Refund) -> str:
    """The sentence about a case, with the amounts of a row; "" for a word newer than this release."""
    amounts = {"amount": format_amount(row.amount, row.currency)}
    if isinstance(row, PaymentIntent):
        amounts["received"] = format_amount(row.amount_received, row.currency)
    return str(sentences.get(case, "")) % amounts


def trouble_of(charge: Charge) -> str:
    """Why a charge failed or waits for a review: what the customer reads, and what Stripe tells the seller."""
    is_told = charge.outcome_type not in ("", "authorized")
    return " ".join(filter(None, (charge.failure_message, charge.outcome_message if is_told else "")))


@admin.register(Charge)
class ChargeAdmin(MirroredAdmin):
    search_help_text = _("An exact id, or the last four digits of a card.")
    digit_columns = ("card_last4",)
    sorted_columns = {"what": "amount"}
    list_display = (
        "shown_status",
        money("amount_refunded", _("refunded"), zero=False),
        reference("customer", _("customer")),
    )
    panelled = (InvoicePayment,)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (ChargeOutcomeFilter, *super().get_list_filter(request))

    @admin.display(description=_("status"))
    def shown_status(self, obj: Charge) -> Any:
        """The status, and below it why a charge failed."""
        return two_lines(charge_badge(obj), breakable(obj.failure_code)) if obj.failure_code else charge_badge(obj)

    def badges(self, obj: Charge) -> list[Any]:
        found = super().badges(obj)
        return [charge_badge(obj), *found[1:]] if obj.status else found

    def summary(self, obj: Charge) -> Any:
        trouble = trouble_of(obj)
        if trouble:
            return trouble
        if obj.amount_refunded:
            amounts = {
                "refunded": format_amount(obj.amount_refunded, obj.currency),
                "amount": format_amount(obj.amount, obj.currency),
            }
            return gettext("%(refunded)s of %(amount)s were refunded.") % amounts
        return super().summary(obj) or said_of(CHARGE_SENTENCES, charge_case(obj), obj)

    def own_panels(self, request: HttpRequest, obj: Charge) -> Iterable[Reading[Panel | None]]:
        yield paid_invoices(request, charge=obj.pk, intent=obj.payment_intent_id)
        yield transactions_about(request, obj)

    def panel_columns(self) -> PanelColumns:
        return charge_columns()


@admin.register(PaymentIntent)
class PaymentIntentAdmin(MirroredAdmin):
    list_display = ("shown_status", money("amount_received", _("received")), reference("customer", _("customer")))
    panelled = (InvoicePayment,)

    @admin.display(description=_("status"))
    def shown_status(self, obj: PaymentIntent) -> Any:
        """The status, and below it why the last attempt to pay failed."""
        why = obj.decline_code or obj.error_code
        return two_lines(status_badge(obj), breakable(why)) if why else status_badge(obj)

    def summary(self, obj: PaymentIntent) -> Any:
        """Why the last attempt to pay failed, else what the payment waits for."""
        return super().summary(obj) or obj.error_message or said_of(INTENT_SENTENCES, obj.status, obj)

    def own_panels(self, request: HttpRequest, obj: PaymentIntent) -> Iterable[Reading[Panel | None]]:
        yield paid_invoices(request, intent=obj.pk)

    def panel_columns(self) -> PanelColumns:
        return intent_columns()


@admin.register(Refund)
class RefundAdmin(MirroredAdmin):
    list_display = (status, reference("charge", _("charge")), word("reason", _("reason")))

    def summary(self, obj: Refund) -> Any:
        return super().summary(obj) or said_of(REFUND_SENTENCES, obj.status, obj)

    def own_panels(self, request: HttpRequest, obj: Refund) -> Iterable[Reading[Panel | None]]:
        yield paid_invoices(request, charge=obj.charge_id, intent=obj.payment_intent_id)
        yield transactions_about(request, obj)

    def panel_columns(self) -> PanelColumns:
        return refund_columns()
