"""Carries out a run: list by list, batch by batch."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from django.utils import timezone

from ..catalogue.lists import StripeList, all_lists
from ..exceptions import FinalStripeError
from ..models.backfill import Backfill, BackfillPosition
from .reading import NotGiven, batches
from .runs import Scope, lists_of, new_positions
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


def carry_out(run: Backfill, scope: Scope) -> Iterator[Progress]:
    """Read what is left of a run's lists, and write it; after each batch, how far its list is.

    StripeError ends it, and a later call goes on from where it was.
    """
    lists = {each.name: each for each in all_lists()}
    for position in run.positions.filter(finished_at__isnull=True):
        listed = lists.get(position.list_name)
        if listed is None:
            skip(position, "This release reads no such list.")
            continue
        yield from read_list(listed, position, run.stripe_account, only_missing=scope.only_missing)
    Backfill.objects.filter(pk=run.pk).update(finished_at=timezone.now())


def read_list(
    listed: StripeList, position: BackfillPosition, account: str, *, only_missing: bool
) -> Iterator[Progress]:
    """Read one list to its end, or find that Stripe does not give it."""
    while position.finished_at is None:
        try:
            with closing(batches(listed, position, account)) as found:  # type: ignore[type-var]
                for batch in found:
                    has_moved = write_batch(position, batch, only_missing=only_missing)
                    position.refresh_from_db()
                    yield Progress(listed=listed, position=position)
                    if not has_moved:
                        break  # Another process goes through the same list: go on from where it is.
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
    run = Backfill(stripe_account=scope.account)
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
