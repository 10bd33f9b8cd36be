"""Parts: rows for what Stripe sends in a list of its owner, and about which it sends no events (lines, items)."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import router
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from ..statements import Change, compile_change, compiled, fetched
from ..stripe_values import is_stub, items, mapping, reference
from .registry import MirroredPart
from .rows import RowToWrite, read_columns, upsert
from .snapshots import Snapshot, SyncContext
from .storable import with_whole_lists


@dataclass(frozen=True, kw_only=True)
class Owner:
    """An object whose row was just written, and its snapshot."""

    key: str
    snapshot: Snapshot
    context: SyncContext
    #: Whether the row was just inserted, so that there are no parts to lose.
    is_new: bool = False


def write_parts(part: MirroredPart, owners: Sequence[Owner]) -> None:
    """Make the rows of the owners' parts those of their lists; a list that is absent leaves them alone."""
    rows: dict[str, RowToWrite] = {}
    whole, stubs = [], []
    for owner in owners:
        shown = shown_list(part, with_whole_lists(owner.snapshot.data, owner.snapshot.lists))
        entries = items(shown)
        if entries is None:
            continue
        rows.update(part_rows(part, owner, entries))
        stubs += [part.key(entry, owner.key, owner.context.account) for entry in entries if is_stub(entry)]
        if not (owner.is_new or shown.get("has_more")):
            whole.append(owner.key)
    upsert(part.model, [rows[key] for key in sorted(rows)])
    if len(whole) == len(owners) == 1 and not stubs:
        mark_others_deleted(part, owners[0], rows)
        return
    gone = Q(pk__in=stubs) if stubs else Q()
    if whole:
        gone |= Q(**{f"{part.owner}__in": whole}) & ~Q(pk__in=list(rows))
    if gone:
        left = part.model.all_objects.filter(gone, deleted_at__isnull=True)
        left.update(deleted_at=times_of_owners(part, owners))


def shown_list(part: MirroredPart, data: dict[str, Any]) -> dict[str, Any]:
    """The list of an object's parts as Stripe writes lists, an array, too; {} where it is absent."""
    shown = data.get(part.attribute)
    return {"data": shown} if part.part.is_array and isinstance(shown, list) else mapping(shown)


def mark_others_deleted(part: MirroredPart, owner: Owner, keys: Collection[str]) -> None:
    """Mark the parts of an owner as deleted that are not among these keys: the common case, compiled."""
    using = router.db_for_write(part.model)
    compile_it = partial(compile_deletion, part, using, len(keys))
    change: Change = compiled(using, (part.model, "others deleted", len(keys)), compile_it)
    fetched(using, change.text, [*change.parameters({"deleted_at": owner.snapshot.as_of}), owner.key, *keys])


def compile_deletion(part: MirroredPart, using: str, others: int) -> Change:
    """An UPDATE of the parts of an owner that exist, but for so many of them."""
    but = " AND {id} NOT IN (" + ", ".join(["%s"] * others) + ")" if others else ""
    rest = f" WHERE {{{part.owner}}} = %s AND {{deleted_at}} IS NULL{but}"
    return compile_change(part.model, using, ["deleted_at"], rest)


def times_of_owners(part: MirroredPart, owners: Sequence[Owner]) -> Any:
    """When the parts of these owners ended that are gone: an expression, if not all are of one time."""
    keys: dict[datetime.datetime, list[str]] = {}
    for owner in owners:
        keys.setdefault(owner.snapshot.as_of, []).append(owner.key)
    *others, latest = sorted(keys)
    whens = [When(**{f"{part.owner}__in": keys[moment]}, then=Value(moment)) for moment in others]
    return Case(*whens, default=Value(latest)) if whens else latest


def delete_parts(part: MirroredPart, key: str, snapshot: Snapshot) -> None:
    """Mark the parts of a deleted owner as deleted."""
    left = part.model.all_objects.filter(**{part.owner: key}, deleted_at__isnull=True)
    left.update(deleted_at=snapshot.as_of)


def part_rows(part: MirroredPart, owner: Owner, entries: list[dict[str, Any]]) -> dict[str, RowToWrite]:
    """The rows for an object's parts, by key."""
    rows: dict[str, RowToWrite] = {}
    snapshot, context = owner.snapshot, owner.context
    for position, entry in enumerate(entries):
        if not part.part.is_array and (reference(entry) is None or is_stub(entry)):
            continue
        key = f"{owner.key}/{position}" if part.part.is_array else part.key(entry, owner.key, context.account)
        while key in rows:
            key += "+"  # Old invoices bill one subscription in several lines, all under the subscription's id.
        values = read_columns(part.model, part.read, entry, context)
        values[part.owner] = owner.key
        if part.is_positioned:
            values["position"] = position
        times = {"as_of": snapshot.as_of, "as_of_end": snapshot.as_of_end, "synced_at": timezone.now()}
        rows[key] = RowToWrite(values={"id": key, **values, **times}, untold=part.read.untold(entry))
    return rows
