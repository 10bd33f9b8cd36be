"""Pages of what customers pay with."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import BankAccount, Card, PaymentMethod, Source
from .filters import CustomerFilter
from .mirror import MirroredAdmin, reference, status
from .words import value_word


class MeansAdmin(MirroredAdmin):
    list_filter = (CustomerFilter,)
    soft_references = ("customer",)

    def title_of(self, obj: Any) -> str:
        return f"•••• {obj.last4}" if obj.last4 else ""

    @admin.display(description=_("type"))
    def shown_type(self, obj: Any) -> Any:
        return value_word("type", obj.type)


CUSTOMER = reference("customer", _("customer"), label="email")


@admin.register(PaymentMethod)
class PaymentMethodAdmin(MeansAdmin):
    list_display = ("shown_type", "brand", CUSTOMER)


@admin.register(Card)
class CardAdmin(MeansAdmin):
    list_display = ("brand", CUSTOMER)


@admin.register(BankAccount)
class BankAccountAdmin(MeansAdmin):
    list_display = ("bank_name", status, CUSTOMER)


@admin.register(Source)
class SourceAdmin(MeansAdmin):
    list_display = ("shown_type", status, CUSTOMER)
