"""Parts: rows for what Stripe sends in a list of its owner, and about which it sends no events (lines, items)."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from ..stripe_values import is_stub, items, mapping, reference
from .registry import MirroredPart
from .rows import read_columns, upsert
from .snapshots import Snapshot, SyncContext
from .storable import with_whole_lists


def write_parts(
    part: MirroredPart,
    owners: dict[str, Snapshot],
    context: SyncContext,
    *,
    is_new: bool = False,
) -> None:
    """Make the rows of the owners' parts those of their lists; a list that is absent leaves them alone.

    `is_new` says that the owner was just inserted, so there are no parts to lose.
    """
    rows: dict[str, dict[str, Any]] = {}
    whole = []
    gone = Q()
    for key, snapshot in owners.items():
        shown = mapping(with_whole_lists(snapshot.data, snapshot.lists).get(part.attribute))
        entries = items(shown)
        if entries is None:
            continue
        rows.update(part_rows(part, key, entries, snapshot, context))
        stubs = [part.key(entry, key, context.account) for entry in entries if is_stub(entry)]
        gone |= Q(pk__in=stubs) if stubs else Q()
        if not shown.get("has_more"):
            whole.append(key)
    upsert(part.model, list(rows.values()))
    if whole and not is_new:
        gone |= Q(**{f"{part.owner}__in": whole}) & ~Q(pk__in=list(rows))
    if gone:
        left = part.model.all_objects.filter(gone, deleted_at__isnull=True)
        left.update(deleted_at=max(snapshot.as_of for snapshot in owners.values()))


def delete_parts(part: MirroredPart, key: str, snapshot: Snapshot) -> None:
    """Mark the parts of a deleted owner as deleted."""
    left = part.model.all_objects.filter(**{part.owner: key}, deleted_at__isnull=True)
    left.update(deleted_at=snapshot.as_of)


def part_rows(
    part: MirroredPart, owner_key: str, entries: list[dict[str, Any]], snapshot: Snapshot, context: SyncContext
) -> dict[str, dict[str, Any]]:
    """The values of rows for an object's parts, by key, not written yet."""
    rows: dict[str, dict[str, Any]] = {}
    for position, entry in enumerate(entries):
        if reference(entry) is None or is_stub(entry):
            continue
        key = part.key(entry, owner_key, context.account)
        while key in rows:
            key += "+"  # Old invoices bill one subscription in several lines, all under the subscription's id.
        values = read_columns(part.model, part.read, entry, context)
        values[part.owner] = owner_key
        if part.is_positioned:
            values["position"] = position
        times = {"as_of": snapshot.as_of, "as_of_end": snapshot.as_of_end, "synced_at": timezone.now()}
        rows[key] = {"id": key, **values, **times}
    return rows
