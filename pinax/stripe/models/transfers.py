"""Money between a platform and its connected accounts (https://docs.stripe.com/connect/charges)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import AmountField, CurrencyField, FlagField, SoftForeignKey, StringField, StripeIdField
from .mirror import MirroredObject


class Transfer(MirroredObject):
    """Money that a platform sent to a connected account."""

    amount = AmountField(_("amount"))
    amount_reversed = AmountField(_("amount reversed"))
    currency = CurrencyField(_("currency"))
    reversed = FlagField(_("reversed"))
    destination = SoftForeignKey("pinax_stripe.Account", related_name="transfers", verbose_name=_("destination"))
    #: The charge whose money it is; None for one from the balance.
    source_transaction = SoftForeignKey(
        "pinax_stripe.Charge", related_name="transfers", verbose_name=_("source transaction")
    )
    balance_transaction = StripeIdField(_("balance transaction"))
    #: Of the connected account: what arrived there.
    destination_payment = StripeIdField(_("destination payment"))
    transfer_group = StringField(_("transfer group"))
    description = StringField(_("description"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_transfer_created"),
        ]


class TransferReversal(MirroredObject):
    """Money that came back from a transfer; Stripe makes no event of it, but `transfer.reversed`."""

    transfer = SoftForeignKey("pinax_stripe.Transfer", related_name="reversals", verbose_name=_("transfer"))
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    balance_transaction = StripeIdField(_("balance transaction"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("reversal of a transfer")
        verbose_name_plural = _("reversals of transfers")


class ApplicationFee(MirroredObject):
    """What a platform kept of a payment to a connected account."""

    amount = AmountField(_("amount"))
    amount_refunded = AmountField(_("amount refunded"))
    currency = CurrencyField(_("currency"))
    refunded = FlagField(_("refunded"))
    account = SoftForeignKey("pinax_stripe.Account", related_name="application_fees", verbose_name=_("account"))
    #: Of the connected account, or of the platform: the payment that it was kept of.
    charge = StripeIdField(_("charge"))
    originating_transaction = StripeIdField(_("originating transaction"))
    balance_transaction = StripeIdField(_("balance transaction"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("application fee")
        verbose_name_plural = _("application fees")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_fee_created"),
        ]


class FeeRefund(MirroredObject):
    """What a platform gave back of an application fee."""

    fee = SoftForeignKey("pinax_stripe.ApplicationFee", related_name="refunds", verbose_name=_("application fee"))
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    balance_transaction = StripeIdField(_("balance transaction"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("refund of an application fee")
        verbose_name_plural = _("refunds of application fees")
