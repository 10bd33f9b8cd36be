"""Money that moved: charges, payment intents, refunds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .mirror import ID_LENGTH, MirroredObject, SoftForeignKey


class Payment(models.Model):
    """Columns that all of them have."""

    amount = models.BigIntegerField(_("amount"), null=True, help_text=_("Minor units."))
    currency = models.TextField(_("currency"), blank=True, default="")
    status = models.TextField(_("status"), blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")

    class Meta:
        abstract = True


class Charge(MirroredObject, Payment):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="charges", verbose_name=_("customer"))
    #: Only until API version 2025-03-31.basil; later see `invoice_payments` of the payment intent.
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="charges", verbose_name=_("invoice"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="charges", verbose_name=_("payment intent")
    )
    payment_method = models.CharField(_("payment method"), max_length=ID_LENGTH, blank=True, default="")
    amount_captured = models.BigIntegerField(_("amount captured"), null=True, help_text=_("Minor units."))
    amount_refunded = models.BigIntegerField(_("amount refunded"), null=True, help_text=_("Minor units."))
    paid = models.BooleanField(_("paid"), null=True)
    captured = models.BooleanField(_("captured"), null=True)
    refunded = models.BooleanField(_("refunded in full"), null=True)
    disputed = models.BooleanField(_("disputed"), null=True)
    failure_code = models.TextField(_("failure code"), blank=True, default="")
    failure_message = models.TextField(_("failure message"), blank=True, default="")
    receipt_email = models.TextField(_("receipt sent to"), blank=True, default="")
    receipt_url = models.TextField(_("receipt page"), blank=True, default="")
    card_brand = models.TextField(_("brand"), blank=True, default="")
    card_last4 = models.TextField(_("last four digits"), blank=True, default="")

    class Meta(MirroredObject.Meta):
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        indexes = [models.Index(fields=["-created_at", "-id"], name="pinax_stripe_charge_created")]


class PaymentIntent(MirroredObject, Payment):
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="payment_intents", verbose_name=_("customer"))
    #: Only until API version 2025-03-31.basil; later see `invoice_payments`.
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="payment_intents", verbose_name=_("invoice"))
    latest_charge = SoftForeignKey("pinax_stripe.Charge", verbose_name=_("latest charge"))
    payment_method = models.CharField(_("payment method"), max_length=ID_LENGTH, blank=True, default="")
    amount_capturable = models.BigIntegerField(_("amount capturable"), null=True, help_text=_("Minor units."))
    amount_received = models.BigIntegerField(_("amount received"), null=True, help_text=_("Minor units."))
    capture_method = models.TextField(_("capture method"), blank=True, default="")
    setup_future_usage = models.TextField(_("set up for future use"), blank=True, default="")
    canceled_at = models.DateTimeField(_("canceled at"), null=True)
    cancellation_reason = models.TextField(_("reason of cancellation"), blank=True, default="")

    class Meta(MirroredObject.Meta):
        verbose_name = _("payment intent")
        verbose_name_plural = _("payment intents")
        indexes = [models.Index(fields=["-created_at", "-id"], name="pinax_stripe_intent_created")]


class Refund(MirroredObject, Payment):
    charge = SoftForeignKey("pinax_stripe.Charge", related_name="refunds", verbose_name=_("charge"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="refunds", verbose_name=_("payment intent")
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    failure_reason = models.TextField(_("reason of failure"), blank=True, default="")
    receipt_number = models.TextField(_("receipt number"), blank=True, default="")

    class Meta(MirroredObject.Meta):
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [models.Index(fields=["-created_at", "-id"], name="pinax_stripe_refund_created")]
