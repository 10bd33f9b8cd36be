"""Switches single guards of the mirror off, to show that each is needed."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple
from unittest.mock import patch

from pinax.stripe import statements
from pinax.stripe.api import calls
from pinax.stripe.backfill import engine
from pinax.stripe.backfill import writing as backfill_writing
from pinax.stripe.sync import fetching, freshness, parts, row_writers, rows, writing
from pinax.stripe.sync.freshness import APPLY, FETCH, KEEP
from pinax.stripe.sync.reader import Reader
from pinax.stripe.webhooks import base, batches

#: The functions as they are.
decide, reading_times, resolve, overwrite = (
    freshness.decide,
    freshness.reading_times,
    fetching.resolve_need,
    rows.overwrite,
)
write_plainly_newer = row_writers.write_plainly_newer
write_all_plainly_newer = batches.write_all_plainly_newer
is_part_missing, retrieve_related = fetching.is_part_missing, fetching.retrieve_related
after_deletion, column_values = freshness.after_deletion, rows.read_columns

Off = Callable[[], AbstractContextManager]


class Guard(NamedTuple):
    """How to switch a guard off, and the steps of histories in which that shows soon."""

    off: Off
    steps: tuple[str, ...]
    is_slow: bool = False
    #: What Hypothesis draws by: with this one a counterexample comes soon.
    seed: int = 0


def deciding(decision: Callable) -> AbstractContextManager:
    """Decide about the objects of events in another way."""
    return patch.object(writing, "decide", decision)


def deciding_ties(decision: freshness.Decision) -> AbstractContextManager:
    """A snapshot of a row's own second is always applied, or never."""

    def decided(*args):
        found = decide(*args)
        return decision if found is FETCH else found

    return deciding(decided)


def applying_everything() -> AbstractContextManager:
    """Old news is applied like new."""
    return deciding(lambda *args: APPLY)


def forgetting_the_deleted() -> AbstractContextManager:
    """A deleted object's row is removed, not kept as a tombstone."""

    def removing(mirrored, row, snapshot, context):
        overwrite(mirrored, row, snapshot, context)
        if snapshot.deleted:
            mirrored.model.all_objects.filter(pk=row.pk).delete()

    return patch.object(writing, "overwrite", removing)


def reviving_the_deleted() -> AbstractContextManager:
    """Deletion is a change like any other, also of objects whose ids hardly ever come back."""

    def reviving(mirrored, *args):
        recurring = dataclasses.replace(mirrored.object_type, ids_can_recur=True)
        return decide(dataclasses.replace(mirrored, object_type=recurring), *args)

    return deciding(reviving)


def staying_dead() -> AbstractContextManager:
    """What Stripe named and deleted never comes back."""

    def dead(row, snapshot):
        return APPLY if snapshot.deleted and snapshot.as_of > row.as_of else KEEP

    return patch.object(freshness, "after_deletion", dead)


def trusting_the_time_it_was_made() -> AbstractContextManager:
    """Whether an object came back is read from its `created` alone, which copies may keep."""

    def trusting(row, snapshot):
        found = after_deletion(row, snapshot)
        return KEEP if found is FETCH else found

    return patch.object(freshness, "after_deletion", trusting)


def ending_what_came_back() -> AbstractContextManager:
    """A deletion is always newer than what the row shows."""
    return patch.object(freshness, "at_deletion", lambda row, snapshot: APPLY)


@contextmanager
def writing_under(**conditions: str) -> Iterator[None]:
    """The one statement has other conditions."""
    statements.forget_compiled()
    try:
        with patch.multiple(row_writers, **conditions):
            yield
    finally:
        statements.forget_compiled()


def not_looking_at_what_was_written() -> AbstractContextManager:
    """The one statement is taken to have written, whatever it returns."""
    return patch.object(writing, "write_plainly_newer", lambda *args: write_plainly_newer(*args) or 2)


def writing_the_oldest_of_a_batch() -> AbstractContextManager:
    """Of the states of an object in a batch, the oldest is written."""
    return patch.object(batches, "newest", lambda news: min(news, key=lambda each: each.snapshot.as_of))


def not_looking_at_what_a_batch_wrote() -> AbstractContextManager:
    """A batch is taken to have written all rows, whatever the statement returns."""

    def all_written(snapshots):
        asked = [*snapshots]
        return {each.row: 2 for each in asked} | write_all_plainly_newer(asked)

    return patch.object(batches, "write_all_plainly_newer", all_written)


@contextmanager
def all_of(patches: Iterable[AbstractContextManager]) -> Iterator[None]:
    """Several switches at once, for a function that several modules import."""
    with ExitStack() as stack:
        for each in patches:
            stack.enter_context(each)
        yield


def settling_ties_of_a_batch_by_chance() -> AbstractContextManager:
    """Of different states of one second, a batch writes the one that it meets last."""

    def last_met(news):
        return max(reversed(news), key=lambda each: each.snapshot.as_of)

    return all_of([patch.object(batches, "is_tied", lambda news: False), patch.object(batches, "newest", last_met)])


