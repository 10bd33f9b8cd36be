"""Stripe's copies of many waiting events, up to a hundred with one call. Calls the network.

`GET /v1/events` returns whole events, so a list over the time in which they were made validates what would otherwise
cost a call each (https://docs.stripe.com/api/events/list).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet

from .. import api
from ..conf import setting
from ..exceptions import AccountInaccessible, FinalStripeError, StripeError
from ..models.events import Event, EventSource
from .accounts import may_be_asked_about
from .envelopes import Envelope
from .validation import Fetch, fetch_with_one_call, may_be_retained

#: Events that are not worth a list.
MIN_LISTED = 3
#: How the types of thin events begin; their list is another one.
THIN_TYPES = ("v1.", "v2.")
#: Event types that Stripe's `types` filter takes, at most.
MAX_LISTED_TYPES = 20

CopyPayload = dict[str, Any]


class Undecided(NamedTuple):
    """What has to be known of an undecided event to get Stripe's copy of it, and to put it into a batch.

    An instance costs ten times as much.
    """

    pk: int
    stripe_id: str
    kind: str
    stripe_account: str
    account_is_new: bool | None
    created_at: datetime | None
    source: str
    body_size: int


#: An event to be validated.
Waiting = TypeVar("Waiting", Event, Undecided)


def undecided_of(events: QuerySet[Event]) -> list[Undecided]:
    """The undecided ones of some events, in the order of their keys."""
    rows = events.filter(valid__isnull=True).order_by("pk")
    return [Undecided(*values) for values in rows.values_list(*Undecided._fields)]


#: Account -> Stripe's word that there is no access to it, during one run.
_no_access: ContextVar[dict[str, AccountInaccessible] | None] = ContextVar("pinax_stripe_no_access", default=None)


@contextmanager
def one_run() -> Iterator[None]:
    """Within it, one answer "no access" to an account is the answer for all events of that account."""
    token = _no_access.set({})
    try:
        yield
    finally:
        _no_access.reset(token)


def one_call(event: Event | Undecided) -> Fetch:
    """Gets Stripe's copy of an event by a call for it alone."""
    return fetch_with_one_call(account_is_new=event.account_is_new)


def with_copies(events: Sequence[Waiting]) -> Iterator[tuple[Waiting, Fetch]]:
    """Undecided events, each with a way to get Stripe's copy of it, which for most is at hand already.

    Those of accounts that no genuine event named come last, and are left out while Stripe may not be asked about them.
    """
    denied = _no_access.get()
    denied = {} if denied is None else denied
    for is_new in (False, True):
        chosen = [event for event in events if bool(event.account_is_new) is is_new]
        for event, fetch in with_copies_by_account(chosen, denied):
            yield event, fetch if isinstance(fetch, ListedCopy) else remembering_no_access(fetch, denied)


def with_copies_by_account(
    events: Sequence[Waiting], denied: dict[str, AccountInaccessible]
) -> Iterator[tuple[Waiting, Fetch]]:
    """The events account by account; first those that are read alone."""
    alone = [event for event in events if not is_listed(event)]
    yield from ((event, one_call(event)) for event in alone if may_be_read(event, denied))
    listed = sorted((event for event in events if is_listed(event)), key=lambda event: event.stripe_account)
    for account, group in groupby(listed, key=lambda event: event.stripe_account):
        rows = list(group)
        if account in denied:
            yield from ((event, one_call(event)) for event in rows)
        elif may_be_read(rows[0], denied):
            yield from with_copies_of_account(account, rows)


def may_be_read(event: Event | Undecided, denied: dict[str, AccountInaccessible]) -> bool:
    """Whether the answer about an event is known, or Stripe may be asked for it."""
    account = event.stripe_account
    return account in denied or not event.account_is_new or may_be_asked_about(account)


def remembering_no_access(fetch: Fetch, denied: dict[str, AccountInaccessible]) -> Fetch:
    """Does not ask about an account to which there is no access a second time."""

    def fetch_once(posted: Envelope) -> CopyPayload:
        if posted.account in denied:
            raise denied[posted.account]
        try:
            return fetch(posted)
        except AccountInaccessible as error:
            if posted.account:
                repeated = AccountInaccessible(str(error), code=error.code, status=error.status)
                repeated.is_repeated = True
                denied[posted.account] = repeated
            raise

    return fetch_once


