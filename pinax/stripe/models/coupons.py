"""Coupons."""

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
    StringField,
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
