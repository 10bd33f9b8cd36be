"""Keeps the table of events small: for cron, once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...conf import setting
from ...models.events import State
from ...upkeep.pruning import LEDGER, PRUNABLE, PruningPlan, plan_pruning, prune
from ..progress import progress_bar

#: State -> setting with the age in days.
AGES = {State.REFUSED: "PRUNE_REFUSED_AFTER", State.DONE: "PRUNE_DONE_AFTER"}


class Command(BaseCommand):
    help = (
        "Delete refused POSTs, and take bodies, messages, headers, timelines and tracebacks from events that are done. "
        "The rows of genuine events stay, so that a later delivery is recognised. What is not done is never touched. "
        "Can be broken off at any time; the next run goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=float,
            metavar="DAYS",
            help="Instead of the settings PINAX_STRIPE_PRUNE_REFUSED_AFTER and PINAX_STRIPE_PRUNE_DONE_AFTER.",
        )
        parser.add_argument(
            "--state", action="append", choices=[str(state) for state in PRUNABLE], help="Only these. Repeatable."
        )
        parser.add_argument(
            "--delete-rows",
            action="store_true",
            help=f"The rows of done events too, once Stripe cannot deliver them again ({LEDGER.days} days).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would go, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if days is not None and days < 0:
            raise CommandError("--older-than is a number of days, 0 or more.")
        for state in PRUNABLE:
            if options["state"] and state not in options["state"]:
                continue
            age = setting(AGES[state]) if days is None else days
            wanted = plan_pruning(state, days=age, delete_rows=options["delete_rows"])
            count = wanted.count() if options["dry_run"] else self.prune(wanted)
            self.report(wanted, count, age, dry_run=options["dry_run"])

    def prune(self, wanted: PruningPlan) -> int:
        """Carry out a plan and print its progress. Returns the number of events."""
        total = wanted.count() if self.stdout.isatty() else 0
        count = 0
        with progress_bar(total=total, stream=self.stdout) as show:
            for number in prune(wanted):
                count += number
                show(count, f"{count}/{total}")
        return count

    def report(self, wanted: PruningPlan, count: int, age: float, *, dry_run: bool) -> None:
        verb = (
            ("Would delete" if dry_run else "Deleted")
            if wanted.delete_rows
            else ("Would empty" if dry_run else "Emptied")
        )
        things = "refused POSTs" if wanted.state is State.REFUSED else "done events"
        self.stdout.write(f"{verb} {count} {things} older than {age:g} days.")
