"""Pages of products, prices and plans."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...models import Plan, Price, Product
from ..display.badges import badge, deleted_badge
from ..display.pages import Panel
from .default import MirroredAdmin, events_about, listed, money, own_link, reference, word
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


class SaleAdmin(MirroredAdmin):
    """Pages of what is, or was, for sale."""

    told_by_badges = ("active",)

    @admin.display(description=_("state"))
    def state(self, obj: Any) -> SafeString | str:
        return sale_badge(obj)

    def badges(self, obj: Any) -> list[Any]:
        return [word for word in (sale_badge(obj), *self.mode_badges(obj)) if word]


@admin.register(Product)
class ProductAdmin(SaleAdmin):
    list_display = ("state",)

    def title_of(self, obj: Product) -> str:
        return obj.name

    def panels(self, request: HttpRequest, obj: Product) -> Iterable[Panel | None]:
        columns: dict[Any, Any] = {
            _("Id"): own_link,
            _("Name"): lambda row: row.nickname,
            _("Price"): price_text,
            _("State"): sale_badge,
        }
        for model, title in ((Price, gettext("Prices")), (Plan, gettext("Plans"))):
            yield listed(request, title, model.all_objects.filter(product=obj.pk).order_by("pk"), columns)
        yield events_about(request, obj)


class PriceAdmin(SaleAdmin):
    def title_of(self, obj: Any) -> str:
        return obj.nickname or price_text(obj)

    def summary(self, obj: Any) -> Any:
        return super().summary(obj) or (price_text(obj) if obj.nickname else "")


@admin.register(Price)
class PricesAdmin(PriceAdmin):
    list_display = (
        "state",
        reference("product", _("product"), label="name"),
        money("unit_amount", _("amount")),
        word("interval", _("interval")),
    )


@admin.register(Plan)
class PlansAdmin(PriceAdmin):
    list_display = (
        "state",
        reference("product", _("product"), label="name"),
        money("amount", _("amount")),
        word("interval", _("interval")),
    )
