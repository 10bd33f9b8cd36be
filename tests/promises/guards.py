"""Switches single guards of the mirror off, to show that each is needed."""

import dataclasses
import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple
from unittest.mock import patch

from pinax.stripe import api
from pinax.stripe.exceptions import NeedsFetch
from pinax.stripe.sync import mirror
from pinax.stripe.webhooks import base, processing

#: The functions as they are.
supersedes, reading_times, resolve, update = mirror.supersedes, mirror.reading_times, mirror.resolve, mirror.update
after_an_end, read = mirror.after_an_end, mirror.read

Off = Callable[[], AbstractContextManager]


class Guard(NamedTuple):
    """How to switch a guard off, and the steps of histories in which that shows soon."""

    off: Off
    steps: tuple[str, ...]
    is_slow: bool = False


def deciding_ties(verdict: bool) -> AbstractContextManager:
    """News of a row's own second is always applied, or never."""

    def decided(*args):
        try:
            return supersedes(*args)
        except NeedsFetch:
            return verdict

    return patch.object(mirror, "supersedes", decided)


def applying_everything() -> AbstractContextManager:
    """Old news is applied like new."""
    return patch.object(mirror, "supersedes", lambda *args: True)


def forgetting_the_deleted() -> AbstractContextManager:
    """A deleted object's row is removed, not kept as a tombstone."""

    def removing(mirrored, row, news, origin):
        update(mirrored, row, news, origin)
        if news.deleted:
            mirrored.model.all_objects.filter(pk=row.pk).delete()

    return patch.object(mirror, "update", removing)


def reviving_the_deleted() -> AbstractContextManager:
    """Deletion is a change like any other, also of objects whose ids hardly ever come back."""

    def reviving(mirrored, *args):
        return supersedes(dataclasses.replace(mirrored, chosen_ids=True), *args)

    return patch.object(mirror, "supersedes", reviving)


def staying_dead() -> AbstractContextManager:
    """What Stripe named and deleted never comes back."""
    return patch.object(mirror, "after_an_end", lambda row, news: news.deleted and news.as_of > row.as_of)


def trusting_the_time_it_was_made() -> AbstractContextManager:
    """Whether an object came back is read from its `created` alone, which copies may keep."""
    return patch.object(mirror, "after_an_end", lambda row, news: bool(after_an_end(row, news)))


def ending_what_came_back() -> AbstractContextManager:
    """A deletion is always newer than what the row shows."""
    return patch.object(mirror, "at_an_end", lambda row, news: True)


class AnyVersion(int):
    """A version that every row has."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def writing_over_others() -> AbstractContextManager:
    """A fetched object is written whatever happened to the row since."""

    def for_any_version(need):
        return dataclasses.replace(resolve(need), version=AnyVersion(need.version))

    return patch.object(processing, "resolve", for_any_version)


def dating_fetches(
    choose: Callable[[datetime.datetime, datetime.datetime, datetime.datetime], datetime.datetime],
) -> AbstractContextManager:
    """A fetched object is taken to be true at one moment, not somewhere between two."""

    def at_once(fetched, as_of):
        moment = choose(*reading_times(fetched, as_of), as_of)
        return moment, moment

    return patch.object(mirror, "reading_times", at_once)


def trusting_cut_lists() -> AbstractContextManager:
    """Snapshots of a second that show the same are taken for the same, whatever parts they do not show."""

    def trusting(mirrored, row, news, key, origin):
        try:
            return supersedes(mirrored, row, news, key, origin)
        except NeedsFetch:
            if mirror.is_same(row, news):
                return False
            raise

    return patch.object(mirror, "supersedes", trusting)


def dating_parts_like_their_owner() -> AbstractContextManager:
    """Parts that were read later than their owner are taken to be as old."""
    return patch.object(mirror, "with_parts", lambda parts, end: end)


def fetching_in_our_version() -> AbstractContextManager:
    """What is fetched comes in the version of our own calls, whatever the account's is."""
    return patch.object(api, "rendering", lambda api_version: api.version())


def leaving_charges_to_their_own_events() -> AbstractContextManager:
    """Nobody reads the charge of a dispute or of a refund that failed."""
    return patch.object(base, "retrieve_related", lambda *args, **kwargs: None)


def reading_another_place(model_name: str, column: str, other: str) -> AbstractContextManager:
    """A reader takes the value of one column for that of another."""

    def misread(model, *args):
        values = read(model, *args)
        return {**values, column: values[other]} if model.__name__ == model_name else values

    return patch.object(mirror, "read", misread)


#: Steps in which customers change, and the same with workers that stand still.
CHANGES = ("customer", "customer", "customer", "wait", "deliver", "deliver")
STALLS = ("customer", "customer", "stall", "deliver", "deliver", "deliver")
RETURNS = ("customer", "customer", "end:customer", "back:customer", "deliver", "deliver")
PARTS = ("subscription", "part:subscription", "deliver", "deliver")

GUARDS: dict[str, Guard] = {
    "old news is dropped": Guard(applying_everything, CHANGES),
    "same second: the later delivery need not win": Guard(lambda: deciding_ties(True), CHANGES),
    "same second: the earlier delivery need not win": Guard(lambda: deciding_ties(False), CHANGES),
    "same second: what is cut off may differ": Guard(trusting_cut_lists, PARTS, is_slow=True),
    "deleted: a tombstone stays": Guard(forgetting_the_deleted, (*CHANGES, "end:customer")),
    "deleted: only asking brings it back": Guard(
        reviving_the_deleted, ("source", "end:source", "stray", "wait", "deliver", "deliver")
    ),
    "deleted: an id may come back": Guard(staying_dead, RETURNS),
    "deleted: what comes back may look old": Guard(trusting_the_time_it_was_made, RETURNS),
    "deleted: the end of an earlier life is none of the next": Guard(ending_what_came_back, RETURNS),
    "fetched: only over the row it was fetched for": Guard(writing_over_others, STALLS),
    "fetched: may be newer than the event": Guard(lambda: dating_fetches(lambda *times: times[2]), CHANGES),
    "fetched: may be older than the answer": Guard(lambda: dating_fetches(lambda *times: times[1]), CHANGES),
    "fetched: in the version of the event": Guard(fetching_in_our_version, ("charge", "charge", "deliver", "deliver")),
    "other objects' events: the charge is read": Guard(
        leaving_charges_to_their_own_events, ("charge", "charge", "dispute", "wait", "deliver", "deliver")
    ),
    "other objects' events: a failed refund's, too": Guard(
        leaving_charges_to_their_own_events,
        ("charge", "give_back", "fail_refund", "wait", "deliver", "deliver"),
        is_slow=True,
    ),
    "fetched: parts may be newer than their owner": Guard(
        dating_parts_like_their_owner, (*PARTS, "subscription", "wait"), is_slow=True
    ),
    "columns: each is read from its own place": Guard(
        lambda: reading_another_place("Charge", "amount_refunded", "amount_captured"),
        ("charge", "charge", "deliver", "deliver"),
    ),
    "columns: those of parts, too": Guard(
        lambda: reading_another_place("SubscriptionItem", "current_period_end", "current_period_start"), PARTS
    ),
}
