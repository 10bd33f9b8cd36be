"""Pages of objects that have no table of their own."""

from django.contrib import admin

from ...models import OtherObject
from ..filters import CustomerFilter, ObjectTypeFilter
from .default import MirroredAdmin


@admin.register(OtherObject)
class OtherObjectAdmin(MirroredAdmin):
    list_filter = (ObjectTypeFilter, CustomerFilter)
    told_by_badges = ("status",)

    def title_of(self, obj: OtherObject) -> str:
        return obj.object_type
