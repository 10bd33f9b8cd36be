"""Reads the columns of the mirror anew from the objects that are in it."""

import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...models import MirroredObject
from ...upkeep.rebuilding import models_of, rebuild
from ..progress import progress_bar, rate_and_rest


class Command(BaseCommand):
    help = (
        "Read the columns of the mirror's rows anew from the objects that the rows have: after an upgrade that reads "
        "more of them, or reads them better. Nothing is asked of Stripe. Can be broken off at any time; rows that are "
        "right are not written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("objects", nargs="*", metavar="OBJECT", help="Types by Stripe's names: customer, invoice.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            models = models_of(options["objects"])
        except KeyError as error:
            raise CommandError(f"No table is for the type {error}. Types have Stripe's names: customer.") from error
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
