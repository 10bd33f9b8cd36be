"""Columns of lists and panels: what a model's field classes make of it, and pieces for columns of a family's own."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models.fields import AmountColumn, NameField, SoftForeignKey, StatusField, StringField
from ...models.mirror import MirroredObject
from ..display import links
from ..display.badges import deleted_badge, status_badge
from ..display.links import name_of_row

#: References that a list has room for, beside what the thing is, its status and its amount.
LISTED_REFERENCES = 2

#: Titles of a panel's columns -> the value of a row.
PanelColumns = dict[Any, Callable[[Any], Any]]


def columns_of(model: type[Model], kind: type) -> list[Any]:
    """The columns of a model that are of one field class."""
    return [column for column in model._meta.concrete_fields if isinstance(column, kind)]


def has_name(model: type[Model]) -> bool:
    """Whether objects of the type have names; the others are distinguished by an amount."""
    return bool(columns_of(model, NameField))


def title_of(row: MirroredObject) -> str:
    """The title of an object: its name, or its amount where its type has no names; "" for neither."""
    amounts = columns_of(type(row), AmountColumn)
    return name_of_row(row) if has_name(type(row)) or not amounts else amount_text(row, amounts[0])


def amount_text(row: Any, column: Any) -> str:
    """The amount in a column, in its currency."""
    return format_amount(getattr(row, column.attname), getattr(row, column.currency))


def list_columns(model: type[MirroredObject]) -> tuple[Any, ...]:
    """The columns of a list between the object's title and its creation: status, amount, what it belongs to."""
    columns: list[Any] = [status] if columns_of(model, StatusField) else []
    if has_name(model):
        columns += [money(column.name, column.verbose_name) for column in columns_of(model, AmountColumn)[:1]]
    references = columns_of(model, SoftForeignKey)[:LISTED_REFERENCES]
    return (*columns, *(reference(column.name, column.verbose_name) for column in references))


def panel_columns(model: type[MirroredObject]) -> PanelColumns:
    """The columns of a panel of such objects: id, name, status, amounts, and when it was created."""
    columns: PanelColumns = {_("Id"): own_link}
    if has_name(model):
        columns[_("Name")] = name_of_row
    if columns_of(model, StatusField):
        columns[_("Status")] = status_badge
    for column in columns_of(model, AmountColumn)[:1]:
        columns[_("Amount")] = partial(amount_text, column=column)
    return {**columns, _("Created"): lambda row: row.created_at}


def own_link(row: Any, text: Any = None) -> SafeString | str:
    """A link to a row's own page, with a mark when it is deleted."""
    linked = links.link(row._meta.model_name, row.pk, text or row.stripe_id)
    return format_html("{} {}", linked, deleted_badge()) if row.is_deleted else linked


def label_of(row: Any, name: str) -> Any:
    """One of Stripe's words in a column of a row, as people say it."""
    column: StringField = row._meta.get_field(name)
    return column.word(getattr(row, name))


def money(name: str, text: Any, *, zero: bool = True) -> Any:
    """A column of a list that shows an amount; without `zero`, only one that there is."""

    def amount(obj: Any) -> str:
        value = getattr(obj, name)
        return format_amount(value if zero else value or None, getattr(obj, obj._meta.get_field(name).currency))

    return described(amount, name, text)


def word(name: str, text: Any) -> Any:
    """A column of a list that shows one of Stripe's words as people say it."""
    return described(lambda obj: label_of(obj, name), name, text)


def reference(name: str, text: Any) -> Any:
    """A column of a list that links to another row, by its name where it has one."""

    def linked(obj: Any) -> SafeString | str:
        return links.reference(obj, name)

    # The list reads them all at once.
    linked.reference = name  # type: ignore[attr-defined]
    return described(linked, name, text)


@admin.display(description=_("status"))
def status(obj: Any) -> Any:
    """A column of a list that shows Stripe's word for the state of a thing."""
    return status_badge(obj)


def described(function: Any, name: str, text: Any) -> Any:
    """A list's column needs a name and a title."""
    function.__name__ = f"shown_{name}"
    return admin.display(description=text)(function)
