"""About how much is left of a run. Stripe says of no list how long it is, so not all of it can be told.

A list that an earlier run has read whole is about as long as it was then. Of one that is read for the first time,
newest first, the time that is left tells: as many objects to the day as in what is read of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Max, Q, Sum

from ..models.backfill import BackfillPosition

#: The share of its time that must be read of a list before it tells how long the rest is.
LEAST_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What is left to read, as far as that can be told."""

    #: About how many objects, and in how many lists.
    objects: int
    lists: int
    #: Lists that are not read to their end and of which it cannot be told.
    unknown: int


def rest_of(parts: Mapping[str, Collection[BackfillPosition]], lengths: Mapping[str, int]) -> Rest:
    """What is left of lists, of each of which these are the positions; () for one that was not begun.

    `lengths` has how many objects lists had when they were last read whole.
    """
    oldest = oldest_object(position for positions in parts.values() for position in positions)
    objects = lists = unknown = 0
    for name, positions in parts.items():
        if positions and all(position.finished_at is not None for position in positions):
            continue
        left = objects_left(positions, oldest, lengths.get(name))
        if left is None:
            unknown += 1
        else:
            objects, lists = objects + left, lists + 1
    return Rest(objects=objects, lists=lists, unknown=unknown)


def oldest_object(positions: Iterable[BackfillPosition]) -> int | None:
    """When the oldest object was created (epoch seconds) that ended a list which was read from its beginning."""
    return min(
        (each.reached for each in positions if each.finished_at and each.since is None and each.reached is not None),
        default=None,
    )


def objects_left(positions: Collection[BackfillPosition], oldest: int | None, length: int | None) -> int | None:
    """About how many objects are left of a list; None when it cannot be told."""
    is_whole = not positions or any(position.since is None for position in positions)
    if length is not None and is_whole:
        return max(length - sum(position.listed for position in positions), 0)
    found = [left_by_time(position, oldest) for position in positions if position.finished_at is None]
    return None if not found or None in found else sum(each for each in found if each is not None)


def left_by_time(position: BackfillPosition, oldest: int | None) -> int | None:
    """About how many objects are left of a range, by the time that is left; None when too little of it is read."""
    since = oldest if position.since is None else position.since
    if since is None or position.reached is None or not since <= position.reached < position.until:
        return None
    share = (position.until - position.reached) / (position.until - since)
    return None if share < LEAST_SHARE else round(position.listed * (1 - share) / share)


def lengths_of_lists(account: str, livemode: bool | None) -> dict[str, int]:
    """How many objects the lists of an account had when they were last read whole, by their names. Two queries."""
    positions = BackfillPosition.objects.filter(
        backfill__stripe_account=account, backfill__livemode=livemode, backfill__finished_at__isnull=False, skipped=""
    ).order_by()
    positions = positions.exclude(backfill__options__contains="until=")
    # The part of a list that reaches to its beginning is one of each reading of the whole.
    last = positions.filter(since__isnull=True).values("list_name").annotate(run=Max("backfill")).values_list
    runs = dict(last("list_name", "run"))
    if not runs:
        return {}
    pairs = Q()
    for name, run in runs.items():
        pairs |= Q(list_name=name, backfill=run)
    sums = positions.filter(pairs).values("list_name").annotate(length=Sum("listed"))
    return dict(sums.values_list("list_name", "length"))
