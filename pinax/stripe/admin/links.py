"""Links to rows in the admin, and to the same things in Stripe's dashboard."""

from typing import Any
from urllib.parse import quote as percent_encoded

from django.apps import apps
from django.contrib.admin.utils import quote
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from ..models.mirror import mirror_key
from ..sync.registry import MIRRORED

DASHBOARD = "https://dashboard.stripe.com"
#: Stripe's `object` string -> where the dashboard shows such objects.
DASHBOARD_PATHS = {
    "charge": "payments",
    "coupon": "coupons",
    "customer": "customers",
    "event": "events",
    "invoice": "invoices",
    "payment_intent": "payments",
    "price": "prices",
    "product": "products",
    "subscription": "subscriptions",
}


def page_url(model_name: str, key: Any) -> str:
    """Address of a row's page; "" for a model that has none."""
    try:
        return reverse(f"admin:pinax_stripe_{model_name}_change", args=[quote(key)])
    except NoReverseMatch:
        return ""


def list_url(model_name: str, **filters: Any) -> str:
    """Address of a list, filtered."""
    address = reverse(f"admin:pinax_stripe_{model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def link(model_name: str, key: Any, text: Any = None) -> SafeString | str:
    """A link to a row's page, which shows its key unless there is a better text."""
    shown = text or key
    address = page_url(model_name, key) if key else ""
    return format_html('<a href="{}">{}</a>', address, shown) if address else str(shown or "")


def row_link(row: Any) -> SafeString | str:
    """A link to a row of another app, where the admin has a page of it."""
    options = row._meta
    try:
        address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[quote(row.pk)])
    except NoReverseMatch:
        return str(row)
    return format_html('<a href="{}">{}</a>', address, row)


def object_link(object_type: str, stripe_id: str, account: str) -> SafeString | str:
    """A link to the mirrored row of one of Stripe's objects; its id alone for what is not mirrored."""
    mirrored = MIRRORED.get(object_type)
    if mirrored is None or not stripe_id:
        return stripe_id
    return link(mirrored.model._meta.model_name or "", mirror_key(stripe_id, account), stripe_id)


def object_word(object_type: str) -> str:
    """What people call Stripe's objects of a type; Stripe's own word for those that are not mirrored."""
    mirrored = MIRRORED.get(object_type)
    return str(mirrored.model._meta.verbose_name) if mirrored is not None else object_type


def name_of(model_name: str) -> str:
    """What a model is called; its technical name when it is gone."""
    try:
        return str(apps.get_model("pinax_stripe", model_name)._meta.verbose_name)
    except LookupError:
        return model_name


def dashboard_url(object_type: str, stripe_id: str, *, livemode: bool | None, account: str = "") -> str:
    """Where Stripe's dashboard shows an object, in its mode and account; "" for what the dashboard has no page of."""
    path = DASHBOARD_PATHS.get(object_type)
    if path is None or not stripe_id:
        return ""
    parts = [DASHBOARD, account, "test" if livemode is False else "", path, percent_encoded(stripe_id, safe="")]
    return "/".join(part for part in parts if part)
