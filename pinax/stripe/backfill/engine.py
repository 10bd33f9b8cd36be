"""Carries out a run: list by list, batch by batch."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from django.utils import timezone

from ..catalogue.lists import StripeList, all_lists
from ..exceptions import FinalStripeError
from ..models.backfill import Backfill, BackfillPosition
from .crew import Crew, Found
from .gone import mark_gone
from .reading import Batch, NotGiven, batches, rows_missing
from .runs import Scope, broken_off, lists_of, new_backfill, new_positions, note_beginning, what_came_after
from .writing import compare_batch, write_batch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a list is."""

    listed: StripeList
    position: BackfillPosition

    @property
    def is_over(self) -> bool:
        """Whether nothing more is read of it."""
        return self.position.finished_at is not None


def fill(scope: Scope, *, threads: int = 1) -> Iterator[Progress]:
    """Read what a scope asks for, and write it; after each batch, how far its list is.

    A run that was broken off goes on, and a second one reads what was created since that began. With several threads,
    as many lists and ranges of lists are read at once. StripeError ends it; NotListed for a type without any list.
    """
    run = broken_off(scope)
    if run is not None:
        yield from carry_out(run, scope, threads=threads)
        scope = what_came_after(run, scope)
    yield from carry_out(new_backfill(scope), scope, threads=threads)


def carry_out(run: Backfill, scope: Scope, *, threads: int = 1) -> Iterator[Progress]:
    """Read what is left of a run's lists, and write it; after each batch, how far its list is."""
    if threads > 1:
        yield from read_together(run, scope, threads)
    # Another process may split what is read here.
    while left := [*unfinished(run)]:
        for listed, position in left:
            yield from read_list(listed, position, run.stripe_account, only_missing=scope.only_missing)
    Backfill.objects.filter(pk=run.pk).update(finished_at=timezone.now())


def unfinished(run: Backfill) -> Iterator[tuple[StripeList, BackfillPosition]]:
    """The lists that are left to read, each with its position."""
    lists = {each.name: each for each in all_lists()}
    for position in run.positions.filter(finished_at__isnull=True):
        if position.list_name in lists:
            yield lists[position.list_name], position
        else:
            skip(position, "This release reads no such list.")


def read_together(run: Backfill, scope: Scope, threads: int) -> Iterator[Progress]:
    """Read lists with several threads, as far as no other process goes through the same ones."""
    crew = Crew(run.stripe_account, threads)
    waiting = [*unfinished(run)]
    try:
        begin_more(crew, waiting)
        for found in crew.results():
            yield from take_in(found, run.stripe_account, only_missing=scope.only_missing)
            begin_more(crew, waiting)
    finally:
        crew.stop()


def begin_more(crew: Crew, waiting: list[tuple[StripeList, BackfillPosition]]) -> None:
    """Give threads that have nothing to do a list, or a part of one that others read."""
    while crew.has_room():
        ready = next((each for each in waiting if can_begin(each[0], crew, waiting)), None)
        if ready is not None:
            waiting.remove(ready)
            note_beginning(*ready)
            crew.begin(*ready)
        elif not crew.split_longest():
            return


def can_begin(listed: StripeList, crew: Crew, waiting: list[tuple[StripeList, BackfillPosition]]) -> bool:
    """Whether all rows are there below which a list is."""
    if listed.parent is None:
        return True
    needed = {listed.parent.name, *listed.told_of_by}
    unread = [*(each for each, _ in waiting), *(task.listed for task in crew.tasks)]
    return not any(row.name in needed for each in unread if each.name != listed.name for row in each.entries)


def take_in(found: Found, account: str, *, only_missing: bool) -> Iterator[Progress]:
    """Write what a thread found; what it found of a list that another process moved on is left to the end."""
    task = found.task
    if task.is_dropped:
        return
    if isinstance(found.error, (NotGiven, FinalStripeError)):
        skip(task.position, str(found.error))
        yield Progress(listed=task.listed, position=task.position)
    elif found.error is not None:
        raise found.error
    elif found.batch is not None:
        task.pages += 1
        gone = 0 if only_missing else gone_with(task.listed, found.batch, account)
        task.is_dropped = not write_batch(task.position, found.batch, only_missing=only_missing, gone=gone)
        yield Progress(listed=task.listed, position=task.position)


def gone_with(listed: StripeList, batch: Batch, account: str) -> int:
    """Settle what a batch should have shown and did not; how many rows became tombstones."""
    return mark_gone(rows_missing(listed, batch, account))


def read_list(
    listed: StripeList, position: BackfillPosition, account: str, *, only_missing: bool
) -> Iterator[Progress]:
    """Read one list to its end, or find that Stripe does not give it."""
    while position.finished_at is None:
        note_beginning(listed, position)
        try:
            with closing(batches(listed, position, account)) as found:  # type: ignore[type-var]
                for batch in found:
                    gone = 0 if only_missing else gone_with(listed, batch, account)
                    has_moved = write_batch(position, batch, only_missing=only_missing, gone=gone)
                    if not has_moved:
                        position.refresh_from_db()
                        break  # Another process goes through the same list: go on from where it is.
                    yield Progress(listed=listed, position=position)
        except (NotGiven, FinalStripeError) as error:
            skip(position, str(error))
            yield Progress(listed=listed, position=position)


def skip(position: BackfillPosition, words: str) -> None:
    """Note that a list is not given, and why."""
    logger.warning("skipped list=%s error=%s", position.list_name, words)
    position.skipped, position.finished_at = words, timezone.now()
    position.save(update_fields=["skipped", "finished_at"])


def compare(scope: Scope) -> Iterator[Progress]:
    """Read the lists that a new run would read, and compare them with the rows: nothing is written."""
    run = Backfill(stripe_account=scope.account, object_types=scope.names)
    for listed, position in zip(lists_of(scope), new_positions(run, scope, lists_of(scope)), strict=True):
        try:
            for batch in batches(listed, position, scope.account):
                tally = compare_batch(batch)
                position.listed += tally.listed
                position.created += tally.created
                position.updated += tally.updated
                yield Progress(listed=listed, position=position)
        except (NotGiven, FinalStripeError) as error:
            position.skipped = str(error)
        position.finished_at = timezone.now()
        yield Progress(listed=listed, position=position)
