"""Holds the mirror against Stripe, and says in what they differ."""

import datetime
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ... import api
from ...backfill.accounts import connected_accounts
from ...backfill.fixing import fix
from ...backfill.gone import rows_of_type
from ...backfill.ledger import begin_of_ledger, missing_events
from ...backfill.runs import NotListed, Scope, lists_of
from ...backfill.scheduled import SKIPPED
from ...backfill.verifying import Step, Verified, verify
from ...conf import key_livemode
from ...exceptions import StripeError
from ...models import Verification
from ...upkeep.late_receivers import never_ran
from ...webhooks.validation import RETENTION
from ..accounts import check_access
from ..moments import a_moment
from ..progress import progress_bar, rate_and_rest
from ..skipped_lists import skipped_line, skipped_text
from .stripe_sync import rates

#: Stripe's name of an event: what asks for the record of events.
EVENT = "event"


class Command(BaseCommand):
    help = (
        "Read Stripe's lists of objects, and say in what the mirror differs: by object and column, with what is "
        "missing here and what Stripe does not have. Also the events that Stripe lists and that are not on record, and "
        "receivers that never ran for events that are done. Exit code 0: nothing differs. 1: something does. 3: "
        "nothing differs, but Stripe does not give all lists."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "objects", nargs="*", metavar="OBJECT", help="Types by Stripe's names: customer, invoice, event."
        )
        parser.add_argument(
            "--sample", type=int, metavar="N", help="Only N rows of each type, drawn by chance, and what is newest."
        )
        parser.add_argument("--since", type=a_moment, help="Created from then on: 2026-11-20, 36h, 3d.")
        parser.add_argument("--account", default="", metavar="acct_…", help="A connected account instead of your own.")
        parser.add_argument("--all-accounts", action="store_true", help="Your own account and all connected ones.")
        parser.add_argument("--fix", action="store_true", help="Bring the rows that differ up to Stripe.")

    def handle(self, *args: Any, **options: Any) -> None:
        check_access(options["account"])
        names = tuple(dict.fromkeys(options["objects"]))
        self.with_events = not names or EVENT in names
        self.with_objects = names != (EVENT,)
        object_types = tuple(name for name in names if name != EVENT)
        scope = Scope(account=options["account"], object_types=object_types, since=options["since"])
        accounts = [scope.account]
        if options["all_accounts"]:
            accounts += connected_accounts()
        self.skipped: list[str] = []
        #: Events of Stripe's list that were looked for, those that are not on record, and those that are recorded now.
        self.events: Counter[str] = Counter()
        try:
            with api.paced(*rates()), api.patient():
                runs = [self.verify(replace(scope, account=account), options) for account in accounts]
        except NotListed as error:
            raise CommandError(str(error)) from error
        except StripeError as error:
            raise CommandError(f"{error} Not everything is compared; run it again.") from error
        self.tell_sums(runs)
        if self.with_events:
            self.tell_of_receivers(options["since"])
        self.conclude(runs)

    def verify(self, scope: Scope, options: dict[str, Any]) -> Verification:
        """Hold the rows of one account against Stripe; the record of it."""
        run = Verification(
            stripe_account=scope.account,
            livemode=key_livemode(),
            object_types=" ".join(sorted(options["objects"])),
            sample=options["sample"],
        )
        steps = verify(scope, sample=options["sample"]) if self.with_objects else iter(())
        run.save()
        expected = self.expected(scope, options["sample"])
        begin = time.monotonic()
        with progress_bar(total=expected, stream=self.stderr, is_quiet=options["verbosity"] < 1) as show:
            for step in steps:
                self.take_in(step, run, is_to_fix=options["fix"])
                rest = rate_and_rest(min(run.compared, expected), expected, time.monotonic() - begin)
                show(run.compared, f"{step.listed.types}: {run.compared} compared  {rest}")
        if self.with_events:
            self.look_for_events(scope, run, options)
        run.finished_at = timezone.now()
        run.save()
        return run

    def expected(self, scope: Scope, sample: int | None) -> int:
        """About how many objects are compared: as many as there are rows, or as are drawn of each type."""
        if not self.with_objects:
            return 0
        names = {row.name for each in lists_of(scope) for row in each.entries}
        counts = [rows.count() for name in names if (rows := rows_of_type(name, scope.account)) is not None]
        return sum(counts if sample is None else (min(count, sample) for count in counts))

    def take_in(self, step: Step, run: Verification, *, is_to_fix: bool) -> None:
        """Print what differs, and count it."""
        if step.skipped:
            self.skipped.append(skipped_line(step.listed, run.stripe_account, step.skipped))
        run.compared += len(step.verified)
        for found in step.verified:
            if found.differences:
                run.different += 1
                run.fixed += self.tell(found, is_to_fix=is_to_fix)

    def look_for_events(self, scope: Scope, run: Verification, options: dict[str, Any]) -> None:
        """Print which events of Stripe's list are not on record, and count them as objects."""
        since = begin_of_ledger(scope.account, scope.since, is_sample=options["sample"] is not None)
        if since is None:
            return
        for step in missing_events(scope.account, since, is_to_fix=options["fix"]):
            fixed = sum(each.is_recorded for each in step.missing)
            for each in step.missing:
                self.stdout.write(f"{each}{'; recorded' if each.is_recorded else ''}")
            self.events.update(listed=step.looked_for, missing=len(step.missing), recorded=fixed)
            run.compared += step.looked_for
            run.different += len(step.missing)
            run.fixed += fixed

    def tell_of_receivers(self, since: datetime.datetime | None) -> None:
        """Print which receivers were never called for events that are done: that is no difference to Stripe."""
        for found in never_ran(since or timezone.now() - RETENTION):
            self.stdout.write(
                f"{found.identity} never ran for {found.events} events that are done, the first of "
                f"{found.oldest:%Y-%m-%d}. If it is to: stripe_process_events --receiver {found.identity} "
                f"--since {found.oldest:%Y-%m-%d}"
            )

    def tell(self, found: Verified, *, is_to_fix: bool) -> bool:
        """Print in what an object differs; whether it is fixed."""
        is_fixed = is_to_fix and fix(found)
        for difference in found.differences:
            self.stdout.write(f"{difference}{'; fixed' if is_fixed else ''}")
        return is_fixed

    def tell_sums(self, runs: list[Verification]) -> None:
        """Print how much was looked at, and how much of it differs."""
        compared, different, fixed = self.sums(runs)
        listed, missing, recorded = (self.events[name] for name in ("listed", "missing", "recorded"))
        if self.with_objects:
            self.stdout.write(
                f"Compared {compared - listed} objects: {different - missing} differ, {fixed - recorded} fixed."
            )
        if listed or not self.with_objects:
            self.stdout.write(
                f"Looked for {listed} events: {missing} are not on record, {recorded} of them recorded now."
            )

    def sums(self, runs: list[Verification]) -> tuple[int, int, int]:
        """How many objects and events were compared, how many differ, and how many of these are fixed."""
        return sum(run.compared for run in runs), sum(run.different for run in runs), sum(run.fixed for run in runs)

    def conclude(self, runs: list[Verification]) -> None:
        """CommandError if anything differs, or was not to be had."""
        _compared, different, fixed = self.sums(runs)
        if self.skipped:
            self.stderr.write(skipped_text(self.skipped))
        if different > fixed:
            raise CommandError("The mirror differs from Stripe. --fix brings the rows up to it.")
        if self.skipped:
            raise CommandError("Nothing differs of what Stripe gives.", returncode=SKIPPED)
