"""What a page of one row consists of; templates/admin/pinax_stripe/change_form.html shows it."""

import datetime
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import display_for_value
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, get_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext

from ...currencies import format_amount, format_amounts
from ...models.fields import (
    AmountColumn,
    AmountsField,
    CurrencyField,
    LinkField,
    PercentField,
    SoftForeignKey,
    StringField,
)
from ...models.mirror import MirroredObject
from ...stripe_values import clamp_time
from ..permissions import may_see
from .json_tree import json_tree
from .links import Target, arrived, link_or_notice, row_link, text_url
from .masking import masked_text

#: Rows of a panel; a list has the others.
PANEL_ROWS = 10
#: What the mirror keeps about every row, beside what the object says.
BOOKKEEPING: tuple[str, ...] = (
    *("id", "stripe_id", "stripe_account", "livemode", "created_at"),
    *("as_of", "as_of_end", "version", "synced_at", "deleted_at"),
)
#: What a link may lead to, other schemes may run a script; in a group, host and path.
URL = re.compile(r"https?://([^\s/?#@\\]+(?:/[^\s?#\\]*)?)(?:[?#][^\s\\]*)?", re.IGNORECASE)
#: Characters that are shown of an address.
ADDRESS_CHARACTERS = 48
#: Shown as JSON, and too long for lists.
DOCUMENTS = ("metadata", "stripe_data")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Names and values."""

    title: Any = ""
    rows: list[tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A short table, with a link to the whole list."""

    title: Any
    columns: Sequence[Any]
    rows: list[list[Any]]
    more_url: str = ""
    more_text: Any = ""

    @property
    def labelled_rows(self) -> list[list[tuple[Any, Any]]]:
        """Rows of pairs of column and cell: on a phone each cell stands beside its column's name."""
        return [[*zip(self.columns, row, strict=True)] for row in self.rows]


@dataclass(frozen=True, kw_only=True)
class Document:
    """JSON that folds."""

    title: Any
    tree: SafeString
    #: Whether it is shown unfolded.
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything about one row."""

    title: Any
    subtitle: Any = ""
    badges: list[Any] = field(default_factory=list)
    #: One line about the state of the object.
    summary: Any = ""
    dashboard_url: str = ""
    facts: list[Facts] = field(default_factory=list)
    #: What the page says about the row rather than about the object; below everything else, and folded.
    record: Facts | None = None
    panels: list[Panel] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


def shown(value: Any) -> Any:
    """A value as it stands in a table: times local, yes and no in words, secrets masked."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime.datetime):
        value = local(value)
    return display_for_value(masked_text(value) if type(value) is str else value, "")


def day(moment: datetime.datetime | None) -> str:
    """The day in the reader's zone, on one line of a list.

    Where a language writes the month in full, its short form; `11/12/2026` of the others could be two days.
    """
    form = "SHORT_DATE_FORMAT" if "F" in get_format("DATE_FORMAT") else "DATE_FORMAT"
    return date_format(local(moment), form) if moment else "?"


def local(moment: datetime.datetime) -> datetime.datetime:
    """A moment in the reader's zone; earlier releases stored some that have no time there (see `clamp_time`)."""
    return timezone.localtime(clamp_time(moment))


def day_and_time(moment: datetime.datetime) -> tuple[str, str]:
    """A moment in the reader's zone, for two lines."""
    return day(moment), date_format(local(moment), "TIME_FORMAT")


def two_lines(first: Any, second: Any) -> SafeString:
    """A cell of a list with a line in a quieter colour below."""
    return format_html('{}<br><span class="stripe-muted stripe-line">{}</span>', first, second)


def key_of(row: MirroredObject) -> SafeString:
    """The key of a row in one piece; where there is no room for both, the connected account in front of it is cut."""
    account = row.pk.removesuffix(row.stripe_id) if row.stripe_id else ""
    if not account:
        return format_html('<span class="stripe-id">{}</span>', row.pk)
    return format_html(
        '<span class="stripe-key"><span class="stripe-account">{}</span><span class="stripe-id">{}</span></span>',
        account,
        row.stripe_id,
    )


