"""Calls the receivers of an event, each in a savepoint of its own, and marks the event as done."""

import logging
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from asgiref.sync import async_to_sync
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from ..exceptions import Ignore, RetryLater
from ..models.events import Event, EventStep, NewStep, database, step_insertion
from ..signals import WEBHOOK_SIGNALS, Receiver, every_event
from ..stripe_values import storable_text
from .base import Webhook
from .checkpoints import Checkpoint, checkpoint
from .database_errors import MAX_TRIES, is_connection_lost, is_trouble, persist, renew_connection
from .event_rows import add_receiver_call, mark_done
from .failures import PROCESS_ENDS, Interruption, record_failure, recording_failure, safe_str
from .locks import Busy, acquire_lock, is_postgresql, wait_until_free
from .retries import postponement
from .slow_receivers import warn_when_slow

logger = logging.getLogger(__name__)

#: Said of a receiver that returned, and whose writes can nevertheless not be kept.
UNUSABLE = (
    "The receiver returned, but left its transaction unusable: it caught a database error outside of a "
    "transaction.atomic() of its own, called set_rollback, or closed the connection. Its writes are rolled back."
)
#: What a receiver says by raising counts as said, also if it was the database's trouble that made the receiver say it.
ANSWERS_BY_RAISING = (RetryLater, Ignore)
#: Characters of a reason that a timeline keeps.
MAX_REASON_LENGTH = 500
#: Attempts of one event whose postponements its timeline lists.
MAX_TIMELINE_POSTPONEMENTS = 100


class ConnectionLost(Interruption):
    """A receiver made its transaction unusable, and with it what the receivers before it wrote."""

    def __init__(self, receiver: Receiver, error: BaseException) -> None:
        super().__init__(str(error))
        self.receiver = receiver
        self.error = error


class DatabaseTroubled(Interruption):
    """The database had trouble while a receiver ran; what all receivers wrote is rolled back."""

    def __init__(self, receiver: Receiver, error: BaseException) -> None:
        super().__init__(str(error))
        self.receiver = receiver
        self.error = error


class AlreadyProcessed(Interruption):
    """Another process has marked the event as done meanwhile; what the receivers wrote is rolled back."""


@dataclass(kw_only=True)
class ReceiverAnswers:
    """The outcomes of an event's receivers, by their names."""

    #: Receivers that raised.
    failures: dict[str, BaseException] = field(default_factory=dict)
    #: Receivers that asked to be called later.
    postponed: dict[str, RetryLater] = field(default_factory=dict)
    #: Receivers during which the database had trouble, again and again.
    troubled: dict[str, BaseException] = field(default_factory=dict)
    #: Steps for the timeline.
    steps: list[NewStep] = field(default_factory=list)

    def clear(self) -> None:
        """Start again with empty outcomes."""
        for noted in (self.failures, self.postponed, self.troubled, self.steps):
            noted.clear()

    @property
    def is_done(self) -> bool:
        """Whether no receiver is left."""
        return not (self.failures or self.postponed or self.troubled)


class Once(Protocol):
    """Calls receivers of an event in one transaction, but for those in `skip`, and notes their outcomes in `calls`."""

    def __call__(self, handler: Webhook, calls: ReceiverAnswers, *, skip: Container[str]) -> None: ...


def announce(handler: Webhook, once: Once | None = None) -> ReceiverAnswers:
    """Steps 3 and 4: the receivers, each in a savepoint, and the mark, in one transaction (`announce_once`, or `once`).

    A receiver that breaks the connection takes the whole transaction with it, and so does the database's trouble. All
    are then called again, in the end without it, so that it does not stop the others: their writes still count once.
    Failures are on record when this returns.
    """
    event = handler.event
    calls = call_all(handler, once or announce_once)
    for where, error in calls.failures.items():
        record_failure(event, where, error)
    for where, error in calls.troubled.items():
        record_database_trouble(event, where, error)
    if calls.is_done:
        checkpoint(Checkpoint.MARKED)
    return calls


