"""Disputes: payments that a customer has asked the bank to take back (https://docs.stripe.com/disputes)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    CountField,
    CurrencyField,
    FlagField,
    SoftForeignKey,
    StatusField,
    StringField,
    TimestampField,
)
from .mirror import LiveManager, MirroredObject

#: Statuses in which a dispute, or an inquiry that may become one, is not decided.
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
#: Statuses in which Stripe takes evidence.
UNANSWERED = ("appeal_needs_response", "needs_response", "warning_needs_response")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> "DisputeQuerySet":
        """Those that are not decided: they need a response, or the bank reviews it. Inquiries are among them."""
        return self.filter(status__in=OPEN)

    def won(self) -> "DisputeQuerySet":
        """Those that were decided for you. Inquiries that ended without a dispute (`warning_closed`) are not there."""
        return self.filter(status="won")

    def lost(self) -> "DisputeQuerySet":
        """Those that were decided for the customer; those that you accepted are among them."""
        return self.filter(status="lost")


DisputeManager = LiveManager.from_queryset(DisputeQuerySet)


class Dispute(MirroredObject):
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = StatusField(_("status"), words=words.DISPUTE_STATUSES)
    reason = StringField(_("reason"), words=words.DISPUTE_REASONS)
    #: The code of the card network, which says more exactly why.
    network_reason_code = StringField(_("reason code of the network"))
    charge = SoftForeignKey("pinax_stripe.Charge", related_name="disputes", verbose_name=_("charge"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="disputes", verbose_name=_("payment intent")
    )
    payment_method_type = StringField(_("paid by"), source="payment_method_details.type", words=words.TYPES)
    evidence_due_by = TimestampField(_("evidence due by"), source="evidence_details.due_by")
    #: Whether evidence is saved at Stripe; it counts once it is submitted.
    has_evidence = FlagField(_("evidence saved"), source="evidence_details.has_evidence")
    submission_count = CountField(_("times evidence was submitted"), source="evidence_details.submission_count")
    #: As of the last event: Stripe makes none when `evidence_due_by` passes.
    evidence_past_due = FlagField(_("evidence past due"), source="evidence_details.past_due")
    is_charge_refundable = FlagField(_("charge can be refunded"))
    #: What its balance transactions have taken from the account's balance, or given back, fees included.
    balance_net = AmountField(_("change of the balance"), currency="balance_currency")
    balance_fee = AmountField(_("fee"), currency="balance_currency")
    balance_currency = CurrencyField(_("currency of the balance"))

    objects: ClassVar[DisputeManager] = DisputeManager()

    class Meta(MirroredObject.Meta):
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_dispute_created"),
            models.Index(fields=["status", "-created_at", "-id"], name="pinax_stripe_dispute_status"),
            models.Index(fields=["evidence_due_by", "id"], name="pinax_stripe_dispute_due"),
            # What a customer's charges lost is added up over all of them.
            models.Index(
                fields=["charge", "amount"],
                condition=models.Q(status="lost", deleted_at=None),
                name="pinax_stripe_dispute_lost",
            ),
        ]
