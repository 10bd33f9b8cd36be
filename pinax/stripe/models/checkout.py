"""Checkout: sessions in which customers pay, the links that open them, and the lines of what is bought.

https://docs.stripe.com/payments/checkout
"""

import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CurrencyField,
    FlagField,
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
from .periods import within


class PaymentLink(MirroredObject):
    """A page that opens a new checkout session for each customer."""

    url = LinkField(_("payment page"))
    active = FlagField(_("active"))
    currency = CurrencyField(_("currency"))
    on_behalf_of = StripeIdField(_("on behalf of"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("payment link")
        verbose_name_plural = _("payment links")


class CheckoutSessionQuerySet(models.QuerySet["CheckoutSession"]):
    def abandoned(self, since: datetime.datetime, until: datetime.datetime | None = None) -> "CheckoutSessionQuerySet":
        """Those created from `since` on and before `until`, aware datetimes, whose page closed with nothing done."""
        return self.filter(within("created_at", since, until), status="expired")


CheckoutSessionManager = LiveManager.from_queryset(CheckoutSessionQuerySet)


class CheckoutSession(MirroredObject):
    """One visit of a customer to Stripe's payment page. The first event comes when it is completed, or expired."""

    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="checkout_sessions", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    #: What the customer typed in, else what the project gave.
    customer_email = NameField(_("e-mail address"), source=("customer_details.email", "customer_email"))
    #: open, complete or expired.
    status = StatusField(
        _("status"), db_index=True, words=words.CHECKOUT_STATUSES, tones={"complete": "good", "expired": "quiet"}
    )
    #: paid, unpaid or no_payment_required. A complete session is unpaid while a bank transfer is on its way.
    payment_status = StringField(_("status of the payment"), words=words.CHECKOUT_PAYMENT_STATUSES)
    #: payment, setup or subscription.
    mode = StringField(_("purpose"), words=words.CHECKOUT_MODES)
    #: What the project calls it: the number of an order, or a reference to a user.
    client_reference_id = StringField(_("reference of the project"))
    currency = CurrencyField(_("currency"))
    amount_total = AmountField(_("total"))
    amount_subtotal = AmountField(_("subtotal"))
    expires_at = TimestampField(_("expires at"))
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="checkout_sessions", verbose_name=_("invoice"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="checkout_sessions", verbose_name=_("payment intent")
    )
    payment_link = SoftForeignKey(
        "pinax_stripe.PaymentLink", related_name="checkout_sessions", verbose_name=_("payment link")
    )
    setup_intent = SoftForeignKey(
        "pinax_stripe.SetupIntent", related_name="checkout_sessions", verbose_name=_("setup intent")
    )
    subscription = SoftForeignKey(
        "pinax_stripe.Subscription", related_name="checkout_sessions", verbose_name=_("subscription")
    )

    objects: ClassVar[CheckoutSessionManager] = CheckoutSessionManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("checkout session")
        verbose_name_plural = _("checkout sessions")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_session_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_session_customer"),
            models.Index(fields=["customer_email"], name="pinax_stripe_session_email"),
            models.Index(fields=["client_reference_id"], name="pinax_stripe_session_reference"),
        ]


class ShippingRate(MirroredObject):
    """A way of shipping that customers can choose in Checkout, and what it costs. Stripe sends no events about it."""

    display_name = NameField(_("name"))
    active = FlagField(_("active"))
    currency = CurrencyField(_("currency"), source="fixed_amount.currency")
    amount = AmountField(_("amount"), source="fixed_amount.amount")
    tax_behavior = StringField(_("tax behavior"), words=words.TAX_BEHAVIORS)
    tax_code = StripeIdField(_("tax code"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")


class Quote(MirroredObject):
    """An offer to a customer; Stripe makes a subscription or an invoice of it when it is accepted."""

    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="quotes", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    number = NameField(_("number"))
    #: draft, open, accepted or canceled. One that expires is canceled.
    status = StatusField(_("status"), db_index=True, words=words.QUOTE_STATUSES, tones={"accepted": "good"})
    description = StringField(_("description"))
    collection_method = StringField(_("collection method"), words=words.COLLECTION_METHODS)
    currency = CurrencyField(_("currency"))
    amount_total = AmountField(_("total"))
    amount_subtotal = AmountField(_("subtotal"))
    expires_at = TimestampField(_("expires at"))
    finalized_at = TimestampField(_("finalized at"), source="status_transitions.finalized_at")
    accepted_at = TimestampField(_("accepted at"), source="status_transitions.accepted_at")
    canceled_at = TimestampField(_("canceled at"), source="status_transitions.canceled_at")
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="quotes", verbose_name=_("invoice"))
    subscription = SoftForeignKey("pinax_stripe.Subscription", related_name="quotes", verbose_name=_("subscription"))
    subscription_schedule = StripeIdField(_("subscription schedule"))
    on_behalf_of = StripeIdField(_("on behalf of"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_quote_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_quote_customer"),
            models.Index(fields=["number"], name="pinax_stripe_quote_number"),
        ]


class PortalConfiguration(MirroredObject):
    """What customers may do in Stripe's customer portal."""

    name = NameField(_("name"))
    active = FlagField(_("active"))
    is_default = FlagField(_("default"))
    can_cancel = FlagField(_("customers may cancel"), source="features.subscription_cancel.enabled")
    can_change_plan = FlagField(_("customers may change the plan"), source="features.subscription_update.enabled")
    can_change_payment_method = FlagField(
        _("customers may change the payment method"), source="features.payment_method_update.enabled"
    )
    login_url = LinkField(_("login page"), source="login_page.url")
    default_return_url = LinkField(_("return address"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("portal configuration")
        verbose_name_plural = _("portal configurations")
        # As in the base, by a shorter name.
        indexes = [
            models.Index(fields=["id"], condition=models.Q(deleted_at__isnull=False), name="pinax_portalconfig_deleted")
        ]


class CheckoutLineItem(MirroredObject):
    """A line of what was bought in a checkout session, or is offered in a quote or by a payment link (`item`).

    One of the three is named.

    Stripe sends it in no event: it is read.
    """

    session = SoftForeignKey(
        "pinax_stripe.CheckoutSession", related_name="line_items", verbose_name=_("checkout session")
    )
    quote = SoftForeignKey("pinax_stripe.Quote", related_name="line_items", verbose_name=_("quote"))
    payment_link = SoftForeignKey("pinax_stripe.PaymentLink", related_name="line_items", verbose_name=_("payment link"))
    #: Where it stands in the list, counted from 0.
    position = models.PositiveIntegerField(_("position"), default=0)
    description = NameField(_("description"))
    quantity = NumberField(_("quantity"))
    currency = CurrencyField(_("currency"))
    amount_total = AmountField(_("total"))
    amount_subtotal = AmountField(_("subtotal"))
    amount_discount = AmountField(_("discount"))
    amount_tax = AmountField(_("tax"))
    price = SoftForeignKey("pinax_stripe.Price", verbose_name=_("price"))
    product = SoftForeignKey("pinax_stripe.Product", verbose_name=_("product"), source="price.product")

    class Meta(MirroredObject.Meta):
        verbose_name = _("line of a checkout")
        verbose_name_plural = _("lines of checkouts")
        ordering = ["position"]
