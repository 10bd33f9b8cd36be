"""Makes rows of the mirror anew out of recorded events, as far as they are not newer already."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from ..exceptions import FinalStripeError, NeedsFetch, TemporaryStripeError
from ..models.events import Event, database
from ..sync.revisions import FROM_EVENTS, digest
from ..sync.snapshots import Changes
from ..upkeep.rebuilding import begun, end, move
from ..webhooks.base import MirrorWebhook, Webhook
from ..webhooks.listed_objects import lists_of
from ..webhooks.mirroring import MAX_FETCHES, resolve_tie
from ..webhooks.plain_events import has_own_handler
from ..webhooks.registry import registry
from .patience import patiently

logger = logging.getLogger(__name__)

#: Events after which the place is noted.
BATCH_EVENTS = 100


@dataclass(frozen=True, kw_only=True)
class Mirrored:
    """What came of some events."""

    events: int
    #: Rows that were added or changed.
    changed: int = 0
    #: Events whose objects could not be mirrored; the log says why.
    left: int = 0


def events_of(names: Iterable[str]) -> QuerySet[Event]:
    """The events that Stripe confirmed and whose messages are there, about objects of these types; all without any."""
    events = Event.objects.genuine().filter(pruned_at__isnull=True)
    wanted = sorted(names)
    return events.filter(object_type__in=wanted) if wanted else events


def rebuild_from_events(names: Iterable[str] = ()) -> Iterator[Mirrored]:
    """Mirror what recorded events say, oldest first; a row that is newer stays. Batch by batch.

    Receivers and handlers of the project are not called, and the events stay as they are. Stripe is asked what an event
    does not say itself (whole lists, ties), with the last event of its type about an object, and with each that tells
    of new entries in a list without events. What was broken off goes on where it was; the first batch then counts the
    events that were done. StripeError ends it.
    """
    names = sorted(names)
    place = begun(FROM_EVENTS, digest(names))
    if place.position:
        yield Mirrored(events=place.rows)
    keys = events_of(names).order_by("pk").values_list("pk", flat=True)
    while some := list(keys.filter(pk__gt=int(place.position or 0))[:BATCH_EVENTS]):
        found = [mirrored_again(key) for key in some]
        move(place, str(some[-1]), len(some))
        changed = sum(change != "kept" for changes in found if changes is not None for _model, _key, change in changes)
        yield Mirrored(events=len(some), changed=changed, left=found.count(None))
    end(place)


def mirrored_again(event_pk: int) -> Changes | None:
    """Mirror what one event says; the changes of rows, or None if that cannot be done."""
    event = Event.objects.genuine().filter(pk=event_pk, pruned_at__isnull=True).first()
    if event is None:
        return []
    handler = own_handler(event.kind)(event)
    try:
        return mirror_event(handler)
    except TemporaryStripeError:
        raise
    except Exception as error:
        logger.warning("left event=%s type=%s error=%s", event.stripe_id, event.kind, error)
        return None


def own_handler(kind: str) -> type[Webhook]:
    """Our own class for a type; where the project has one in its place, the one that every type has."""
    return registry.get(kind) if has_own_handler(kind) else registry.default(kind)


def mirror_event(handler: Webhook) -> Changes:
    """Write what an event says, in one transaction, and read before it what only Stripe can tell."""
    if is_last_of_its_kind(handler.event) or has_lists(handler):
        try:
            patiently(handler.prepare)
        except FinalStripeError as error:
            logger.warning("unread event=%s error=%s", handler.event.stripe_id, error)
    for _ in range(MAX_FETCHES):
        handler.changes.clear()
        try:
            with transaction.atomic(using=database()):
                handler.process_webhook()
            return handler.changes
        except NeedsFetch as need:
            patiently(partial(resolve_tie, handler, need))
    raise TemporaryStripeError(f"{handler.event.object_id} changed with every attempt to settle it.", code="api_error")


def has_lists(handler: Webhook) -> bool:
    """Whether an event tells of new entries in a list that has no events; a later one of its type may not."""
    return isinstance(handler, MirrorWebhook) and bool(lists_of(handler.event, handler.data()))


def is_last_of_its_kind(event: Event) -> bool:
    """Whether no later event of this type about the object is on record: what Stripe says now is read once.

    The later one is that which Stripe made later, whenever it arrived.
    """
    same = Event.objects.genuine().filter(object_id=event.object_id, kind=event.kind, pruned_at__isnull=True)
    later = same.filter(stripe_account=event.stripe_account, created_at__gt=event.created_at)
    return not event.object_id or not later.exists()