def cell(row: models.Model, column: models.Field, here: Container[Target] = ()) -> Any:
    """The value of a column: amounts as money, references as links to what is `here`."""
    value = getattr(row, column.attname)
    if isinstance(column, SoftForeignKey):
        model = column.related_model
        return link_or_notice(model, value, is_here=(model, value) in here, referrer=row) if value else ""
    if isinstance(column, models.ForeignKey):
        return user_link(row, column, value) if value is not None else ""
    if isinstance(column, AmountColumn):
        return format_amount(value, getattr(row, column.currency))
    if isinstance(column, AmountsField):
        return format_amounts(value)
    if isinstance(column, PercentField):
        return percentage(value)
    if isinstance(row, MirroredObject) and isinstance(value, str):
        return web_link(value) if isinstance(column, LinkField) else word(column, value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return shown(value) if value not in (None, "") else ""


def user_link(row: models.Model, column: models.ForeignKey, key: Any) -> Any:
    """A row of another app, such as a user: its name is for those who may see such rows, others see its key."""
    return row_link(getattr(row, column.name)) if may_see(row, column.related_model) else key


def web_link(address: str) -> Any:
    """A link to a page elsewhere, with the beginning of its address; only the text of what no browser should open."""
    found = URL.fullmatch(address)
    if found is None or masked_text(address) != address:
        return shown(address)
    text = Truncator(found[1].rstrip("/")).chars(ADDRESS_CHARACTERS)
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', address, text)


def percentage(value: Decimal | None) -> str:
    """With no more decimals than it has; "" for None."""
    if value is None:
        return ""
    return gettext("%(number)s%(percent)s") % {
        "number": number_format(Decimal(f"{value.normalize():f}")),
        "percent": "%",
    }


def word(column: models.Field, value: str) -> str:
    """A text of a mirrored object, as people say it where it is one of Stripe's words."""
    if isinstance(column, CurrencyField):
        return value.upper()
    return str(shown(column.word(value) if isinstance(column, StringField) else value))


def heading(column: models.Field) -> str:
    """What a column is called. Keys have the name that Django gives them, which it does not translate."""
    return gettext("Id") if column.name == "id" else str(capfirst(column.verbose_name))


def targets_of(row: models.Model, names: Sequence[str]) -> list[Target]:
    """What those of the columns that are references to mirrored rows refer to."""
    columns = (row._meta.get_field(name) for name in names)
    references = (column for column in columns if isinstance(column, SoftForeignKey))
    found = ((column.related_model, getattr(row, column.attname)) for column in references)
    return [(model, key) for model, key in found if key]


def facts(row: models.Model, names: Sequence[str], here: Container[Target] | None = None) -> list[tuple[Any, Any]]:
    """The columns of a row that say something; `here` are the rows they refer to that have come, if that is known."""
    columns = (row._meta.get_field(name) for name in names)
    known = arrived(targets_of(row, names)) if here is None else here
    cells = ((heading(column), cell(row, column, known)) for column in columns)  # type: ignore[arg-type]
    return [(name, value) for name, value in cells if value != ""]


def own_columns(model: type[models.Model]) -> list[str]:
    """Columns of a mirrored table that Stripe's object gave it."""
    inherited = {*BOOKKEEPING, *DOCUMENTS}
    return [column.name for column in model._meta.concrete_fields if column.name not in inherited]


def documents(row: MirroredObject) -> list[Document]:
    """The object as Stripe sent it."""
    whole = json_tree(row.stripe_data, text_url=text_url(row, "stripe_data"))
    found = [Document(title=gettext("Object as Stripe sent it"), tree=whole)]
    if row.metadata:
        metadata = json_tree(row.metadata, text_url=text_url(row, "metadata"))
        found.insert(0, Document(title=gettext("Metadata"), tree=metadata, is_open=True))
    return found
