"""What goes through the balance of an account, and out of it to a bank (https://docs.stripe.com/payouts)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CurrencyField,
    FlagField,
    RateField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import MirroredObject, index_of_deleted


class Payout(MirroredObject):
    #: Negative when the bank account pays for a negative balance.
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = StatusField(_("status"), words=words.PAYOUT_STATUSES)
    #: As Stripe expects it: `failed` may follow on `paid`.
    arrival_date = TimestampField(_("arrival"))
    #: Whether Stripe's schedule made it; only such a payout has a list of what it contains.
    automatic = FlagField(_("automatic"))
    #: Whether its balance transactions can be listed yet; then they are read.
    reconciliation_status = StringField(_("reconciliation"), words=words.RECONCILIATION_STATUSES)
    method = StringField(_("method"), words=words.PAYOUT_METHODS)
    type = StringField(_("type"), words=words.TYPES)
    description = StringField(_("description"))
    failure_code = StringField(_("failure code"))
    failure_message = StringField(_("failure message"))
    #: Id of the bank account or card that is paid; that of a connected account has a row, `ExternalAccount`.
    destination = StripeIdField(_("destination"))
    balance_transaction = SoftForeignKey(
        "pinax_stripe.BalanceTransaction", db_index=False, verbose_name=_("balance transaction")
    )
    original_payout = SoftForeignKey("pinax_stripe.Payout", db_index=False, verbose_name=_("reverses the payout"))
    reversed_by = SoftForeignKey("pinax_stripe.Payout", db_index=False, verbose_name=_("reversed by"))
    #: By which the bank finds the payment. It may come with no event.
    trace_id = StringField(_("trace id"), source="trace_id.value")

    class Meta(MirroredObject.Meta):
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_payout_created"),
            models.Index(fields=["status", "-created_at", "-id"], name="pinax_stripe_payout_status"),
        ]


class BalanceTransaction(MirroredObject):
    """What one object (a charge, a refund, a payout) added to the balance, or took from it.

    Stripe makes no events of these. They come with the disputes they belong to, and those of an automatic payout are
    read when it is reconciled.
    """

    amount = AmountField(_("amount"))
    fee = AmountField(_("fee"))
    net = AmountField(_("net"))
    currency = CurrencyField(_("currency"))
    type = StringField(_("type"), words=words.BALANCE_TRANSACTION_TYPES)
    reporting_category = StringField(_("reporting category"), words=words.BALANCE_TRANSACTION_TYPES)
    #: As of the last reading: Stripe tells of no change. `available_on` says when it counts.
    status = StatusField(_("status"), words=words.BALANCE_TRANSACTION_STATUSES)
    available_on = TimestampField(_("available on"))
    #: Id of what it is about, of any type.
    source = StripeIdField(_("source"), db_index=True)
    exchange_rate = RateField(_("exchange rate"))
    description = StringField(_("description"))
    #: The payout that contains it. The object does not name it: only the list of a payout's transactions tells.
    # Its index is the one below, with the order.
    payout = SoftForeignKey(
        "pinax_stripe.Payout",
        is_filled=False,
        related_name="balance_transactions",
        db_index=False,
        verbose_name=_("payout"),
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("balance transaction")
        verbose_name_plural = _("balance transactions")
        indexes = [
            index_of_deleted("pinax_stripe_txn_deleted"),
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_txn_created"),
            models.Index(fields=["payout", "-created_at", "-id"], name="pinax_stripe_txn_payout"),
        ]


class TopUp(MirroredObject):
    """Money that an account sends from its bank into its balance."""

    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = StatusField(_("status"), words=words.TOPUP_STATUSES)
    expected_availability_date = TimestampField(_("expected on"))
    failure_code = StringField(_("failure code"))
    failure_message = StringField(_("failure message"))
    description = StringField(_("description"))
    transfer_group = StringField(_("transfer group"))
    balance_transaction = SoftForeignKey(
        "pinax_stripe.BalanceTransaction", db_index=False, verbose_name=_("balance transaction")
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_topup_created"),
        ]
