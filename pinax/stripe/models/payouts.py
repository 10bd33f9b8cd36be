"""What goes through the balance of an account, and out of it to a bank (https://docs.stripe.com/payouts)."""

import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    AmountsField,
    CurrencyField,
    FlagField,
    RateField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import LiveManager, MirroredObject, index_of_deleted
from .revenue import Content, Revenue, contents_of, revenue_of


class PayoutQuerySet(models.QuerySet["Payout"]):
    def under_way(self) -> "PayoutQuerySet":
        """Those that have not arrived yet: `pending`, or `in_transit` to the bank; the first to arrive first."""
        return self.filter(status__in=("pending", "in_transit")).order_by("arrival_date", "pk")


PayoutManager = LiveManager.from_queryset(PayoutQuerySet)


class Payout(MirroredObject):
    """Money that an account sends to its bank. In API versions before 2017-04-06 it is a `transfer`."""

    #: Negative when the bank account pays for a negative balance.
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = StatusField(_("status"), words=words.PAYOUT_STATUSES)
    # `date` until API version 2017-04-06.
    #: As Stripe expects it: `failed` may follow on `paid`.
    arrival_date = TimestampField(_("arrival"), source=("arrival_date", "date"))
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
    destination = StripeIdField(_("destination"), source=("destination", "bank_account", "card"))
    balance_transaction = SoftForeignKey(
        "pinax_stripe.BalanceTransaction", db_index=False, verbose_name=_("balance transaction")
    )
    original_payout = SoftForeignKey("pinax_stripe.Payout", db_index=False, verbose_name=_("reverses the payout"))
    reversed_by = SoftForeignKey("pinax_stripe.Payout", db_index=False, verbose_name=_("reversed by"))
    #: By which the bank finds the payment. It may come with no event.
    trace_id = StringField(_("trace id"), source="trace_id.value")

    objects: ClassVar[PayoutManager] = PayoutManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_payout_created"),
            models.Index(fields=["status", "-created_at", "-id"], name="pinax_stripe_payout_status"),
            models.Index(fields=["arrival_date", "id"], name="pinax_stripe_payout_arrival"),
        ]

    def contents(self) -> list[Content]:
        """What it contains, by type of balance transaction; its own transaction is left out.

        [] for one that was made by hand, and until Stripe has reconciled it (`reconciliation_status`).
        """
        return contents_of(self.balance_transactions.exclude(source=self.stripe_id))


class BalanceTransactionQuerySet(models.QuerySet["BalanceTransaction"]):
    def revenue(self, since: datetime.datetime, until: datetime.datetime | None = None) -> list[Revenue]:
        """What was earned from `since` on and before `until`, aware datetimes, by account and currency of the balance.

        By the time at which each transaction was created. It is as complete as the balance transactions are: Stripe
        sends none of them, so they come with payouts, and with `stripe_sync`.
        """
        return revenue_of(self, since, until)


BalanceTransactionManager = LiveManager.from_queryset(BalanceTransactionQuerySet)


class Balance(MirroredObject):
    """What an account has at Stripe, in one mode. `stripe_id` is "live" or "test": Stripe's object has no id.

    It changes with every payment; Stripe tells of it only when funds become available (`balance.available`). To know
    it now, read it: `Balance.objects.fetch("live")`.
    """

    #: What can be paid out, in minor units by currency, such as `{"eur": 500}`; negative for what the account owes.
    available = AmountsField(_("available"))
    #: What becomes available later.
    pending = AmountsField(_("pending"))
    #: What Stripe holds because connected accounts owe it.
    connect_reserved = AmountsField(_("reserved for connected accounts"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("balance")
        verbose_name_plural = _("balances")


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

    objects: ClassVar[BalanceTransactionManager] = BalanceTransactionManager()

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
