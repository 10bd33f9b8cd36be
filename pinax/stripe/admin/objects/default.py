"""The list and the page of any mirrored table, made from its field classes and its row in the table of object types.

A model without an admin class of its own is registered with `MirroredAdmin` as it is. A family's module says only what
is more: see `coupons.py` for a short one. What a subclass may set or override:

- `list_display`, `list_filter`, `ordering`, `search_fields`: as in Django; derived when they are not set
- `title_of(obj)`, `summary(obj)`, `badges(obj)`: the first lines of the page
- `panel_columns()`: the columns with which such rows stand on the pages of others
- `own_panels(request, obj)`: panels, or readings of some (`panels.listed`); `panelled` has the models of their rows
"""

from collections.abc import Generator, Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading, Rows, ask, known, run, together
from ...conf import setting
from ...models.fields import NameField, SoftForeignKey, StatusField
from ...models.mirror import MirroredObject
from ...sync.registry import READERS, type_of
from ...sync.snapshots import UNKNOWN_END
from ..base import ReadOnlyAdmin, ShortList
from ..display import links
from ..display.badges import badge, deleted_badge, mode_of, status_badge
from ..display.line_breaks import breakable
from ..display.pages import (
    BOOKKEEPING,
    DOCUMENTS,
    Facts,
    Page,
    Panel,
    day,
    documents,
    facts,
    key_of,
    own_columns,
    two_lines,
)
from ..filters import CreatedFilter, reference_filter, status_filter
from ..ordering import by_characters
from . import columns
from .panels import events_about, panels_of_referring

#: Characters that a beginning needs: fewer are those of too many rows.
SHORTEST_BEGINNING = 3
LAST_DIGITS = 4
#: Rows that a beginning of one column finds, at most.
MOST_FOUND = 500


class MirroredList(ShortList):
    """Lists without the objects as Stripe sent them."""

    left_out = DOCUMENTS


