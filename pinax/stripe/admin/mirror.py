"""Pages of the mirrored tables: one class, and for each table what its list shows."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .. import models
from .base import ReadOnlyAdmin, as_json, other_fields

#: Model -> columns of its list, after the id.
COLUMNS: dict[Any, tuple[str, ...]] = {
    models.Customer: ("email", "name", "user"),
    models.PaymentMethod: ("type", "brand", "last4", "customer_id"),
    models.Card: ("brand", "last4", "customer_id"),
    models.BankAccount: ("bank_name", "last4", "status", "customer_id"),
    models.Source: ("type", "status", "customer_id"),
    models.Product: ("name", "active"),
    models.Price: ("nickname", "unit_amount", "currency", "interval", "active"),
    models.Plan: ("nickname", "amount", "currency", "interval", "active"),
    models.Coupon: ("name", "percent_off", "amount_off", "currency", "valid"),
    models.Subscription: ("status", "customer_id", "current_period_end", "cancel_at_period_end"),
    models.SubscriptionItem: ("subscription_id", "price_id", "quantity"),
    models.Invoice: ("number", "status", "customer_id", "total", "currency"),
    models.InvoiceLineItem: ("invoice_id", "description", "amount", "currency"),
    models.Charge: ("status", "customer_id", "amount", "amount_refunded", "currency"),
    models.PaymentIntent: ("status", "customer_id", "amount", "currency"),
    models.Refund: ("status", "charge_id", "amount", "currency"),
}


class MirroredAdmin(ReadOnlyAdmin):
    search_fields = ("=id", "=stripe_id")
    search_help_text = _("An exact id.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Deleted objects too."""
        return self.model.all_objects.order_by("-created_at", "pk")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("id", *COLUMNS[self.model], "livemode", "created_at", "deleted_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*other_fields(self.model, without=("stripe_data", "metadata")), "readable_metadata", "readable_object"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj)

    @admin.display(description=_("metadata"))
    def readable_metadata(self, obj: Any) -> SafeString:
        return as_json(obj.metadata)

    @admin.display(description=_("object"))
    def readable_object(self, obj: Any) -> SafeString:
        return as_json(obj.stripe_data)


for model in COLUMNS:
    admin.site.register(model, MirroredAdmin)
