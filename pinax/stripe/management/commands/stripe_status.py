"""Prints, for a monitor or for staff, whether events are received and processed."""

import json
import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...upkeep.findings import Finding, Level, Thresholds
from ...upkeep.health import as_json, health_report, worst

#: Option -> what its two numbers are.
LIMIT_OPTIONS = {
    "undone_minutes": "minutes an event may be undone",
    "failure_share": "share of the last hour's events that may fail (0 to 1)",
    "silent_hours": "hours without any event",
}


def limit(value: str) -> float | None:
    """A number, or None for `never`."""
    try:
        return None if value == "never" else float(value)
    except ValueError:
        raise ArgumentTypeError(f"{value!r} is neither a number nor the word never") from None


class Command(BaseCommand):
    help = (
        "Say whether events are received and processed. Exit status 0: all right, 1: warning, 2: critical. "
        "The limits are those of the settings PINAX_STRIPE_HEALTH_…, unless given here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="JSON instead of lines.")
        parser.add_argument("--offline", action="store_true", help="Look at the database only; do not ask Stripe.")
        for name, meaning in LIMIT_OPTIONS.items():
            option = "--" + name.replace("_", "-")
            text = f"{meaning.capitalize()}, before a warning and before an alarm; or never."
            parser.add_argument(option, type=limit, nargs=2, metavar=("WARNING", "CRITICAL"), help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        found = health_report(
            Thresholds.configured(**{name: options[name] for name in LIMIT_OPTIONS}), online=not options["offline"]
        )
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found), indent=2))
        else:
            self.tell(found)
        if level := worst(found):
            sys.exit(level)

    def tell(self, found: list[Finding]) -> None:
        styles = {Level.OK: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.CRITICAL: self.style.ERROR}
        # Monitors show the first line, so the worst comes first.
        for finding in sorted(found, key=lambda finding: -finding.level):
            self.stdout.write(
                f"{styles[finding.level](finding.level.name.ljust(8))}  {finding.name}: {finding.summary}"
            )
