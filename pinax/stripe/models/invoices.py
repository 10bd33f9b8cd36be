"""Invoices, their lines and what was paid towards them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CountField,
    CurrencyField,
    ExactAmountField,
    FlagField,
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
from .mirror import LiveManager, MirroredObject

#: That something is still to be paid: drafts, void and uncollectible invoices are not.
OWED = Q(status="open", amount_remaining__gt=0)


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def owed(self) -> "InvoiceQuerySet":
        """Those that are open, with something left to pay, due or not; written off ones (`uncollectible`) are not."""
        return self.filter(OWED)


InvoiceManager = LiveManager.from_queryset(InvoiceQuerySet)


class Invoice(MirroredObject):
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="invoices", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    # The `parent` is new in API version 2025-03-31.basil.
    subscription = SoftForeignKey(
        "pinax_stripe.Subscription",
        related_name="invoices",
        verbose_name=_("subscription"),
        source=("subscription", "parent.subscription_details.subscription"),
    )
    number = NameField(_("number"))
    #: Stripe's status; for versions before 2018-11-08 told from `paid`, `forgiven`, `closed` and `attempted`.
    status = StatusField(_("status"), db_index=True, words=words.INVOICE_STATUSES)
    # `billing` until API version 2019-10-17.
    collection_method = StringField(
        _("collection method"), source=("collection_method", "billing"), words=words.COLLECTION_METHODS
    )
    billing_reason = StringField(_("billing reason"), words=words.BILLING_REASONS)
    currency = CurrencyField(_("currency"))
    amount_due = AmountField(_("amount due"))
    amount_paid = AmountField(_("amount paid"))
    amount_remaining = AmountField(_("amount remaining"))
    subtotal = AmountField(_("subtotal"))
    tax = AmountField(_("tax"))
    total = AmountField(_("total"))
    starting_balance = AmountField(_("starting balance"))
    ending_balance = AmountField(_("ending balance"))
    attempt_count = CountField(_("attempts to collect"))
    attempted = FlagField(_("attempted"))
    auto_advance = FlagField(_("advances by itself"))
    next_payment_attempt = TimestampField(_("next attempt to collect"))
    due_date = TimestampField(_("due"))
    period_start = TimestampField(_("period from"))
    period_end = TimestampField(_("period to"))
    finalized_at = TimestampField(_("finalized at"), source=("status_transitions.finalized_at", "finalized_at"))
    paid_at = TimestampField(_("paid at"), source="status_transitions.paid_at")
    voided_at = TimestampField(_("voided at"), source="status_transitions.voided_at")
    marked_uncollectible_at = TimestampField(
        _("marked uncollectible at"), source="status_transitions.marked_uncollectible_at"
    )
    #: Until API version 2025-03-31.basil; later, of the payments that are embedded, if any are. See `payments`.
    charge = SoftForeignKey("pinax_stripe.Charge", verbose_name=_("charge"))
    payment_intent = SoftForeignKey("pinax_stripe.PaymentIntent", verbose_name=_("payment intent"))
    # One `discount` until 2020-08-27.
    #: Ids of the discounts on the whole invoice, be they its own, its subscription's or its customer's:
    #: `filter(discount_ids__has="di_1")`.
    discount_ids = IdListField(_("discounts"), source=("discounts", "discount"))
    description = StringField(_("description"))
    receipt_number = StringField(_("receipt number"))
    hosted_invoice_url = LinkField(_("invoice page"))
    invoice_pdf = LinkField(_("invoice PDF"))

    objects: ClassVar[InvoiceManager] = InvoiceManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_invoice_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_invoice_customer"),
            models.Index(fields=["number"], name="pinax_stripe_invoice_number"),
            # With the customers, who are counted and found without a look at the invoices.
            models.Index(
                fields=["-created_at", "-id", "customer"],
                condition=OWED & Q(deleted_at=None),
                name="pinax_stripe_invoice_debtors",
            ),
        ]

    @property
    def is_paid(self) -> bool:
        """Whether nothing is owed any more because it was paid (zero-amount and out-of-band payments included)."""
        return self.status == "paid"


def of_parent(name: str) -> tuple[str, str]:
    """Where lines name what they bill since API version 2025-03-31.basil."""
    return f"parent.subscription_item_details.{name}", f"parent.invoice_item_details.{name}"


class InvoiceLineItem(MirroredObject):
    """A line of an invoice. Its key has the invoice in front where ids are not unique, before 2019-12-03."""

    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="lines", verbose_name=_("invoice"))
    #: Where it stands on the invoice, counted from 0.
    position = models.PositiveIntegerField(_("position"), default=0)
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    description = NameField(_("description"))
    quantity = NumberField(_("quantity"))
    period_start = TimestampField(_("period from"), source="period.start")
    period_end = TimestampField(_("period to"), source="period.end")
    proration = FlagField(_("proration"), source=("proration", *of_parent("proration")))
    price = SoftForeignKey(
        "pinax_stripe.Price", verbose_name=_("price"), source=("price", "pricing.price_details.price")
    )
    plan = SoftForeignKey("pinax_stripe.Plan", verbose_name=_("plan"))
    product = SoftForeignKey(
        "pinax_stripe.Product",
        verbose_name=_("product"),
        source=("pricing.price_details.product", "price.product", "plan.product"),
    )
    subscription = SoftForeignKey(
        "pinax_stripe.Subscription", verbose_name=_("subscription"), source=("subscription", *of_parent("subscription"))
    )
    subscription_item = SoftForeignKey(
        "pinax_stripe.SubscriptionItem",
        verbose_name=_("subscription item"),
        source=("subscription_item", *of_parent("subscription_item")),
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["position"]


class InvoiceItem(MirroredObject):
    """What a customer is to be billed for with an invoice, beside subscriptions: `invoice` is None while it waits."""

    customer = SoftForeignKey("pinax_stripe.Customer", related_name="invoice_items", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    #: None until an invoice takes it up: `filter(invoice=None)` is what waits for the next one.
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="invoice_items", verbose_name=_("invoice"))
    # Subscription and price moved with API version 2025-03-31.basil, as in lines of invoices.
    subscription = SoftForeignKey(
        "pinax_stripe.Subscription",
        related_name="invoice_items",
        verbose_name=_("subscription"),
        source=("subscription", "parent.subscription_details.subscription"),
    )
    description = NameField(_("description"))
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    quantity = NumberField(_("quantity"))
    unit_amount_decimal = ExactAmountField(
        _("exact unit amount"), source=("unit_amount_decimal", "unit_amount", "pricing.unit_amount_decimal")
    )
    proration = FlagField(_("proration"))
    price = SoftForeignKey(
        "pinax_stripe.Price", db_index=False, verbose_name=_("price"), source=("price", "pricing.price_details.price")
    )
    # Until API version 2020-08-27.
    plan = SoftForeignKey("pinax_stripe.Plan", db_index=False, verbose_name=_("plan"))
    product = SoftForeignKey(
        "pinax_stripe.Product",
        db_index=False,
        verbose_name=_("product"),
        source=("pricing.price_details.product", "price.product", "plan.product"),
    )
    discount_ids = IdListField(_("discounts"), source="discounts")
    period_start = TimestampField(_("period from"), source="period.start")
    period_end = TimestampField(_("period to"), source="period.end")

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice item")
        verbose_name_plural = _("invoice items")

    @property
    def is_pending(self) -> bool:
        """Whether it waits for an invoice."""
        return self.invoice_id is None and not self.is_deleted


class InvoicePayment(MirroredObject):
    """A payment towards an invoice. An invoice can have several, and names none itself since 2025-03-31.basil.

    Stripe sends an event when one is paid, and none when one is opened or canceled.
    """

    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="payments", verbose_name=_("invoice"))
    #: Stripe's status: open, paid or canceled.
    status = StatusField(_("status"), words=words.INVOICE_PAYMENT_STATUSES)
    amount_requested = AmountField(_("amount requested"))
    amount_paid = AmountField(_("amount paid"))
    currency = CurrencyField(_("currency"))
    #: Whether Stripe made it with the invoice and keeps its amount up to date.
    is_default = FlagField(_("default payment"))
    #: payment_intent, charge or payment_record.
    payment_type = StringField(_("kind of payment"), source="payment.type", words=words.PAYMENT_TYPES)
    charge = SoftForeignKey(
        "pinax_stripe.Charge", related_name="invoice_payments", verbose_name=_("charge"), source="payment.charge"
    )
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent",
        related_name="invoice_payments",
        verbose_name=_("payment intent"),
        source="payment.payment_intent",
    )
    paid_at = TimestampField(_("paid at"), source="status_transitions.paid_at")
    canceled_at = TimestampField(_("canceled at"), source="status_transitions.canceled_at")

    class Meta(MirroredObject.Meta):
        verbose_name = _("invoice payment")
        verbose_name_plural = _("invoice payments")
