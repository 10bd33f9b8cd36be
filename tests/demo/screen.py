"""What is seen of a run: lines as things happen, with a bar below them on a terminal; then tables and checks."""

import time
from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from pinax.stripe.catalogue.reasons import REASONS
from pinax.stripe.models import Event

from .comparison import Compared
from .models import Receipt
from .outcome import Check
from .postman import Delivery

#: Seconds between two lines on a terminal, so that they can be followed.
PACE = 0.1
#: Columns where no terminal says how wide it is.
WIDTH = 120
#: HTTP status -> what became of the POST, and its colour.
ANSWERS = {
    200: ("done", "green"),
    400: ("refused", "bold red"),
    500: ("a receiver failed; it will be sent again", "yellow"),
    503: ("undecided; it will be sent again", "yellow"),
}
REPEATED = ("repeated; counted", "cyan")
NOTES = {"late": "late", "again": "again", "retry": "sent again"}
#: Problems of one check that are printed.
MOST = 10


class Screen:
    """`with Screen(total=…) as screen:` … a bar that counts the chapters, on a terminal."""

    def __init__(self, *, total: int, pace: float | None = None) -> None:
        self.console = Console(highlight=False)
        if not self.console.is_terminal:
            self.console = Console(highlight=False, width=WIDTH)
        self.pace = (PACE if self.console.is_terminal else 0.0) if pace is None else pace
        #: Columns for an id: Stripe's have 28 characters, the stand-in's are shorter.
        self._ids = 28 if self.console.width >= 100 else 14
        self._bar = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=total)
        self._acknowledged: set[str] = set()

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._bar.stop()

    def line(self, text: str = "", style: str = "") -> None:
        """One line of text, as it is."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def chapter(self, title: str) -> None:
        """A heading; the chapter before is over."""
        self.line()
        self.line(title, "bold")
        self._bar.update(self._task, description=tally())
        self._bar.advance(self._task)

    def delivery(self, delivery: Delivery) -> None:
        """A POST and its answer."""
        event = delivery.event
        answer, style = ANSWERS.get(delivery.status, (f"no answer ({delivery.status})", "bold red"))
        if delivery.is_acknowledged:
            answer, style = REPEATED if event["id"] in self._acknowledged else (answer, style)
            self._acknowledged.add(event["id"])
        about = event["data"]["object"].get("id") or ""
        line = Text(f"  {event['type']:<30} {about:<{self._ids}} {NOTES.get(delivery.note, ''):<10} ", style="default")
        line.append(f"{delivery.status} {answer}", style=style)
        self.console.print(line, soft_wrap=True)
        self._bar.update(self._task, description=tally())
        time.sleep(self.pace)

    def outcome(self, compared: Iterable[Compared], checks: Iterable[Check]) -> None:
        """The tables, then the checks with what speaks against them."""
        self._bar.stop()
        for table in (recorded(), refused(), mirrored(compared)):
            self.line()
            self.console.print(table)
        self.line()
        for check in checks:
            self.line(f"{'✗' if check.problems else '✓'} {check.claim}", "bold red" if check.problems else "green")
            for problem in check.problems[:MOST]:
                self.line(f"    {problem}")
            if len(check.problems) > MOST:
                self.line(f"    … and {len(check.problems) - MOST} more")


def tally() -> str:
    """How far things are, in a line."""
    events = Event.objects
    parts = {
        "events": events.count(),
        "done": events.filter(processed=True).count(),
        "repeated": sum(count - 1 for count in events.values_list("deliveries", flat=True)),
        "refused": events.refused().count(),
        "receipts": Receipt.objects.count(),
    }
    return " · ".join(f"{count} {name}" for name, count in parts.items())


def new_table(title: str, *columns: str, numbers: Iterable[str] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return table


def recorded() -> Table:
    """What is on record, by type, in the order in which it first happened at Stripe."""
    table = new_table(
        "Recorded", "event", "events", "POSTs", "attempts", "done", numbers=("events", "POSTs", "attempts")
    )
    kinds: dict[str, list[Event]] = {}
    for event in Event.objects.exclude(valid=False).order_by("created_at", "pk"):
        kinds.setdefault(event.kind, []).append(event)
    for kind, events in kinds.items():
        waiting = [f"{event.stripe_id} waits: {event.reason or 'failed'}" for event in events if not event.processed]
        posts, attempts = sum(event.deliveries for event in events), sum(event.attempts for event in events)
        table.add_row(kind, str(len(events)), str(posts), str(attempts), "\n".join(waiting) or "all")
    return table


def refused() -> Table:
    """What was refused, and why."""
    table = new_table("Refused", "event", "id", "reason")
    for event in Event.objects.refused().order_by("pk"):
        table.add_row(event.kind, event.stripe_id, f"{event.reason}: {REASONS[event.reason].text}")
    return table


def mirrored(compared: Iterable[Compared]) -> Table:
    """Every row, and whether it is what Stripe has."""
    table = new_table("Mirrored", "table", "key", "status", "deleted", "as at Stripe")
    for one in compared:
        verdict = "no" if one.problems else f"but for {one.excused}" if one.excused else "yes"
        table.add_row(one.table, one.key, one.status, "deleted" if one.is_deleted else "", verdict)
    return table
