"""Pages of coupons, of the codes that people enter for them, and of the discounts that they give."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import Coupon, Discount, PromotionCode
from ..display.badges import badge, deleted_badge
from ..display.pages import day, percentage
from .columns import PanelColumns, own_link, reference, word
from .default import MirroredAdmin


def coupon_badge(coupon: Coupon) -> SafeString:
    """Whether a coupon can be redeemed now, and else why not.

    Stripe sends no event when a coupon expires: `valid` is as of the last event.
    """
    if coupon.is_deleted:
        return deleted_badge()
    if coupon.is_expired(timezone.now()):
        return badge(pgettext("state of a coupon", "expired"), "quiet")
    if coupon.is_used_up:
        return badge(pgettext("state of a coupon", "used up"), "quiet")
    if not coupon.is_valid():
        return badge(pgettext("state of a coupon", "not valid"), "quiet")
    return badge(pgettext("state of a coupon", "valid"), "good")


def amount_off(coupon: Coupon | None) -> str:
    """What a coupon takes off; "" for one that has not come, or says nothing."""
    if coupon is None:
        return ""
    return percentage(coupon.percent_off) or format_amount(coupon.amount_off, coupon.currency)


def redemptions(row: Coupon | PromotionCode) -> str:
    """How often something was redeemed, and how often it can be."""
    if row.times_redeemed is None or row.max_redemptions is None:
        return str(row.times_redeemed or "")
    return gettext("%(count)d of %(most)d") % {"count": row.times_redeemed, "most": row.max_redemptions}


def code_badge(code: PromotionCode) -> SafeString | str:
    """Whether customers can use a promotion code now, and else why not; "" where that is not known."""
    if code.expires_at is not None and code.expires_at <= timezone.now():
        return badge(pgettext("state of a promotion code", "expired"), "quiet")
    if code.max_redemptions is not None and (code.times_redeemed or 0) >= code.max_redemptions:
        return badge(pgettext("state of a promotion code", "used up"), "quiet")
    if code.active is None:
        return ""
    if code.active:
        return badge(pgettext("state of a promotion code", "active"), "good")
    return badge(pgettext("state of a promotion code", "switched off"), "quiet")


def discount_badge(discount: Discount) -> SafeString:
    """Whether a discount is given now."""
    if discount.is_deleted:
        return deleted_badge()
    if discount.is_running():
        return badge(pgettext("state of a discount", "given"), "good")
    return badge(pgettext("state of a discount", "ended"), "quiet")


def end_of(discount: Discount) -> str:
    """Until when a discount is given, in a sentence."""
    if discount.is_deleted or not discount.is_running():
        end = discount.deleted_at or discount.end
        return gettext("It is not given any more since %(day)s.") % {"day": day(end)}
    if discount.end is None:
        return gettext("It has no end yet.")
    return gettext("It is given until %(day)s.") % {"day": day(discount.end)}


#: How long a coupon's discount lasts -> the sentence about it.
DURATIONS: dict[str, Any] = {
    "once": _("%(off)s off one invoice or payment."),
    "forever": _("%(off)s off every invoice."),
    "repeating": _("%(off)s off the invoices of so many months: %(count)d."),
}
#: Whether a coupon can be redeemed -> the sentence about it.
REDEEMED = {
    True: _("It can be redeemed."),
    False: _("It can no longer be redeemed; discounts that it gave go on."),
}


@admin.register(Coupon)
class CouponAdmin(MirroredAdmin):
    list_display = ("state", "off", word("duration", _("duration")), "redeemed")
    badge_columns = ("valid",)

    @admin.display(description=_("state"))
    def state(self, obj: Coupon) -> SafeString:
        return coupon_badge(obj)

    @admin.display(description=_("discount"))
    def off(self, obj: Coupon) -> str:
        return amount_off(obj)

    @admin.display(description=_("times redeemed"))
    def redeemed(self, obj: Coupon) -> str:
        return redemptions(obj)

    def badges(self, obj: Coupon) -> list[Any]:
        return [coupon_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: Coupon) -> Any:
        """What it takes off, and whether it can be redeemed."""
        if obj.is_deleted:
            return super().summary(obj)
        off, sentence = amount_off(obj), DURATIONS.get(obj.duration)
        months = {"off": off, "count": obj.duration_in_months or 0}
        what = str(sentence) % months if off and sentence is not None else ""
        return " ".join(filter(None, (what, str(REDEEMED[obj.is_valid()]))))


@admin.register(PromotionCode)
class PromotionCodeAdmin(MirroredAdmin):
    list_display = ("state", reference("coupon", _("coupon")), "redeemed")
    search_help_text = _("An exact id, or a code.")
    badge_columns = ("active",)

    def found_by(self, request: HttpRequest, term: str) -> Q:
        return super().found_by(request, term) | Q(code__iexact=term)

    @admin.display(description=_("state"))
    def state(self, obj: PromotionCode) -> SafeString | str:
        return code_badge(obj)

    @admin.display(description=_("times redeemed"))
    def redeemed(self, obj: PromotionCode) -> str:
        return redemptions(obj)

    def badges(self, obj: PromotionCode) -> list[Any]:
        return [word for word in (code_badge(obj), *self.mode_badges(obj)) if word]

    def summary(self, obj: PromotionCode) -> Any:
        """What customers get for the code, and until when."""
        off = amount_off(obj.coupon)
        if obj.is_deleted:
            return super().summary(obj)
        what = gettext("Customers enter this code to get %(off)s off.")
        if obj.customer_id:
            what = gettext("One customer can enter this code to get %(off)s off.")
        elif not off:
            what = gettext("Customers enter this code to get a discount.")
        is_open = obj.expires_at is not None and obj.expires_at > timezone.now()
        end = gettext("It expires on %(day)s.") % {"day": day(obj.expires_at)} if is_open else ""
        return " ".join(filter(None, (what % {"off": off}, end)))

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Code"): lambda row: row.code,
            _("State"): code_badge,
            _("Times redeemed"): redemptions,
        }


@admin.register(Discount)
class DiscountAdmin(MirroredAdmin):
    list_display = ("state", reference("coupon", _("coupon")), reference("customer", _("customer")), "until")

    @admin.display(description=_("state"))
    def state(self, obj: Discount) -> SafeString:
        return discount_badge(obj)

    @admin.display(description=_("end"))
    def until(self, obj: Discount) -> str:
        return day(obj.end) if obj.end else ""

    def badges(self, obj: Discount) -> list[Any]:
        return [discount_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: Discount) -> Any:
        """What is taken off, of what, and until when."""
        what = gettext("%(off)s off all that the customer buys.")
        if obj.invoice_id or obj.invoice_item:
            what = gettext("%(off)s off one invoice.")
        elif obj.subscription_id or obj.subscription_item_id:
            what = gettext("%(off)s off a subscription.")
        off = amount_off(obj.coupon)
        return " ".join(filter(None, (what % {"off": off} if off else "", end_of(obj))))

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("State"): discount_badge,
            _("Coupon"): lambda row: row.coupon_id or "",
            _("Start"): lambda row: row.start,
            _("End"): lambda row: row.end,
        }
