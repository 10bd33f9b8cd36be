"""Finds the events that never arrived, by going through Stripe's own list. Calls the network.

A catch-up goes through the time since the last one in windows, the oldest first. It lists each window, records and
processes missing events like any delivery, and then marks the window as done. A catch-up that was killed continues with
the window it was in, and recognises events that are recorded already.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytz
from django.db.models import QuerySet
from django.utils import timezone

from .. import api
from ..conf import key_livemode
from ..models.events import CatchUp, Event
from ..webhooks.batch_validation import ListedCopy
from ..webhooks.deliveries import delivery_of_payload
from ..webhooks.envelopes import NotAnEvent, parse_envelope
from ..webhooks.processing import Outcome
from ..webhooks.recording import record_all
from ..webhooks.validation import RETENTION, Fetch
from .sweeper import in_batches, process_batch

#: Length of the first window, and what it may shrink and grow to (seconds).
FIRST_SPAN, MIN_SPAN, MAX_SPAN = 3600, 1, 7 * 24 * 3600
#: Events of one window, at most: they are all in memory at once.
MAX_WINDOW_EVENTS = 1000
#: Events that one statement records.
RECORDED_TOGETHER = 100
#: A new catch-up begins so long before the end of the last one: events are listed a little later than they are made.
CATCH_UP_OVERLAP = datetime.timedelta(minutes=10)

EventPayload = dict[str, Any]


@dataclass(kw_only=True)
class Window:
    """What was found in one window."""

    since: datetime.datetime
    until: datetime.datetime
    listed: int = 0
    #: Events that were not on record at all, oldest first.
    missing: list[EventPayload] = field(default_factory=list)
    #: Outcomes of the missing events, and of recorded ones that were not done.
    outcomes: list[Outcome] = field(default_factory=list)


def plan_catch_up(
    *,
    account: str = "",
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    undelivered: bool = False,
) -> CatchUp:
    """A catch-up to carry out, not saved yet; or one that was broken off, if no other time is asked for.

    Without `since` it begins where those so far leave a gap or end, for this account and the mode of the key; without
    any, as far back as Stripe's list goes.
    """
    livemode = key_livemode()
    previous = CatchUp.objects.filter(stripe_account=account, undelivered=undelivered, livemode=livemode)
    last = previous.first()
    if last is not None and last.finished_at is None and since is None and until is None:
        return last
    oldest = timezone.now() - RETENTION
    if since is None:
        since = covered_until(previous, oldest) - CATCH_UP_OVERLAP
    since = max(since, oldest).replace(microsecond=0)
    until = (until or timezone.now()).replace(microsecond=0)
    return CatchUp(
        stripe_account=account,
        livemode=livemode,
        undelivered=undelivered,
        since=since,
        until=max(since, until),
        cursor=since,
    )


def covered_until(runs: QuerySet[CatchUp], oldest: datetime.datetime) -> datetime.datetime:
    """Up to when the runs have gone through everything since `oldest`, without a gap between two of them."""
    covered = oldest
    # A run with a chosen `since` says nothing about the time before it.
    for since, done in runs.filter(cursor__gt=oldest).order_by("since").values_list("since", "cursor"):
        if since > covered:
            break
        covered = max(covered, done)
    return covered


def run_catch_up(run: CatchUp, *, dry_run: bool = False) -> Iterator[Window]:
    """Go through the windows of a catch-up that are not done yet; StripeError ends it, and a later call goes on.

    With `dry_run` nothing is recorded, processed or saved.
    """
    if not dry_run:
        run.save()
    cursor, span = run.cursor, FIRST_SPAN
    while cursor < run.until:
        end = min(cursor + datetime.timedelta(seconds=span), run.until)
        listed = list_window(run, cursor, end)
        if listed is None:
            span = max(MIN_SPAN, span // 4)
            continue
        window = process_window(run, Window(since=cursor, until=end), listed, dry_run=dry_run)
        cursor = end
        if not dry_run:
            save_progress(run, window)
        yield window
        if window.listed < MAX_WINDOW_EVENTS // 4:
            span = min(MAX_SPAN, span * 2)
    if not dry_run:
        CatchUp.objects.filter(pk=run.pk).update(finished_at=timezone.now())


def list_window(run: CatchUp, since: datetime.datetime, until: datetime.datetime) -> list[EventPayload] | None:
    """The events made in a window, oldest first; None if there are too many, and a shorter window would do."""
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    if until == run.until:
        created = {"gte": created["gte"], "lte": created["lt"]}
    params: dict[str, Any] = {"created": created}
    if run.undelivered:
        params["delivery_success"] = False
    found: list[EventPayload] = []
    for payload in api.iterate("/v1/events", params, account=run.stripe_account):
        found.append(payload)
        if len(found) > MAX_WINDOW_EVENTS and (until - since).total_seconds() > MIN_SPAN:
            return None
    return found[::-1]


def process_window(run: CatchUp, window: Window, listed: list[EventPayload], *, dry_run: bool) -> Window:
    """Record and process what is missing, and process what is on record and not done."""
    window.listed = len(listed)
    ids = [payload["id"] for payload in listed]
    rows = Event.objects.filter(stripe_id__in=ids).exclude(valid=False)
    recorded = dict(rows.order_by("processed").values_list("stripe_id", "processed"))
    window.missing = [payload for payload in listed if payload["id"] not in recorded]
    if not dry_run:
        undone = [payload for payload in listed if not recorded.get(payload["id"])]
        window.outcomes = record_and_process(undone, run.stripe_account)
    return window


def record_and_process(payloads: list[EventPayload], account: str) -> list[Outcome]:
    """Record and process events, in their order and a batch at a time; the outcomes.

    The list has Stripe's copy of each, so none needs a call of its own.
    """
    usable = [payload for payload in (with_account(payload, account) for payload in payloads) if is_event(payload)]
    outcomes = [Outcome.REFUSED] * (len(payloads) - len(usable))
    for batch in in_batches(record_with_copies(usable)):
        fetches: dict[int, Fetch] = {event.pk: copy for event, copy in batch}
        outcomes += [outcome for _key, outcome in process_batch(fetches)]
    return outcomes


def record_with_copies(payloads: list[EventPayload]) -> Iterator[tuple[Event, ListedCopy]]:
    """The rows of events, which are recorded some at a time, and Stripe's copy of each."""
    for start in range(0, len(payloads), RECORDED_TOGETHER):
        some = payloads[start : start + RECORDED_TOGETHER]
        events = record_all([delivery_of_payload(payload) for payload in some])
        yield from zip(events, map(ListedCopy, some), strict=True)


def with_account(payload: EventPayload, account: str) -> EventPayload:
    """An event with the connected account whose list it is from; "" for the platform's own."""
    return {**payload, "account": account} if account and not payload.get("account") else payload


def is_event(payload: EventPayload) -> bool:
    """Whether something listed is an event as we know them."""
    try:
        parse_envelope(payload, is_asked_for=True)
    except NotAnEvent:
        return False
    return True


def save_progress(run: CatchUp, window: Window) -> None:
    run.cursor = window.until
    run.listed += window.listed
    run.missing += len(window.missing)
    run.save(update_fields=["cursor", "listed", "missing"])


def parse_moment(value: str) -> datetime.datetime:
    """A time that people type: `2026-11-20`, `2026-11-20T10:00`, or so long ago: `90m`, `36h`, `3d`; ValueError else.

    Without a zone it is UTC.
    """
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if value[:-1].isdigit() and value[-1:] in units:
        return timezone.now() - datetime.timedelta(**{units[value[-1]]: int(value[:-1])})
    parsed = datetime.datetime.fromisoformat(value)
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=pytz.utc)
