"""Events as rows of a panel, on their own pages and on those of what they are about."""

from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading, Rows
from ...models import Event
from ..display import links
from ..display.badges import state_badge
from ..display.line_breaks import breakable
from ..display.pages import PANEL_ROWS, Panel

#: The columns of an event that a row needs.
ROW_COLUMNS = ("kind", "stripe_id", "state", "created_at")
EVENT_COLUMNS = (_("State"), _("Type"), _("Stripe's clock"), _("Id"))


def event_row(event: Event, *, this: Event | None = None) -> list[Any]:
    """An event as a row of a panel; `this` is the one whose page it is."""
    title: Any = links.link("event", event.pk, breakable(title_of(event)))
    if this is not None and event.pk == this.pk:
        title = format_html("<strong>{}</strong> ({})", breakable(title_of(event)), gettext("this one"))
    return [state_badge(event.state), title, event.created_at, event.stripe_id]


def title_of(event: Event) -> str:
    return event.kind or gettext("(no event)")


def events_panel(title: Any, events: QuerySet, more_url: str) -> Reading[Panel]:
    """A panel with the first of some events, of which `ROW_COLUMNS` are read."""
    [found] = yield [Rows(events[: PANEL_ROWS + 1])]
    return Panel(
        title=title,
        columns=EVENT_COLUMNS,
        rows=[event_row(event) for event in found[:PANEL_ROWS]],
        more_url=more_url if len(found) > PANEL_ROWS else "",
        more_text=gettext("All events"),
    )
