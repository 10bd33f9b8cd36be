"""Holds the mirror against Stripe: which columns differ, which rows are missing, and which objects are gone.

Nothing is written here. What an answer of Stripe's says counts only for rows that are not newer than the answer.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any

from ..catalogue.lists import StripeList
from ..catalogue.objects import naming
from ..exceptions import FinalStripeError, UnusableObject
from ..models.backfill import Backfill, BackfillPosition
from ..models.mirror import MirroredObject
from ..stripe_values import items
from ..sync.batch_writing import RowSnapshot, row_snapshot
from ..sync.fetching import complete_lists
from ..sync.own_writes import Reading, read_object, readable
from ..sync.parts import Owner, part_rows, shown_list
from ..sync.registry import MirroredPart, MirroredType, type_of
from ..sync.rows import told_values
from ..sync.snapshots import FetchedLists, lists_of
from ..sync.storable import with_whole_lists
from .gone import rows_of_keys, rows_of_type
from .patience import patiently
from .reading import Batch, NotGiven, batches, rows_missing
from .runs import Scope, new_positions
from .runs import lists_of as lists_to_verify
from .writing import rows_of

logger = logging.getLogger(__name__)

#: Columns that say when something was true here, and not what Stripe says; the document is compared by its columns.
OF_THE_MIRROR = frozenset({"as_of", "as_of_end", "synced_at", "stripe_data", "stripe_account", "position"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which the mirror and Stripe differ."""

    #: Stripe's name of the type, and the key of the row.
    object_type: str
    key: str
    #: The column; "" for a row that is missing, or whose object is gone.
    column: str = ""
    #: What the row says, and what Stripe says.
    here: Any = None
    at_stripe: Any = None
    #: Whether there is no row.
    is_missing: bool = False
    #: Whether Stripe does not have the object.
    is_surplus: bool = False

    def __str__(self) -> str:
        name = f"{self.object_type} {self.key}"
        if self.is_missing:
            return f"{name}: Stripe has it, and there is no row"
        if self.is_surplus:
            return f"{name}: there is a row, and Stripe does not have it"
        return f"{name}: {self.column} is {self.here!r} here and {self.at_stripe!r} at Stripe"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What came of holding one object against its row."""

    #: What Stripe says of the object: at least that it does not have it.
    reading: Reading
    differences: list[Difference]
    #: Lists of the object that it shows only the beginning of, whole, by the key of its row.
    lists: dict[str, FetchedLists]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A part of a list that was held against the mirror, or a list that Stripe does not give."""

    listed: StripeList
    verified: list[Verified]
    #: Why Stripe does not give the list, in its words; "" for one that it gives.
    skipped: str = ""


def verify(scope: Scope, *, sample: int | None = None) -> Iterator[Step]:
    """Hold what Stripe lists against the rows, list by list.

    With `sample`, that many rows of each type, drawn by chance, and the newest page of each list: a look at a large
    account that costs few calls. StripeError ends it; NotListed for a type without any list.
    """
    lists = lists_to_verify(scope)
    run = Backfill(stripe_account=scope.account, object_types=scope.names)
    positions = new_positions(run, replace(scope, is_full=True), lists)
    drawn_of: set[str] = set()
    for listed, position in zip(lists, positions, strict=True):
        parts = whole(listed, position, scope.account)
        if sample is not None:
            parts = chain(drawn(new_types(listed, drawn_of), scope.account, sample), newest(listed, parts))
        try:
            for verified in parts:
                yield Step(listed=listed, verified=[*verified])
        except (NotGiven, FinalStripeError) as error:
            yield Step(listed=listed, verified=[], skipped=str(error))


def whole(listed: StripeList, position: BackfillPosition, account: str) -> Iterator[Iterator[Verified]]:
    """All pages of a list."""
    for batch in batches(listed, position, account):
        yield verified_batch(listed, batch, account)


def newest(listed: StripeList, pages: Iterator[Iterator[Verified]]) -> Iterator[Iterator[Verified]]:
    """The first page of a list; none of one that is below other objects."""
    return iter(()) if listed.parent is not None else islice(pages, 1)


def new_types(listed: StripeList, known: set[str]) -> list[str]:
    """The types of a list's entries that are not known yet, which are from now on: some have several lists."""
    names = [row.name for row in listed.entries if row.name not in known]
    known.update(names)
    return names


def verified_batch(listed: StripeList, batch: Batch, account: str) -> Iterator[Verified]:
    """What a page of a list shows, and the rows that it should show."""
    known = {each.row: reading for reading in batch.readings if (each := snapshot_of(reading, batch.lists))}
    rows = rows_of(known)
    for row, reading in known.items():
        found = held(reading, rows.get(row), batch.lists)
        yield second_look(found) if found.differences else found
    yield from read_rows(rows_missing(listed, batch, account))


