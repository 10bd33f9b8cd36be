"""Objects about which Stripe makes no events: they are listed with an event of what they belong to, and mirrored."""

import logging
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from .. import api
from ..catalogue.objects import ListedWithEvent, object_type
from ..exceptions import AccessDenied, ObjectNotFound
from ..models.events import Event
from ..models.mirror import MirroredObject, mirror_key
from ..stripe_values import identifier, mapping, text
from ..sync.embedded import write_embedded
from ..sync.fetching import as_fetched
from ..sync.registry import MIRRORED, MirroredType, list_path, mirrored_type
from ..sync.rows import row_key
from ..sync.snapshots import Changes, FetchedAlready, SyncContext
from ..sync.writing import sync_object
from .reading_conditions import ReadingCondition, is_any_met

logger = logging.getLogger(__name__)

#: Rows of one statement.
CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class ListRead:
    """A list as it was read from the API."""

    listed: ListedWithEvent
    pages: list[api.Fetched]

    @property
    def mirrored(self) -> MirroredType:
        """How the entries are mirrored."""
        return MIRRORED[self.listed.object_type]


def lists_of(event: Event, data: dict[str, Any]) -> list[ListedWithEvent]:
    """The lists that are read with an event about an object."""
    met = [condition.listed for condition in status_conditions(event, data) if is_any_met([condition])]
    return [*lists_in_any_case(event, data), *met]


def lists_in_any_case(event: Event, data: dict[str, Any]) -> list[ListedWithEvent]:
    """The lists that are read with an event whatever rows say."""
    return [listed for listed in lists_about(event, data) if not listed.only_with_status]


def status_conditions(event: Event, data: dict[str, Any]) -> list["EntryWithStatus"]:
    """The conditions under which further lists are read with an event."""
    owner = mirrored_type(data)
    if owner is None:
        return []
    column, key = f"{owner.object_type.name}_id", row_key(owner, data, event.object_account)
    lists = (listed for listed in lists_about(event, data) if listed.only_with_status)
    return [EntryWithStatus(listed=listed, owner=column, key=key) for listed in lists]


def lists_about(event: Event, data: dict[str, Any]) -> list[ListedWithEvent]:
    """The lists that an event may tell something new of."""
    kind = event.kind.removeprefix("v1.")
    return [
        listed
        for listed in object_type(text(data.get("object"))).listed_with_events
        if kind in listed.event_types and data.keys().isdisjoint(listed.unless_named) and has_changed(listed, event)
    ]


@dataclass(frozen=True, kw_only=True)
class EntryWithStatus(ReadingCondition):
    """Whether the row of an entry has the status for which its list is read."""

    listed: ListedWithEvent
    #: The attribute of an entry's row that has the key of what the list belongs to, and that key.
    owner: str
    key: str

    @property
    def model(self) -> type[MirroredObject]:
        return MIRRORED[self.listed.object_type].model

    @property
    def kind(self) -> Hashable:
        return self.owner, self.listed.only_with_status

    @property
    def values(self) -> dict[str, Any]:
        return {self.owner: self.key, "status": self.listed.only_with_status}

    def rows(self) -> "QuerySet[Any, Any]":
        return self.model.all_objects.filter(*map(Q, self.values.items())).order_by().values("pk")[:1]

    @staticmethod
    def are_met(conditions: Sequence["EntryWithStatus"]) -> list[bool]:
        first = conditions[0]
        wanted = {f"{first.owner}__in": {each.key for each in conditions}, "status": first.listed.only_with_status}
        found = {*first.model.all_objects.filter(**wanted).order_by().values_list(first.owner, flat=True)}
        return [each.key in found for each in conditions]


def has_changed(listed: ListedWithEvent, event: Event) -> bool:
    """Whether an event may tell of new entries; thin events do not say what changed."""
    carried = (event.message or {}).get("data")
    if not listed.changed or carried is None:
        return True
    return not mapping(mapping(carried).get("previous_attributes")).keys().isdisjoint(listed.changed)


def read_lists(event: Event, data: dict[str, Any], context: SyncContext) -> Iterator[ListRead]:
    """Read the lists; those that Stripe does not have, or the key may not read, are left out. Calls the network."""
    for listed in lists_of(event, data) if identifier(data) else ():
        path, parameters = list_path(listed, data)
        owner = mirrored_type(data)
        pages = api.pages(
            path,
            parameters,
            account=context.account if owner is None else owner.asked_account(context.account),
            api_version=context.api_version,
            is_paged=listed.is_paged,
        )
        try:
            yield ListRead(listed=listed, pages=list(until_known(listed, pages, context.account)))
        except ObjectNotFound:
            continue
        except AccessDenied as error:
            # Receivers of the event can do without the list, as with other objects (`base.MirrorWebhook.read`).
            logger.warning("unread path=%s event=%s error=%s", path, event.stripe_id, error)


def until_known(listed: ListedWithEvent, pages: Iterator[api.Fetched], account: str) -> Iterator[api.Fetched]:
    """The pages of a list; of one to which entries are only added, as far as there are new ones."""
    model = MIRRORED[listed.object_type].model
    for page in pages:
        yield page
        entries = page.data["data"]
        if listed.is_appended and entries:
            oldest = mirror_key(identifier(entries[-1]), account)
            if model.all_objects.filter(pk=oldest).exists():
                return


def write_list(read: ListRead, data: dict[str, Any], context: SyncContext, fetched: FetchedAlready) -> Changes:
    """Mirror the entries of a list, and note what they belong to; the changes of those that are compared.

    Other rows are not in the event's timeline: a payout can have thousands.
    """
    changes: Changes = []
    keys: dict[str, None] = {}
    for page in read.pages:
        entries, as_read = page.data["data"], as_fetched(context, page)
        if read.listed.are_compared:
            for entry in entries:
                changes += sync_object(entry, as_read, fetched)
        else:
            write_embedded(read.mirrored, entries, as_read, as_read.end)
        keys.update(dict.fromkeys(row_key(read.mirrored, entry, context.account) for entry in entries))
    owner = mirrored_type(data)
    if read.listed.owner and owner is not None:
        note_owner(read, row_key(owner, data, context.account), list(keys))
    return changes


def note_owner(read: ListRead, key: str, keys: list[str]) -> None:
    """Have the rows of a list, and no others, name what they belong to."""
    rows, name = read.mirrored.model.all_objects, f"{read.listed.owner}_id"
    known = set(rows.filter(**{name: key}).values_list("pk", flat=True))
    for owner, changed in ((key, sorted({*keys} - known)), (None, sorted(known - {*keys}))):
        remaining = iter(changed)
        while chunk := list(islice(remaining, CHUNK)):
            rows.filter(pk__in=chunk).update(**{name: owner})