class AnyVersion(int):
    """A version that every row has."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__


def writing_over_others() -> AbstractContextManager:
    """A fetched object is written whatever happened to the row since."""

    def for_any_version(need):
        return dataclasses.replace(resolve(need), version=AnyVersion(need.version))

    return patch.object(base, "resolve_need", for_any_version)


def dating_fetches(
    choose: Callable[[datetime.datetime, datetime.datetime, datetime.datetime], datetime.datetime],
) -> AbstractContextManager:
    """A fetched object is taken to be true at one moment, not somewhere between two."""

    def at_once(fetched, as_of):
        moment = choose(*reading_times(fetched, as_of), as_of)
        return moment, moment

    return all_of(patch.object(module, "reading_times", at_once) for module in (freshness, fetching))


def trusting_cut_lists() -> AbstractContextManager:
    """Snapshots of a second that show the same are taken for the same, whatever parts they do not show."""

    def trusting(mirrored, row, snapshot):
        found = decide(mirrored, row, snapshot)
        return KEEP if found is FETCH and freshness.is_same(row, snapshot) else found

    return deciding(trusting)


def dating_parts_like_their_owner() -> AbstractContextManager:
    """Parts that were read later than their owner are taken to be as old."""
    return all_of(patch.object(module, "end_with_lists", lambda fetched, end: end) for module in (freshness, writing))


def fetching_in_our_version() -> AbstractContextManager:
    """What is fetched comes in the version of our own calls, whatever the account's is, and what that lacks is cleared.

    Either of the two alone leaves the columns as they are.
    """
    return all_of(
        [
            patch.object(calls, "rendering", lambda api_version: calls.version()),
            patch.object(Reader, "untold", lambda reader, data: frozenset()),
        ]
    )


def leaving_others_to_their_own_events() -> AbstractContextManager:
    """The charge of a dispute, or of a refund that failed, is not read, nor is the customer of a discount."""
    return patch.object(base, "retrieve_related", lambda *args, **kwargs: None)


def leaving_unread(name: str) -> Off:
    """Of what other objects' events move, only objects of one type are not read."""

    def retrieved(data, **options):
        return None if data["object"] == name else retrieve_related(data, **options)

    return lambda: patch.object(base, "retrieve_related", retrieved)


def leaving_lists_unread() -> AbstractContextManager:
    """The transactions of a customer's balance, and other lists of what has no events, are not read."""
    return patch.object(base, "read_lists", lambda *args: ())


def leaving_parts_unread() -> AbstractContextManager:
    """What no event shows of an object, the attempts of a setup intent, is not read."""
    return patch.object(fetching, "is_part_missing", lambda *args: False)


def taking_any_part_for_final() -> AbstractContextManager:
    """Attempts are read once, whatever may still become of the newest."""

    def is_unknown(mirrored, part, data, account):
        known = part.model.all_objects.filter(**{part.owner: data["id"]})
        return is_part_missing(mirrored, part, data, account) and not known.exists()

    return patch.object(fetching, "is_part_missing", is_unknown)


def reading_another_place(model_name: str, column: str, other: str) -> AbstractContextManager:
    """A reader takes the value of one column for that of another."""

    def misread(model, *args):
        values = column_values(model, *args)
        return {**values, column: values[other]} if model.__name__ == model_name else values

    return all_of(patch.object(module, "read_columns", misread) for module in (rows, parts))


#: Steps in which customers change, and the same with workers that stand still.
CHANGES = ("customer", "customer", "customer", "wait", "deliver", "deliver")
STALLS = ("customer", "customer", "stall", "deliver", "deliver", "deliver")
BACKLOGS = (*("customer", "wait") * 5, "backlog")
LATE_BACKLOGS = ("customer", "customer", "coupon", "product", "deliver", "backlog")
RETURNS = ("customer", "customer", "end:customer", "back:customer", "deliver", "deliver")
PARTS = ("subscription", "part:subscription", "deliver", "deliver")
SETUPS = ("try_setup", "try_setup", "try_setup", "wait", "deliver", "deliver", "deliver")

