"""The sweeper: processes what is recorded but not done."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from ...conf import key_livemode
from ...models.events import Event
from ...webhooks.processing import Outcome, process, process_again
from ..progress import progress

LABELS = {
    Outcome.DONE: "done",
    Outcome.REFUSED: "refused",
    Outcome.FAILED: "failed",
    Outcome.UNDECIDED: "undecided",
}


class Command(BaseCommand):
    help = "Process events that are recorded but not done: after a crash, an outage of Stripe's, or a mended receiver."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", action="store_true", help="Only events whose handler or receivers raised.")
        parser.add_argument("--undecided", action="store_true", help="Only events that Stripe was not asked about yet.")
        parser.add_argument("--event", metavar="ID", help="Only this event (evt_…); a refused one is judged again.")
        parser.add_argument("--limit", type=int, help="At most so many, oldest first.")

    def handle(self, *args: Any, **options: Any) -> None:
        events = named(options["event"]) if options["event"] else undone(options)
        keys = list(events.order_by("pk").values_list("pk", flat=True)[: options["limit"]])
        counts: Counter[Outcome] = Counter()
        for key in progress(keys, total=len(keys), stream=self.stdout):
            counts[run(key)] += 1
        parts = [f"{counts[outcome]} {label}" for outcome, label in LABELS.items() if counts[outcome]]
        self.stdout.write(f"Processed {len(keys)} events: {', '.join(parts)}." if parts else "Nothing to process.")
        if options["event"] and not counts[Outcome.DONE]:
            raise CommandError(why(options["event"]))


def run(key: int) -> Outcome:
    """Process one event; a refused one from the start."""
    if Event.objects.filter(pk=key, valid=False).exists():
        return process_again(key)
    return process(key)


def undone(options: dict[str, Any]) -> QuerySet[Event]:
    """What the options select; events of the mode we have no key for are left waiting."""
    events = Event.objects.undone()
    livemode = key_livemode()
    if livemode is not None:
        events = events.exclude(livemode=not livemode)
    if options["failed"] and not options["undecided"]:
        events = events.failed()
    if options["undecided"] and not options["failed"]:
        events = events.undecided()
    return events


def named(stripe_id: str) -> QuerySet[Event]:
    """The rows of one id: the genuine or undecided one, else those that were refused."""
    events = Event.objects.filter(stripe_id=stripe_id)
    if not events.exists():
        raise CommandError(f"No event {stripe_id} is on record.")
    return events.exclude(valid=False) if events.exclude(valid=False).exists() else events


def why(stripe_id: str) -> str:
    """What stands in the way of an event."""
    event = Event.objects.filter(stripe_id=stripe_id).order_by("-pk")[0]
    exception = event.exceptions.first()
    return f"{stripe_id} is not done: {event.explanation or event.reason or exception}"
