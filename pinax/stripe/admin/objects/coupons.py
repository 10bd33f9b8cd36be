"""Pages of coupons."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import Coupon
from ..display.badges import badge, deleted_badge
from ..display.pages import percentage
from .columns import word
from .default import MirroredAdmin


def coupon_badge(coupon: Coupon) -> SafeString:
    """Whether a coupon can be redeemed now, and else why not.

    Stripe sends no event when a coupon expires: `valid` is as of the last event.
    """
    if coupon.is_deleted:
        return deleted_badge()
    if coupon.redeem_by is not None and coupon.redeem_by <= timezone.now():
        return badge(pgettext("state of a coupon", "expired"), "quiet")
    if coupon.max_redemptions is not None and (coupon.times_redeemed or 0) >= coupon.max_redemptions:
        return badge(pgettext("state of a coupon", "used up"), "quiet")
    if coupon.valid is False:
        return badge(pgettext("state of a coupon", "not valid"), "quiet")
    return badge(pgettext("state of a coupon", "valid"), "good")


@admin.register(Coupon)
class CouponAdmin(MirroredAdmin):
    list_display = ("state", "off", word("duration", _("duration")), "redeemed")
    badge_columns = ("valid",)

    @admin.display(description=_("state"))
    def state(self, obj: Coupon) -> SafeString:
        return coupon_badge(obj)

    @admin.display(description=_("discount"))
    def off(self, obj: Coupon) -> str:
        return percentage(obj.percent_off) or format_amount(obj.amount_off, obj.currency)

    @admin.display(description=_("times redeemed"))
    def redeemed(self, obj: Coupon) -> str:
        if obj.times_redeemed is None or obj.max_redemptions is None:
            return str(obj.times_redeemed or "")
        return gettext("%(count)d of %(most)d") % {"count": obj.times_redeemed, "most": obj.max_redemptions}

    def badges(self, obj: Coupon) -> list[Any]:
        return [coupon_badge(obj), *self.mode_badges(obj)]
