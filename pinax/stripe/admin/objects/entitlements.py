"""Pages of features, of the products that have them, and of the customers who are entitled to them."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...models import ActiveEntitlement, Feature, ProductFeature
from ..display.badges import badge
from ..display.pages import day
from .columns import PanelColumns, own_link, reference
from .default import MirroredAdmin


@admin.register(Feature)
class FeatureAdmin(MirroredAdmin):
    list_display = ("lookup_key", "active")

    def summary(self, obj: Feature) -> Any:
        if obj.active is False and not obj.is_deleted:
            return gettext("The feature is archived: no product gets it any more.")
        return super().summary(obj) or gettext("Customers who buy a product with this feature are entitled to it.")


@admin.register(ProductFeature)
class ProductFeatureAdmin(MirroredAdmin):
    list_display = (reference("product", _("product")), reference("feature", _("feature")))

    def summary(self, obj: ProductFeature) -> Any:
        return super().summary(obj) or gettext("Customers who buy the product are entitled to the feature.")


@admin.register(ActiveEntitlement)
class ActiveEntitlementAdmin(MirroredAdmin):
    list_display = ("state", reference("customer", _("customer")), reference("feature", _("feature")))

    @admin.display(description=_("state"))
    def state(self, obj: ActiveEntitlement) -> Any:
        return badge(gettext("revoked"), "quiet") if obj.is_deleted else badge(gettext("entitled"), "good")

    def badges(self, obj: ActiveEntitlement) -> list[Any]:
        return [self.state(obj), *self.mode_badges(obj)]

    def summary(self, obj: ActiveEntitlement) -> Any:
        if obj.is_deleted:
            return gettext("Revoked on %(day)s: the customer may not use the feature any more.") % {
                "day": day(obj.deleted_at)
            }
        return gettext("The customer may use the feature, until Stripe sends a summary without it.")

    def panel_columns(self) -> PanelColumns:
        return {_("Feature"): lambda row: own_link(row, row.lookup_key), _("State"): self.state}