def call_all(handler: Webhook, once: Once) -> ReceiverAnswers:
    """Call the receivers until what they wrote is committed; Busy if another process holds the event for long."""
    skip: dict[str, BaseException] = {}
    tries: Counter[str] = Counter()
    while True:
        calls = ReceiverAnswers()
        try:
            persist(partial(recording_failure, handler.event, "announce", partial(once, handler, calls, skip=skip)))
            break
        except AlreadyProcessed:
            handler.event.processed = True
            return ReceiverAnswers()
        except Busy:
            if not wait_until_free(handler.event.pk):
                raise
        except (ConnectionLost, DatabaseTroubled) as lost:
            name = receiver_name(lost.receiver)
            tries[name] += 1
            if isinstance(lost, ConnectionLost) or tries[name] >= MAX_TRIES or not renew_connection():
                skip[name] = lost.error
            renew_connection()
    for name, error in skip.items():
        # A receiver after which the connection is lost every time closes it.
        passes = is_trouble(error) and not is_connection_lost(error)
        (calls.troubled if passes else calls.failures)[name] = error
    return calls


def announce_once(handler: Webhook, calls: ReceiverAnswers, *, skip: Container[str]) -> None:
    """Call the receivers and mark the event, unless one is left."""
    event = handler.event
    calls.clear()
    with transaction.atomic(using=database()):
        receivers = list(receivers_of(event.kind))
        is_first = event.attempts <= 1 and all(receiver.identity for receiver in receivers)
        # In a first attempt the receivers' marks tell which are done, and on SQLite writing the first takes the lock.
        if receivers and (is_postgresql() or not is_first):
            acquire_lock(event.pk)
        others = len(event_connection().run_on_commit)
        done = receivers_done(event) if receivers and not is_first else set()
        checkpoint(Checkpoint.ANNOUNCING)
        call_receivers(handler, receivers, done, calls, skip=skip)
        isolate_commit_callbacks(event, since=others)
        step_insertion().execute([step.values() for step in calls.steps])
        if skip or not calls.is_done:
            return
        moment = timezone.now()
        if not mark_done(event.pk, moment):
            raise AlreadyProcessed
        checkpoint(Checkpoint.MARKING)
    event.processed, event.processed_at = True, moment


def receivers_done(event: Event) -> set[str]:
    """The receivers that are done with an event; raises AlreadyProcessed if all are."""
    found = list(Event.objects.filter(pk=event.pk, processed=False).values_list("receiver_calls__receiver", flat=True))
    if not found:
        raise AlreadyProcessed
    return {name for name in found if name is not None}


def call_receivers(
    handler: Webhook, receivers: list[Receiver], done: set[str], calls: ReceiverAnswers, *, skip: Container[str]
) -> None:
    """Call every receiver that is not done with the event yet."""
    event = handler.event
    for receiver in receivers:
        name = receiver_name(receiver)
        if name in done or name in skip:
            continue
        done.add(name)
        try:
            with warn_when_slow(event, name, calls.steps):
                call_receiver(receiver, handler)
        except BaseException as error:
            can_go_on = is_transaction_usable()
            if is_trouble(error) and not (can_go_on and isinstance(error, ANSWERS_BY_RAISING)):
                raise DatabaseTroubled(receiver, error) from error
            if not can_go_on:
                raise ConnectionLost(receiver, error) from error
            note_answer(event, receiver, error, calls)


def call_receiver(receiver: Receiver, handler: Webhook) -> None:
    """Call one receiver, in a savepoint that has its writes and, before them, the note that it is done.

    Where there is that note already, another process was quicker.
    """
    with transaction.atomic(using=database()):
        if not note_done(handler.event, receiver):
            return
        send_to_receiver(receiver, handler)
        if not is_transaction_usable():
            # Django would roll back silently, and nothing else reports it where no row follows.
            raise transaction.TransactionManagementError(UNUSABLE)
        checkpoint(Checkpoint.RECEIVED)


