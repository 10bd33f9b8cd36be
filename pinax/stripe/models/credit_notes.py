"""Credit notes: what takes back a part of an invoice, and their lines."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import words
from .fields import (
    AmountField,
    CurrencyField,
    ExactAmountField,
    IdListField,
    LinkField,
    NameField,
    NumberField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import MirroredObject, index_of_deleted


class CreditNote(MirroredObject):
    """What is taken back of a finalized invoice: less of it is owed, or some of what was paid is given back."""

    customer = SoftForeignKey("pinax_stripe.Customer", related_name="credit_notes", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="credit_notes", verbose_name=_("invoice"))
    number = NameField(_("number"))
    status = StatusField(_("status"), words=words.CREDIT_NOTE_STATUSES, tones={"issued": "good"})
    #: Whether the invoice was paid before it; "mixed" for some of either.
    type = StringField(_("type"), words=words.CREDIT_NOTE_TYPES)
    reason = StringField(_("reason"), words=words.CREDIT_NOTE_REASONS)
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))
    subtotal = AmountField(_("subtotal"))
    discount_amount = AmountField(_("discount amount"))
    #: The sum of its taxes: `total_taxes`, until API version 2025-03-31.basil `tax_amounts`.
    tax = AmountField(_("tax"))
    total = AmountField(_("total"))
    #: What less is owed, what is given back, and what of that outside of Stripe.
    pre_payment_amount = AmountField(_("less owed"))
    post_payment_amount = AmountField(_("given back"))
    out_of_band_amount = AmountField(_("given back outside of Stripe"))
    #: Ids of its refunds; one `refund` until API version 2025-03-31.basil.
    refund_ids = IdListField(_("refunds"))
    customer_balance_transaction = StripeIdField(_("transaction of the customer balance"))
    effective_at = TimestampField(_("effective at"))
    voided_at = TimestampField(pgettext_lazy("credit note", "voided at"))
    pdf = LinkField(_("credit note PDF"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")


class CreditNoteLineItem(MirroredObject):
    """A line of a credit note, which Stripe does not name in it: it is the note that has the list."""

    credit_note = SoftForeignKey("pinax_stripe.CreditNote", related_name="lines", verbose_name=_("credit note"))
    #: Where it stands on the note, counted from 0.
    position = models.PositiveIntegerField(_("position"), default=0)
    description = NameField(_("description"))
    type = StringField(_("type"), words=words.CREDIT_NOTE_LINE_TYPES)
    amount = AmountField(_("amount"))
    quantity = NumberField(_("quantity"))
    unit_amount = AmountField(_("unit amount"))
    unit_amount_decimal = ExactAmountField(_("exact unit amount"))
    discount_amount = AmountField(_("discount amount"))
    #: The sum of its taxes: `taxes`, until API version 2025-03-31.basil `tax_amounts`.
    tax = AmountField(_("tax"))
    #: The line of the invoice that it takes back, if it is not one of its own.
    invoice_line_item = SoftForeignKey("pinax_stripe.InvoiceLineItem", db_index=False, verbose_name=_("invoice line"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        ordering = ["position"]
        indexes = [index_of_deleted("pinax_creditnoteline_deleted")]

    @property
    def currency(self) -> str:
        """That of the note; "" without one. Reads it: use `select_related("credit_note")` for many."""
        return self.credit_note.currency if self.credit_note else ""
