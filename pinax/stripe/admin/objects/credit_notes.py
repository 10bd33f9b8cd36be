"""Pages of credit notes and their lines, and of the items that wait for an invoice."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...currencies import format_amount
from ...models import CreditNote, CreditNoteLineItem, InvoiceItem
from ..display import links
from ..display.badges import badge, deleted_badge, status_badge
from ..display.pages import Panel, day
from .columns import PanelColumns, label_of, money, own_link, reference, status
from .default import MirroredAdmin
from .panels import listed


def line_columns() -> PanelColumns:
    """For lines whose note was prefetched."""
    return {
        _("What"): lambda row: own_link(row, row.description),
        _("Quantity"): lambda row: row.quantity,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
    }


def said_of(note: CreditNote) -> str:
    """What a credit note takes back, and what comes of that."""
    if note.status == "void":
        return gettext("Void: the invoice counts in full again.")
    less, back, outside = (
        format_amount(amount, note.currency) if amount else ""
        for amount in (note.pre_payment_amount, note.post_payment_amount, note.out_of_band_amount)
    )
    sentences = [
        gettext("%(amount)s less are owed on the invoice.") % {"amount": less} if less else "",
        gettext("%(amount)s of what was paid are given back.") % {"amount": back} if back else "",
        gettext("%(amount)s of that are given back outside of Stripe.") % {"amount": outside} if outside else "",
    ]
    return " ".join(filter(None, sentences))


@admin.register(CreditNote)
class CreditNoteAdmin(MirroredAdmin):
    list_display = (status, money("total", _("total")), reference("customer", _("customer")))
    panelled = (CreditNoteLineItem,)

    def summary(self, obj: CreditNote) -> Any:
        return super().summary(obj) or said_of(obj)

    def own_panels(self, request: HttpRequest, obj: CreditNote) -> Iterable[Reading[Panel | None]]:
        lines = CreditNoteLineItem.all_objects.filter(credit_note=obj.pk).order_by("position", "pk")
        yield listed(
            request,
            gettext("Lines"),
            lines,
            line_columns(),
            prefetch=["credit_note"],
            more_url=links.list_url("creditnotelineitem", credit_note__id__exact=obj.pk),
            more_text=gettext("All lines"),
        )

    def panel_columns(self) -> PanelColumns:
        return {
            _("Number"): lambda row: own_link(row, row.number),
            _("Status"): status_badge,
            _("Total"): lambda row: format_amount(row.total, row.currency),
            _("Reason"): lambda row: label_of(row, "reason"),
            _("Created"): lambda row: row.created_at,
        }


@admin.register(CreditNoteLineItem)
class CreditNoteLineItemAdmin(MirroredAdmin):
    list_display = (money("amount", _("amount")), reference("credit_note", _("credit note")))

    def summary(self, obj: CreditNoteLineItem) -> Any:
        if obj.is_deleted or obj.amount is None:
            return super().summary(obj)
        sentence = (
            gettext("%(amount)s are taken back of a line of the invoice.")
            if obj.invoice_line_item_id
            else gettext("%(amount)s are taken back, of no line of the invoice in particular.")
        )
        return sentence % {"amount": format_amount(obj.amount, obj.currency)}


def item_badge(item: InvoiceItem) -> SafeString:
    """Whether an item waits for an invoice."""
    if item.is_deleted:
        return deleted_badge()
    if item.is_pending:
        return badge(pgettext("state of an invoice item", "waits for an invoice"), "open")
    return badge(pgettext("state of an invoice item", "on an invoice"), "good")


@admin.register(InvoiceItem)
class InvoiceItemAdmin(MirroredAdmin):
    list_display = ("state", money("amount", _("amount")), reference("customer", _("customer")))

    @admin.display(description=_("state"))
    def state(self, obj: InvoiceItem) -> SafeString:
        return item_badge(obj)

    def badges(self, obj: InvoiceItem) -> list[Any]:
        return [item_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: InvoiceItem) -> Any:
        found = super().summary(obj)
        if found or not obj.is_pending:
            return found
        if obj.amount is not None and obj.amount < 0:
            amount = format_amount(-obj.amount, obj.currency)
            return gettext("%(amount)s are credited on the customer's next invoice.") % {"amount": amount}
        amount = format_amount(obj.amount, obj.currency)
        return gettext("%(amount)s are billed with the customer's next invoice.") % {"amount": amount}

    def panel_columns(self) -> PanelColumns:
        return {
            _("What"): lambda row: own_link(row, row.description or None),
            _("State"): item_badge,
            _("Amount"): lambda row: format_amount(row.amount, row.currency),
            _("Period"): lambda row: " \N{EN DASH} ".join(
                day(moment) for moment in (row.period_start, row.period_end) if moment
            ),
        }
