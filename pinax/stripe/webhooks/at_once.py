"""The common case: a genuine event whose verdict, mirror and mark are stored in one transaction.

That is so when Stripe's copy confirms the event, the handler is one of ours and has nothing to read, and the database
says that no other process was quicker. With a receiver, the mark is left to the transaction in which it is called.
Otherwise nothing is stored here, and the steps are taken one by one, each committed before the next: so an error of the
mirror's never takes the verdict with it, and is recorded.
"""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..exceptions import NeedsFetch, StripeError
from ..models.events import Event, database
from . import event_rows
from .announcing import event_connection, isolate_commit_callbacks, receivers_of
from .base import Webhook
from .checkpoints import Checkpoint, checkpoint
from .database_errors import DatabaseErrors
from .failures import Interruption
from .mirroring import mirror_steps
from .one_statement import store_in_one_statement
from .plain_events import has_own_handler
from .reading_conditions import is_any_met
from .registry import registry
from .validation import ValidationVerdict, apply_verdict, verdict_columns

logger = logging.getLogger(__name__)

#: What the steps one by one meet again, each in its own way: ties, and what other processes or the database do.
MET_AGAIN = (NeedsFetch, StripeError, Interruption, *DatabaseErrors)


class Overtaken(Interruption):
    """Another process has stored a verdict meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of an event in one transaction. Without a handler nothing is stored, and the instance is as it was."""

    #: With the event mirrored.
    handler: Webhook | None = None
    #: An error that is to be recorded once the verdict is stored by itself.
    error: BaseException | None = None


def finish_at_once(event: Event, verdict: ValidationVerdict) -> Attempt:
    """Store what is to be stored of a genuine event in one transaction, if it is plain and nothing is in the way."""
    if not is_plain(event, verdict):
        return Attempt()
    before = {**event.__dict__, "pending_steps": [*event.pending_steps]}
    attempt = Attempt()
    try:
        attempt = Attempt(handler=store_at_once(event, verdict))
    except BaseException as error:
        if event.mirrored_at is not None:
            raise  # After the commit, in a callback of the handler's.
        logger.debug("separated event=%s error=%s", event.stripe_id, type(error).__name__)
        if not isinstance(error, MET_AGAIN):
            attempt = Attempt(error=error)
    if attempt.handler is None:
        event.__dict__.clear()
        event.__dict__.update(before)
    else:
        pass_checkpoints(event)
    return attempt


def pass_checkpoints(event: Event) -> None:
    """Say which points are reached now that everything is committed."""
    for point in (Checkpoint.VALIDATED, Checkpoint.MIRRORED, *([Checkpoint.MARKED] if event.processed else [])):
        checkpoint(point)


def is_plain(event: Event, verdict: ValidationVerdict) -> bool:
    """Whether an event is new, Stripe confirmed it, and its handler is one of ours."""
    is_new = event.attempts == 0 and event_rows.is_quick()
    is_genuine = verdict.validated_message is not None and not verdict.reason and not verdict.notes
    return is_new and is_genuine and has_own_handler(event.kind)


def store_at_once(event: Event, verdict: ValidationVerdict) -> Webhook | None:
    """One transaction with everything; None if the handler has something to read first."""
    values = verdict_columns(event, verdict)
    apply_verdict(event, verdict, values)
    handler = registry.get(event.kind)(event)
    if handler.needs_reading():
        return None
    has_receivers = bool(receivers_of(event.kind))
    done = mirrored_columns() if has_receivers else mirrored_and_done_columns()
    if not store_in_one_statement(event, handler, {**values, **done}):
        if is_any_met(handler.reading_conditions()):
            return None
        store_in_one_transaction(event, handler, values, done)
    note_stored(event, done)  # In a transaction of a caller's nothing is committed yet.
    return handler


def store_in_one_transaction(event: Event, handler: Webhook, values: dict[str, Any], done: dict[str, Any]) -> None:
    """The same in several statements, for what a handler of ours does besides, and for other databases."""
    with transaction.atomic(using=database()):
        # Before the handler's own callbacks, which may raise.
        transaction.on_commit(partial(note_stored, event, done), using=database())
        others = len(event_connection().run_on_commit)
        handler.process_webhook()
        isolate_commit_callbacks(event, since=others)
        if not event_rows.store_attempt(event, {**values, **done}, mirror_steps(event, handler.changes)):
            raise Overtaken
        checkpoint(Checkpoint.MIRRORING)
        if done.get("processed"):
            checkpoint(Checkpoint.MARKING)


def note_stored(event: Event, columns: dict[str, Any]) -> None:
    """Make an instance what its row is once the transaction is committed."""
    event.pending_steps.clear()
    for name, value in columns.items():
        setattr(event, name, value)


def mirrored_columns() -> dict[str, Any]:
    """What says that an event is mirrored."""
    return {"mirrored_at": timezone.now()}


def mirrored_and_done_columns() -> dict[str, Any]:
    """What says that an event is mirrored, and done, for nothing waits for it."""
    return {**mirrored_columns(), **event_rows.done_columns(timezone.now())}
