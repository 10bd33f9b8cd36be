"""Mandates: a customer's permission to debit a bank account, or another means of payment that asks for one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import AmountField, CurrencyField, SoftForeignKey, StatusField, StringField, StripeIdField, TimestampField
from .mirror import MirroredObject


class Mandate(MirroredObject):
    """Stripe tells of a mandate only when it changes; a new one is read with the setup intent that names it."""

    payment_method = SoftForeignKey(
        "pinax_stripe.PaymentMethod", related_name="mandates", verbose_name=_("payment method")
    )
    status = StatusField(_("status"), words=words.MANDATE_STATUSES)
    #: For one payment, or for several.
    type = StringField(_("type"), words=words.MANDATE_TYPES)
    payment_method_type = StringField(_("paid by"), source="payment_method_details.type", words=words.TYPES)
    #: What a mandate for one payment allows.
    amount = AmountField(_("amount"), source="single_use.amount")
    currency = CurrencyField(_("currency"), source="single_use.currency")
    #: Mandates have no time of creation.
    accepted_at = TimestampField(_("accepted at"), source="customer_acceptance.accepted_at")
    on_behalf_of = StripeIdField(_("on behalf of"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["status"], name="pinax_stripe_mandate_status"),
        ]
