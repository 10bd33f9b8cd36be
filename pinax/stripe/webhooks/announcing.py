"""Calls the receivers of an event, each in a savepoint of its own, and marks the event as done."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from ..exceptions import Ignore, RetryLater
from ..models.events import Event, EventStep, ReceiverCall, database
from ..signals import WEBHOOK_SIGNALS, Receiver, every_event
from ..sync.values import storable_text
from .base import Webhook
from .failures import Interruption, fail, guarded
from .points import Point, reach
from .retries import wait_of

#: Said of a receiver that returned, and whose writes can nevertheless not be kept.
UNUSABLE = (
    "The receiver returned, but left its transaction unusable: it caught a database error outside of a "
    "transaction.atomic() of its own, called set_rollback, or closed the connection. Its writes are rolled back."
)
#: Characters of a reason that a timeline keeps.
LONGEST_REASON = 500
#: Attempts of one event whose postponements its timeline tells one by one.
TOLD_POSTPONEMENTS = 100


class ConnectionLost(Interruption):
    """A receiver left the transaction it was called in unusable, and with it what the receivers before it wrote."""

    def __init__(self, receiver: Receiver, error: BaseException) -> None:
        super().__init__(str(error))
        self.receiver = receiver
        self.error = error


@dataclass(kw_only=True)
class Calls:
    """What became of an event at its receivers; each by its name."""

    #: Receivers that raised.
    failures: dict[str, BaseException] = field(default_factory=dict)
    #: Receivers that want to be called later.
    postponed: dict[str, RetryLater] = field(default_factory=dict)
    #: What the timeline is to tell of it.
    steps: list[EventStep] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether no receiver is left."""
        return not self.failures and not self.postponed


def announce(handler: Webhook) -> Calls:
    """Steps 3 and 4: the receivers, each in a savepoint, and the mark, in one transaction.

    A receiver that breaks the connection takes the whole transaction with it. The others are then called again without
    it, so that it stands in nobody's way: their writes still count once. Failures are on record when this returns.
    """
    event = handler.event
    broken: dict[str, BaseException] = {}
    while True:
        calls = Calls()
        try:
            guarded(event, "announce", partial(announce_once, handler, calls, skip=broken))
            break
        except ConnectionLost as lost:
            broken[name_of(lost.receiver)] = lost.error
            connection_of_events().close_if_unusable_or_obsolete()
    calls.failures.update(broken)
    for where, error in calls.failures.items():
        fail(event, where, error)
    if calls.is_done:
        reach(Point.MARKED)
    return calls


def announce_once(handler: Webhook, calls: Calls, *, skip: Container[str]) -> None:
    """Call the receivers and mark the event, unless one is left."""
    event = handler.event
    with transaction.atomic(using=database()):
        moment, others = timezone.now(), len(connection_of_events().run_on_commit)
        mine = Event.objects.filter(pk=event.pk, processed=False).update(
            processed=True, processed_at=moment, gave_up_at=None
        )
        if not mine:
            return
        reach(Point.ANNOUNCING)
        call_receivers(handler, calls, skip=skip)
        part_callbacks(event, since=others)
        EventStep.objects.bulk_create(calls.steps)
        if skip or not calls.is_done:
            Event.objects.filter(pk=event.pk).update(processed=False, processed_at=None, gave_up_at=event.gave_up_at)
        else:
            reach(Point.MARKING)
            event.processed, event.processed_at = True, moment


def call_receivers(handler: Webhook, calls: Calls, *, skip: Container[str]) -> None:
    """Call every receiver that is not done with the event yet."""
    event = handler.event
    receivers = list(connected(event.kind))
    if not receivers:
        return
    done = set(ReceiverCall.objects.filter(event=event).values_list("receiver", flat=True))
    for receiver in receivers:
        name = name_of(receiver)
        if name in done or name in skip:
            continue
        done.add(name)
        try:
            call_receiver(receiver, handler)
        except (Exception, SystemExit) as error:
            if not is_usable():
                raise ConnectionLost(receiver, error) from error
            take_answer(event, receiver, error, calls)


def call_receiver(receiver: Receiver, handler: Webhook) -> None:
    """Call one receiver, in a savepoint that has its writes and the note that it is done."""
    with transaction.atomic(using=database()):
        call(receiver, handler)
        if not is_usable():
            # Django would roll back without a word, and nothing else tells of it where no row follows.
            raise transaction.TransactionManagementError(UNUSABLE)
        note_done(handler.event, receiver)
        reach(Point.RECEIVED)


def take_answer(event: Event, receiver: Receiver, error: BaseException, calls: Calls) -> None:
    """Note what a receiver said by raising."""
    name = name_of(receiver)
    if isinstance(error, RetryLater):
        calls.postponed[name] = error
        if event.attempts <= TOLD_POSTPONEMENTS:
            calls.steps.append(
                step_of(
                    event, EventStep.Kind.POSTPONED, name, error.reason, seconds=wait_of(error.seconds).total_seconds()
                )
            )
    elif isinstance(error, Ignore):
        note_done(event, receiver)
        calls.steps.append(step_of(event, EventStep.Kind.IGNORED, name, error.reason))
    else:
        calls.failures[name] = error


def note_done(event: Event, receiver: Receiver) -> None:
    """Remember that a receiver is done with an event, if it has a name that survives a restart."""
    if receiver.identity:
        ReceiverCall.objects.create(event=event, receiver=receiver.identity)


def step_of(event: Event, kind: EventStep.Kind, receiver: str, reason: str, **data: Any) -> EventStep:
    return EventStep(
        event=event,
        kind=kind,
        data={"receiver": receiver, "reason": storable_text(reason[:LONGEST_REASON]), **data},
    )


def part_callbacks(event: Event, *, since: int) -> None:
    """Let what receivers left to transaction.on_commit stand alone: Django drops all callbacks after one that raises.

    The event is done by then, so nobody would ever call those again. `since` is the number of callbacks of others.
    """
    connection: Any = connection_of_events()
    connection.run_on_commit[since:] = [
        (savepoints, function if is_robust else partial(after_commit, event, function), is_robust)
        for savepoints, function, is_robust in connection.run_on_commit[since:]
    ]


def after_commit(event: Event, function: Callable[[], Any]) -> None:
    """Call a callback; what it raises is put on record."""
    try:
        function()
    except Exception as error:
        fail(event, "after commit", error)


def name_of(receiver: Receiver) -> str:
    """What a receiver is called on record: no two of an event are called the same, whatever their `repr` says."""
    if receiver.identity:
        return receiver.identity
    described = getattr(receiver.function, "__qualname__", type(receiver.function).__qualname__)
    return f"{described} at {receiver.key}"


def connection_of_events() -> BaseDatabaseWrapper:
    return connections[database()]


def is_usable() -> bool:
    """Whether the transaction in which receivers are called can go on."""
    connection = connection_of_events()
    return not (connection.needs_rollback or connection.closed_in_transaction or connection.connection is None)


def connected(kind: str) -> list[Receiver]:
    """The receivers of a type's own signal, then those of every event."""
    own = [*WEBHOOK_SIGNALS[kind].connected()] if kind in WEBHOOK_SIGNALS else []
    return [*own, *every_event.connected()]


def call(receiver: Receiver, handler: Webhook) -> Any:
    function = async_to_sync(receiver.function) if receiver.is_async else receiver.function
    signal = WEBHOOK_SIGNALS.get(handler.event.kind, every_event)
    return function(signal=signal, sender=type(handler), event=handler.event)
