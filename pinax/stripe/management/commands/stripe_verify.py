"""Holds the mirror against Stripe, and says in what they differ."""

from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ... import api
from ...backfill.accounts import connected_accounts
from ...backfill.fixing import fix
from ...backfill.runs import NotListed, Scope
from ...backfill.verifying import Step, Verified, verify
from ...conf import key_livemode
from ...exceptions import StripeError
from ...models import Verification
from ..accounts import check_access
from ..moments import a_moment
from .stripe_sync import SKIPPED, rates


class Command(BaseCommand):
    help = (
        "Read Stripe's lists of objects, and say in what the mirror differs: by object and column, with what is "
        "missing here and what Stripe does not have. Exit code 0: nothing differs. 1: something does. 3: nothing "
        "differs, but Stripe does not give all lists."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("objects", nargs="*", metavar="OBJECT", help="Types by Stripe's names: customer, invoice.")
        parser.add_argument(
            "--sample", type=int, metavar="N", help="Only N rows of each type, drawn by chance, and what is newest."
        )
        parser.add_argument("--since", type=a_moment, help="Created from then on: 2026-11-20, 36h, 3d.")
        parser.add_argument("--account", default="", metavar="acct_…", help="A connected account instead of your own.")
        parser.add_argument("--all-accounts", action="store_true", help="Your own account and all connected ones.")
        parser.add_argument("--fix", action="store_true", help="Bring the rows that differ up to Stripe.")

    def handle(self, *args: Any, **options: Any) -> None:
        check_access(options["account"])
        scope = Scope(
            account=options["account"], object_types=tuple(dict.fromkeys(options["objects"])), since=options["since"]
        )
        accounts = [scope.account]
        if options["all_accounts"]:
            accounts += connected_accounts()
        self.skipped: list[str] = []
        try:
            with api.paced(*rates()), api.patient():
                runs = [self.verify(replace(scope, account=account), options) for account in accounts]
        except NotListed as error:
            raise CommandError(str(error)) from error
        except StripeError as error:
            raise CommandError(f"{error} Not everything is compared; run it again.") from error
        self.conclude(runs)

    def verify(self, scope: Scope, options: dict[str, Any]) -> Verification:
        """Hold the rows of one account against Stripe; the record of it."""
        run = Verification(
            stripe_account=scope.account,
            livemode=key_livemode(),
            object_types=" ".join(sorted(scope.object_types)),
            sample=options["sample"],
        )
        steps = verify(scope, sample=options["sample"])
        run.save()
        for step in steps:
            self.take_in(step, run, is_to_fix=options["fix"])
        run.finished_at = timezone.now()
        run.save()
        return run

    def take_in(self, step: Step, run: Verification, *, is_to_fix: bool) -> None:
        """Print what differs, and count it."""
        if step.skipped:
            of_account = f" of {run.stripe_account}" if run.stripe_account else ""
            self.skipped.append(f"  {step.listed.types} (/v1/{step.listed.name}{of_account}): {step.skipped}")
        run.compared += len(step.verified)
        for found in step.verified:
            if found.differences:
                run.different += 1
                run.fixed += self.tell(found, is_to_fix=is_to_fix)

    def tell(self, found: Verified, *, is_to_fix: bool) -> bool:
        """Print in what an object differs; whether it is fixed."""
        is_fixed = is_to_fix and fix(found)
        for difference in found.differences:
            self.stdout.write(f"{difference}{'; fixed' if is_fixed else ''}")
        return is_fixed

    def conclude(self, runs: list[Verification]) -> None:
        """Print the sum; CommandError if anything differs, or was not to be had."""
        compared, different, fixed = (
            sum(getattr(run, name) for run in runs) for name in ("compared", "different", "fixed")
        )
        self.stdout.write(f"Compared {compared} objects: {different} differ, {fixed} fixed.")
        if self.skipped:
            self.stderr.write("Stripe does not give these lists:\n" + "\n".join(self.skipped))
        if different > fixed:
            raise CommandError("The mirror differs from Stripe. --fix brings the rows up to it.")
        if self.skipped:
            raise CommandError("Nothing differs of what Stripe gives.", returncode=SKIPPED)
