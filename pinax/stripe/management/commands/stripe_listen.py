"""Local development without a tunnel: brings Stripe's events to the project on this machine."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ... import api
from ...exceptions import FinalStripeError, StripeError
from ...upkeep.catch_up import parse_moment
from ..forwarding import ForwardingTarget, add_target_arguments, refuse_live_key, target_of

#: Seconds that each look goes back beyond the last one: events are listed a little later than they are made.
LIST_OVERLAP_SECONDS = 60
#: Errors that waiting does not fix.
HOPELESS = ("no_key", "key_refused", "key_of_other_mode", "unexpected_404")

ListedEvent = dict[str, Any]


class Command(BaseCommand):
    help = (
        "Post Stripe's events to the project on this machine as they come, signed: from Stripe's API, or from the "
        "Stripe CLI (stripe listen --format JSON | manage.py stripe_listen --from-cli). Ctrl-C ends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_target_arguments(parser)
        parser.add_argument("--from-cli", action="store_true", help="Read events from standard input, one a line.")
        parser.add_argument("--since", metavar="TIME", help="Begin here instead of now: 2026-11-20T10:00, 90m, 3d.")
        parser.add_argument("--interval", type=float, default=2.0, metavar="SECONDS", help="Between two looks; 2.")
        parser.add_argument("--account", default="", metavar="acct_…", help="A connected account instead of your own.")
        parser.add_argument("--once", action="store_true", help="Look once, and end.")
        parser.add_argument("--live", action="store_true", help="Even with a live key.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["live"]:
            refuse_live_key("Its events are about real customers; say --live if you want them in this database.")
        if options["interval"] < 0.1:
            raise CommandError("--interval is at least 0.1 seconds.")
        target = target_of(options)
        self.forwarded = 0
        self.say(f"Events go to {target.url}, {'signed' if target.secret else 'not signed'}. Ctrl-C ends it.")
        try:
            if options["from_cli"]:
                self.take_from_cli(target)
            else:
                self.poll(target, options)
        except KeyboardInterrupt:
            self.say("")
        self.say(f"Forwarded {self.forwarded} events.")

    def take_from_cli(self, target: ForwardingTarget) -> None:
        for line in sys.stdin:
            event = event_in(line)
            if event is not None:
                self.forward(target, event)

    def poll(self, target: ForwardingTarget, options: dict[str, Any]) -> None:
        feed = Feed(account=options["account"], since=since(options["since"]))
        while True:
            try:
                for event in feed.new_events():
                    if not self.forward(target, event):
                        break  # The next look lists it again, and everything after it.
                    feed.done(event)
            except StripeError as error:
                if isinstance(error, FinalStripeError) or error.code in HOPELESS:
                    raise CommandError(str(error)) from error
                self.stderr.write(f"{error} Trying again.")
            if options["once"]:
                return
            wait_seconds(options["interval"])

    def forward(self, target: ForwardingTarget, event: ListedEvent) -> bool:
        """Post an event and print the outcome. Returns whether there was an answer."""
        status = target.post(event)
        now = timezone.localtime(timezone.now())
        self.say(f"{now:%H:%M:%S}  {event['type']}  {event['id']}  {status or 'no answer'}")
        self.forwarded += bool(status)
        return bool(status)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


class Feed:
    """Stripe's list of events, read again and again: each event comes out once, the oldest first.

    Without `since` (epoch seconds) only those that are newer than the newest at the first look come.
    """

    def __init__(self, *, account: str = "", since: int | None = None) -> None:
        self.account = account
        self.since = since
        #: Ids of events that came out, as far back as the next look goes, with the second they were made in.
        self.seen: dict[str, int] = {}

    def new_events(self) -> Iterator[ListedEvent]:
        """Events that did not come out yet; StripeError if Stripe cannot be asked."""
        if self.since is None:
            self.skip_old()
        created = {"gte": max(0, self.since or 0)}
        events = list(api.iterate("/v1/events", {"created": created}, account=self.account))
        for event in reversed(events):
            if event["id"] not in self.seen:
                yield {**event, "account": self.account} if self.account and not event.get("account") else event

    def skip_old(self) -> None:
        """Mark the events that exist already as seen."""
        newest, _ = api.list_events({"limit": 1}, account=self.account)
        last = newest[0]["created"] if newest else 0
        recent = api.iterate(
            "/v1/events", {"created": {"gte": max(0, last - LIST_OVERLAP_SECONDS)}}, account=self.account
        )
        self.seen = {event["id"]: event["created"] for event in recent}
        self.since = last - LIST_OVERLAP_SECONDS

    def done(self, event: ListedEvent) -> None:
        """Note that an event was delivered."""
        self.seen[event["id"]] = event["created"]
        self.since = max(self.since or 0, event["created"] - LIST_OVERLAP_SECONDS)
        self.seen = {name: created for name, created in self.seen.items() if created >= self.since}


def event_in(line: str) -> ListedEvent | None:
    """The event in a line of the Stripe CLI's; None for its other lines."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    is_event = isinstance(event, dict) and isinstance(event.get("id"), str) and isinstance(event.get("type"), str)
    return event if is_event else None


def since(value: str | None) -> int | None:
    """Epoch seconds of a time that people type."""
    if value is None:
        return None
    try:
        return int(parse_moment(value).timestamp())
    except (ValueError, OverflowError):
        raise CommandError(f"{value!r} is no time: write 2026-11-20, 2026-11-20T10:00, 90m, 36h or 3d.") from None


def wait_seconds(seconds: float) -> None:
    """Wait for the next look."""
    time.sleep(seconds)
