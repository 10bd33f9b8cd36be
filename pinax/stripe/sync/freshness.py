"""Decides whether a snapshot of an object replaces the row. Pure: no query, no call to the network.

Stripe's clock shows whole seconds. So a row and a snapshot are each true somewhere in an interval (`as_of` to
`as_of_end`), and where two intervals touch only Stripe can tell which is newer. docs/explanation/mirror.md has the
table of these functions.
"""

import datetime
import enum
import json
from dataclasses import replace
from typing import Any

import pytz

from .. import api
from ..catalogue.objects import type_of_object
from ..models.mirror import MirroredObject
from ..stripe_values import is_stub, mapping, timestamp
from .registry import MirroredType
from .snapshots import UNKNOWN_END, Change, FetchedLists, Snapshot, lists_of
from .storable import storable_object

#: Before any object of Stripe's was made.
BEGINNING = datetime.datetime(2000, 1, 1, tzinfo=pytz.utc)


class Decision(enum.Enum):
    """The decision about a row and a snapshot."""

    #: The snapshot is newer: write it.
    APPLY = "apply"
    #: The row is newer, or says the same: leave it.
    KEEP = "keep"
    #: The two cannot be ordered: fetch the object as it is now.
    FETCH = "fetch"


APPLY, KEEP, FETCH = Decision.APPLY, Decision.KEEP, Decision.FETCH


def decide(mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot) -> Decision:
    """Whether a snapshot replaces the row of its object.

    An id that people choose may name another object later, so its rows go by time alone. Ids that Stripe makes are
    hardly ever used again, so a deletion is final.
    """
    if not mirrored.object_type.ids_can_recur:
        if row.is_deleted:
            return after_deletion(row, snapshot)
        if snapshot.deleted:
            return at_deletion(row, snapshot)
    return by_time(mirrored, row, snapshot)


def is_plainly_newer(mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot) -> bool:
    """Whether a snapshot of an object that exists is newer beyond doubt: what one statement can decide.

    `decide` says APPLY then; `row_writers` has the same as SQL.
    """
    is_final = row.is_deleted and not mirrored.object_type.ids_can_recur
    return snapshot.as_of > row.as_of_end and not is_final and not snapshot.deleted


def by_time(mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot) -> Decision:
    """Decides by the times of both."""
    if snapshot.as_of > row.as_of_end:
        return APPLY
    if snapshot.newest < row.as_of or (is_same(row, snapshot) and not is_cut(mirrored, snapshot.data)):
        return KEEP
    return FETCH


def after_deletion(row: MirroredObject, snapshot: Snapshot) -> Decision:
    """Decides for a row that is a tombstone.

    When Stripe copies customers to another account, they keep their ids, and some keep the time they were made.
    """
    if snapshot.newest <= row.as_of:
        return KEEP  # Also in the second of the deletion: what was made and deleted within one second is deleted.
    if snapshot.deleted or was_made_after(snapshot.data, row.as_of_end):
        return APPLY
    return FETCH


def at_deletion(row: MirroredObject, snapshot: Snapshot) -> Decision:
    """Decides for a snapshot that says that the object is deleted: this object, or an earlier one under the same id."""
    if was_made_after(row.stripe_data, snapshot.newest):
        return KEEP
    if snapshot.as_of > row.as_of_end or snapshot.as_of == row.as_of == row.as_of_end:
        return APPLY
    return FETCH


def was_made_after(data: dict[str, Any], moment: datetime.datetime) -> bool:
    """Whether an object was certainly made after a moment of Stripe's clock; a test clock shows a time of its own."""
    created = timestamp(data.get("created"))
    return created is not None and created > moment and not data.get("test_clock")


def is_cut(mirrored: MirroredType, data: dict[str, Any]) -> bool:
    """Whether the object shows only some of its parts: then equal snapshots may belong to different objects."""
    return mirrored.part is not None and bool(mapping(data.get(mirrored.part.attribute)).get("has_more"))


def is_same(row: MirroredObject, snapshot: Snapshot) -> bool:
    """Whether row and snapshot say the same of the object."""
    return row.is_deleted == snapshot.deleted and row.stripe_data == storable_object(snapshot.data)


def wins_tie(row: MirroredObject, snapshot: Snapshot) -> bool:
    """Whether a snapshot takes the place of a row when Stripe cannot tell which of the two is newer.

    A deletion wins, then what is known to be newer. Of two states of one time any will do, as long as it is the same
    one whichever of them came first.
    """
    if row.is_deleted or snapshot.deleted:
        return not row.is_deleted
    mine, theirs = (each.as_of if each.as_of_end == UNKNOWN_END else each.as_of_end for each in (snapshot, row))
    if mine != theirs:
        return mine > theirs
    return canonical_json(storable_object(snapshot.data)) > canonical_json(row.stripe_data)


def canonical_json(data: dict[str, Any]) -> str:
    """An object as text, the same for equal objects."""
    return json.dumps(data, sort_keys=True)


def resolved(after: datetime.datetime, fetched: api.Fetched, lists: FetchedLists | None) -> Snapshot:
    """The snapshot that was fetched, with its lists, after a moment at which the object certainly was there."""
    as_of, as_of_end = reading_times(fetched, after)
    return Snapshot(
        data=fetched.data,
        as_of=as_of,
        as_of_end=end_with_lists(lists, as_of_end),
        deleted=is_stub(fetched.data),
        lists=lists_of(lists),
    )


def reading_times(fetched: api.Fetched, as_of: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """The interval in which Stripe read a fetched object, clamped to start at the event that it was fetched for."""
    if fetched.data.get("test_clock"):
        return as_of, UNKNOWN_END  # Its events carry the time of the test clock, which has nothing to do with Stripe's.
    earliest = max(timestamp(fetched.earliest) or as_of, as_of)
    return earliest, max(timestamp(fetched.latest) or UNKNOWN_END, earliest)


def end_with_lists(fetched: FetchedLists | None, end: datetime.datetime) -> datetime.datetime:
    """The end of a snapshot's interval, extended if its lists were fetched later."""
    return end if fetched is None else max(timestamp(fetched.latest) or UNKNOWN_END, end)


def with_known_end(row: MirroredObject, snapshot: Snapshot) -> Snapshot:
    """A repeated deletion keeps the end of the tombstone's interval: until then nothing came back."""
    if not (row.is_deleted and snapshot.deleted):
        return snapshot
    return replace(snapshot, as_of_end=max(snapshot.as_of_end, row.as_of_end))


def change_of(row: MirroredObject | None, snapshot: Snapshot) -> Change:
    """What a snapshot that is written does to a row; None stands for a row that is not there yet."""
    if snapshot.deleted:
        return "deleted"
    return "created" if row is None else "updated"


def says_only_that_it_is_gone(snapshot: Snapshot) -> bool:
    """Whether the snapshot says only that the object is deleted: the last known columns stay."""
    named_by = type_of_object(snapshot.data).named_by
    return snapshot.deleted and set(snapshot.data) <= {"id", "object", "deleted", named_by}
