"""Holds the record of events against Stripe's list of them: which of its events are not on record here."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from ..conf import key_livemode
from ..models.events import Event
from ..stripe_values import text
from ..upkeep.catch_up import EventPayload, plan_catch_up, record_and_process, run_catch_up
from ..webhooks.registry import types_of_interest
from .runs import as_moment

#: An event that was made just now may still be on its way.
DELIVERED_WITHIN = datetime.timedelta(minutes=5)
#: How far back a daily sample looks.
SAMPLED = datetime.timedelta(hours=25)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An event that Stripe lists, that the project is to be sent, and that is not on record."""

    payload: EventPayload
    is_recorded: bool = False

    def __str__(self) -> str:
        kind, moment = self.payload.get("type"), as_moment(self.payload["created"])
        return f"event {self.payload['id']} ({kind}, {moment:%Y-%m-%d %H:%M}): Stripe lists it, and it is not on record"


@dataclass(frozen=True, kw_only=True)
class LedgerStep:
    """A part of Stripe's list of events that was looked for here."""

    #: Events of types that the project is to be sent.
    looked_for: int
    missing: list[Missing]


def begin_of_ledger(
    account: str, since: datetime.datetime | None, *, is_sample: bool = False
) -> datetime.datetime | None:
    """From when on every event of an account is to be on record; None if none ever was.

    That is since the first one that is, unless a time is asked for: before, no endpoint existed.
    """
    if since is None:
        since = first_on_record(account)
    return max(since, timezone.now() - SAMPLED) if since is not None and is_sample else since


def first_on_record(account: str) -> datetime.datetime | None:
    """When the event of an account was created that was recorded first; None without any."""
    events = Event.objects.filter(valid=True, stripe_account=account)
    livemode = key_livemode()
    if livemode is not None:
        events = events.filter(livemode=livemode)
    return events.order_by("pk").values_list("created_at", flat=True).first()


def missing_events(account: str, since: datetime.datetime, *, is_to_fix: bool = False) -> Iterator[LedgerStep]:
    """Look for the events that Stripe lists of an account since a time, 30 days ago at the earliest; in parts.

    Events of types that the project has no use for are left out: an endpoint is not sent them. With `is_to_fix` those
    that are missing are recorded and processed, as a catch-up does. StripeError ends it.
    """
    plan = plan_catch_up(account=account, since=since, until=timezone.now() - DELIVERED_WITHIN)
    wanted = frozenset(types_of_interest())
    for window in run_catch_up(plan, dry_run=True):
        missing = [payload for payload in window.missing if is_wanted(payload, wanted)]
        recorded: set[str] = set()
        if is_to_fix and missing:
            record_and_process(missing, account)
            ids = [payload["id"] for payload in missing]
            recorded = set(Event.objects.genuine().filter(stripe_id__in=ids).values_list("stripe_id", flat=True))
        yield LedgerStep(
            looked_for=window.listed - len(window.missing) + len(missing),
            missing=[Missing(payload=payload, is_recorded=payload["id"] in recorded) for payload in missing],
        )


def is_wanted(payload: EventPayload, wanted: frozenset[str]) -> bool:
    """Whether the project is to be sent an event."""
    return "*" in wanted or text(payload.get("type")) in wanted
