"""What a sync is given, what was fetched for it, and what it did: three things, passed along by the writer.

Pure data. All times are aware datetimes of whole seconds on Stripe's clock.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal

import pytz

from .. import api
from ..models.mirror import MirroredObject

#: `as_of_end` of a fetched row when Stripe's clock could not be read: whatever comes next is fetched again.
UNKNOWN_END = datetime.datetime(9000, 1, 1, tzinfo=pytz.utc)

#: What a snapshot did to a row; "kept" means that the row already held the same, or something newer, "undecided" that
#: nothing could tell which of the two is newer.
Change = Literal["created", "updated", "deleted", "kept", "undecided"]
#: `[model name, key, change]` for each row that a snapshot was compared with, in the order of writing.
Changes = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class SyncContext:
    """When a snapshot was true, to whom it belongs, and in which API version it was rendered."""

    as_of: datetime.datetime
    #: End of the interval in which a fetched object was read, which begins at `as_of`; None for an event's own object.
    as_of_end: datetime.datetime | None = None
    #: Id of the connected account; "" for the platform's own objects.
    account: str = ""
    livemode: bool | None = None
    #: Whether the snapshot was read at an unknown moment of that interval, and is not of the moment `as_of`.
    is_reading: bool = False
    #: API version of the snapshot, and of what is fetched to go with it; "" when unknown.
    api_version: str = ""

    @property
    def end(self) -> datetime.datetime:
        """The last second in which the snapshot may have been true."""
        return self.as_of_end or self.as_of


@dataclass(frozen=True, kw_only=True)
class FetchedLists:
    """Lists of one object, whole, from the API because the object's own were cut short."""

    #: By their name in the object.
    lists: dict[str, list[dict[str, Any]]]
    #: Epoch seconds on Stripe's clock: read at or before this; None when unknown.
    latest: int | None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """An object fetched to settle a tie, for the version of the row it was fetched for."""

    version: int
    #: The stub of a deleted object (`"deleted": true`) when Stripe does not have it any more; None when the key may not
    #: read it.
    fetched: api.Fetched | None = None
    lists: FetchedLists | None = None


@dataclass(kw_only=True)
class FetchedAlready:
    """What was fetched before the transaction opens, by the key of the row it belongs to."""

    lists: dict[str, FetchedLists] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    #: Keys of rows that one statement did not overwrite just now: they are looked at before they are written.
    not_older: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One object as Stripe had it somewhere from `as_of` to `as_of_end`: what is compared with a row."""

    data: dict[str, Any]
    as_of: datetime.datetime
    as_of_end: datetime.datetime
    deleted: bool = False
    #: Whether the object is of an unknown moment of the interval; else it is of `as_of`, and only its lists are newer.
    is_reading: bool = False
    #: Lists of which the object shows only a part, whole, by their name.
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def newest(self) -> datetime.datetime:
        """The last second of which the object may be."""
        return self.as_of_end if self.is_reading else self.as_of


def note_change(changes: Changes, model: type[MirroredObject], key: str, change: Change) -> None:
    """Add the change of a row to the changes of a sync."""
    changes.append([model._meta.model_name or "", key, change])


def lists_of(fetched: FetchedLists | None) -> dict[str, list[dict[str, Any]]]:
    """The whole lists, by name; {} without any."""
    return {} if fetched is None else fetched.lists
