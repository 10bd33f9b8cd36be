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
from ...upkeep.late_receivers import (
    NamedReceiver,
    named_receivers,
    receivers_called,
    run_for_the_past,
    without_call,
)
from ...upkeep.reprocessing import process_again
from ...upkeep.sweeper import keys_in_order, sweep, undone_events
from ...webhooks.kept_answers import save_sweeper_mark
from ...webhooks.processing import Outcome, process
from ..moments import a_moment
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
        parser.add_argument(
            "--receiver",
            metavar="NAME",
            help="Call this receiver, and no other, for events that are done and that it was never called for: one "
            "that was added later. Needs --since.",
        )
        parser.add_argument(
            "--since", type=a_moment, help="With --receiver: events created from then on: 2026-11-20, 36h, 3d."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # One pace for all sweeps of a watch. With a pace for each, a sweep would not count the calls of the sweep
        # before it.
        with api.paced(setting("API_RATE")), api.patient():
            if options["receiver"] is not None or options["since"] is not None:
                self.run_for_the_past(options)
            elif options["watch"] is not None:
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

    def run_for_the_past(self, options: dict[str, Any]) -> None:
        """Call one receiver for events that are done without it."""
        if options["receiver"] is None or options["since"] is None:
            raise CommandError("--receiver and --since need each other: --receiver NAME --since 30d.")
        if any(options[name] for name in ("failed", "undecided", "event", "due")) or options["watch"] is not None:
            raise CommandError("--receiver goes with --since and --limit only.")
        counts: Counter[Outcome] = Counter()
        for named in receivers_of_name(options["receiver"]):
            left = None if options["limit"] is None else options["limit"] - counts.total()
            total = without_call(named, options["since"]).count()
            outcomes = run_for_the_past(named, options["since"], limit=left)
            wanted = total if left is None else min(left, total)
            counts.update(outcome for _key, outcome in progress(outcomes, total=wanted, stream=self.stdout))
        self.report(counts, verb=f"Called {options['receiver']} for")
        if counts.total() > counts[Outcome.DONE]:
            raise CommandError("It is not done with all of them. What it raised is with each event; run it again.")

    def report(self, counts: Counter[Outcome], *, verb: str = "Processed") -> None:
        parts = [f"{counts[outcome]} {label}" for outcome, label in LABELS.items() if counts[outcome]]
        text = f"{verb} {counts.total()} events: {', '.join(parts)}." if parts else "Nothing to process."
        self.stdout.write(text)
        self.stdout.flush()


def receivers_of_name(name: str) -> list[NamedReceiver]:
    """The receivers that have a name; CommandError if none has."""
    found = receivers_called(name)
    if not found:
        names = ", ".join(each.identity for each in named_receivers()) or "none"
        raise CommandError(
            f"No receiver is called {name!r}. Those with names: {names}. "
            "A lambda, a function inside a function or a method has none without a dispatch_uid."
        )
    return found


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
