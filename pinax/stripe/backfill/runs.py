"""Which lists a run reads, and from where on: one that was broken off goes on, a new one begins where others ended."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytz
from django.db import transaction
from django.utils import timezone

from ..api import CLOCK_TOLERANCE
from ..catalogue.lists import OF_STRIPE, StripeList, all_lists
from ..catalogue.objects import OBJECT_TYPES
from ..conf import key_livemode
from ..exceptions import PinaxStripeError
from ..models.backfill import Backfill, BackfillPosition
from ..models.events import database
from ..sync.registry import mirrored_as

#: A list is read again from so long before the end of the last time (seconds): objects are listed a little later than
#: they are made, and our clock may differ from Stripe's.
OVERLAP = 600
#: What is new is read up to so long after the beginning (seconds): Stripe's clock may be ahead of ours.
LEAD = CLOCK_TOLERANCE


class NotListed(PinaxStripeError):
    """No list has objects of the type that was asked for; the message says where they come from."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a run is to read."""

    #: The connected account; "" for the platform's own objects.
    account: str = ""
    #: Names of object types; () for all that are an account's own.
    object_types: tuple[str, ...] = ()
    #: Objects created from then on, and before then; None for no limit.
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    #: Whether to begin at the beginning, and not where other runs ended.
    is_full: bool = False
    #: Whether rows that are there stay as they are.
    only_missing: bool = False

    @property
    def names(self) -> str:
        """The names of the types, as text."""
        return " ".join(sorted(self.object_types))

    @property
    def options(self) -> str:
        """What is asked for beside account and types, as text."""
        options = {"since": self.since, "until": self.until}
        texts = [f"{name}={moment.isoformat()}" for name, moment in options.items() if moment is not None]
        flags = {"full": self.is_full, "only-missing": self.only_missing}
        return " ".join([*texts, *(name for name, is_set in flags.items() if is_set)])


def lists_of(scope: Scope) -> list[StripeList]:
    """The lists that a run reads, in their order; NotListed for a type without any."""
    lists = [each for each in all_lists() if is_mirrored(each) and is_of_account(each, scope.account)]
    if not scope.object_types:
        return [each for each in lists if each.path not in OF_STRIPE]
    check_types(scope.object_types, lists)
    wanted = set(scope.object_types)
    return [each for each in lists if wanted & {row.name for row in each.entries}]


def is_mirrored(each: StripeList) -> bool:
    """Whether the mirror has rows of the entries of a list."""
    return any(mirrored_as(row.name, "id") is not None for row in each.entries)


def is_of_account(each: StripeList, account: str) -> bool:
    """Whether an account has such a list: connected accounts are the platform's."""
    types = (*each.entries, *([each.parent] if each.parent is not None else []))
    return not account or "account" not in {row.name for row in types}


def check_types(names: Iterable[str], lists: Collection[StripeList]) -> None:
    """NotListed for names of types that no list has."""
    known = {row.name for each in lists for row in each.entries}
    for name in names:
        if name in known:
            continue
        owner = next((row.name for row in OBJECT_TYPES.values() if row.part and row.part.object_type == name), "")
        if owner:
            raise NotListed(f"{name} comes with the object that it is a part of: ask for {owner}.")
        if name in OBJECT_TYPES:
            raise NotListed(f"Stripe has no list of {name}, or the mirror no rows of it.")
        raise NotListed(f"There is no type {name!r}. The types are: {', '.join(sorted(known))}.")


def broken_off(scope: Scope) -> Backfill | None:
    """The last run that was to read the same, if it did not get to its end."""
    last = Backfill.objects.filter(**identity(scope)).first()
    return last if last is not None and last.finished_at is None else None


def identity(scope: Scope) -> dict[str, Any]:
    """The columns of the runs that are to read the same."""
    return {
        "stripe_account": scope.account,
        "livemode": key_livemode(),
        "object_types": scope.names,
        "options": scope.options,
    }


def what_came_after(run: Backfill, scope: Scope) -> Scope:
    """What a run that went on does not show: what was created since it began."""
    since = None if scope.since is None else max(scope.since, run.started_at - datetime.timedelta(seconds=OVERLAP))
    return replace(scope, is_full=False, since=since)


def new_backfill(scope: Scope) -> Backfill:
    """A run with its positions, all at the beginning of what it is to read.

    A list that no run has read to its end is read from its beginning; so are all lists when `is_full` or a time is
    asked for.
    """
    lists = lists_of(scope)
    run = Backfill(**identity(scope))
    positions = new_positions(run, scope, lists)
    with transaction.atomic(using=database()):
        run.save()
        BackfillPosition.objects.bulk_create(positions)
    return run


def new_positions(run: Backfill, scope: Scope, lists: Iterable[StripeList]) -> list[BackfillPosition]:
    """The positions with which a run begins, not saved yet."""
    until = int(timezone.now().timestamp()) + LEAD if scope.until is None else int(scope.until.timestamp())
    if scope.since is not None:
        starts: Mapping[str, int | None] = {each.name: int(scope.since.timestamp()) for each in lists}
    elif scope.is_full:
        starts = {}
    else:
        starts = covered(run.stripe_account, run.livemode)
    return [
        BackfillPosition(backfill=run, list_name=each.name, since=starts.get(each.name), until=until) for each in lists
    ]


def note_beginning(listed: StripeList, position: BackfillPosition) -> None:
    """Have a list below other objects count as read until now, when its reading begins, and not until the run began.

    The run wrote the rows of those objects in between, and the next run would ask all of them again. Only the first
    process that reads the list notes it: if each that starts again did, two could stop each other for ever.
    """
    if listed.parent is None or position.moves or "until=" in position.backfill.options:
        return
    until = int(timezone.now().timestamp()) + LEAD
    if BackfillPosition.objects.filter(pk=position.pk, moves=0).update(until=until, moves=1):
        position.until, position.moves = until, 1


def covered(account: str, livemode: bool | None) -> dict[str, int]:
    """Until when (epoch seconds) runs have read all of a list, by its name, with the overlap taken off.

    A range counts only when it was read to its end, with Stripe's clock known, and leaves no gap to the ones before it.
    """
    ends: dict[str, int] = {}
    ranges = BackfillPosition.objects.filter(
        backfill__stripe_account=account,
        backfill__livemode=livemode,
        finished_at__isnull=False,
        is_dated=True,
        skipped="",
    ).values_list("list_name", "since", "until")
    for name, since, until in sorted(ranges, key=lambda each: (each[0], each[1] or 0)):
        if since is None or (name in ends and since <= ends[name]):
            ends[name] = max(ends.get(name, 0), until)
    return {name: end - OVERLAP for name, end in ends.items()}


def as_moment(seconds: int) -> datetime.datetime:
    """Epoch seconds as an aware datetime."""
    return datetime.datetime.fromtimestamp(seconds, tz=pytz.utc)
