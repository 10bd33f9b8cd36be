"""Takes what is about a person out of the tables, for the right to be forgotten."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...upkeep.redaction import (
    RowOutcome,
    Subject,
    events_by_index,
    events_by_text,
    find_ids,
    last_event,
    redact_event,
    redact_log_texts,
    redact_mirror,
)
from ..progress import progress_bar


class Command(BaseCommand):
    help = (
        "Remove names, addresses, e-mail addresses, phone numbers, IP addresses, card details, descriptions "
        "and the like from the mirror and from events: of one customer and everything of theirs, or of a "
        "connected account. Ids, amounts, statuses and times stay. Redact at Stripe first: Stripe may send "
        "again what it still has."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", default="", metavar="cus_…", help="Whose data is removed.")
        parser.add_argument(
            "--account",
            default="",
            metavar="acct_…",
            help="The connected account the customer belongs to; alone: everything of that account.",
        )
        parser.add_argument(
            "--email",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="An address of the customer's that refused POSTs may have, besides those on record; may be repeated.",
        )
        parser.add_argument("--metadata", action="store_true", help="Also metadata and client_reference_id.")
        parser.add_argument(
            "--quick",
            action="store_true",
            help="Do not read all events, timelines and tracebacks for mentions that no index finds: reserves, "
            "forgeries, errors that name the customer.",
        )
        parser.add_argument("--start-at", type=int, default=0, metavar="N", help="Go on with reading every event here.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["customer"] and not options["account"]:
            raise CommandError("Say whose data is removed: --customer cus_…, or --account acct_….")
        subject = Subject(
            customer=options["customer"],
            account=options["account"],
            own=options["metadata"],
            emails={address.lower() for address in options["email"]},
        )
        counts: Counter[tuple[str, str]] = Counter()
        if subject.customer:
            find_ids(subject, quick=options["quick"])
        # The mirror comes last: until then a run that is broken off, and repeated, finds by it what it found before.
        seen = self.redact_events(subject, counts, options)
        if not options["quick"]:
            self.redact_words(subject, seen, counts, options)
        count_rows(counts, redact_mirror(subject, dry_run=options["dry_run"]))
        self.report(counts, options)

    def redact_events(self, subject: Subject, counts: Counter[tuple[str, str]], options: dict[str, Any]) -> set[int]:
        """First what the indexes find, then what reading every event finds, until nothing new is found: their keys."""
        seen: set[int] = set()
        start = options["start_at"]
        while True:
            known = len(subject.ids)
            for key in events_by_index(subject):
                if key not in seen:
                    seen.add(key)
                    self.redact_event(key, subject, counts, options)
            if options["quick"]:
                return seen
            self.redact_named(subject, seen, counts, options, start=start)
            if len(subject.ids) == known:
                return seen
            find_ids(subject)
            start = 0

    def redact_named(
        self, subject: Subject, seen: set[int], counts: Counter[tuple[str, str]], options: dict[str, Any], *, start: int
    ) -> None:
        """Read every event, and redact those that name something of the subject's."""
        following = start
        try:
            with progress_bar(total=last_event(), stream=self.stdout) as show:
                for position, keys in events_by_text(subject, start=following):
                    for key in keys:
                        if key not in seen and self.redact_event(key, subject, counts, options):
                            seen.add(key)
                    following = position + 1
                    show(position, f"event {position}")
        except KeyboardInterrupt:
            raise CommandError(f"Broken off. Go on with --start-at {following}.") from None

    def redact_words(
        self, subject: Subject, seen: set[int], counts: Counter[tuple[str, str]], options: dict[str, Any]
    ) -> None:
        """Read all that was said of the other events, too."""
        try:
            count_rows(counts, redact_log_texts(subject, done=seen, dry_run=options["dry_run"]))
        except KeyboardInterrupt:
            raise CommandError(f"Broken off. Go on with --start-at {last_event() + 1}.") from None

    def redact_event(
        self, key: int, subject: Subject, counts: Counter[tuple[str, str]], options: dict[str, Any]
    ) -> bool:
        """Redact one event; whether it is about the subject."""
        row = redact_event(key, subject, dry_run=options["dry_run"])
        count_rows(counts, [] if row is None else [row])
        if row is not None and options["verbosity"] > 1:
            self.stdout.write(f"{row.outcome} {row.what} {row.key}")
        return row is not None

    def report(self, counts: Counter[tuple[str, str]], options: dict[str, Any]) -> None:
        """What was done; CommandError if something was left that has to be decided first."""
        redacted = [f"{number} {what}" for (what, outcome), number in sorted(counts.items()) if outcome == "redacted"]
        emptied, left, clean = (counts["event", "emptied"], counts["event", "left"], total_of(counts, "clean"))
        verb = "Would redact" if options["dry_run"] else "Redacted"
        self.stdout.write(f"{verb}, by kind of row: {', '.join(redacted) or 'nothing'}.")
        if emptied:
            self.stdout.write(f"{'Would empty' if options['dry_run'] else 'Emptied'} {emptied} refused POSTs.")
        if clean:
            self.stdout.write(f"{clean} rows had nothing to remove.")
        if not options["metadata"]:
            self.stdout.write("Metadata was left alone; --metadata removes it.")
        if left:
            raise CommandError(
                f"{left} events were left alone, because they are undecided and may be genuine: run "
                "stripe_process_events --undecided, then this again."
            )


def count_rows(counts: Counter[tuple[str, str]], rows: Iterable[RowOutcome]) -> None:
    for row in rows:
        counts[row.what, row.outcome] += 1


def total_of(counts: Counter[tuple[str, str]], outcome: str) -> int:
    return sum(number for (_what, each), number in counts.items() if each == outcome)
