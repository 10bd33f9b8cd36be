"""Pages of mandates: what a customer allows."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import Mandate
from ..display.badges import status_badge
from ..display.pages import day
from ..filters import reference_filter, status_filter
from .columns import PanelColumns, label_of, own_link, reference, status, word
from .default import MirroredAdmin

#: Status -> what a mandate is good for.
SENTENCES: dict[str, Any] = {
    "active": _("The customer allows payments by %(method)s: %(extent)s. Accepted: %(day)s."),
    "pending": _("The mandate for payments by %(method)s is not confirmed yet: %(extent)s. Accepted: %(day)s."),
    "inactive": _("Payments by %(method)s are no longer allowed: ask the customer for a new mandate."),
}


@admin.register(Mandate)
class MandateAdmin(MirroredAdmin):
    list_display = (status, word("payment_method_type", _("paid by")), reference("payment_method", _("payment method")))
    list_filter = (
        status_filter(Mandate._meta.get_field("status")),
        reference_filter(Mandate._meta.get_field("payment_method")),
    )

    def title_of(self, obj: Mandate) -> str:
        return str(label_of(obj, "payment_method_type"))

    def summary(self, obj: Mandate) -> Any:
        sentence = SENTENCES.get(obj.status)
        if obj.is_deleted or sentence is None:
            return super().summary(obj)
        return str(sentence) % {
            "method": label_of(obj, "payment_method_type") or gettext("unknown"),
            "extent": format_amount(obj.amount, obj.currency) if obj.amount else label_of(obj, "type"),
            "day": day(obj.accepted_at),
        }

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Status"): status_badge,
            _("Type"): lambda row: label_of(row, "type"),
            _("Accepted"): lambda row: row.accepted_at,
        }
