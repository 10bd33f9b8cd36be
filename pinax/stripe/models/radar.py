"""What looks like fraud: reviews of payments, and warnings of card issuers (https://docs.stripe.com/radar)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import FlagField, SoftForeignKey, StringField
from .mirror import MirroredObject, index_of_deleted


class Review(MirroredObject):
    charge = SoftForeignKey("pinax_stripe.Charge", related_name="reviews", verbose_name=_("charge"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="reviews", verbose_name=_("payment intent")
    )
    open = FlagField(_("open"))
    #: Why it is open, or why it was closed.
    reason = StringField(_("reason"), words=words.REVIEW_REASONS)
    opened_reason = StringField(_("opened because of"), words=words.REVIEW_REASONS)
    closed_reason = StringField(_("closed because of"), words=words.REVIEW_REASONS)

    class Meta(MirroredObject.Meta):
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_review_created"),
            models.Index(fields=["open", "-created_at", "-id"], name="pinax_stripe_review_open"),
        ]


class EarlyFraudWarning(MirroredObject):
    charge = SoftForeignKey("pinax_stripe.Charge", related_name="early_fraud_warnings", verbose_name=_("charge"))
    payment_intent = SoftForeignKey(
        "pinax_stripe.PaymentIntent", related_name="early_fraud_warnings", verbose_name=_("payment intent")
    )
    #: Whether a refund can still prevent a dispute.
    actionable = FlagField(_("can be acted on"))
    fraud_type = StringField(_("kind of fraud"), words=words.FRAUD_TYPES)

    class Meta(MirroredObject.Meta):
        verbose_name = _("early fraud warning")
        verbose_name_plural = _("early fraud warnings")
        indexes = [
            index_of_deleted("pinax_stripe_efw_deleted"),
            models.Index(fields=["-created_at", "-id"], name="pinax_stripe_efw_created"),
            models.Index(fields=["actionable", "-created_at", "-id"], name="pinax_stripe_efw_actionable"),
        ]