def note_answer(event: Event, receiver: Receiver, error: BaseException, calls: ReceiverAnswers) -> None:
    """Note what a receiver raised."""
    name = receiver_name(receiver)
    if isinstance(error, RetryLater):
        calls.postponed[name] = error
        if event.attempts <= MAX_TIMELINE_POSTPONEMENTS:
            calls.steps.append(
                step_of(
                    event,
                    EventStep.Kind.POSTPONED,
                    name,
                    error.reason,
                    seconds=postponement(error.seconds).total_seconds(),
                )
            )
    elif isinstance(error, Ignore):
        note_done(event, receiver)
        calls.steps.append(step_of(event, EventStep.Kind.IGNORED, name, error.reason))
    else:
        calls.failures[name] = error


def note_done(event: Event, receiver: Receiver) -> bool:
    """Store that a receiver is done with an event, if it has a stable name; False if that is stored already."""
    return not receiver.identity or add_receiver_call(event.pk, receiver.identity)


def step_of(event: Event, kind: EventStep.Kind, receiver: str, reason: str, **data: Any) -> NewStep:
    return NewStep(
        event_id=event.pk,
        kind=kind,
        data={"receiver": receiver, "reason": storable_text(reason[:MAX_REASON_LENGTH]), **data},
    )


def isolate_commit_callbacks(event: Event, *, since: int) -> None:
    """Wrap each receiver's on_commit callbacks, so that one that raises does not drop the rest, as Django would.

    The event is done by then, so those would never be called again. `since` is the number of callbacks of others.
    """
    connection: Any = event_connection()
    ends: list[BaseException] = []
    own = connection.run_on_commit[since:]
    connection.run_on_commit[since:] = [
        (savepoints, partial(run_commit_callback, event, function, ends, is_last=number == len(own)), is_robust)
        for number, (savepoints, function, is_robust) in enumerate(own, 1)
    ]


def run_commit_callback(event: Event, function: Callable[[], Any], ends: list[BaseException], *, is_last: bool) -> None:
    """Call a callback; what it raises is recorded. What ends the process is raised after the last one."""
    try:
        function()
    except BaseException as error:
        if isinstance(error, PROCESS_ENDS):
            ends.append(error)
        record_failure(event, "after commit", error)
    if is_last and ends:
        raise ends[0]


def record_database_trouble(event: Event, where: str, error: BaseException) -> None:
    """Put the database's trouble into an event's timeline."""
    kind, text = type(error.__cause__ or error).__name__, storable_text(safe_str(error)[:MAX_REASON_LENGTH])
    logger.warning("database trouble event=%s where=%s error=%s", event.stripe_id, where, kind)
    if event.attempts <= MAX_TIMELINE_POSTPONEMENTS:
        data = {"where": where, "said": f"{kind}: {text}"}
        persist(NewStep(event_id=event.pk, kind=EventStep.Kind.DATABASE, data=data).save)


def receiver_name(receiver: Receiver) -> str:
    """The names of receivers in the database.

    No two receivers of an event have the same name, whatever their `repr` says.
    """
    if receiver.identity:
        return receiver.identity
    described = getattr(receiver.function, "__qualname__", type(receiver.function).__qualname__)
    return f"{described} at {receiver.key}"


def event_connection() -> BaseDatabaseWrapper:
    return connections[database()]


def is_transaction_usable() -> bool:
    """Whether the transaction in which receivers are called can go on."""
    connection = event_connection()
    return not (connection.needs_rollback or connection.closed_in_transaction or connection.connection is None)


def receivers_of(kind: str) -> list[Receiver]:
    """The receivers of a type's own signal, then those of every event."""
    own = [*WEBHOOK_SIGNALS[kind].connected()] if kind in WEBHOOK_SIGNALS else []
    return [*own, *every_event.connected()]


def send_to_receiver(receiver: Receiver, handler: Webhook) -> Any:
    function = async_to_sync(receiver.function) if receiver.is_async else receiver.function
    signal = WEBHOOK_SIGNALS.get(handler.event.kind, every_event)
    return function(signal=signal, sender=type(handler), event=handler.event)
