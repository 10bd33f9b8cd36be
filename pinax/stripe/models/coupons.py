"""Coupons, the codes that people enter for them, and the discounts that they give."""

import datetime

from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import (
    AmountField,
    BigCountField,
    CountField,
    CurrencyField,
    FlagField,
    NameField,
    PercentField,
    SoftForeignKey,
    StringField,
    StripeIdField,
    TimestampField,
)
from .mirror import MirroredObject


class Coupon(MirroredObject):
    name = NameField(_("name"))
    # Until API version 2018-07-27 `percent_off` was an integer, and the exact value in `percent_off_precise`.
    percent_off = PercentField(_("percent off"), source=("percent_off_precise", "percent_off"))
    amount_off = AmountField(_("amount off"))
    currency = CurrencyField(_("currency"))
    duration = StringField(_("duration"), words=words.DURATIONS)
    duration_in_months = CountField(_("duration in months"))
    max_redemptions = BigCountField(_("redemptions at most"))
    times_redeemed = BigCountField(_("times redeemed"))
    redeem_by = TimestampField(_("redeem by"))
    #: Stripe's own field: whether the coupon can still be applied.
    valid = FlagField(_("valid"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")

    def is_valid(self, at: datetime.datetime | None = None) -> bool:
        """Whether the coupon can be redeemed at a moment (an aware datetime; by default now), as far as is known.

        Stripe makes no event when `redeem_by` passes, so `valid`, its own word, is that of the last event; here it
        counts only where neither the date nor the number of redemptions tells why.
        """
        moment = at or timezone.now()
        if self.is_deleted or self.is_expired(moment) or self.is_used_up:
            return False
        return self.valid is not False or self.is_expired(self.as_of)

    def is_expired(self, at: datetime.datetime) -> bool:
        """Whether the last moment to redeem it is over at another one, an aware datetime."""
        return self.redeem_by is not None and self.redeem_by <= at

    @property
    def is_used_up(self) -> bool:
        """Whether it was redeemed as often as it can be, as of the last event."""
        return self.max_redemptions is not None and (self.times_redeemed or 0) >= self.max_redemptions


class PromotionCode(MirroredObject):
    """A code that customers enter to get a coupon's discount. It can be switched off, and is never deleted."""

    # Codes are the same whatever their case, hence the index below.
    code = NameField(_("code"))
    active = FlagField(_("active"))
    # Until API version 2025-09-30.clover a whole coupon in `coupon`.
    coupon = SoftForeignKey(
        "pinax_stripe.Coupon",
        related_name="promotion_codes",
        verbose_name=_("coupon"),
        source=("promotion.coupon", "coupon"),
    )
    #: The only customer who can use it; None for one that all can.
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="promotion_codes", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    expires_at = TimestampField(_("expires at"))
    times_redeemed = BigCountField(_("times redeemed"))
    max_redemptions = BigCountField(_("redemptions at most"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("promotion code")
        verbose_name_plural = _("promotion codes")
        indexes = [
            *MirroredObject.Meta.indexes,
            models.Index(Upper("code"), name="pinax_stripe_promo_code"),
        ]


class Discount(MirroredObject):
    """What a coupon takes off for a customer, a subscription, one of its items, or a single invoice.

    Stripe gives discounts ids since 2020-08-27; one without has no row. None can be read by itself.
    """

    # In its `source` since API version 2025-09-30.clover, as a whole object before.
    coupon = SoftForeignKey(
        "pinax_stripe.Coupon",
        related_name="discounts",
        verbose_name=_("coupon"),
        source=("source.coupon", "coupon"),
    )
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="discounts", verbose_name=_("customer"))
    customer_account = StripeIdField(_("customer account"))
    #: What it is given on, if not on all that the customer buys.
    subscription = SoftForeignKey("pinax_stripe.Subscription", related_name="discounts", verbose_name=_("subscription"))
    subscription_item = SoftForeignKey(
        "pinax_stripe.SubscriptionItem", db_index=False, verbose_name=_("subscription item")
    )
    invoice = SoftForeignKey("pinax_stripe.Invoice", related_name="discounts", verbose_name=_("invoice"))
    invoice_item = StripeIdField(_("invoice item"))
    checkout_session = StripeIdField(_("checkout session"))
    promotion_code = SoftForeignKey(
        "pinax_stripe.PromotionCode", related_name="discounts", verbose_name=_("promotion code")
    )
    start = TimestampField(_("start"))
    #: None while it has no end: the coupon's duration is "forever", or "once" and not used yet.
    end = TimestampField(_("end"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")

    def is_running(self, at: datetime.datetime | None = None) -> bool:
        """Whether it is given at a moment (an aware datetime; by default now): Stripe makes no event when it ends."""
        return not self.is_deleted and (self.end is None or self.end > (at or timezone.now()))
