"""What the pages of all mirrored tables share; each family adds its own lists and panels."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount
from ...models import Event
from ...models.mirror import MirroredObject
from ...sync.snapshots import UNKNOWN
from ..base import ReadOnlyAdmin, ShortList, may_view
from ..display import links
from ..display.badges import badge, deleted_badge, mode_of, status_badge
from ..display.labels import value_word
from ..display.line_breaks import breakable
from ..display.pages import (
    BOOKKEEPING,
    DOCUMENTS,
    SHORT,
    Facts,
    Page,
    Panel,
    day,
    documents,
    facts,
    key_of,
    own_columns,
    shown,
    two_lines,
)
from ..events.panels import BRIEF, events_panel
from ..permissions import read_by


class MirroredList(ShortList):
    """Lists without the objects as Stripe sent them."""

    left_out = DOCUMENTS


class MirroredAdmin(ReadOnlyAdmin):
    """Lists and pages of one mirrored table."""

    search_fields: ClassVar[tuple[str, ...]] = ("id", "stripe_id")
    search_help_text: ClassVar[Any] = _("An exact id.")
    #: Newest first needs an index on `created_at`; the other tables are in the order of their keys.
    ordering: ClassVar[Any] = ("pk",)
    changelist = MirroredList
    #: Columns that a badge shows better than their value as of the last event.
    told_by_badges: tuple[str, ...] = ()
    text_columns = DOCUMENTS

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Deleted objects too."""
        return self.model.all_objects.order_by(*self.ordering)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return ("what", *super().get_list_display(request), "created")

    @admin.display(description=_("what"))
    def what(self, obj: Any) -> Any:
        """What people call it, and below that its id."""
        name = self.title_of(obj)
        return two_lines(breakable(name), key_of(obj)) if name else key_of(obj)

    @admin.display(description=_("created"))
    def created(self, obj: Any) -> Any:
        """The day, and below it the mode, or that the object is deleted."""
        below = deleted_badge() if obj.is_deleted else mode_of(obj.livemode)
        return two_lines(day(obj.created_at) if obj.created_at else "", below)

    def page(self, request: HttpRequest, obj: Any) -> Page:
        object_type = links.OBJECT_TYPES.get(self.model, "")
        return Page(
            title=f"{capfirst(self.model._meta.verbose_name)} {self.title_of(obj)}".strip(),
            subtitle=obj.pk,
            badges=self.badges(obj),
            summary=self.summary(obj),
            dashboard_url=links.dashboard_url(
                object_type, obj.stripe_id, livemode=obj.livemode, account=obj.stripe_account
            ),
            facts=[Facts(title=gettext("Details"), rows=facts(obj, self.own_columns()))],
            record=Facts(title=gettext("In the mirror"), rows=record_of(obj)),
            panels=[panel for panel in self.panels(request, obj) if panel is not None and panel.rows],
            documents=documents(obj),
        )

    def title_of(self, obj: Any) -> str:
        """What people call the thing, beside its id."""
        return ""

    def own_columns(self) -> list[str]:
        """The columns among the details."""
        return [name for name in own_columns(self.model) if name not in self.told_by_badges]

    def badges(self, obj: Any) -> list[Any]:
        """Status, mode, and whether it is deleted."""
        found = [status_badge(obj), deleted_badge() if obj.is_deleted else "", *self.mode_badges(obj)]
        return [word for word in found if word]

    def mode_badges(self, obj: Any) -> list[Any]:
        """Live or test, where it is known."""
        return [badge(mode_of(obj.livemode), "plain")] if obj.livemode is not None else []

    def summary(self, obj: Any) -> Any:
        """One line about the state of the thing."""
        return gettext("Deleted at Stripe. This is its last known state.") if obj.is_deleted else ""

    def panels(self, request: HttpRequest, obj: Any) -> Iterable[Panel | None]:
        """What belongs to the thing."""
        yield events_about(request, obj)


def record_of(obj: MirroredObject) -> list[tuple[Any, Any]]:
    """Where the row comes from, and how fresh it is."""
    names = [name for name in BOOKKEEPING if name != "as_of_end" or obj.as_of_end not in (obj.as_of, UNKNOWN)]
    return facts(obj, names)


def money(name: str, text: Any, *, zero: bool = True) -> Any:
    """A column of a list that shows an amount; without `zero`, only one that there is."""

    def amount(obj: Any) -> str:
        value = getattr(obj, name)
        return format_amount(value if zero else value or None, obj.currency)

    return described(amount, name, text)


def word(name: str, text: Any) -> Any:
    """A column of a list that shows one of Stripe's words as people say it."""

    def said(obj: Any) -> Any:
        return value_word(name, getattr(obj, name))

    return described(said, name, text)


def reference(name: str, text: Any, label: str = "") -> Any:
    """A column of a list that links to another row; with `label`, by that column of the other row where it has one."""

    def linked(obj: Any) -> SafeString | str:
        return links.reference(obj, name, label=label)

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


def listed(
    request: HttpRequest,
    title: Any,
    rows: QuerySet,
    columns: dict[Any, Any],
    *,
    more_url: str = "",
    more_text: Any = "",
) -> Panel | None:
    """A panel with the first rows of a queryset; None for staff who may not see such rows.

    `columns` are titles and functions of a row. The link to the whole list is there when the panel has not all of it.
    """
    if not may_view(request, rows.model):
        return None
    found = [read_by(request.user, row) for row in rows.defer(*DOCUMENTS)[: SHORT + 1]]
    return Panel(
        title=title,
        columns=[*columns],
        rows=[[shown(value(row)) for value in columns.values()] for row in found[:SHORT]],
        more_url=more_url if len(found) > SHORT else "",
        more_text=more_text,
    )


def events_about(request: HttpRequest, obj: MirroredObject) -> Panel | None:
    """The newest events about an object; None for parts of objects, and for staff who may not see events."""
    if type(obj) not in links.OBJECT_TYPES or not may_view(request, Event):
        return None
    events = Event.objects.filter(object_id=obj.stripe_id, stripe_account=obj.stripe_account).exclude(valid=False)
    events = events.only(*BRIEF).order_by("-id")
    return events_panel(gettext("Events"), events, links.list_url("event", q=obj.stripe_id))


def own_link(row: Any, text: Any = None) -> SafeString | str:
    """A link to a row's own page, with a mark when it is gone."""
    linked = links.link(row._meta.model_name, row.pk, text or row.stripe_id)
    return format_html("{} {}", linked, deleted_badge()) if row.is_deleted else linked
