"""Pages of products, prices and plans."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from ...models import Plan, Price, Product
from ..display.badges import badge, deleted_badge
from .columns import PanelColumns, money, own_link, reference, word
from .default import MirroredAdmin
from .subscriptions import price_text


def sale_badge(row: Product | Price | Plan) -> SafeString | str:
    """Whether something can be bought now; "" where that is not known."""
    if row.is_deleted:
        return deleted_badge()
    if row.active is None:
        return ""
    if row.active:
        return badge(pgettext("state of a product", "active"), "good")
    return badge(pgettext("state of a product", "archived"), "quiet")


#: Whether something is active -> what that means.
SALES = {
    True: _("Customers can buy it."),
    False: _("It is archived: new customers cannot buy it, and subscriptions that have it go on."),
}


class SaleAdmin(MirroredAdmin):
    """Pages of what is, or was, for sale."""

    badge_columns = ("active",)

    @admin.display(description=_("state"))
    def state(self, obj: Any) -> SafeString | str:
        return sale_badge(obj)

    def badges(self, obj: Any) -> list[Any]:
        return [word for word in (sale_badge(obj), *self.mode_badges(obj)) if word]

    def summary(self, obj: Any) -> Any:
        return super().summary(obj) or str(SALES.get(obj.active, ""))


@admin.register(Product)
class ProductAdmin(SaleAdmin):
    list_display = ("state",)


class PriceAdmin(SaleAdmin):
    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Name"): lambda row: row.nickname,
            _("Price"): price_text,
            _("State"): sale_badge,
        }

    def title_of(self, obj: Any) -> str:
        return obj.nickname or price_text(obj)

    def summary(self, obj: Any) -> Any:
        found = super().summary(obj)
        return found if obj.is_deleted or not obj.nickname else f"{price_text(obj)}. {found}".strip()


@admin.register(Price)
class PricesAdmin(PriceAdmin):
    list_display = (
        "state",
        reference("product", _("product")),
        money("unit_amount", _("amount")),
        word("interval", _("interval")),
    )


@admin.register(Plan)
class PlansAdmin(PriceAdmin):
    list_display = (
        "state",
        reference("product", _("product")),
        money("amount", _("amount")),
        word("interval", _("interval")),
    )
