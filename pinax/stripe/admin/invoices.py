"""Pages of invoices, their lines and their payments."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..currencies import format_amount
from ..models import Charge, Invoice, InvoiceLineItem, InvoicePayment, PaymentIntent
from . import links
from .filters import ChoiceFilter, CustomerFilter, SubscriptionFilter
from .mirror import MirroredAdmin, events_about, listed, money, own_link, reference, status
from .pages import Panel, day
from .payments import charge_columns, intent_columns
from .tones import status_badge
from .words import status_word

#: https://docs.stripe.com/api/invoices/object#invoice_object-status
STATUSES = ("draft", "open", "paid", "uncollectible", "void")


class InvoiceStatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"
    options = {word: (status_word("invoice", word), Q(status=word)) for word in STATUSES}


def invoice_columns() -> dict[Any, Any]:
    return {
        _("Number"): lambda row: own_link(row, row.number),
        _("Status"): status_badge,
        _("Total"): lambda row: format_amount(row.total, row.currency),
        _("Still due"): lambda row: format_amount(row.amount_remaining or None, row.currency),
        _("Due"): lambda row: row.due_date,
        _("Created"): lambda row: row.created_at,
    }


def line_columns() -> dict[Any, Any]:
    return {
        _("What"): lambda row: own_link(row, row.description),
        _("Quantity"): lambda row: row.quantity,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Period"): period,
        _("Subscription"): lambda row: links.link("subscription", row.subscription_id),
    }


def period(row: Any) -> str:
    """From when to when, in days."""
    return " \N{EN DASH} ".join(day(moment) for moment in (row.period_start, row.period_end) if moment)


@admin.register(Invoice)
class InvoiceAdmin(MirroredAdmin):
    list_display = (
        status,
        reference("customer", _("customer"), label="email"),
        money("total", _("total")),
        money("amount_remaining", _("still due"), zero=False),
    )
    list_filter = (InvoiceStatusFilter, CustomerFilter, SubscriptionFilter)
    soft_references = ("customer",)
    ordering = ("-created_at", "-pk")
    search_fields = (*MirroredAdmin.search_fields, "number")
    search_help_text = _("An exact id or number.")

    def title_of(self, obj: Invoice) -> str:
        return obj.number

    def summary(self, obj: Invoice) -> Any:
        amounts = {
            "paid": format_amount(obj.amount_paid, obj.currency),
            "total": format_amount(obj.total, obj.currency),
            "due": format_amount(obj.amount_remaining, obj.currency),
        }
        if obj.status == "paid":
            return gettext("Nothing is owed: %(paid)s of %(total)s were paid.") % amounts
        if obj.status in ("open", "uncollectible") and obj.next_payment_attempt:
            amounts["day"] = day(obj.next_payment_attempt)
            return gettext("%(due)s are still due; Stripe tries to collect them on %(day)s.") % amounts
        if obj.status in ("open", "uncollectible"):
            return gettext("%(due)s of %(total)s are still due.") % amounts
        return super().summary(obj)

    def panels(self, request: HttpRequest, obj: Invoice) -> Iterable[Panel | None]:
        lines = InvoiceLineItem.all_objects.filter(invoice=obj.pk).order_by("position", "pk")
        url = links.list_url("invoicelineitem", invoice__id__exact=obj.pk)
        yield listed(request, gettext("Lines"), lines, line_columns(), more_url=url, more_text=gettext("All lines"))
        # The invoice names its payment, or the payment its invoice, or something between them names both, depending on
        # the API version.
        between = InvoicePayment.all_objects.filter(invoice=obj.pk)
        intents = PaymentIntent.all_objects.filter(
            Q(invoice=obj.pk) | Q(pk=obj.payment_intent_id) | Q(pk__in=between.values("payment_intent"))
        )
        charges = Charge.all_objects.filter(
            Q(invoice=obj.pk)
            | Q(pk=obj.charge_id)
            | Q(pk__in=between.values("charge"))
            | Q(payment_intent__in=between.values("payment_intent"))
        )
        yield listed(request, gettext("Charges"), charges.order_by("-created_at", "-pk"), charge_columns())
        yield listed(request, gettext("Payment intents"), intents.order_by("-created_at", "-pk"), intent_columns())
        yield events_about(request, obj)


@admin.register(InvoiceLineItem)
class InvoiceLineItemAdmin(MirroredAdmin):
    list_display = (reference("invoice", _("invoice")), "description", "quantity", money("amount", _("amount")))


@admin.register(InvoicePayment)
class InvoicePaymentAdmin(MirroredAdmin):
    list_display = (
        status,
        reference("invoice", _("invoice")),
        money("amount_paid", _("amount paid")),
        reference("payment_intent", _("payment intent")),
    )
