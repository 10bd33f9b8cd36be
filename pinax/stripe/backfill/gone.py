"""Finds rows of objects that Stripe does not have any more: what a list does not show is asked for by its id.

A list is newest first, so a page shows all that was created between its first and its last entry. Rows of that time
that are not among its entries are read one by one, and only what Stripe says of each makes it a tombstone: lists leave
some objects out.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import QuerySet

from ..catalogue.lists import LISTED_WITH, StripeList
from ..exceptions import FinalStripeError, UnusableObject
from ..models.fields import references_of
from ..models.mirror import MirroredObject
from ..models.other_objects import OtherObject
from ..stripe_values import identifier, integer
from ..sync.own_writes import refresh
from ..sync.registry import mirrored_as
from .patience import patiently
from .runs import as_moment

logger = logging.getLogger(__name__)

#: Rows that are loaded at once.
MANY = 100


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The objects of a list that were created from `since` on and before `until` (epoch seconds); all, without both."""

    since: int | None
    until: int | None
    ids: frozenset[str]


@dataclass(kw_only=True)
class Coverage:
    """Which seconds the pages of a list have shown whole, from the newest to the oldest.

    The second of a page's last entry may go on with the next page, so its entries are kept until then. Where entries do
    not say when they were created, all are kept until the end.
    """

    #: What is before this second is to come.
    until: int
    #: Whether pages before the first one that comes in were read in another process.
    is_resumed: bool = False
    #: Entries of the seconds that are not whole yet, with their second.
    kept: dict[str, int | None] = field(default_factory=dict)
    #: Whether the entries came newest first so far.
    is_in_order: bool = True

    def add(self, created: list[tuple[str, int | None]], *, end: int | None) -> Shown | None:
        """Take a page in: ids with when they were created. `end` is the second at which the list ends with it."""
        for stripe_id, moment in created:
            self.is_in_order = self.is_in_order and follows(moment, self.oldest)
            self.kept[stripe_id] = moment
        if not self.is_in_order:
            self.kept.clear()
            return None
        if any(moment is None for moment in self.kept.values()):
            is_whole = end is not None and not self.is_resumed
            return Shown(since=None, until=None, ids=frozenset(self.kept)) if is_whole else None
        return self.shown_until(end)

    @property
    def oldest(self) -> int | None:
        """When the last entry was created that came in."""
        return next(reversed(self.kept.values()), None)

    def shown_until(self, end: int | None) -> Shown | None:
        """What is whole by now, which is not kept any longer."""
        since = self.until if self.oldest is None else self.oldest + 1
        since = since if end is None else end
        if since >= self.until:
            return None
        shown = Shown(since=since, until=self.until, ids=frozenset(self.kept))
        self.until = since
        self.kept = {stripe_id: moment for stripe_id, moment in self.kept.items() if (moment or 0) < since}
        return shown


def follows(moment: int | None, before: int | None) -> bool:
    """Whether what was created at one moment comes behind what was created at another."""
    return moment is None or before is None or moment <= before


def ids_and_times(entries: list[dict[str, Any]], created_of: Any) -> list[tuple[str, int | None]]:
    """The id of each entry, and when it was created."""
    return [(identifier(entry), integer(created_of(entry))) for entry in entries]


def mark_gone(rows: Iterable[MirroredObject]) -> int:
    """Read what has a row and was not shown; how many of them Stripe does not have."""
    gone = 0
    for row in rows:
        try:
            gone += patiently(partial(refresh, row)).is_deleted
        except (FinalStripeError, UnusableObject) as error:
            logger.warning("unread key=%s error=%s", row.pk, error)
    return gone


def rows_not_shown(listed: StripeList, shown: Shown, account: str) -> Iterator[MirroredObject]:
    """The rows of objects that a list should have shown."""
    for row in listed.entries:
        rows = rows_of_type(row.name, account)
        if rows is None:
            continue
        if shown.since is not None and shown.until is not None:
            rows = rows.filter(created_at__gte=as_moment(shown.since), created_at__lt=as_moment(shown.until))
        ids = rows.order_by().values_list("pk", "stripe_id")
        keys = [key for key, stripe_id in ids if stripe_id not in shown.ids]
        yield from (found for found in rows_of_keys(rows.model, keys) if is_listed(listed, found))


def rows_not_below(listed: StripeList, below: Mapping[str, frozenset[str]], account: str) -> Iterator[MirroredObject]:
    """The rows of objects that the lists below these parents, which were read whole, do not show.

    The rows of parents are known by their keys, in the column that has the name of the parent; types without it are
    left out.
    """
    is_of_account = listed.parent is not None and listed.parent.name == "account"
    for row in listed.entries if below else ():
        # What belongs to a connected account is read in the platform's name.
        rows = rows_of_type(row.name, None if is_of_account else account)
        column = None if rows is None else column_of_parent(rows.model, listed.parent_name)
        if rows is None or column is None:
            continue
        found = rows.filter(**{f"{column}__in": list(below)}).order_by().values_list("pk", "stripe_id", column)
        yield from rows_of_keys(rows.model, [key for key, own_id, parent in found if own_id not in below[parent]])


def column_of_parent(model: type[MirroredObject], name: str) -> str | None:
    """The attribute with the key of the row of a parent; None if there is none."""
    return next((column.attname for column in references_of(model) if column.name == name), None)


def rows_of_type(name: str, account: str | None) -> QuerySet[Any] | None:
    """The rows of an account's objects (None: of all accounts) of a type that are not gone; None for a type without."""
    mirrored = mirrored_as(name, "id")
    if mirrored is None:
        return None
    rows: QuerySet[Any] = mirrored.model.all_objects.filter(deleted_at__isnull=True)
    if account is not None:
        rows = rows.filter(stripe_account=account)
    return rows.filter(object_type=name) if mirrored.model is OtherObject else rows


def rows_of_keys(model: type[MirroredObject], keys: list[str]) -> Iterator[MirroredObject]:
    """The rows of these keys, some at once."""
    for start in range(0, len(keys), MANY):
        yield from model.all_objects.filter(pk__in=keys[start : start + MANY]).order_by("pk")


def is_listed(listed: StripeList, row: MirroredObject) -> bool:
    """Whether the list shows such objects at all."""
    needed = LISTED_WITH.get(listed.path, "")
    has_needed = not needed or bool(row.stripe_data.get(needed))
    return has_needed and not row.stripe_data.get("test_clock")
