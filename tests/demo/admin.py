"""Receipts in the admin, beside Stripe's objects."""

from django.contrib import admin

from .models import Receipt


@admin.register(Receipt)
class ReceiptAdmin(admin.ModelAdmin):
    list_display = ["id", "invoice", "amount", "currency", "event"]