def snapshot_of(reading: Reading, lists: dict[str, FetchedLists]) -> RowSnapshot | None:
    """What was read of an object, with its lists whole, and its row; None for what has no row."""
    each = row_snapshot(reading.data, reading.context)
    if each is None or each.key not in lists:
        return each
    return replace(each, snapshot=replace(each.snapshot, lists=lists_of(lists[each.key])))


def held(reading: Reading, row: MirroredObject | None, lists: dict[str, FetchedLists]) -> Verified:
    """A reading held against its row."""
    each = snapshot_of(reading, lists)
    found = [] if each is None else [*differences(each, row)]
    return Verified(reading=reading, lists=lists, differences=found)


def differences(each: RowSnapshot, row: MirroredObject | None) -> Iterator[Difference]:
    """In what a row differs from what Stripe says, unless it is newer."""
    name = each.mirrored.object_type.name
    if row is None:
        if not each.snapshot.deleted:
            yield Difference(object_type=name, key=each.key, is_missing=True)
    elif each.snapshot.newest < row.as_of or (row.is_deleted and each.snapshot.deleted):
        return
    elif each.snapshot.deleted:
        yield Difference(object_type=name, key=each.key, is_surplus=True)
    elif row.is_deleted:
        yield Difference(object_type=name, key=each.key, column="deleted_at", here=row.deleted_at)
    else:
        yield from columns_that_differ(name, row, told_values(each.mirrored, each.snapshot, each.context))
        if each.mirrored.part is not None:
            yield from parts_that_differ(each.mirrored.part, each)


def columns_that_differ(name: str, row: MirroredObject, values: dict[str, Any]) -> Iterator[Difference]:
    """The columns of a row that say something else than these values, by the names of their attributes."""
    for column, value in values.items():
        here = getattr(row, column)
        # What an object does not say of its mode is its event's.
        is_unsaid = column == "livemode" and value is None
        if column not in OF_THE_MIRROR and here != value and not is_unsaid:
            yield Difference(object_type=name, key=row.pk, column=column, here=here, at_stripe=value)


def parts_that_differ(part: MirroredPart, each: RowSnapshot) -> Iterator[Difference]:
    """The rows of an object's parts that are not those of its list."""
    shown = shown_list(part, with_whole_lists(each.snapshot.data, each.snapshot.lists))
    entries = items(shown)
    if entries is None:
        return
    name = part.part.object_type
    expected = part_rows(part, Owner(key=each.key, snapshot=each.snapshot, context=each.context), entries)
    there = {row.pk: row for row in part.model.objects.filter(**{part.owner: each.key})}
    for key, wanted in expected.items():
        if key not in there:
            yield Difference(object_type=name, key=key, is_missing=True)
            continue
        told = {column: value for column, value in wanted.values.items() if column not in wanted.untold}
        yield from columns_that_differ(name, there[key], told)
    if not shown.get("has_more"):
        for key in there.keys() - expected.keys():
            yield Difference(object_type=name, key=key, is_surplus=True)


def second_look(found: Verified) -> Verified:
    """An object that differs is read once more, by itself: a webhook may have come in between."""
    each = snapshot_of(found.reading, found.lists)
    if each is None:
        return found
    try:
        return read_and_held(each.mirrored, found.reading.data, found.reading.account)
    except (FinalStripeError, UnusableObject):
        return found  # It has no page of its own, or the key may not read it.


def read_and_held(mirrored: MirroredType, data: dict[str, Any], account: str) -> Verified:
    """Read the object that `data` names and hold it against its row; UnusableObject if it has no page of its own."""
    _, path = readable(mirrored.model, data)
    reading = patiently(partial(read_object, mirrored, path, data, account))
    each = snapshot_of(reading, {})
    if each is None or each.snapshot.deleted:
        lists = {}
    else:
        lists = patiently(partial(complete_lists, reading.data, reading.account, reading.api_version))
    return held(reading, None if each is None else rows_of([each.row]).get(each.row), lists)


def drawn(names: Iterable[str], account: str, number: int) -> Iterator[Iterator[Verified]]:
    """So many rows of each of these types, drawn by chance, each held against its object."""
    for name in names:
        rows = rows_of_type(name, account)
        if rows is not None:
            yield read_rows(rows_of_keys(rows.model, list(rows.order_by("?").values_list("pk", flat=True)[:number])))


def read_rows(rows: Iterable[MirroredObject]) -> Iterator[Verified]:
    """Rows, each held against its object; those whose objects cannot be read by themselves are left out."""
    for row in rows:
        data = {**row.stripe_data, **naming(type_of(row).name, row.stripe_id)}
        try:
            mirrored, _ = readable(type(row), data)
            yield read_and_held(mirrored, data, row.stripe_account)
        except (FinalStripeError, UnusableObject) as error:
            logger.warning("unread key=%s error=%s", row.pk, error)
