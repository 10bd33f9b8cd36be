"""Meters of what customers use, and the credits that pay for it."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import words
from .fields import (
    AmountField,
    CountField,
    CurrencyField,
    NameField,
    SoftForeignKey,
    StatusField,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import MirroredObject, index_of_deleted


class Meter(MirroredObject):
    """What usage of customers is counted with (`billing.meter`)."""

    display_name = NameField(_("name"))
    #: The `event_name` that usage is sent under.
    event_name = StringField(_("name of its events"))
    status = StatusField(_("status"), words=words.METER_STATUSES)
    aggregation = StringField(_("counted by"), source="default_aggregation.formula", words=words.AGGREGATIONS)
    event_time_window = StringField(_("counted each"), words=words.TIME_WINDOWS)
    deactivated_at = TimestampField(_("deactivated at"), source="status_transitions.deactivated_at")

    class Meta(MirroredObject.Meta):
        verbose_name = _("meter")
        verbose_name_plural = _("meters")


class CreditGrant(MirroredObject):
    """Credit that a customer got, or bought, for what they use (`billing.credit_grant`)."""

    customer = SoftForeignKey("pinax_stripe.Customer", related_name="credit_grants", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    name = NameField(_("name"))
    category = StringField(_("category"), words=words.CREDIT_CATEGORIES)
    amount = AmountField(_("amount"), source="amount.monetary.value")
    currency = CurrencyField(_("currency"), source="amount.monetary.currency")
    #: The lowest is used first.
    priority = CountField(_("priority"))
    effective_at = TimestampField(_("effective at"))
    expires_at = TimestampField(_("expires at"))
    voided_at = TimestampField(pgettext_lazy("credit grant", "voided at"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("credit grant")
        verbose_name_plural = _("credit grants")

    def is_usable(self, at: datetime.datetime | None = None) -> bool:
        """Whether it can be used at a moment (an aware datetime; by default now), if anything of it is left.

        Stripe makes no event when it begins, or expires.
        """
        moment = at or timezone.now()
        has_begun = self.effective_at is None or self.effective_at <= moment
        is_over = self.expires_at is not None and self.expires_at <= moment
        return has_begun and not (is_over or self.voided_at is not None or self.is_deleted)


class CreditBalanceTransaction(MirroredObject):
    """What a credit grant gave, or what was used of it (`billing.credit_balance_transaction`)."""

    credit_grant = SoftForeignKey(
        "pinax_stripe.CreditGrant", related_name="transactions", verbose_name=_("credit grant")
    )
    #: credit, or debit.
    type = StringField(_("type"), words=words.CREDIT_TRANSACTION_TYPES)
    #: Why: of a credit `credits_granted`, say, of a debit `credits_applied`.
    reason = StringField(_("reason"), source=("credit.type", "debit.type"), words=words.CREDIT_REASONS)
    amount = AmountField(_("amount"), source=("credit.amount.monetary.value", "debit.amount.monetary.value"))
    currency = CurrencyField(
        _("currency"), source=("credit.amount.monetary.currency", "debit.amount.monetary.currency")
    )
    #: The invoice that it was used on, or that was voided after that.
    invoice = SoftForeignKey(
        "pinax_stripe.Invoice",
        related_name="credit_transactions",
        verbose_name=_("invoice"),
        source=("debit.credits_applied.invoice", "credit.credits_application_invoice_voided.invoice"),
    )
    effective_at = TimestampField(_("effective at"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("credit transaction")
        verbose_name_plural = _("credit transactions")
        indexes = [index_of_deleted("pinax_credittxn_deleted")]
