"""Fills the mirror from Stripe's lists of objects."""

import datetime
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import api
from ...backfill.accounts import connected_accounts
from ...backfill.engine import Progress, compare, fill
from ...backfill.estimates import lengths_of_lists, rest_of
from ...backfill.runs import NotListed, Scope, lists_of
from ...backfill.scheduled import SKIPPED
from ...catalogue.lists import all_lists
from ...conf import key_livemode, setting
from ...exceptions import StripeError
from ...models.backfill import BackfillPosition
from ..accounts import check_access
from ..moments import a_moment
from ..progress import progress_bar
from ..skipped_lists import skipped_line, skipped_text

#: Threads that read at once, if nothing else is asked for: Stripe takes some tenths of a second for a page.
THREADS = 16
#: In live mode Stripe allows an account four times as many reads a second as one endpoint has, else as many
#: (https://docs.stripe.com/rate-limits).
LIVE_RATE = 4


def rates() -> tuple[float, float]:
    """Reads a second at most, of all endpoints together and of one."""
    rate = setting("API_RATE")
    return (rate * LIVE_RATE if key_livemode() else rate), rate


class Command(BaseCommand):
    help = (
        "Read Stripe's lists of objects, and bring the mirror up to them: what was there before the first webhook, and "
        "what no webhook brings. A run that was broken off goes on; a new one reads what was created since the last "
        "one. Exit code 0: all is read. 3: all but the lists that are named. 1: run it again to go on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("objects", nargs="*", metavar="OBJECT", help="Types by Stripe's names: customer, invoice.")
        parser.add_argument("--since", type=a_moment, help="Created from then on: 2026-11-20, 36h, 3d.")
        parser.add_argument("--until", type=a_moment, help="Created before then; now by default.")
        parser.add_argument("--full", action="store_true", help="Everything, also what earlier runs read.")
        parser.add_argument("--account", default="", metavar="acct_…", help="A connected account instead of your own.")
        parser.add_argument("--all-accounts", action="store_true", help="Your own account and all connected ones.")
        parser.add_argument("--only-missing", action="store_true", help="Add rows, and leave those that are there.")
        parser.add_argument("--threads", type=int, default=THREADS, help="How many lists are read at once.")
        parser.add_argument("--dry-run", action="store_true", help="Say what differs, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        check_access(options["account"])
        scope = Scope(
            account=options["account"],
            object_types=tuple(dict.fromkeys(options["objects"])),
            since=options["since"],
            until=options["until"],
            is_full=options["full"],
            only_missing=options["only_missing"],
        )
        report = Report(is_dry=options["dry_run"])
        try:
            with api.paced(*rates()), api.patient():
                self.go(scope, report, options)
        except NotListed as error:
            raise CommandError(str(error)) from error
        except StripeError as error:
            raise CommandError(f"{error} What was read so far is written; run it again to go on.") from error
        finally:
            self.stdout.write(report.text())
        if report.skipped:
            raise CommandError(skipped_text(report.skipped), returncode=SKIPPED)

    def go(self, scope: Scope, report: "Report", options: dict[str, Any]) -> None:
        """Read the lists of one account, or of all."""
        self.read(scope, report, options)
        if options["all_accounts"]:
            for account in connected_accounts():
                self.read(replace(scope, account=account), report, options)

    def read(self, scope: Scope, report: "Report", options: dict[str, Any]) -> None:
        """Read the lists of an account, and show how far it got."""
        steps = compare(scope) if options["dry_run"] else fill(scope, threads=options["threads"])
        names, is_quiet = [each.name for each in lists_of(scope)], options["verbosity"] < 1
        # A run that begins where others ended reads little of each list.
        lengths = lengths_of_lists(scope.account, key_livemode()) if scope.is_full and not is_quiet else {}
        with progress_bar(total=len(names), stream=self.stdout, is_quiet=is_quiet) as show:
            for step in steps:
                report.add(step, scope.account)
                done = report.lists_read(scope.account)
                rest = report.rest(names, scope.account, lengths)
                show(done, f"{report.line(step)}, {done} of {len(names)} lists{rest}")


@dataclass(kw_only=True)
class Report:
    """What came of each list of each account."""

    is_dry: bool
    began: float = field(default_factory=time.monotonic)
    #: Account, name of a list, and the position in it -> how far it is.
    lists: dict[tuple[str, str, int | None], Progress] = field(default_factory=dict)

    def add(self, step: Progress, account: str) -> None:
        self.lists[account, step.listed.name, step.position.pk] = step

    @property
    def listed(self) -> int:
        """Objects that were read, of all lists."""
        return sum(step.position.listed for step in self.lists.values())

    def lists_read(self, account: str) -> int:
        """How many lists of an account are read to their end, all of their parts."""
        seen: set[str] = set()
        left: set[str] = set()
        for (owner, name, _), step in self.lists.items():
            if owner == account:
                (seen if step.is_over else left).add(name)
        return len(seen - left)

    @property
    def rate(self) -> float:
        """Objects that are read a second."""
        return self.listed / max(time.monotonic() - self.began, 0.001)

    def line(self, step: Progress) -> str:
        """How far the run is, and how quick."""
        return f"{step.listed.types}: {step.position.listed} read, {self.listed} in all, {self.rate:.0f}/s"

    def rest(self, names: Iterable[str], account: str, lengths: Mapping[str, int]) -> str:
        """About how long the rest of an account's lists takes, as far as that can be told; "" when it cannot."""
        parts: dict[str, list[BackfillPosition]] = {name: [] for name in names}
        for (owner, name, _), step in self.lists.items():
            if owner == account and name in parts:
                parts[name].append(step.position)
        rest = rest_of(parts, lengths)
        if not rest.objects or not self.rate:
            return ""
        seconds = datetime.timedelta(seconds=round(rest.objects / self.rate))
        unknown = f" and {rest.unknown} of unknown length" if rest.unknown else ""
        return f", about {seconds} left in {rest.lists} list{'' if rest.lists == 1 else 's'}{unknown}"

    @property
    def skipped(self) -> list[str]:
        """The lists that Stripe does not give, with its words."""
        return [
            skipped_line(step.listed, account, step.position.skipped)
            for (account, _name, _), step in self.lists.items()
            if step.position.skipped
        ]

    def text(self) -> str:
        """A line for each type of which there is anything, and one for all."""
        lines = [line_of(name, steps, is_dry=self.is_dry) for name, steps in self.by_types().items()]
        return "\n".join([*filter(None, lines), self.total()])

    def total(self) -> str:
        """All types together."""
        created, updated = self.sum_of("created"), self.sum_of("updated")
        if self.is_dry:
            return f"Read {self.listed} objects: {created} missing, {updated} different. Nothing is changed."
        return f"Read {self.listed} objects: {created} new, {updated} changed."

    def sum_of(self, name: str) -> int:
        return sum(getattr(step.position, name) for step in self.lists.values())

    def by_types(self) -> dict[str, list[Progress]]:
        """The lists of the same types together, such as those below several kinds of parents; in the order of lists.

        Threads are done with them in any order.
        """
        found: dict[str, list[Progress]] = {}
        places = {each.name: place for place, each in enumerate(all_lists())}
        for step in sorted(self.lists.values(), key=lambda step: places[step.listed.name]):
            found.setdefault(step.listed.types, []).append(step)
        return found


def line_of(name: str, steps: Iterable[Progress], *, is_dry: bool) -> str:
    """What was read of a type; "" for nothing."""
    listed, created, updated = (
        sum(getattr(step.position, column) for step in steps) for column in ("listed", "created", "updated")
    )
    words = ("missing", "different") if is_dry else ("new", "changed")
    return f"{name:<32} {listed:>10} read {created:>10} {words[0]} {updated:>10} {words[1]}" if listed else ""
