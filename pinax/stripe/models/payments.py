"""Money that moved: charges, payment intents, refunds."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CurrencyField,
    FlagField,
    LinkField,
    SmallCountField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import LiveManager, MirroredObject
from .periods import within


class Payment(models.Model):
    """Columns that all of them have."""

    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = StatusField(_("status"), words=words.PAYMENT_STATUSES)
    description = StringField(_("description"))

    class Meta:
        abstract = True


class ChargeQuerySet(models.QuerySet["Charge"]):
    def paid(self, since: datetime.datetime, until: datetime.datetime | None = None) -> "ChargeQuerySet":
        """Those created from `since` on and before `until`, aware datetimes, that were paid, and captured.

        Those that were refunded or disputed later are among them.
        """
        return self.filter(within("created_at", since, until), paid=True).exclude(captured=False)

    def failed(self, since: datetime.datetime, until: datetime.datetime | None = None) -> "ChargeQuerySet":
        """Attempts that failed, created from `since` on and before `until`, aware datetimes."""
        return self.filter(FAILED, within("created_at", since, until))

    def refunded(self) -> "ChargeQuerySet":
        """Those of which something was given back, if not all."""
        return self.filter(REFUNDED)

    def disputed(self) -> "ChargeQuerySet":
        """Those that a customer's bank wanted back, whatever came of it."""
        return self.filter(DISPUTED)


ChargeManager = LiveManager.from_queryset(ChargeQuerySet)
#: Conditions by which few charges are found; each has an index.
FAILED, REFUNDED, DISPUTED = Q(status="failed"), Q(amount_refunded__gt=0), Q(disputed=True)


class Charge(MirroredObject, Payment):
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="charges", db_index=False, verbose_name=_("customer")
    )
    #: Only until API version 2025-03-31.basil; later see `invoice_payments` of the payment intent.
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="charges", verbose_name=_("invoice"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="charges", verbose_name=_("payment intent")
    )
    payment_method = StripeIdField(_("payment method"), source=("payment_method", "source", "card"))
    amount_captured = AmountField(_("amount captured"))
    amount_refunded = AmountField(_("amount refunded"))
    paid = FlagField(_("paid"))
    captured = FlagField(_("captured"))
    refunded = FlagField(_("refunded in full"))
    disputed = FlagField(_("disputed"))
    failure_code = StringField(_("failure code"))
    failure_message = StringField(_("failure message"))
    receipt_email = StringField(_("receipt sent to"))
    receipt_url = LinkField(_("receipt page"))
    #: The same words as `PaymentMethod.type`, in every API version.
    payment_method_type = StringField(_("paid by"), words=words.TYPES)
    card_brand = StringField(_("brand"))
    card_last4 = StringField(_("last four digits"))
    #: What Stripe's risk assessment and the network said; "" for what has none.
    outcome_type = StringField(_("outcome"), source="outcome.type", words=words.OUTCOMES)
    outcome_reason = StringField(_("reason of the outcome"), source="outcome.reason")
    outcome_message = StringField(_("outcome, for the seller"), source="outcome.seller_message")
    risk_level = StringField(_("risk"), source="outcome.risk_level", words=words.RISK_LEVELS)
    risk_score = SmallCountField(_("risk score"), source="outcome.risk_score", most=100)
    #: None as long as nothing was captured.
    balance_transaction = SoftForeignKey(
        "pinax_stripe.BalanceTransaction", db_index=False, verbose_name=_("balance transaction")
    )
    on_behalf_of = StripeIdField(_("on behalf of"))
    # `destination` until API version 2019-02-19.
    destination = StripeIdField(_("destination"), source=("transfer_data.destination", "destination"))
    transfer = SoftForeignKey("pinax_stripe.Transfer", db_index=False, verbose_name=_("transfer"))
    transfer_group = StringField(_("transfer group"))
    #: Of the platform, also when the charge is one of a connected account.
    application_fee = StripeIdField(_("application fee"))
    application_fee_amount = AmountField(_("amount of the application fee"))

    objects: ClassVar[ChargeManager] = ChargeManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_charge_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_charge_customer"),
            models.Index(fields=["-created_at", "-id"], condition=FAILED, name="pinax_stripe_charge_failed"),
            models.Index(fields=["-created_at", "-id"], condition=REFUNDED, name="pinax_stripe_charge_refunded"),
            models.Index(fields=["-created_at", "-id"], condition=DISPUTED, name="pinax_stripe_charge_disputed"),
            models.Index(fields=["card_last4"], condition=~Q(card_last4=""), name="pinax_stripe_charge_last4"),
            models.Index(fields=["amount", "id"], name="pinax_stripe_charge_amount"),
        ]


class PaymentIntent(MirroredObject, Payment):
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="payment_intents", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    #: Only until API version 2025-03-31.basil; later see `invoice_payments`.
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="payment_intents", verbose_name=_("invoice"))
    latest_charge = SoftForeignKey("pinax_stripe.Charge", verbose_name=_("latest charge"))
    payment_method = StripeIdField(_("payment method"), source=("payment_method", "source"))
    amount_capturable = AmountField(_("amount capturable"))
    amount_received = AmountField(_("amount received"))
    capture_method = StringField(_("capture method"), words=words.CAPTURE_METHODS)
    setup_future_usage = StringField(_("set up for future use"), words=words.FUTURE_USAGES)
    canceled_at = TimestampField(_("canceled at"))
    cancellation_reason = StringField(_("reason of cancellation"), words=words.PAYMENT_REASONS)
    #: Why the last attempt to pay failed; "" when none did, and once the intent was changed.
    error_code = StringField(_("error code"), source="last_payment_error.code")
    decline_code = StringField(_("decline code"), source="last_payment_error.decline_code")
    error_message = StringField(_("error message"), source="last_payment_error.message")
    on_behalf_of = StripeIdField(_("on behalf of"))
    destination = StripeIdField(_("destination"), source="transfer_data.destination")
    #: What goes to the destination, when that is not the whole payment.
    transfer_amount = AmountField(_("amount of the transfer"), source="transfer_data.amount")
    transfer_group = StringField(_("transfer group"))
    application_fee_amount = AmountField(_("amount of the application fee"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("payment intent")
        verbose_name_plural = _("payment intents")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_intent_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_intent_customer"),
        ]


class Refund(MirroredObject, Payment):
    charge = SoftForeignKey("pinax_stripe.Charge", related_name="refunds", verbose_name=_("charge"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="refunds", verbose_name=_("payment intent")
    )
    reason = StringField(_("reason"), words=words.PAYMENT_REASONS)
    failure_reason = StringField(_("reason of failure"))
    receipt_number = StringField(_("receipt number"))
    balance_transaction = SoftForeignKey(
        "pinax_stripe.BalanceTransaction", db_index=False, verbose_name=_("balance transaction")
    )
    #: By which the money came back when the refund failed.
    failure_balance_transaction = SoftForeignKey(
        "pinax_stripe.BalanceTransaction", db_index=False, verbose_name=_("balance transaction of the failure")
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_refund_created"),
        ]
