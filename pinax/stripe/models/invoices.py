"""Invoices, their lines and what was paid towards them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .mirror import MirroredObject, SoftForeignKey


class Invoice(MirroredObject):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="invoices", verbose_name=_("customer"))
    subscription = SoftForeignKey("pinax_stripe.Subscription", related_name="invoices", verbose_name=_("subscription"))
    number = models.TextField(_("number"), blank=True, default="")
    #: Stripe's status; for versions before 2018-11-08 told from `paid`, `forgiven`, `closed` and `attempted`.
    status = models.TextField(_("status"), blank=True, default="", db_index=True)
    collection_method = models.TextField(_("collection method"), blank=True, default="")
    billing_reason = models.TextField(_("billing reason"), blank=True, default="")
    currency = models.TextField(_("currency"), blank=True, default="")
    amount_due = models.BigIntegerField(_("amount due"), null=True, help_text=_("Minor units."))
    amount_paid = models.BigIntegerField(_("amount paid"), null=True, help_text=_("Minor units."))
    amount_remaining = models.BigIntegerField(_("amount remaining"), null=True, help_text=_("Minor units."))
    subtotal = models.BigIntegerField(_("subtotal"), null=True, help_text=_("Minor units."))
    tax = models.BigIntegerField(_("tax"), null=True, help_text=_("Minor units."))
    total = models.BigIntegerField(_("total"), null=True, help_text=_("Minor units."))
    starting_balance = models.BigIntegerField(_("starting balance"), null=True, help_text=_("Minor units."))
    ending_balance = models.BigIntegerField(_("ending balance"), null=True, help_text=_("Minor units."))
    attempt_count = models.PositiveIntegerField(_("attempts to collect"), null=True)
    attempted = models.BooleanField(_("attempted"), null=True)
    auto_advance = models.BooleanField(_("advances by itself"), null=True)
    next_payment_attempt = models.DateTimeField(_("next attempt to collect"), null=True)
    due_date = models.DateTimeField(_("due"), null=True)
    period_start = models.DateTimeField(_("period from"), null=True)
    period_end = models.DateTimeField(_("period to"), null=True)
    finalized_at = models.DateTimeField(_("finalized at"), null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    voided_at = models.DateTimeField(_("voided at"), null=True)
    marked_uncollectible_at = models.DateTimeField(_("marked uncollectible at"), null=True)
    #: Until API version 2025-03-31.basil; later, of the payments that are embedded, if any are. See `payments`.
    charge = SoftForeignKey("pinax_stripe.Charge", verbose_name=_("charge"))
    payment_intent = SoftForeignKey("pinax_stripe.PaymentIntent", verbose_name=_("payment intent"))
    description = models.TextField(_("description"), blank=True, default="")
    receipt_number = models.TextField(_("receipt number"), blank=True, default="")
    hosted_invoice_url = models.TextField(_("invoice page"), blank=True, default="")
    invoice_pdf = models.TextField(_("invoice PDF"), blank=True, default="")

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_invoice_created"),
            models.Index(fields=["number"], name="pinax_stripe_invoice_number"),
        ]

    @property
    def is_paid(self) -> bool:
        """Whether nothing is owed any more because it was paid (zero-amount and out-of-band payments included)."""
        return self.status == "paid"


class InvoiceLineItem(MirroredObject):
    """A line of an invoice. Its key has the invoice in front where ids are not unique, before 2019-12-03."""

    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="lines", verbose_name=_("invoice"))
    #: Where it stands on the invoice, counted from 0.
    position = models.PositiveIntegerField(_("position"), default=0)
    amount = models.BigIntegerField(_("amount"), null=True, help_text=_("Minor units."))
    currency = models.TextField(_("currency"), blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")
    quantity = models.BigIntegerField(_("quantity"), null=True)
    period_start = models.DateTimeField(_("period from"), null=True)
    period_end = models.DateTimeField(_("period to"), null=True)
    proration = models.BooleanField(_("proration"), null=True)
    price = SoftForeignKey("pinax_stripe.Price", verbose_name=_("price"))
    plan = SoftForeignKey("pinax_stripe.Plan", verbose_name=_("plan"))
    product = SoftForeignKey("pinax_stripe.Product", verbose_name=_("product"))
    subscription = SoftForeignKey("pinax_stripe.Subscription", verbose_name=_("subscription"))
    subscription_item = SoftForeignKey("pinax_stripe.SubscriptionItem", verbose_name=_("subscription item"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["position"]


class InvoicePayment(MirroredObject):
    """A payment towards an invoice. An invoice can have several, and names none itself since 2025-03-31.basil.

    Stripe sends an event when one is paid, and none when one is opened or canceled.
    """

    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="payments", verbose_name=_("invoice"))
    #: Stripe's status: open, paid or canceled.
    status = models.TextField(_("status"), blank=True, default="")
    amount_requested = models.BigIntegerField(_("amount requested"), null=True, help_text=_("Minor units."))
    amount_paid = models.BigIntegerField(_("amount paid"), null=True, help_text=_("Minor units."))
    currency = models.TextField(_("currency"), blank=True, default="")
    #: Whether Stripe made it with the invoice and keeps its amount up to date.
    is_default = models.BooleanField(_("default payment"), null=True)
    #: payment_intent, charge or payment_record.
    payment_type = models.TextField(_("kind of payment"), blank=True, default="")
    charge = SoftForeignKey("pinax_stripe.Charge", related_name="invoice_payments", verbose_name=_("charge"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="invoice_payments", verbose_name=_("payment intent")
    )
    paid_at = models.DateTimeField(_("paid at"), null=True)
    canceled_at = models.DateTimeField(_("canceled at"), null=True)

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice payment")
        verbose_name_plural = _("invoice payments")
