"""Processes what is recorded but not done: after a crash, an outage of Stripe's, or after a receiver was fixed."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import Case, F, QuerySet, Value, When

from .. import api
from ..conf import IN_REQUEST, key_livemode, setting
from ..models.events import Event
from ..webhooks.accounts import clear_known_accounts
from ..webhooks.batch_validation import one_run, with_copies
from ..webhooks.database_errors import is_connection_lost, is_trouble
from ..webhooks.dispatch import hand_over_later
from ..webhooks.failures import PROCESS_ENDS, record_failure
from ..webhooks.locks import no_waiting
from ..webhooks.processing import Outcome, process
from ..webhooks.retries import claim
from ..webhooks.validation import Fetch

logger = logging.getLogger(__name__)

#: Rows that are read at once, so that memory does not grow with the backlog ...
BLOCK_ROWS = 200
#: ... and what is left out of them: two hundred long bodies would be too much, and each is read when it is its turn.
LARGE_COLUMNS = ("body", "webhook_message", "validated_message", "difference")


def undone_events(*, failed: bool = False, undecided: bool = False, due: bool = False) -> QuerySet[Event]:
    """Undone events, those of another mode than the key's left out; with a flag, only such events.

    Events that were given up are among them only if `failed` asks for them; with `due`, only those are whose time has
    come.
    """
    events = Event.objects.undone()
    livemode = key_livemode()
    if livemode is not None:
        # Events that came while there was no key for their mode are taken up once there is one.
        events = events.exclude(livemode=not livemode) | Event.objects.filter(
            valid__isnull=True, reason="other_mode", livemode=livemode
        )
    if due:
        events = events & Event.objects.due()
    if failed != undecided:
        events = events.filter(valid=True, failures__gt=0) if failed else events.filter(valid__isnull=True)
    return events if failed else events.filter(gave_up_at__isnull=True)


def sweep(keys: Sequence[int], *, claiming: bool = False) -> Iterator[tuple[int, Outcome]]:
    """Process events by their primary keys; yields each with its outcome.

    One that fails, however badly, does not stop the others. With `claiming`, events that another process took up
    meanwhile are left to it. Events of accounts about which Stripe may not be asked now are left out.
    """
    with one_run():
        for start in range(0, len(keys), BLOCK_ROWS):
            yield from sweep_block(keys[start : start + BLOCK_ROWS], claiming=claiming)


def sweep_block(block: Sequence[int], *, claiming: bool) -> Iterator[tuple[int, Outcome]]:
    undecided = Event.objects.filter(pk__in=block, valid__isnull=True).order_by("pk").defer(*LARGE_COLUMNS)
    found = list(undecided)
    decided = set(block) - {event.pk for event in found}
    for event, fetch in with_copies(found):
        yield event.pk, process_safely(event.pk, fetch, claiming=claiming)
    for key in sorted(decided):
        yield key, process_safely(key, claiming=claiming)


def keys_in_order(events: QuerySet[Event], limit: int | None = None) -> list[int]:
    """Keys of undone events in the order to process them: the oldest first, but those last that name an account which
    no genuine event named, account by account, so that one answer decides about all of an account.
    """
    clear_known_accounts()
    account = Case(When(account_is_new=True, then="stripe_account"), default=Value(""))
    ordered = events.order_by(F("account_is_new").asc(nulls_first=True), account, "pk")
    return list(ordered.values_list("pk", flat=True)[:limit])


def process_safely(key: int, fetch: Fetch | None = None, *, claiming: bool = False) -> Outcome:
    """Process one event, without waiting for another process that has it.

    Only a database that cannot be reached raises.
    """
    try:
        with no_waiting():
            if claiming and not claim(key):
                return Outcome.DEFERRED
            return process(key, fetch=fetch)
    except PROCESS_ENDS:
        raise
    except BaseException as error:
        if is_connection_lost(error):
            raise
        if is_trouble(error):
            logger.warning("database trouble event_pk=%s error=%s", key, type(error.__cause__ or error).__name__)
            return Outcome.BUSY
        event = Event.objects.filter(pk=key).first()
        if event is None:
            return Outcome.DONE  # A twin took its place.
        record_failure(event, "process", error)
        return Outcome.FAILED


def dispatch_all(event_pks: Sequence[int], *, seconds: float) -> Counter[Outcome]:
    """Process many events, or enqueue them all; returns the number of each outcome.

    Without a task queue it ends after about so many seconds, and what is left then (DEFERRED) is the sweeper's.
    """
    if setting("DISPATCH") != IN_REQUEST:
        events = Event.objects.filter(pk__in=event_pks).only("stripe_id", "kind").order_by("pk")
        return Counter(hand_over_later(event) for event in events)
    counts: Counter[Outcome] = Counter()
    with api.budget(seconds), api.paced(setting("API_RATE")):
        for _key, outcome in sweep(event_pks):
            counts[outcome] += 1
            if api.remaining() <= 0:
                break
    counts[Outcome.DEFERRED] += len(event_pks) - counts.total()
    return counts
