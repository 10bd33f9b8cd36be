"""Pages of charges, payment intents and refunds."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import Charge, PaymentIntent, Refund
from ..display.badges import badge, status_badge
from ..display.labels import value_word
from ..display.line_breaks import breakable
from ..display.pages import Panel, two_lines
from ..filters import CustomerFilter
from .default import MirroredAdmin, events_about, listed, money, own_link, reference, status
from .paid_invoices import paid_invoices


def charge_columns() -> dict[Any, Any]:
    return {
        _("Id"): own_link,
        _("Status"): charge_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Refunded"): lambda row: format_amount(row.amount_refunded or None, row.currency),
        _("Card"): lambda row: f"{row.card_brand} •••• {row.card_last4}" if row.card_last4 else "",
        _("Created"): lambda row: row.created_at,
        _("What went wrong"): lambda row: row.failure_message or row.failure_code,
    }


def intent_columns() -> dict[Any, Any]:
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Received"): lambda row: format_amount(row.amount_received, row.currency),
        _("Created"): lambda row: row.created_at,
    }


def refund_columns() -> dict[Any, Any]:
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Reason"): lambda row: value_word("reason", row.reason),
        _("Created"): lambda row: row.created_at,
    }


def charge_badge(charge: Charge) -> Any:
    """The status, and what came of the money later."""
    if charge.refunded:
        return badge(gettext("refunded"), "quiet")
    if charge.disputed:
        return badge(gettext("disputed"), "bad")
    if charge.status == "succeeded" and charge.captured is False:
        return badge(pgettext("state of a charge", "authorized, not captured"), "open")
    return status_badge(charge)


class PaymentAdmin(MirroredAdmin):
    ordering = ("-created_at", "-pk")

    def title_of(self, obj: Any) -> str:
        return format_amount(obj.amount, obj.currency)


@admin.register(Charge)
class ChargeAdmin(PaymentAdmin):
    list_display = (
        "shown_status",
        money("amount_refunded", _("refunded"), zero=False),
        reference("customer", _("customer"), label="email"),
    )
    list_filter = (CustomerFilter,)

    @admin.display(description=_("status"))
    def shown_status(self, obj: Charge) -> Any:
        """The status, and below it why a charge failed."""
        return two_lines(charge_badge(obj), breakable(obj.failure_code)) if obj.failure_code else charge_badge(obj)

    def badges(self, obj: Charge) -> list[Any]:
        found = super().badges(obj)
        return [charge_badge(obj), *found[1:]] if obj.status else found

    def summary(self, obj: Charge) -> Any:
        if obj.failure_message:
            return obj.failure_message
        if obj.amount_refunded:
            amounts = {
                "refunded": format_amount(obj.amount_refunded, obj.currency),
                "amount": format_amount(obj.amount, obj.currency),
            }
            return gettext("%(refunded)s of %(amount)s were refunded.") % amounts
        return super().summary(obj)

    def panels(self, request: HttpRequest, obj: Charge) -> Iterable[Panel | None]:
        yield paid_invoices(request, charge=obj.pk, intent=obj.payment_intent_id)
        refunds = Refund.all_objects.filter(charge=obj.pk).order_by("-created_at", "-pk")
        yield listed(request, gettext("Refunds"), refunds, refund_columns())
        yield events_about(request, obj)


@admin.register(PaymentIntent)
class PaymentIntentAdmin(PaymentAdmin):
    list_display = (
        status,
        money("amount_received", _("received")),
        reference("customer", _("customer"), label="email"),
    )
    list_filter = (CustomerFilter,)

    def panels(self, request: HttpRequest, obj: PaymentIntent) -> Iterable[Panel | None]:
        yield paid_invoices(request, intent=obj.pk)
        charges = Charge.all_objects.filter(payment_intent=obj.pk).order_by("-created_at", "-pk")
        yield listed(request, gettext("Charges"), charges, charge_columns())
        yield events_about(request, obj)


@admin.register(Refund)
class RefundAdmin(PaymentAdmin):
    list_display = (status, reference("charge", _("charge")), "why")

    @admin.display(description=_("reason"))
    def why(self, obj: Refund) -> Any:
        return value_word("reason", obj.reason)

    def panels(self, request: HttpRequest, obj: Refund) -> Iterable[Panel | None]:
        yield paid_invoices(request, charge=obj.charge_id, intent=obj.payment_intent_id)
        yield events_about(request, obj)
