"""Reads the columns of the mirror anew from the objects that are in it."""

import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import api
from ...backfill.from_events import events_of, rebuild_from_events
from ...exceptions import StripeError
from ...models import MirroredObject
from ...upkeep.rebuilding import models_of, rebuild
from ..progress import progress_bar, rate_and_rest
from .stripe_sync import rates


class Command(BaseCommand):
    help = (
        "Read the columns of the mirror's rows anew from the objects that the rows have: after an upgrade that reads "
        "more of them, or reads them better. Nothing is asked of Stripe. Rows that are right are not written. What was "
        "broken off goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("objects", nargs="*", metavar="OBJECT", help="Types by Stripe's names: customer, invoice.")
        parser.add_argument(
            "--from-events",
            action="store_true",
            help="Make rows anew out of recorded events instead. Rows that are newer stay, and no receiver is called.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            models = models_of(options["objects"])
        except KeyError as error:
            raise CommandError(f"No table is for the type {error}. Types have Stripe's names: customer.") from error
        if options["from_events"]:
            self.from_events(options["objects"])
            return
        total: Counter[str] = Counter()
        for model in models:
            total += self.rebuild(model)
        self.stdout.write(f"Read {total['rows']} rows anew: {total['changed']} changed.")
        if total["left"]:
            self.stdout.write(
                f"{total['left']} rows stay: their objects have more in a list than Stripe shows. "
                "stripe_verify --fix reads these."
            )

    def rebuild(self, model: type[MirroredObject]) -> Counter[str]:
        """Read the columns of one table anew; what came of its rows."""
        count: Counter[str] = Counter()
        begin, rows = time.monotonic(), model.all_objects.count()
        with progress_bar(total=rows, stream=self.stdout) as show:
            for batch in rebuild(model):
                count += Counter(rows=batch.rows, changed=batch.changed, left=batch.left)
                done = count["rows"]
                rest = rate_and_rest(done, rows, time.monotonic() - begin)
                show(done, f"{model.__name__} {done}/{rows}  {rest}")
        if count["changed"]:
            self.stdout.write(f"{model.__name__}: {count['changed']} of {count['rows']} rows changed.")
        return count

    def from_events(self, names: list[str]) -> None:
        """Make rows anew out of recorded events."""
        count: Counter[str] = Counter()
        begin, events = time.monotonic(), events_of(names).count()
        try:
            with (
                api.paced(*rates()),
                api.patient(),
                progress_bar(total=events, stream=self.stdout) as show,
            ):
                for batch in rebuild_from_events(names):
                    count += Counter(events=batch.events, changed=batch.changed, left=batch.left)
                    done = count["events"]
                    show(done, f"{done}/{events}  {rate_and_rest(done, events, time.monotonic() - begin)}")
        except StripeError as error:
            raise CommandError(f"{error} What is done is written; run it again to go on.") from error
        self.stdout.write(f"Mirrored {count['events']} events again: {count['changed']} rows changed.")
        if count["left"]:
            raise CommandError(f"{count['left']} events could not be mirrored; the log says why.")
