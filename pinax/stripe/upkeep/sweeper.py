"""Processes what is recorded but not done: after a crash, an outage of Stripe's, or after a receiver was fixed."""

import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial

from django.db.models import Case, F, QuerySet, Value, When

from .. import api
from ..conf import IN_REQUEST, key_livemode, setting
from ..models.events import Event
from ..webhooks.accounts import clear_known_accounts
from ..webhooks.batch_validation import Waiting, needs_call, one_run, undecided_of, with_copies
from ..webhooks.batches import store_together
from ..webhooks.database_errors import DatabaseErrors, is_connection_lost, is_trouble
from ..webhooks.dispatch import hand_over_later
from ..webhooks.event_rows import is_quick
from ..webhooks.failures import PROCESS_ENDS, record_failure
from ..webhooks.locks import no_waiting
from ..webhooks.processing import Outcome, finish_mirrored, process
from ..webhooks.retries import claim, claim_all
from ..webhooks.validation import Fetch

logger = logging.getLogger(__name__)

#: Events whose copies are at hand that are stored together, at most, and the bytes of their bodies. With more, a
#: transaction holds its rows for longer; with fewer, an event costs more.
BATCH_EVENTS, BATCH_BYTES = 400, 2_000_000
#: Rows that are read at once, without their bodies, so that memory does not grow with the backlog.
BLOCK_ROWS = 1000


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


def sweep(keys: Sequence[int], *, claiming: bool = False) -> Generator[tuple[int, Outcome], None, None]:
    """Process events by their primary keys; yields each with its outcome.

    One that fails, however badly, does not stop the others. With `claiming`, events that another process took up
    meanwhile are left to it. Events of accounts about which Stripe may not be asked now are left out.
    """
    with one_run():
        for start in range(0, len(keys), BLOCK_ROWS):
            yield from sweep_block(keys[start : start + BLOCK_ROWS], claiming=claiming)


def sweep_block(block: Sequence[int], *, claiming: bool) -> Iterator[tuple[int, Outcome]]:
    """Process the events of a block, those that are to be validated first.

    Those whose copies are at hand are taken together, for one transaction stores what many of them say.
    """
    found = undecided_of(Event.objects.filter(pk__in=block))
    decided = set(block) - {event.pk for event in found}
    for batch in in_batches(with_copies(found)):
        yield from process_batch({event.pk: fetch for event, fetch in batch}, claiming=claiming)
    for key in sorted(decided):
        yield key, process_safely(key, claiming=claiming)


def in_batches(copies: Iterable[tuple[Waiting, Fetch]]) -> Iterator[list[tuple[Waiting, Fetch]]]:
    """The events that need no call, in batches; each of the others by itself."""
    batch: list[tuple[Waiting, Fetch]] = []
    size = 0
    for event, fetch in copies:
        is_alone = needs_call(event, fetch)
        if batch and (is_alone or len(batch) == BATCH_EVENTS or size + event.body_size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        if is_alone:
            yield [(event, fetch)]
        else:
            batch.append((event, fetch))
            size += event.body_size
    if batch:
        yield batch


def process_batch(fetches: Mapping[int, Fetch], *, claiming: bool = False) -> Iterator[tuple[int, Outcome]]:
    """Process undecided events, given by their keys with what gets Stripe's copy of each; yields as `sweep` does.

    What is plain about them is stored together; then each is announced, or taken up by itself.
    """
    if len(fetches) == 1 or not is_quick():
        for key, fetch in fetches.items():
            yield key, process_safely(key, fetch, claiming=claiming)
        return
    with no_waiting():
        taken = take_up([*fetches]) if claiming else {*fetches}
        handlers = store_together({key: fetch for key, fetch in fetches.items() if key in taken})
    for key, fetch in fetches.items():
        if key not in taken:
            yield key, Outcome.DEFERRED
        elif key in handlers:
            yield key, safely(key, partial(finish_mirrored, handlers[key]))
        else:
            yield key, process_safely(key, fetch)


def take_up(keys: list[int]) -> set[int]:
    """Those events that this process may take up; all are left for later while the database has trouble."""
    try:
        return {*claim_all(keys)}
    except DatabaseErrors as error:
        if is_connection_lost(error) or not is_trouble(error):
            raise
        logger.warning("database trouble events=%s error=%s", len(keys), type(error.__cause__ or error).__name__)
        return set()


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

    def attempt() -> Outcome:
        if claiming and not claim(key):
            return Outcome.DEFERRED
        return process(key, fetch=fetch)

    return safely(key, attempt)


def safely(key: int, attempt: Callable[[], Outcome]) -> Outcome:
    """Make an attempt to process an event, or the rest of one, in the same way."""
    try:
        with no_waiting():
            return attempt()
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
