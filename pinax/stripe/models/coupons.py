"""Coupons."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .mirror import MirroredObject


class Coupon(MirroredObject):
    name = models.TextField(_("name"), blank=True, default="")
    percent_off = models.DecimalField(_("percent off"), max_digits=7, decimal_places=4, null=True)
    amount_off = models.BigIntegerField(_("amount off"), null=True, help_text=_("Minor units."))
    currency = models.TextField(_("currency"), blank=True, default="")
    duration = models.TextField(_("duration"), blank=True, default="")
    duration_in_months = models.PositiveIntegerField(_("duration in months"), null=True)
    max_redemptions = models.PositiveBigIntegerField(_("redemptions at most"), null=True)
    times_redeemed = models.PositiveBigIntegerField(_("times redeemed"), null=True)
    redeem_by = models.DateTimeField(_("redeem by"), null=True)
    #: Stripe's own field: whether the coupon can still be applied.
    valid = models.BooleanField(_("valid"), null=True)

    class Meta(MirroredObject.Meta):
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
