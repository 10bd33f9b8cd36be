"""Pages of products, prices and plans."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..models import Plan, Price, Product
from .mirror import MirroredAdmin, events_about, listed, money, own_link, reference, word
from .pages import Panel
from .subscriptions import price_text


@admin.register(Product)
class ProductAdmin(MirroredAdmin):
    list_display = ("active",)

    def title_of(self, obj: Product) -> str:
        return obj.name

    def panels(self, request: HttpRequest, obj: Product) -> Iterable[Panel | None]:
        columns: dict[Any, Any] = {
            _("Id"): own_link,
            _("Name"): lambda row: row.nickname,
            _("Price"): price_text,
            _("Active"): lambda row: row.active,
        }
        for model, title in ((Price, gettext("Prices")), (Plan, gettext("Plans"))):
            yield listed(request, title, model.all_objects.filter(product=obj.pk).order_by("pk"), columns)
        yield events_about(request, obj)


class PriceAdmin(MirroredAdmin):
    def title_of(self, obj: Any) -> str:
        return obj.nickname

    def summary(self, obj: Any) -> Any:
        return super().summary(obj) or price_text(obj)


@admin.register(Price)
class PricesAdmin(PriceAdmin):
    list_display = (
        reference("product", _("product"), label="name"),
        money("unit_amount", _("amount")),
        word("interval", _("interval")),
        "active",
    )
    soft_references = ("product",)


@admin.register(Plan)
class PlansAdmin(PriceAdmin):
    list_display = (
        reference("product", _("product"), label="name"),
        money("amount", _("amount")),
        word("interval", _("interval")),
        "active",
    )
    soft_references = ("product",)
