"""All that a customer is entitled to, as one list says it: what is not in the list is revoked.

Stripe tells of entitlements in summaries only, each of all that a customer has, so they are as of one moment together.
https://docs.stripe.com/api/entitlements/active-entitlement
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from ..exceptions import NeedsFetch
from ..models.entitlements import ActiveEntitlement, EntitlementState
from ..models.mirror import MirroredObject, mirror_key
from .embedded import values_of
from .freshness import BEGINNING
from .registry import MIRRORED
from .rows import RowToWrite, locked_rows, overwritten, row_key, row_values, upsert
from .snapshots import Changes, Snapshot, SyncContext, note_change

ENTITLEMENTS_PATH = "/v1/entitlements/active_entitlements"
MIRRORED_ENTITLEMENT = MIRRORED["entitlements.active_entitlement"]


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """All that a customer is entitled to, as it was in the time of a context."""

    customer: str
    entries: list[dict[str, Any]]
    context: SyncContext
    #: The version of the customer's state that the list was read for, to settle a tie; None for a summary.
    settles: int | None = None

    @property
    def customer_key(self) -> str:
        return mirror_key(self.customer, self.context.account)

    @property
    def snapshots(self) -> dict[str, Snapshot]:
        """What the list says of each entitlement, by the keys of their rows."""
        named = [{**entry, "customer": self.customer} for entry in self.entries]
        context = self.context
        return {
            row_key(MIRRORED_ENTITLEMENT, data, context.account): Snapshot(
                data=data, as_of=context.as_of, as_of_end=context.end
            )
            for data in named
        }


def sync_entitlements(news: Entitlements) -> Changes:
    """Make a customer's entitlements those of a list, unless they are newer; the change of each row.

    In the caller's transaction. NeedsFetch when only Stripe can tell which is newer.
    """
    state = locked_state(news.customer_key)
    if news.context.end < state.as_of:
        return []
    snapshots = news.snapshots
    rows = dict(ActiveEntitlement.objects.filter(customer=news.customer_key).values_list("pk", "as_of_end"))
    live = rows.keys()
    # Single ones may have been read meanwhile, or the list by a backfill: that says nothing of what is missing there.
    newest = max([state.as_of_end, *rows.values()])
    is_tied = news.context.as_of <= newest and news.settles != state.version
    if is_tied and live == snapshots.keys():
        return []
    if is_tied:
        raise NeedsFetch(
            key=news.customer_key,
            version=state.version,
            stripe_id=news.customer,
            path=ENTITLEMENTS_PATH,
            account=news.context.account,
            api_version=news.context.api_version,
        )
    changes = write_entitlements(snapshots, news.context)
    changes += revoke(sorted(live - snapshots.keys()), news.context)
    EntitlementState.objects.filter(pk=state.pk).update(
        as_of=news.context.as_of, as_of_end=news.context.end, version=state.version + 1
    )
    return changes


def locked_state(key: str) -> EntitlementState:
    """Of which moment a customer's entitlements are, locked until the transaction ends."""
    beginning = EntitlementState(id=key, as_of=BEGINNING, as_of_end=BEGINNING)
    EntitlementState.objects.bulk_create([beginning], ignore_conflicts=True)
    return EntitlementState.objects.select_for_update().get(pk=key)


def write_entitlements(snapshots: dict[str, Snapshot], context: SyncContext) -> Changes:
    """Write what a customer has; also over what was revoked before."""
    changes: Changes = []
    known, written = locked_rows(ActiveEntitlement, snapshots), list[MirroredObject]()
    for key in sorted(snapshots):
        row, snapshot = known.get(key), snapshots[key]
        if row is None:
            values = row_values(MIRRORED_ENTITLEMENT, snapshot, context)
            written.append(ActiveEntitlement(id=key, version=1, **values))
        else:
            written.append(overwritten(MIRRORED_ENTITLEMENT, row, snapshot, context))
        note_change(changes, ActiveEntitlement, key, "created" if row is None else "updated")
    upsert(ActiveEntitlement, [RowToWrite(values=values_of(row)) for row in written])
    return changes


def revoke(keys: list[str], context: SyncContext) -> Changes:
    """Leave tombstones for what a customer no longer has."""
    changes: Changes = []
    if keys:
        ActiveEntitlement.objects.filter(pk__in=keys).update(
            deleted_at=context.as_of,
            as_of=context.as_of,
            as_of_end=context.end,
            version=F("version") + 1,
            synced_at=timezone.now(),
        )
    for key in keys:
        note_change(changes, ActiveEntitlement, key, "deleted")
    return changes
