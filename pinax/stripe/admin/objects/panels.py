"""Panels on the page of a mirrored object: what refers to it, and the events about it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext

from ...catalogue.event_types import EVENT_TYPES
from ...catalogue.objects import LIVEMODE
from ...combined_reads import Reading, Rows
from ...models import Event
from ...models.mirror import MirroredObject, SoftForeignKey
from ...sync.registry import TYPES_OF_PARTS, type_of
from ..base import may_view
from ..display import links
from ..display.pages import DOCUMENTS, PANEL_ROWS, Panel, shown
from ..events.panels import ROW_COLUMNS, events_panel
from ..permissions import read_by
from .columns import PanelColumns, panel_columns


def listed(
    request: HttpRequest,
    title: Any,
    rows: QuerySet,
    columns: PanelColumns,
    *,
    prefetch: Sequence[Any] = (),
    more_url: str = "",
    more_text: Any = "",
) -> Reading[Panel | None]:
    """A panel with the first rows of a queryset; None for staff who may not see such rows.

    `columns` are titles and functions of a row, and `prefetch` is what they need beside it, as `prefetch_related` takes
    it. The link to the whole list is there when the panel has not all of it.
    """
    if not may_view(request, rows.model):
        return None
    few = rows.defer(*DOCUMENTS)[: PANEL_ROWS + 1]
    [found] = yield [Rows(few, by_itself=bool(rows.query.select_related))]
    prefetch_related_objects(found, *prefetch)
    found = [read_by(request.user, row) for row in found]
    return Panel(
        title=title,
        columns=[*columns],
        rows=[[shown(value(row)) for value in columns.values()] for row in found[:PANEL_ROWS]],
        more_url=more_url if len(found) > PANEL_ROWS else "",
        more_text=more_text,
    )


def referring(model: type[Model]) -> list[SoftForeignKey]:
    """The columns of mirrored tables that refer to a table's rows, of those that have a name for the way back."""
    relations = (relation for relation in model._meta.related_objects if relation.related_name)
    columns = (relation.field for relation in relations if issubclass(relation.related_model, MirroredObject))
    return [column for column in columns if isinstance(column, SoftForeignKey)]


def panels_of_referring(
    request: HttpRequest, obj: MirroredObject, site: AdminSite, *, but: tuple[type[Model], ...] = ()
) -> Iterator[Reading[Panel | None]]:
    """A panel of each table whose rows refer to a row, without the tables in `but`."""
    for column in referring(type(obj)):
        model: Any = column.model
        if model not in but:
            rows = model.all_objects.filter(**{column.name: obj.pk}).order_by(*model._meta.ordering, "-pk")
            title = capfirst(model._meta.verbose_name_plural)
            url = links.list_url(model._meta.model_name, **{f"{column.name}__id__exact": obj.pk})
            yield listed(request, title, rows, columns_on(site, model), more_url=url, more_text=gettext("Show all"))


def columns_on(site: AdminSite, model: type[MirroredObject]) -> PanelColumns:
    """The columns of a model's panels: those that its admin class on a site has for it, else the derived ones."""
    registered = site.get_model_admin(model) if site.is_registered(model) else None
    own = getattr(registered, "panel_columns", None)
    return own() if own is not None else panel_columns(model)


def events_about(request: HttpRequest, obj: MirroredObject) -> Reading[Panel | None]:
    """The newest events about an object; None for parts of objects, and for staff who may not see events."""
    if type_of(obj).name in TYPES_OF_PARTS or not may_view(request, Event):
        return None
    events = Event.objects.filter(is_about(obj), stripe_account=obj.stripe_account).exclude(valid=False)
    events = events.only(*ROW_COLUMNS).order_by("-id")
    more_url = links.list_url("event", q=obj.stripe_id) if type_of(obj).has_id else ""
    return (yield from events_panel(gettext("Events"), events, more_url))


def is_about(obj: MirroredObject) -> Q:
    """What selects the events about an object. Those about one without an id name what it belongs to, or the mode."""
    row = type_of(obj)
    if row.has_id:
        return Q(object_id=obj.stripe_id)
    kinds = [event_type.name for event_type in EVENT_TYPES.values() if row.name in event_type.object_types]
    belonging = Q(livemode=obj.livemode) if row.named_by == LIVEMODE else Q(customer=obj.pk)
    return Q(kind__in=kinds) & belonging