GUARDS: dict[str, Guard] = {
    "old news is dropped": Guard(applying_everything, CHANGES),
    "one statement: old news is dropped": Guard(
        lambda: writing_under(IS_PLAINLY_NEWER="{table}.{as_of_end} <> EXCLUDED.{as_of}"), CHANGES
    ),
    "one statement: the same second is no later one": Guard(
        lambda: writing_under(IS_PLAINLY_NEWER="{table}.{as_of_end} <= EXCLUDED.{as_of}"), CHANGES
    ),
    "one statement: a tombstone is not overwritten": Guard(
        lambda: writing_under(IS_NOT_DELETED=""), ("source", "end:source", "stray", "wait", "deliver", "deliver")
    ),
    "one statement: what it returns is looked at": Guard(not_looking_at_what_was_written, CHANGES),
    "a batch: the newest state is written": Guard(writing_the_oldest_of_a_batch, BACKLOGS, seed=8),
    "a batch: what the statement returns is looked at": Guard(not_looking_at_what_a_batch_wrote, LATE_BACKLOGS, seed=6),
    "a batch: different states of one second are settled": Guard(
        settling_ties_of_a_batch_by_chance, BACKLOGS, is_slow=True
    ),
    "same second: the later delivery need not win": Guard(lambda: deciding_ties(APPLY), CHANGES),
    "same second: the earlier delivery need not win": Guard(lambda: deciding_ties(KEEP), CHANGES),
    "same second: what is cut off may differ": Guard(trusting_cut_lists, PARTS, is_slow=True),
    "deleted: a tombstone stays": Guard(forgetting_the_deleted, (*CHANGES, "end:customer")),
    "deleted: only asking brings it back": Guard(
        reviving_the_deleted, ("source", "end:source", "stray", "wait", "deliver", "deliver")
    ),
    "deleted: an id may come back": Guard(staying_dead, RETURNS),
    "deleted: what comes back may look old": Guard(trusting_the_time_it_was_made, RETURNS, seed=1),
    "deleted: the end of an earlier life is none of the next": Guard(ending_what_came_back, RETURNS, seed=1),
    "fetched: only over the row it was fetched for": Guard(writing_over_others, STALLS),
    "fetched: may be newer than the event": Guard(lambda: dating_fetches(lambda *times: times[2]), CHANGES),
    "fetched: may be older than the answer": Guard(lambda: dating_fetches(lambda *times: times[1]), CHANGES),
    "fetched: in the version of the event, absent is not empty": Guard(
        fetching_in_our_version, ("charge", "charge", "deliver", "deliver")
    ),
    "other objects' events: the charge is read": Guard(
        leaving_others_to_their_own_events, ("charge", "charge", "dispute_charge", "wait", "deliver", "deliver")
    ),
    "other objects' events: a failed refund's, too": Guard(
        leaving_others_to_their_own_events,
        ("charge", "give_back", "fail_refund", "wait", "deliver", "deliver"),
        is_slow=True,
    ),
    "other objects' events: a discount's customer is read": Guard(
        leaving_unread("customer"), ("customer", "coupon", "redeem", "wait", "deliver", "deliver"), seed=11
    ),
    "other objects' events: a subscription with a discount is read": Guard(
        leaving_unread("subscription"),
        ("subscription", "coupon", "reduce", "reduce", "deliver", "deliver", "deliver"),
        seed=11,
    ),
    "other objects' events: so is a customer whose discount is switched": Guard(
        leaving_unread("customer"), ("customer", "coupon", "redeem", "switch", "switch", "deliver", "deliver"), seed=2
    ),
    "other objects' events: a discount's coupon is read": Guard(
        leaving_unread("coupon"), ("customer", "coupon", "redeem", "redeem", "deliver", "deliver")
    ),
    "parts: the lines of a quote are read, too": Guard(
        leaving_parts_unread, ("quote", "quote", "quote", "deliver", "deliver")
    ),
    "parts: those that no event shows are read": Guard(leaving_parts_unread, SETUPS),
    "parts: the newest of them may still change": Guard(taking_any_part_for_final, SETUPS),
    "other objects' events: a customer's cash is read": Guard(
        leaving_others_to_their_own_events, ("customer", "pay_in", "pay_in", "wait", "deliver", "deliver")
    ),
    "other objects' events: lists without events are read": Guard(
        leaving_lists_unread, ("customer", "give_credit", "give_credit", "wait", "deliver", "deliver")
    ),
    "fetched: parts may be newer than their owner": Guard(
        dating_parts_like_their_owner, (*("subscription",) * 3, "wait", "wait", "deliver"), seed=2
    ),
    "columns: each is read from its own place": Guard(
        lambda: reading_another_place("Charge", "amount_refunded", "amount_captured"),
        ("charge", "charge", "deliver", "deliver"),
    ),
    "columns: those of the general table, too": Guard(
        lambda: reading_another_place("OtherObject", "stripe_id", "status"), ("climate.order", "deliver")
    ),
    "columns: those of parts without ids, too": Guard(
        lambda: reading_another_place("SubscriptionSchedulePhase", "start_date", "end_date"),
        ("subscription_schedule", "deliver"),
    ),
    "columns: those of parts, too": Guard(
        lambda: reading_another_place("SubscriptionItem", "current_period_end", "current_period_start"), PARTS
    ),
}


def moving_positions_first() -> AbstractContextManager:
    """The position in a list moves when a page is read, and not with what is written of it."""
    write_batch = engine.write_batch

    def moving_first(position, batch, **options):
        moved = backfill_writing.move(position, batch)
        position.refresh_from_db()
        return moved and write_batch(position, dataclasses.replace(batch, is_last=False), **options)

    return patch.object(engine, "write_batch", moving_first)
