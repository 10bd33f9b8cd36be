"""Pages of objects that have no table of their own."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...models import OtherObject
from ..display.badges import status_badge
from ..filters import CustomerFilter, ObjectTypeFilter
from .columns import PanelColumns, own_link
from .default import MirroredAdmin


@admin.register(OtherObject)
class OtherObjectAdmin(MirroredAdmin):
    list_filter = (ObjectTypeFilter, CustomerFilter)
    badge_columns = ("status",)

    def title_of(self, obj: OtherObject) -> str:
        return obj.object_type

    def summary(self, obj: OtherObject) -> Any:
        told = gettext("There are no columns for objects of this type: what Stripe says of it is below.")
        return super().summary(obj) or told

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Type"): lambda row: row.object_type,
            _("Status"): status_badge,
            _("Created"): lambda row: row.created_at,
        }
