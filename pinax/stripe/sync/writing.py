"""The writer of mirrored rows: it applies a newer snapshot, drops an older one, and leaves a tie to Stripe.

Every write happens in the caller's transaction, without any call to the network. A snapshot that is plainly newer than
its row is written in one statement; about the others a decision is made on the locked row. When row and snapshot cannot
be ordered, `NeedsFetch` is raised: the caller rolls back, fetches the object (`fetching.resolve_need`) and calls again
with it. See docs/explanation/mirror.md.
"""

from typing import Any

from ..catalogue.objects import name_of
from ..exceptions import NeedsFetch
from ..models.mirror import MirroredObject
from ..stripe_values import is_stub
from .embedded import embedded_objects, write_embedded
from .freshness import APPLY, KEEP, change_of, decide, end_with_lists, resolved, wins_tie, with_known_end
from .parts import Owner, delete_parts, write_parts
from .registry import MirroredType, mirrored_type
from .row_writers import write_plainly_newer
from .rows import insert, locked_row, overwrite, row_key, row_values
from .shown import insert_rows, missing_rows
from .snapshots import Change, Changes, FetchedAlready, Snapshot, SyncContext, lists_of, note_change
from .storable import with_whole_lists


def sync_object(
    data: dict[str, Any],
    context: SyncContext,
    fetched: FetchedAlready | None = None,
    *,
    deleted: bool = False,
) -> Changes:
    """Bring the row of an object, and those of what it embeds, up to this snapshot; returns the change of each row.

    [] for what is not mirrored (see `registry.mirrored_as`), and for objects that nothing names (an upcoming invoice).
    Raises NeedsFetch when only Stripe can tell whether the snapshot is newer than the row.
    """
    mirrored = mirrored_type(data)
    if mirrored is None:
        return []
    fetched = fetched or FetchedAlready()
    lists = fetched.lists.get(row_key(mirrored, data, context.account))
    end = end_with_lists(lists, context.end)
    snapshot = Snapshot(
        data=data,
        as_of=context.as_of,
        as_of_end=end,
        deleted=deleted or is_stub(data),
        is_reading=context.is_reading,
        lists=lists_of(lists),
    )
    changes = write_snapshot(mirrored, snapshot, context, fetched)
    whole = with_whole_lists(data, lists_of(lists))
    for inner, entries in embedded_objects(mirrored, whole):
        changes += write_embedded(inner, entries, context, end)
    if mirrored.object_type.shows and not snapshot.deleted:
        insert_rows(missing_rows(mirrored, whole, context))
    return changes


def write_snapshot(
    mirrored: MirroredType, snapshot: Snapshot, context: SyncContext, fetched: FetchedAlready
) -> Changes:
    """Apply one object's snapshot to its row, unless the row is newer."""
    changes: Changes = []
    key = row_key(mirrored, snapshot.data, context.account)
    if not snapshot.deleted and key not in fetched.resolutions and key not in fetched.not_older:
        version = write_plainly_newer(mirrored, key, snapshot, context)
        if version is not None:
            note_change(changes, mirrored.model, key, "created" if version == 1 else "updated")
            follow_up(mirrored, key, snapshot, context, is_new=version == 1)
            return changes
    row = locked_row(mirrored.model, key)
    if row is None:
        if insert(mirrored.model(id=key, version=1, **row_values(mirrored, snapshot, context))):
            note_change(changes, mirrored.model, key, change_of(None, snapshot))
            follow_up(mirrored, key, snapshot, context, is_new=True)
            return changes
        row = locked_row(mirrored.model, key)  # Another worker was first.
        assert row is not None
    newer, change = snapshot_to_write(mirrored, row, snapshot, context, fetched)
    note_change(changes, mirrored.model, key, change)
    if newer is None:
        if mirrored.hook is not None:
            mirrored.hook.follow_up(key, snapshot.data, context.account)
        return changes
    newer = with_known_end(row, newer)
    overwrite(mirrored, row, newer, context)
    follow_up(mirrored, key, newer, context)
    return changes


def snapshot_to_write(
    mirrored: MirroredType, row: MirroredObject, snapshot: Snapshot, context: SyncContext, fetched: FetchedAlready
) -> tuple[Snapshot | None, Change]:
    """What to write over a row, and what that does to it: the snapshot, or what was fetched to settle a tie.

    None when the row stays. What was fetched counts only for the version of the row it was fetched for.
    """
    resolution = fetched.resolutions.get(row.pk)
    if resolution is not None and resolution.version != row.version:
        resolution = None
    if resolution is not None and resolution.fetched is not None:
        # It was fetched after the row was read.
        current = resolved(max(snapshot.as_of, row.as_of), resolution.fetched, resolution.lists)
        return current, change_of(row, current)
    decision = decide(mirrored, row, snapshot)
    if decision is KEEP:
        return None, "kept"
    if decision is APPLY:
        return snapshot, change_of(row, snapshot)
    path = mirrored.path(snapshot.data)
    if path and resolution is None:
        raise NeedsFetch(
            key=row.pk,
            version=row.version,
            stripe_id=name_of(snapshot.data),
            object_type=mirrored.object_type.name,
            path=path,
            account=mirrored.asked_account(context.account),
            api_version=context.api_version,
            is_optional=mirrored.is_general,
        )
    return snapshot if wins_tie(row, snapshot) else None, "undecided"


def follow_up(
    mirrored: MirroredType, key: str, snapshot: Snapshot, context: SyncContext, *, is_new: bool = False
) -> None:
    """After a row was written: write its parts, and call the hook of its type."""
    if mirrored.hook is not None:
        mirrored.hook.follow_up(key, snapshot.data, context.account)
    if mirrored.part is None:
        return
    if snapshot.deleted:
        delete_parts(mirrored.part, key, snapshot)
    else:
        write_parts(mirrored.part, [Owner(key=key, snapshot=snapshot, context=context, is_new=is_new)])
