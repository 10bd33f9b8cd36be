"""Links to rows in the admin, and to the same things in Stripe's dashboard.

Events come in any order, so what a row refers to may not be there yet: nothing here links to a row that is not there.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote as percent_encoded

from django.apps import apps
from django.contrib.admin.utils import quote
from django.db.models import CharField, Model, Value
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from ...models.fields import NameField, SoftForeignKey
from ...models.mirror import mirror_key
from ...sync.registry import MIRRORED, mirrored_as, types_mirrored_by
from ..permissions import may_see
from .line_breaks import breakable
from .sites import reverse

DASHBOARD = "https://dashboard.stripe.com"
#: A mirrored table and a key of it.
Target = tuple[type[Model], str]


def page_url(model_name: str, key: Any) -> str:
    """Address of a row's page; "" for a model that has none."""
    try:
        return reverse(f"admin:pinax_stripe_{model_name}_change", args=[quote(key)])
    except NoReverseMatch:
        return ""


def text_url(row: Any, column: str) -> str:
    """Address of the plain text of a column that is too long for the row's page; "" for a model that has no pages."""
    try:
        return reverse(f"admin:pinax_stripe_{row._meta.model_name}_text", args=[quote(row.pk), column])
    except NoReverseMatch:
        return ""


def list_url(model_name: str, **filters: Any) -> str:
    """Address of a list, filtered; "" for a model that has none: a site of the project's may have only some."""
    try:
        address = reverse(f"admin:pinax_stripe_{model_name}_changelist")
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(filters)}" if filters else address


def link(model_name: str, key: Any, text: Any = None) -> SafeString | str:
    """A link to the page of a row that is there, which shows its key unless there is a better text."""
    shown = text or key
    address = page_url(model_name, key) if key else ""
    return format_html('<a href="{}">{}</a>', address, shown) if address else str(shown or "")


def arrived(targets: Iterable[Target]) -> set[Target]:
    """Those of the rows that are there, asked in one statement."""
    wanted: dict[type[Model], set[str]] = {}
    for model, key in targets:
        wanted.setdefault(model, set()).add(key)
    if not wanted:
        return set()
    models = {model._meta.model_name or "": model for model in wanted}
    first, *others = (
        model._base_manager.filter(pk__in=wanted[model])
        .order_by()
        .values_list(Value(name, output_field=CharField()), "pk")
        for name, model in models.items()
    )
    return {(models[name], key) for name, key in first.union(*others, all=True).order_by()}


def link_or_notice(model: type[Model], key: str, *, is_here: bool, referrer: Any, text: Any = None) -> SafeString | str:
    """A link to a row that is there; of one that is not, its key, that it is not here yet, and Stripe's page of it.

    `referrer` is the row that refers to it: both are of one account and in one mode, and its reader sees the key alone
    of what they may not view.
    """
    if not may_see(referrer, model):
        return key
    if is_here:
        return link(model._meta.model_name or "", key, text)
    stripe_id = key.removeprefix(mirror_key("", referrer.stripe_account))
    address = reference_url(model, stripe_id, livemode=referrer.livemode, account=referrer.stripe_account)
    return format_html(
        '{}<br><span class="stripe-muted stripe-line">{} · <a href="{}" rel="noopener noreferrer">{}</a></span>',
        key,
        gettext("not here yet"),
        address,
        pgettext("link to Stripe's page of it", "dashboard"),
    )


def name_of_row(row: Model) -> str:
    """The name of an object; "" when it has none."""
    names = (getattr(row, column.attname) for column in row._meta.concrete_fields if isinstance(column, NameField))
    return next((name for name in names if name), "")


def has_reverse_name(column: SoftForeignKey) -> bool:
    """Whether what a column refers to has a name for the rows that refer to it: they belong to it."""
    return bool(column.remote_field.related_name) and not column.remote_field.hidden


def reference(row: Any, name: str) -> SafeString | str:
    """What a column refers to, shown by its name, else by its key; reads it: prefetch it for many rows."""
    key = getattr(row, f"{name}_id")
    if not key:
        return ""
    model: Any = row._meta.get_field(name).related_model
    # What the reader may not view is not read.
    other = getattr(row, name) if may_see(row, model) else None
    text = breakable(name_of_row(other)) if other is not None else None
    return link_or_notice(model, key, is_here=other is not None, referrer=row, text=text)


def row_link(row: Any) -> SafeString | str:
    """A link to a row of another app, where the admin has a page of it."""
    options = row._meta
    try:
        address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[quote(row.pk)])
    except NoReverseMatch:
        return str(row)
    return format_html('<a href="{}">{}</a>', address, row)


def object_target(object_type: str, stripe_id: str, account: str) -> list[Target]:
    """The mirrored row of one of Stripe's objects; nothing for what is not mirrored."""
    mirrored = mirrored_as(object_type, stripe_id) if stripe_id else None
    return [] if mirrored is None else [(mirrored.model, mirrored.key(stripe_id, account))]


def object_word(object_type: str) -> str:
    """What people call Stripe's objects of a type; Stripe's own word for those that are not mirrored."""
    mirrored = MIRRORED.get(object_type)
    return str(mirrored.model._meta.verbose_name) if mirrored is not None else object_type


def model_named(model_name: str) -> type[Model] | None:
    """A model of this app; None when it does not exist any more."""
    try:
        return apps.get_model("pinax_stripe", model_name)
    except LookupError:
        return None


def name_of(model_name: str) -> str:
    """What a model is called; its technical name when it does not exist any more."""
    model = model_named(model_name)
    return model_name if model is None else str(model._meta.verbose_name)


def reference_url(model: type[Model], stripe_id: str, *, livemode: bool | None, account: str) -> str:
    """Where Stripe's dashboard shows what a row refers to: its page, else what the dashboard's search finds."""
    page = dashboard_url(types_mirrored_by(model)[0].dashboard, stripe_id, livemode=livemode, account=account)
    parts = [DASHBOARD, account, "test" if livemode is False else "", f"search?{urlencode({'query': stripe_id})}"]
    return page or "/".join(part for part in parts if part)


def dashboard_url(section: str, stripe_id: str, *, livemode: bool | None, account: str = "") -> str:
    """Where Stripe's dashboard shows an object, in its mode and account; "" for what the dashboard has no page of.

    `section` is that of the object's type (`ObjectType.dashboard`).
    """
    if not section or not stripe_id:
        return ""
    parts = [DASHBOARD, account, "test" if livemode is False else "", section, percent_encoded(stripe_id, safe="")]
    return "/".join(part for part in parts if part)
