"""What changes the balances of customers: their credit for invoices, and the cash that they sent beforehand."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import AmountField, AmountsField, CurrencyField, FlagField, SoftForeignKey, StringField, StripeIdField
from .mirror import MirroredObject, index_of_deleted


class CustomerBalanceTransaction(MirroredObject):
    """A change of `Customer.balance`. Stripe makes no events of these: they are read when the balance changes."""

    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="balance_transactions", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    #: Negative for a credit of the customer's, as in `Customer.balance`.
    amount = AmountField(_("amount"))
    ending_balance = AmountField(_("balance afterwards"))
    currency = CurrencyField(_("currency"))
    type = StringField(_("type"), words=words.CUSTOMER_BALANCE_TYPES)
    description = StringField(_("description"))
    invoice = SoftForeignKey(
        "pinax_stripe.Invoice", related_name="customer_balance_transactions", verbose_name=_("invoice")
    )
    credit_note = SoftForeignKey("pinax_stripe.CreditNote", db_index=False, verbose_name=_("credit note"))
    checkout_session = SoftForeignKey(
        "pinax_stripe.CheckoutSession", db_index=False, verbose_name=_("checkout session")
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("customer balance transaction")
        verbose_name_plural = _("customer balance transactions")
        indexes = [
            index_of_deleted("pinax_stripe_cbtxn_deleted"),
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_cbtxn_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_cbtxn_customer"),
        ]


class CashBalance(MirroredObject):
    """The cash that a customer has sent, and that no payment has used yet. `stripe_id` is the customer's id.

    Stripe makes one event of it, `cash_balance.funds_available`, so it is also read with each transaction.
    """

    customer = SoftForeignKey("pinax_stripe.Customer", related_name="cash_balances", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    #: What there is: minor units by currency, such as `{"eur": 500}`.
    available = AmountsField(_("available"))
    reconciliation_mode = StringField(_("use"), source="settings.reconciliation_mode", words=words.RECONCILIATION_MODES)
    #: Whether that is what the account's settings say, and not settings of this customer.
    using_merchant_default = FlagField(_("as in your settings"), source="settings.using_merchant_default")

    class Meta(MirroredObject.Meta):
        verbose_name = _("cash balance")
        verbose_name_plural = _("cash balances")


class CustomerCashBalanceTransaction(MirroredObject):
    """A change of the cash that a customer sent by bank transfer, and that pays for invoices."""

    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="cash_balance_transactions", db_index=False, verbose_name=_("customer")
    )
    customer_account = StripeIdField(_("customer account"))
    #: Positive for what comes in.
    net_amount = AmountField(_("amount"))
    #: The customer's cash in this currency, after it: that of the newest transaction is what there is.
    ending_balance = AmountField(_("balance afterwards"))
    currency = CurrencyField(_("currency"))
    type = StringField(_("type"), words=words.CASH_BALANCE_TYPES)
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent",
        source=("applied_to_payment.payment_intent", "unapplied_from_payment.payment_intent"),
        related_name="cash_balance_transactions",
        verbose_name=_("payment intent"),
    )
    refund = SoftForeignKey(
        "pinax_stripe.Refund", source="refunded_from_payment.refund", db_index=False, verbose_name=_("refund")
    )

    class Meta(MirroredObject.Meta):
        verbose_name = _("cash balance transaction")
        verbose_name_plural = _("cash balance transactions")
        indexes = [
            index_of_deleted("pinax_stripe_ccsbtxn_deleted"),
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_ccsbtxn_created"),
            models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_ccsbtxn_customer"),
        ]
