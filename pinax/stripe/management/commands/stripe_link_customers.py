"""Links the customers that are there to users, by the project's own mapping."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...backfill.linking import Links, NotATable, link_by_hook, link_by_table
from ...conf import customer_user_hook


class Command(BaseCommand):
    help = (
        "Link customers without a user to the user whom PINAX_STRIPE_CUSTOMER_USER returns for each, or whom a CSV "
        "names. A link that exists is never changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--csv", type=Path, metavar="FILE", help="A table with the columns customer and user.")
        parser.add_argument("--user-field", default="pk", help="What the table has of a user: pk, username, email.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be linked, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        links = self.links(options)
        for key, reason in links.ambiguous.items():
            self.stdout.write(f"{key}: {reason}")
        verb = "Would link" if options["dry_run"] else "Linked"
        self.stdout.write(
            f"{verb} {links.linked} customers; {links.unlinked} unlinked, {len(links.ambiguous)} ambiguous."
        )

    def links(self, options: dict[str, Any]) -> Links:
        """Link by the table, if one is given, else by the hook."""
        if options["csv"] is None:
            if customer_user_hook() is None:
                raise CommandError("Set PINAX_STRIPE_CUSTOMER_USER, or give a table with --csv.")
            return link_by_hook(is_dry=options["dry_run"])
        try:
            with options["csv"].open(newline="", encoding="utf-8-sig") as file:
                rows = csv.DictReader(file)
                return link_by_table(rows, user_field=options["user_field"], is_dry=options["dry_run"])
        except (OSError, UnicodeDecodeError, csv.Error, NotATable) as error:
            raise CommandError(f"{options['csv']}: {error}") from error
