"""Step 2 of an event: its handler writes the mirror, and what only Stripe can decide is fetched before."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from ..exceptions import NeedsFetch, TemporaryStripeError
from ..models.events import Event, EventStep, NewStep, database
from ..sync.account_access import has_taken_access
from ..sync.snapshots import Changes, Resolution
from .announcing import event_connection, isolate_commit_callbacks
from .base import Webhook
from .checkpoints import Checkpoint, checkpoint
from .database_errors import persist
from .failures import recording_failure
from .kept_answers import PartialReads, delete_kept_answers
from .locks import Busy, acquire_lock, wait_until_free

#: Fetches for one event before the event is left to a later attempt: the row changes too often.
MAX_FETCHES = 5


def mirror(handler: Webhook) -> None:
    """Step 2: the handler's writes, in one transaction with the mark that they are done."""
    event = handler.event
    if event.mirrored_at is not None:
        return
    partial_reads = PartialReads(event)
    partial_reads.reading("", partial(persist, partial(recording_failure, event, "prepare", handler.prepare)))
    checkpoint(Checkpoint.PREPARED)
    for _ in range(MAX_FETCHES):
        try:
            mirror_under_lock(handler)
            checkpoint(Checkpoint.MIRRORED)
            return
        except NeedsFetch as need:
            settled = partial(recording_failure, event, "mirror", partial(resolve_tie, handler, need))
            partial_reads.reading(f"{need.key} {need.version}", settled)
            checkpoint(Checkpoint.FETCHED)
    raise TemporaryStripeError(f"{event.object_id} changed with every attempt to settle it.", code="api_error")


def resolve_tie(handler: Webhook, need: NeedsFetch) -> None:
    """Fetch what settles a tie; of an account that has taken the access away it stays unsettled."""
    if has_taken_access(handler.context.account, handler.context.as_of):
        handler.fetched.resolutions[need.key] = Resolution(version=need.version)
    else:
        handler.settle(need)


def mirror_under_lock(handler: Webhook) -> None:
    """Write the mirror while no other process is at the event."""
    while True:
        try:
            return persist(partial(recording_failure, handler.event, "mirror", partial(mirror_once, handler)))
        except Busy:
            if not wait_until_free(handler.event.pk):
                raise


def mirror_once(handler: Webhook) -> None:
    event = handler.event
    handler.changes.clear()
    with event.keeping_pending_steps(), transaction.atomic(using=database()):
        acquire_lock(event.pk)
        others = len(event_connection().run_on_commit)
        handler.process_webhook()
        isolate_commit_callbacks(event, since=others)
        if Event.objects.filter(pk=event.pk, mirrored_at__isnull=True).update(mirrored_at=timezone.now()):
            delete_kept_answers(event)
            save_mirror_steps(event, handler.changes)
        else:
            # Another process was first, and nothing is left to do.
            transaction.set_rollback(True, using=database())
        checkpoint(Checkpoint.MIRRORING)
    event.mirrored_at = timezone.now()


def save_mirror_steps(event: Event, changes: Changes) -> None:
    """Store in the timeline which rows an event changed, with the steps that are pending."""
    event.pending_steps[:] = mirror_steps(event, changes)
    # Emptied with that: callbacks of the handler that fail after the commit must not store it again.
    event.save_steps()


def mirror_steps(event: Event, changes: Changes) -> list[NewStep]:
    """The steps that are pending, and the one with the rows that an event changed."""
    told = [NewStep(event_id=event.pk, kind=EventStep.Kind.MIRROR, data={"rows": changes})] if changes else []
    return [*event.pending_steps, *told]
