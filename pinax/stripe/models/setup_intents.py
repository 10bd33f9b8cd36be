"""Setup intents, which save a payment method for later, and the attempts at that.

https://docs.stripe.com/payments/setup-intents
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import SoftForeignKey, StatusField, StringField, StripeIdField
from .mirror import MirroredObject


class SetupIntent(MirroredObject):
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="setup_intents", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    status = StatusField(_("status"), db_index=True, words=words.PAYMENT_STATUSES)
    description = StringField(_("description"))
    #: off_session or on_session.
    usage = StringField(_("usage"), words=words.FUTURE_USAGES)
    payment_method = StripeIdField(_("payment method"))
    latest_attempt = SoftForeignKey("pinax_stripe.SetupAttempt", verbose_name=_("latest attempt"))
    mandate = StripeIdField(_("mandate"))
    on_behalf_of = StripeIdField(_("on behalf of"))
    #: Why the last attempt failed; "" as long as none did.
    error_code = StringField(_("error code"), source="last_setup_error.code")
    decline_code = StringField(_("decline code"), source="last_setup_error.decline_code")
    error_message = StringField(_("error message"), source="last_setup_error.message")
    cancellation_reason = StringField(_("reason of cancellation"), words=words.PAYMENT_REASONS)

    class Meta(MirroredObject.Meta):
        verbose_name = _("setup intent")
        verbose_name_plural = _("setup intents")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_setup_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_setup_customer"),
        ]


class SetupAttempt(MirroredObject):
    """One attempt to save a payment method. Stripe sends no events about it: it is read with those of its intent."""

    setup_intent = SoftForeignKey("pinax_stripe.SetupIntent", related_name="attempts", verbose_name=_("setup intent"))
    customer = SoftForeignKey("pinax_stripe.Customer", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    status = StatusField(_("status"), words=words.SETUP_ATTEMPT_STATUSES)
    usage = StringField(_("usage"), words=words.FUTURE_USAGES)
    payment_method = StripeIdField(_("payment method"))
    on_behalf_of = StripeIdField(_("on behalf of"))
    #: Why it failed.
    error_code = StringField(_("error code"), source="setup_error.code")
    decline_code = StringField(_("decline code"), source="setup_error.decline_code")
    error_message = StringField(_("error message"), source="setup_error.message")

    class Meta(MirroredObject.Meta):
        verbose_name = _("setup attempt")
        verbose_name_plural = _("setup attempts")
