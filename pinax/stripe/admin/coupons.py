"""Pages of coupons."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import Coupon
from .mirror import MirroredAdmin, money, word


@admin.register(Coupon)
class CouponAdmin(MirroredAdmin):
    list_display = ("percent_off", money("amount_off", _("amount off")), word("duration", _("duration")), "valid")

    def title_of(self, obj: Coupon) -> str:
        return obj.name