class MirroredAdmin(ReadOnlyAdmin):
    """Lists and pages of one mirrored table."""

    #: Columns of the list between what the thing is and when it was created; () for those of the field classes.
    list_display: Any = ()
    search_help_text: ClassVar[Any] = _("An exact id.")
    changelist = MirroredList
    #: Columns whose beginning the search box finds, in any case, and those that have the last four digits of a card.
    beginning_columns: ClassVar[tuple[str, ...]] = ()
    digit_columns: ClassVar[tuple[str, ...]] = ()
    #: Columns of the list by which it is sorted, too -> the column of the table; an index has it, and then the key.
    sorted_columns: ClassVar[dict[str, str]] = {}
    #: Columns that a badge shows better than their value as of the last event.
    badge_columns: tuple[str, ...] = ()
    text_columns = DOCUMENTS
    #: Models whose rows `own_panels` shows; the others that refer to the object have a panel each.
    panelled: tuple[type[Model], ...] = ()

    def __init__(self, model: type[MirroredObject], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.list_display = self.list_display or columns.list_columns(model)

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Deleted objects too."""
        return self.model.all_objects.order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        return self.ordering or derived_ordering(self.model)

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self.search_fields or ("id", "stripe_id", *indexed_names(self.model))

    def found_by(self, request: HttpRequest, term: str) -> Q:
        """Exact values, the beginnings of some columns, and last four digits, each of which an index finds."""
        found = super().found_by(request, term)
        if len(term) >= SHORTEST_BEGINNING and self.beginning_columns:
            found |= Q(pk__in=self.beginning_with(term))
        for name in self.digit_columns if are_digits(term) else ():
            found |= Q(**{name: term})
        return found

    def beginning_with(self, term: str) -> list[str]:
        """Keys of rows of which a column begins so, or has it in it; of very many, some.

        To bring all of them into the order of the list would take longer than the page is worth.
        """
        lookup = "icontains" if setting("SEARCH_INSIDE") else "istartswith"
        rows = self.model.all_objects.order_by().values_list("pk")
        wanted = [rows.filter(**{f"{name}__{lookup}": term})[:MOST_FOUND] for name in self.beginning_columns]
        return sorted({key for found in ask([*map(Rows, wanted)]) for (key,) in found})

    def get_list_filter(self, request: HttpRequest) -> Any:
        days = (CreatedFilter,) if "-created_at" in indexed_first(self.model) else ()
        return (*(self.list_filter or derived_filters(self.model)), *days)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return ("what", *super().get_list_display(request), "created")

    # Each class says by what it is sorted; Django wants to see an order.
    @admin.display(description=_("what"), ordering="pk")
    def what(self, obj: Any) -> Any:
        """The title of the object, and below it the id."""
        name = self.title_of(obj)
        return two_lines(breakable(name), key_of(obj)) if name else key_of(obj)

    @property
    def sorted_by(self) -> dict[str, Any]:
        """`sorted_columns`, and the day of creation, where an index has it in order."""
        days = {"created": "created_at"} if "-created_at" in indexed_first(self.model) else {}
        return {shown: self.order_of(name) for shown, name in self.sorted_columns.items()} | days

    def order_of(self, name: str) -> Any:
        """The order of a column that an index has: of those whose beginning is found, that of characters."""
        return by_characters(name) if name in self.beginning_columns else name

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, obj: Any) -> Any:
        """The day, and below it the mode, or that the object is deleted."""
        below = deleted_badge() if obj.is_deleted else mode_of(obj.livemode)
        return two_lines(day(obj.created_at) if obj.created_at else "", below)

    # Pages

    def page(self, request: HttpRequest, obj: Any) -> Page:
        row = type_of(obj)
        # The platform's own pages show the accounts that are connected to it.
        account = "" if row.account_named_in else obj.stripe_account
        return Page(
            title=f"{capfirst(self.model._meta.verbose_name)} {self.title_of(obj)}".strip(),
            subtitle=obj.pk,
            badges=self.badges(obj),
            summary=self.line(obj),
            dashboard_url=links.dashboard_url(row.dashboard, obj.stripe_id, livemode=obj.livemode, account=account),
            facts=[Facts(title=gettext("Details"), rows=facts(obj, self.own_columns()))],
            record=Facts(title=gettext("In the mirror"), rows=record_of(obj)),
            panels=[panel for panel in panels_read(self.panels(request, obj)) if panel is not None and panel.rows],
            documents=documents(obj),
        )

    def title_of(self, obj: Any) -> str:
        """The title of the object, beside its id."""
        return columns.title_of(obj)

    def own_columns(self) -> list[str]:
        """The columns among the details."""
        return [name for name in own_columns(self.model) if name not in self.badge_columns]

    def badges(self, obj: Any) -> list[Any]:
        """Status, mode, and whether it is deleted."""
        found = [status_badge(obj), deleted_badge() if obj.is_deleted else "", *self.mode_badges(obj)]
        return [word for word in found if word]

    def mode_badges(self, obj: Any) -> list[Any]:
        """Live or test, where it is known."""
        return [badge(mode_of(obj.livemode), "plain")] if obj.livemode is not None else []

    def line(self, obj: Any) -> Any:
        """What the page begins with: what its class says of the object, else Stripe's word for its state."""
        said = self.summary(obj)
        if said or type(self).summary is not MirroredAdmin.summary:
            return said
        words = [columns.label_of(obj, column.name) for column in columns.columns_of(self.model, StatusField)]
        return gettext("Its state is: %(state)s.") % {"state": words[0]} if any(words[:1]) else ""

    def summary(self, obj: Any) -> Any:
        """One line about the state of the object."""
        return gettext("Deleted at Stripe. This is its last known state.") if obj.is_deleted else ""

    def panels(self, request: HttpRequest, obj: Any) -> Iterable[Panel | Reading[Panel | None] | None]:
        """What belongs to the object."""
        yield from self.own_panels(request, obj)
        yield from panels_of_referring(request, obj, self.admin_site, but=self.panelled)
        yield self.events_panel(request, obj)

    def events_panel(self, request: HttpRequest, obj: Any) -> Reading[Panel | None]:
        """The events about the object."""
        return events_about(request, obj)

    def own_panels(self, request: HttpRequest, obj: Any) -> Iterable[Panel | Reading[Panel | None] | None]:
        """Panels that show more than the rows that refer to the object; they come first."""
        return ()

    # Panels on other pages

    def panel_columns(self) -> columns.PanelColumns:
        """Titles and functions of a row: the columns on the pages of the objects that such rows refer to."""
        return columns.panel_columns(self.model)


def are_digits(term: str) -> bool:
    """Whether a term may be the last digits of a card."""
    return len(term) == LAST_DIGITS and term.isascii() and term.isdigit()


def panels_read(panels: Iterable[Panel | Reading[Panel | None] | None]) -> list[Panel | None]:
    """Panels in their order, of which the readings are carried out together."""
    return run(together(*(panel if isinstance(panel, Generator) else known(panel) for panel in panels)))


def record_of(obj: MirroredObject) -> list[tuple[Any, Any]]:
    """Where the row comes from, and how current it is."""
    names = [name for name in BOOKKEEPING if name != "as_of_end" or obj.as_of_end not in (obj.as_of, UNKNOWN_END)]
    return facts(obj, names)


def derived_filters(model: type[MirroredObject]) -> tuple[Any, ...]:
    """A filter by status where it has an index, and one by each reference with a name for the way back."""
    statuses = [column for column in columns.columns_of(model, StatusField) if column.db_index and column.words]
    references = [column for column in columns.columns_of(model, SoftForeignKey) if links.has_reverse_name(column)]
    return (*map(status_filter, statuses), *map(reference_filter, references))


def derived_ordering(model: type[Model]) -> tuple[str, ...]:
    """Newest first where an index on `created_at` serves; the other tables are in the order of their keys."""
    return ("-created_at", "-pk") if "-created_at" in indexed_first(model) else ("pk",)


def indexed_names(model: type[Model]) -> list[str]:
    """Names of things by which an index finds them."""
    return [column.name for column in columns.columns_of(model, NameField) if column.name in indexed_first(model)]


def indexed_first(model: type[Model]) -> set[str]:
    """The columns, with `-` for a descending order, with which the indexes of a model begin."""
    return {index.fields[0] for index in model._meta.indexes if index.fields and index.condition is None}


def register_the_others(site: admin.AdminSite) -> None:
    """Register the mirrored models that a site has no admin class for, with the derived one."""
    for model in READERS:
        if not site.is_registered(model):
            site.register(model, MirroredAdmin)
