"""Receivers that were added after an event was done: for which events they never ran, and running them for the past.

A receiver is told by its identity, so those without one (lambdas, functions inside functions, methods) are left out.
"""

import datetime
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from ..models.events import CLOCKS_DIFFER, Event, ReceiverCall, database, step_insertion
from ..signals import WEBHOOK_SIGNALS, Receiver, every_event
from ..webhooks.announcing import (
    AlreadyProcessed,
    ReceiverAnswers,
    announce,
    call_receivers,
    event_connection,
    isolate_commit_callbacks,
)
from ..webhooks.base import Webhook
from ..webhooks.failures import StepFailed
from ..webhooks.locks import acquire_lock
from ..webhooks.processing import Outcome, end_process_if_told, handler_of, run_unless_busy
from .sweeper import safely

#: Keys that are loaded at once.
MANY = 500


@dataclass(frozen=True, kw_only=True)
class NamedReceiver:
    """A connected receiver that a name identifies after a restart."""

    receiver: Receiver
    #: The event type that it listens to; "" for every one.
    kind: str

    @property
    def identity(self) -> str:
        return self.receiver.identity

    @property
    def short_name(self) -> str:
        """The identity without the signal: the dispatch_uid, or module and name of the function."""
        return self.identity.partition(":")[2]


@dataclass(frozen=True, kw_only=True)
class NeverRan:
    """For how many events that are done a receiver never ran, and since when there are such."""

    identity: str
    events: int
    oldest: datetime.datetime


def named_receivers() -> list[NamedReceiver]:
    """All connected receivers with a name, each name once."""
    found = [
        NamedReceiver(receiver=receiver, kind=kind)
        for kind, signal in [*WEBHOOK_SIGNALS.items(), ("", every_event)]
        for receiver in signal.connected()
        if receiver.identity
    ]
    return list({each.identity: each for each in reversed(found)}.values())[::-1]


def receivers_called(name: str) -> list[NamedReceiver]:
    """The receivers with an identity, or with a name behind the signal's, which several signals may have."""
    return [each for each in named_receivers() if name in (each.identity, each.short_name)]


def without_call(named: NamedReceiver, since: datetime.datetime) -> QuerySet[Event]:
    """The events created since a time that are done, and that a receiver was never called for.

    Not those that were pruned: of these it is not known any more, and there is no message to call it with.
    """
    events = Event.objects.filter(
        valid=True,
        processed=True,
        pruned_at__isnull=True,
        created_at__gte=since,
        recorded_at__gte=since - CLOCKS_DIFFER,  # This has an index.
    )
    if named.kind:
        events = events.filter(kind=named.kind)
    return events.exclude(Exists(ReceiverCall.objects.filter(event=OuterRef("pk"), receiver=named.identity)))


def never_ran(since: datetime.datetime) -> Iterator[NeverRan]:
    """The receivers that were never called for events created since a time that are done."""
    for named in named_receivers():
        found = without_call(named, since).aggregate(events=Count("pk"), oldest=Min("created_at"))
        if found["events"]:
            yield NeverRan(identity=named.identity, **found)


def run_for_the_past(
    named: NamedReceiver, since: datetime.datetime, *, limit: int | None = None
) -> Iterator[tuple[int, Outcome]]:
    """Call a receiver for the events created since a time that are done without it, in the order of their records.

    Each call is like any other: in a savepoint with the note that it is done, under the lock on the event, so that it
    counts once for each event, whatever else runs. The event stays done and no other receiver is called; what the
    receiver raises is on record with the event. Yields the key of each event with the outcome.
    """
    last, left = 0, limit
    while keys := list(
        without_call(named, since).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:MANY]
    ):
        for key in keys[:left]:
            yield key, safely(key, partial(call_late, key, named.receiver))
        if left is not None:
            left -= len(keys)
            if left <= 0:
                return
        last = keys[-1]


def call_late(event_pk: int, receiver: Receiver) -> Outcome:
    """Call a receiver for one event that is done."""
    event = Event.objects.filter(pk=event_pk).first()
    if event is None or event.pruned_at is not None:
        return Outcome.DONE
    return run_unless_busy(event, partial(call_and_conclude, event, receiver))


def call_and_conclude(event: Event, receiver: Receiver) -> Outcome:
    """Call a receiver; what came of it."""
    try:
        calls = announce(handler_of(event), partial(call_once, receiver))
    except StepFailed as failure:
        end_process_if_told(failure.__cause__)
        return Outcome.FAILED
    for error in calls.failures.values():
        end_process_if_told(error)
    if calls.failures:
        return Outcome.FAILED
    if calls.postponed:
        return Outcome.POSTPONED
    return Outcome.DONE if calls.is_done else Outcome.BUSY


def call_once(receiver: Receiver, handler: Webhook, calls: ReceiverAnswers, *, skip: Container[str]) -> None:
    """Call one receiver in a transaction, unless it is done with the event, or the event is processed again."""
    event = handler.event
    calls.clear()
    with transaction.atomic(using=database()):
        acquire_lock(event.pk)
        if not Event.objects.filter(pk=event.pk, processed=True, pruned_at__isnull=True).exists():
            raise AlreadyProcessed  # It is started over, and that calls all receivers.
        others = len(event_connection().run_on_commit)
        call_receivers(handler, [receiver], set(), calls, skip=skip)
        isolate_commit_callbacks(event, since=others)
        step_insertion().execute([step.values() for step in calls.steps])
