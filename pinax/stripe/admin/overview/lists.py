"""The page of the reading of Stripe's lists: how far the last run of `stripe_sync` is, and a button for another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from ...backfill.estimates import Rest, lengths_of_lists, rest_of
from ...catalogue.lists import all_lists
from ...conf import key_livemode
from ...models.backfill import Backfill, BackfillPosition
from ..display.durations import ago
from ..display.pages import Panel

#: Seconds after which the page of a run is loaded again while it goes on.
AGAIN = 3


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Everything on the page."""

    run: Backfill | None
    #: How many lists the run is to read, how many are done with, and how many of these Stripe does not give.
    lists: int
    done: int
    skipped: int
    #: Objects that were read so far.
    objects: int
    rest: Rest
    panel: Panel

    @property
    def is_going_on(self) -> bool:
        """Whether the run has not come to its end."""
        return self.run is not None and self.run.finished_at is None

    @property
    def headline(self) -> str:
        """One sentence about the last run."""
        if self.run is None:
            return gettext("Stripe's lists were never read.")
        numbers = {"read": self.done - self.skipped, "lists": self.lists, "objects": number(self.objects)}
        if self.is_going_on:
            text = gettext("%(read)s of %(lists)s lists are read: %(objects)s objects so far. It began %(ago)s.")
            return text % {**numbers, "ago": ago(self.run.started_at)}
        text = gettext("%(read)s of %(lists)s lists are read: %(objects)s objects. It ended %(ago)s.")
        return text % {**numbers, "ago": ago(self.run.finished_at or self.run.started_at)}

    @property
    def left(self) -> str:
        """About how much of the run is left, as far as that can be told; "" when it cannot."""
        if not self.is_going_on or not self.rest.objects:
            return ""
        text = ngettext(
            "About %(objects)s objects are left in %(lists)s list.",
            "About %(objects)s objects are left in %(lists)s lists.",
            self.rest.lists,
        ) % {"objects": number(self.rest.objects), "lists": number(self.rest.lists)}
        if not self.rest.unknown:
            return text
        unknown = ngettext(
            "How long %(lists)s list is, Stripe does not say.",
            "How long %(lists)s lists are, Stripe does not say.",
            self.rest.unknown,
        )
        return f"{text} {unknown % {'lists': number(self.rest.unknown)}}"

    @property
    def refresh(self) -> int:
        """Seconds until the page is to be loaded again; 0 for never."""
        return AGAIN if self.is_going_on else 0


def lists_page() -> Lists:
    """The last run for the own account, in the mode of the key."""
    run = Backfill.objects.filter(stripe_account="", livemode=key_livemode()).first()
    positions = [] if run is None else list(run.positions.order_by("pk"))
    by_list: dict[str, list[BackfillPosition]] = {}
    for position in positions:
        by_list.setdefault(position.list_name, []).append(position)
    lengths = {} if run is None or run.finished_at else lengths_of_lists(run.stripe_account, run.livemode)
    return Lists(
        run=run,
        rest=rest_of(by_list, lengths),
        lists=len(by_list),
        done=sum(is_read(parts) for parts in by_list.values()),
        skipped=sum(any(position.skipped for position in parts) for parts in by_list.values()),
        objects=sum(position.listed for position in positions),
        panel=panel_of(by_list),
    )


def is_read(parts: Iterable[BackfillPosition]) -> bool:
    """Whether all parts of a list came to their end."""
    return all(position.finished_at is not None for position in parts)


def panel_of(by_list: dict[str, list[BackfillPosition]]) -> Panel:
    """A row for each list of which there is something to say: those with objects, those that go on, those refused."""
    types = {each.name: each.types for each in all_lists()}
    rows = [
        row_of(types.get(name, name), parts)
        for name, parts in by_list.items()
        if any(position.listed or position.skipped or position.cursor for position in parts)
    ]
    names = (gettext("object type"), gettext("read"), gettext("new"), gettext("changed"), gettext("state"))
    return Panel(title=gettext("Lists"), columns=[*map(capfirst, names)], rows=rows)


def row_of(types: str, parts: list[BackfillPosition]) -> list[Any]:
    """What was read of a list."""
    skipped = next((position.skipped for position in parts if position.skipped), "")
    if skipped:
        state = gettext("Stripe does not give it: %(words)s") % {"words": skipped}
    else:
        state = gettext("read to its end") if is_read(parts) else gettext("going on")
    counts = (sum(getattr(position, name) for position in parts) for name in ("listed", "created", "updated"))
    return [types, *map(number, counts), state]


def number(value: int) -> str:
    return str(number_format(value, force_grouping=True))
