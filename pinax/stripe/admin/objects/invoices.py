"""Pages of invoices, their lines and their payments."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...currencies import format_amount
from ...models import Charge, Invoice, InvoiceLineItem, InvoicePayment, PaymentIntent, Refund, Subscription
from ..display import links
from ..display.badges import badge
from ..display.pages import Panel, day, two_lines
from ..permissions import may_see
from .columns import PanelColumns, own_link, reference, status
from .default import MirroredAdmin
from .paid_invoices import Payments, invoice_columns
from .panels import listed
from .payments import charge_columns, intent_columns, refund_columns


def line_columns() -> PanelColumns:
    """For lines whose subscription was prefetched."""
    return {
        _("What"): lambda row: own_link(row, row.description),
        _("Quantity"): lambda row: row.quantity,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Period"): period,
        _("Subscription"): lambda row: links.reference(row, "subscription"),
    }


def period(row: Any) -> str:
    """From when to when, in days."""
    return " \N{EN DASH} ".join(day(moment) for moment in (row.period_start, row.period_end) if moment)


@admin.register(Invoice)
class InvoiceAdmin(MirroredAdmin):
    list_display = (status, reference("customer", _("customer")), "shown_total")
    search_help_text = _("An exact id, or the beginning of a number.")
    beginning_columns = ("number",)
    sorted_columns = {"what": "number"}
    panelled = (InvoiceLineItem, InvoicePayment, Charge, PaymentIntent)

    @admin.display(description=_("total"))
    def shown_total(self, obj: Invoice) -> Any:
        """The total, and below it what is still due of it."""
        total = format_amount(obj.total, obj.currency)
        if obj.status not in ("open", "uncollectible") or not obj.amount_remaining:
            return total
        return two_lines(
            total, gettext("%(amount)s due") % {"amount": format_amount(obj.amount_remaining, obj.currency)}
        )

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Invoice | None:
        found = super().get_object(request, *args, **kwargs)
        if found is not None:
            # The line at the top and the panels are about the same payments.
            found.found_payments = Payments(found)
        return found

    def badges(self, obj: Invoice) -> list[Any]:
        found = super().badges(obj)
        payments: Payments = obj.found_payments  # type: ignore[attr-defined]
        if may_see(obj, Charge) and payments.is_disputed:
            found.append(badge(gettext("disputed"), "bad"))
        return found

    def summary(self, obj: Invoice) -> Any:
        payments: Payments = obj.found_payments  # type: ignore[attr-defined]
        # The outcomes of the charges are for staff who may view them.
        return super().summary(obj) or said_of(obj, refunded=payments.refunded if may_see(obj, Charge) else 0)

    def panel_columns(self) -> PanelColumns:
        return invoice_columns()

    def own_panels(self, request: HttpRequest, obj: Invoice) -> Iterable[Reading[Panel | None]]:
        lines = InvoiceLineItem.all_objects.filter(invoice=obj.pk).order_by("position", "pk")
        yield listed(
            request,
            gettext("Lines"),
            lines,
            line_columns(),
            prefetch=[Prefetch("subscription", Subscription.all_objects.only("pk"))],
            more_url=links.list_url("invoicelineitem", invoice__id__exact=obj.pk),
            more_text=gettext("All lines"),
        )
        payments: Payments = obj.found_payments  # type: ignore[attr-defined]
        charges = Charge.all_objects.filter(pk__in=payments.charge_keys)
        yield listed(request, gettext("Charges"), charges.order_by("-created_at", "-pk"), charge_columns())
        intents = PaymentIntent.all_objects.filter(pk__in=payments.intent_keys)
        yield listed(request, gettext("Payment intents"), intents.order_by("-created_at", "-pk"), intent_columns())
        refunds = Refund.all_objects.filter(charge__in=payments.charge_keys)
        yield listed(request, gettext("Refunds"), refunds.order_by("-created_at", "-pk"), refund_columns())


def said_of(invoice: Invoice, *, refunded: int) -> str:
    """Whether something is owed, and what was given back of what was paid."""
    sentence = SENTENCES.get(case_of(invoice, refunded=refunded))
    if sentence is None:
        return ""
    owed = invoice.amount_due if invoice.amount_remaining is None else invoice.amount_remaining
    return str(sentence) % {
        "paid": format_amount(invoice.amount_paid, invoice.currency),
        "total": format_amount(invoice.total, invoice.currency),
        "due": format_amount(owed, invoice.currency),
        "refunded": format_amount(refunded, invoice.currency),
        "attempt": day(invoice.next_payment_attempt),
        "due_day": day(invoice.due_date),
    }


def case_of(invoice: Invoice, *, refunded: int) -> str:
    """Key of `SENTENCES`: the status of an invoice, and what else there is to say."""
    if invoice.status == "paid":
        return paid_case(invoice, refunded=refunded)
    if invoice.status == "open":
        return open_case(invoice)
    return str(invoice.status)


def paid_case(invoice: Invoice, *, refunded: int) -> str:
    if refunded:
        return "paid, refunded" if refunded >= (invoice.amount_paid or 0) else "paid, refunded in part"
    return "paid" if invoice.total or invoice.amount_paid else "paid, nothing"


def open_case(invoice: Invoice) -> str:
    now = timezone.now()
    if invoice.next_payment_attempt is not None and invoice.next_payment_attempt > now:
        return "open, attempt"
    if invoice.due_date is not None:
        return "open, due" if invoice.due_date > now else "open, overdue"
    return "open"


#: What an invoice comes to -> the sentence about it.
SENTENCES: dict[str, Any] = {
    "draft": _("A draft: nothing is owed before it is finalized."),
    "open": _("%(due)s of %(total)s are still due."),
    "open, attempt": _("%(due)s are still due; Stripe tries to collect them on %(attempt)s."),
    "open, due": _("%(due)s of %(total)s are still due, by %(due_day)s."),
    "open, overdue": _("%(due)s of %(total)s are still due; they should have been paid by %(due_day)s."),
    "paid": _("Nothing is owed: %(paid)s of %(total)s were paid."),
    "paid, nothing": _("Nothing is owed: there was nothing to pay."),
    "paid, refunded": _("%(paid)s of %(total)s were paid, and refunded in full."),
    "paid, refunded in part": _("%(paid)s of %(total)s were paid, and %(refunded)s of that were refunded."),
    "uncollectible": _("%(due)s of %(total)s were never paid, and are marked as uncollectible."),
    "void": _("Void: nothing is owed."),
}


@admin.register(InvoicePayment)
class InvoicePaymentAdmin(MirroredAdmin):
    list_display = (status, reference("invoice", _("invoice")), reference("payment_intent", _("payment intent")))

    def title_of(self, obj: InvoicePayment) -> str:
        amount = obj.amount_requested if obj.amount_paid is None else obj.amount_paid
        return format_amount(amount, obj.currency)

    def summary(self, obj: InvoicePayment) -> Any:
        return super().summary(obj) or str(PAYMENT_SENTENCES.get(obj.status, "")) % {"amount": self.title_of(obj)}


#: Status of a payment towards an invoice -> what it is for the invoice.
PAYMENT_SENTENCES: dict[str, Any] = {
    "canceled": _("Canceled: it does not count for the invoice."),
    "open": _("%(amount)s of the invoice are still to be paid with it."),
    "paid": _("%(amount)s of the invoice were paid with it."),
}


@admin.register(InvoiceLineItem)
class InvoiceLineItemAdmin(MirroredAdmin):
    def summary(self, obj: InvoiceLineItem) -> Any:
        """What is billed, and for which time."""
        if obj.is_deleted or obj.amount is None:
            return super().summary(obj)
        sentence = _("The invoice asks for %(amount)s.")
        if obj.proration and obj.amount < 0:
            sentence = _("%(amount)s are given back, because the subscription changed within its period.")
        elif obj.proration:
            sentence = _("The invoice asks for %(amount)s, because the subscription changed within its period.")
        elif obj.period_start and obj.period_end and obj.period_start < obj.period_end:
            sentence = _("The invoice asks for %(amount)s for the time from %(start)s to %(end)s.")
        amount = abs(obj.amount) if obj.proration else obj.amount
        return str(sentence) % {
            "amount": format_amount(amount, obj.currency),
            "start": day(obj.period_start),
            "end": day(obj.period_end),
        }