def is_asked_for(event: Event | Undecided) -> bool:
    """Whether Stripe has to be asked for its copy of an event."""
    return setting("VALIDATION") != "signature" or event.source != EventSource.WEBHOOK


def needs_call(event: Event | Undecided, fetch: Fetch) -> bool:
    """Whether a verdict on an event takes a call, with what gets its copy."""
    return is_asked_for(event) and not isinstance(fetch, ListedCopy)


def is_listed(event: Event | Undecided) -> bool:
    """Whether Stripe's list can have the event: a snapshot that is not too old, and that has to be fetched at all."""
    if not is_asked_for(event):
        return False
    if event.created_at is None or event.kind.startswith(THIN_TYPES):
        return False
    return may_be_retained(event.created_at)


def with_copies_of_account(account: str, events: list[Waiting]) -> Iterator[tuple[Waiting, Fetch]]:
    """The events of one account, newest first, as Stripe lists them.

    Each list has the newest event that waits, or shows that Stripe has none of that id. So however far apart events
    lie, lists cost no more calls than reading them one by one, and a forged time costs one list and no more.
    """
    waiting = sorted(events, key=lambda event: (event.created_at, event.pk), reverse=True)
    while waiting:
        if len(waiting) <= MIN_LISTED:
            yield from ((event, one_call(event)) for event in waiting)
            return
        chunk = waiting[: api.PAGE]
        try:
            page, has_more = api.list_events(list_parameters(chunk), account=account)
        except AccountInaccessible as error:
            yield from ((event, fetch_that_raises(error)) for event in waiting)
            return
        except FinalStripeError:
            # A key that may read events one by one, but not list them.
            yield from ((event, one_call(event)) for event in waiting)
            return
        except StripeError as error:
            # One failed call decides nothing about the whole chunk, rather than a hundred of them.
            yield from ((event, fetch_that_raises(error)) for event in chunk)
            waiting = waiting[len(chunk) :]
            continue
        covered = covered_by(page, has_more, chunk)
        copies = {copy["id"]: copy for copy in page}
        # Those that a list has can be stored together, so what has to be asked for does not come between them.
        for event in sorted(covered, key=lambda event: event.stripe_id not in copies):
            yield event, fetch_from_list(event, copies)
        waiting = waiting[len(covered) :]


def list_parameters(chunk: list[Waiting]) -> dict[str, Any]:
    """What to ask for: the time from the oldest to the newest event, and their types if those are few."""
    moments = [int(event.created_at.timestamp()) for event in chunk if event.created_at is not None]
    kinds = sorted({event.kind for event in chunk})
    wanted: dict[str, Any] = {"created": {"gte": min(moments), "lte": max(moments)}, "limit": api.PAGE}
    return {**wanted, "types": kinds} if len(kinds) <= MAX_LISTED_TYPES else wanted


def covered_by(page: list[CopyPayload], has_more: bool, chunk: list[Waiting]) -> list[Waiting]:
    """The first events of a chunk, up to where a page ends; those of its last second may be on the next page.

    Those of a second that fills more than a page are covered although they may not be listed.
    """
    if not has_more or not page:
        return chunk
    last = page[-1].get("created") or 0
    listed = {copy.get("id") for copy in page}
    covered = []
    for event in chunk:
        assert event.created_at is not None
        if event.created_at.timestamp() <= last and event.stripe_id not in listed:
            break
        covered.append(event)
    return covered or [event for event in chunk if event.created_at == chunk[0].created_at]


@dataclass(frozen=True)
class ListedCopy:
    """Gets Stripe's copy of an event without a call: a list has it."""

    copy: CopyPayload

    def __call__(self, posted: Envelope) -> CopyPayload:
        """The copy."""
        return self.copy


def fetch_from_list(event: Event | Undecided, copies: dict[str, CopyPayload]) -> Fetch:
    """Finds the copy among those of a list, and asks for one that is not there: a list may be behind."""
    copy = copies.get(event.stripe_id)
    return one_call(event) if copy is None else ListedCopy(copy)


def fetch_that_raises(error: StripeError) -> Fetch:
    """Answers with the error that the list got."""

    def fetch(posted: Envelope) -> CopyPayload:
        raise error

    return fetch
