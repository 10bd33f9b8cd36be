"""Pages of coupons."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import Coupon
from .mirror import MirroredAdmin, money, word
from .pages import percentage


@admin.register(Coupon)
class CouponAdmin(MirroredAdmin):
    list_display = ("off", money("amount_off", _("amount off")), word("duration", _("duration")), "valid")

    @admin.display(description=_("percent off"))
    def off(self, obj: Coupon) -> str:
        return percentage(obj.percent_off)

    def title_of(self, obj: Coupon) -> str:
        return obj.name
