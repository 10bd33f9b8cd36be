"""Records and processes the events that Stripe has and this database does not have."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import api
from ...conf import setting
from ...exceptions import StripeError
from ...models.events import CatchUp
from ...upkeep.catch_up import Window, plan_catch_up, run_catch_up
from ...webhooks.processing import Outcome
from ..accounts import check_access
from ..moments import a_moment
from ..progress import progress_bar


class Command(BaseCommand):
    help = (
        "Go through Stripe's list of events (the last 30 days), and record and process those that never "
        "arrived, oldest first. Without --since it begins where the last catch-up ended, or where an earlier "
        "one left a gap."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=a_moment, help="Begin here: 2026-11-20, 2026-11-20T10:00 (UTC), 36h, 3d.")
        parser.add_argument("--until", type=a_moment, help="End here; now by default.")
        parser.add_argument("--undelivered", action="store_true", help="Only events that no endpoint acknowledged.")
        parser.add_argument("--account", default="", metavar="acct_…", help="A connected account instead of your own.")
        parser.add_argument("--dry-run", action="store_true", help="Say what is missing, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        check_access(options["account"])
        run = plan_catch_up(
            account=options["account"],
            since=options["since"],
            until=options["until"],
            undelivered=options["undelivered"],
        )
        if options["verbosity"] > 0:
            self.stdout.write(f"From {run.cursor:%Y-%m-%d %H:%M:%S} to {run.until:%Y-%m-%d %H:%M:%S} UTC.")
        totals = Totals()
        try:
            self.go(run, totals, options)
        except StripeError as error:
            raise CommandError(f"{error} What was found so far is on record; run it again to go on.") from error
        finally:
            self.report(totals, dry_run=options["dry_run"])

    def go(self, run: CatchUp, totals: "Totals", options: dict[str, Any]) -> None:
        """Carry out the catch-up, and print its progress."""
        whole = (run.until - run.since).total_seconds()
        with api.paced(setting("API_RATE")), api.patient(), progress_bar(total=whole, stream=self.stdout) as show:
            for window in run_catch_up(run, dry_run=options["dry_run"]):
                totals.add(window)
                show((window.until - run.since).total_seconds(), f"{window.until:%Y-%m-%d %H:%M}")
                if options["dry_run"] or options["verbosity"] > 1:
                    self.name_missing(window)

    def name_missing(self, window: Window) -> None:
        for payload in window.missing:
            created = datetime.datetime.fromtimestamp(payload["created"], tz=datetime.timezone.utc)
            self.stdout.write(f"{created:%Y-%m-%d %H:%M:%S}  {payload['id']}  {payload['type']}")

    def report(self, totals: "Totals", *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(f"Missing {totals.missing} of {totals.listed} events.")
            return
        text = f"Recorded {totals.missing} missed events, {totals.listed - totals.missing} already here."
        undone = totals.outcomes.total() - totals.missing
        if undone:
            text += f" Processed {undone} of those, which were not done."
        left = totals.outcomes.total() - totals.outcomes[Outcome.DONE]
        if left:
            text += f" {left} are not done yet: see stripe_process_events."
        self.stdout.write(text)


@dataclass(kw_only=True)
class Totals:
    """The sums over all windows."""

    listed: int = 0
    missing: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)

    def add(self, window: Window) -> None:
        self.listed += window.listed
        self.missing += len(window.missing)
        self.outcomes.update(window.outcomes)
