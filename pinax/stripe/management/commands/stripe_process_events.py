"""The sweeper: processes what is recorded but not done."""

import threading
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.db.models import QuerySet

from ... import api
from ...conf import setting
from ...migrations._moves import move_rows_left_behind
from ...models.events import Event, database
from ...sync.user_links import link_waiting
from ...upkeep.reprocessing import process_again
from ...upkeep.sweeper import keys_in_order, sweep, undone_events
from ...webhooks.kept_answers import save_sweeper_mark
from ...webhooks.processing import Outcome, process
from ..progress import progress

LABELS = {
    Outcome.DONE: "done",
    Outcome.REFUSED: "refused",
    Outcome.FAILED: "failed",
    Outcome.UNDECIDED: "undecided",
    Outcome.POSTPONED: "postponed",
    Outcome.BUSY: "busy",
    Outcome.DEFERRED: "left to others",
}


class Command(BaseCommand):
    help = (
        "Process events that are recorded but not done: after a crash, an outage at Stripe, or when a "
        "receiver was fixed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--failed", action="store_true", help="Only events whose handler or receivers raised; those given up too."
        )
        parser.add_argument("--undecided", action="store_true", help="Only events that Stripe was not asked about yet.")
        parser.add_argument("--event", metavar="ID", help="Only this event (evt_…); a refused one is judged again.")
        parser.add_argument("--limit", type=int, help="At most so many, oldest first.")
        parser.add_argument(
            "--due", action="store_true", help="Only events whose next attempt is due: for cron, every minute."
        )
        parser.add_argument(
            "--watch",
            metavar="SECONDS",
            type=float,
            help="Do not end: look for due events again after this many seconds.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # One pace for all sweeps of a watch. With a pace for each, a sweep would not count the calls of the sweep
        # before it.
        with api.paced(setting("API_RATE")), api.patient():
            if options["watch"] is not None:
                self.watch(options)
            elif options["event"]:
                self.process_named(options["event"])
            else:
                self.sweep(options)

    def sweep(self, options: dict[str, Any]) -> int:
        """Process the events that the options select, and return their number.

        Before that, customers whose user was created later are linked, and rows that workers of an earlier release
        wrote to the general table move to the table that their type has now.
        """
        link_waiting()
        move_rows_left_behind(database())
        events = undone_events(failed=options["failed"], undecided=options["undecided"], due=options["due"])
        keys = keys_in_order(events, options["limit"])
        outcomes = sweep(keys, claiming=options["due"])
        counts = Counter(outcome for _key, outcome in progress(outcomes, total=len(keys), stream=self.stdout))
        if not any(options[name] for name in ("failed", "undecided", "limit")):
            save_sweeper_mark()
        if keys or options["watch"] is None:
            self.report(counts)
        return len(keys)

    def watch(self, options: dict[str, Any]) -> None:
        """Sweep without end. While the database cannot be reached, wait for it."""
        pause = threading.Event()
        while True:
            try:
                if not self.sweep({**options, "due": True}):
                    pause.wait(options["watch"])
            except (InterfaceError, OperationalError) as error:
                self.stderr.write(f"The database is away ({error}); trying again.")
                connections.close_all()
                pause.wait(options["watch"])
            close_old_connections()

    def process_named(self, stripe_id: str) -> None:
        """Process the rows of one id."""
        counts = Counter(run(key) for key in events_named(stripe_id).order_by("pk").values_list("pk", flat=True))
        self.report(counts)
        if not counts[Outcome.DONE]:
            raise CommandError(why_left_alone(stripe_id))

    def report(self, counts: Counter[Outcome]) -> None:
        parts = [f"{counts[outcome]} {label}" for outcome, label in LABELS.items() if counts[outcome]]
        text = f"Processed {counts.total()} events: {', '.join(parts)}." if parts else "Nothing to process."
        self.stdout.write(text)
        self.stdout.flush()


def run(key: int) -> Outcome:
    """Process one event; a refused one from the start."""
    if Event.objects.filter(pk=key, valid=False).exists():
        return process_again(key, by="stripe_process_events")
    return process(key)


def events_named(stripe_id: str) -> QuerySet[Event]:
    """The rows of one id: the genuine or undecided one, else those that were refused."""
    events = Event.objects.filter(stripe_id=stripe_id)
    if not events.exists():
        raise CommandError(f"No event {stripe_id} is on record.")
    return events.exclude(valid=False) if events.exclude(valid=False).exists() else events


def why_left_alone(stripe_id: str) -> str:
    """Why an event is not done."""
    event = Event.objects.filter(stripe_id=stripe_id).order_by("-pk")[0]
    exception = event.exceptions.first()
    return f"{stripe_id} is not done: {event.explanation or event.reason or exception}"
