"""Posts a made-up event of any type to the project, without Stripe."""

import difflib
import json
import time
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test import override_settings

from ...catalogue.event_types import EVENT_TYPES
from ...conf import IN_REQUEST, secret_key, setting, webhook_secrets
from ...models.events import Event
from ...testing import FakeStripe, build_event
from ...testing.builders.events import plausible_object
from ...testing.delivery import LOOPBACK, body_of, headers_of
from ...webhooks.deliveries import Delivery
from ...webhooks.processing import Outcome, process
from ...webhooks.recording import record
from ..forwarding import ForwardingTarget, add_target_arguments, refuse_live_key, target_of

#: A stand-in for Stripe that is recommended where none is configured.
STAND_IN = "http://127.0.0.1:12111"

Payload = dict[str, Any]


class Command(BaseCommand):
    help = (
        "Post a made-up event of any type to the project that runs on this machine; or, with --in-process, record and "
        "process it right here. Never with a live key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", help="An event type: invoice.paid.")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="An attribute of the event's object (a.b=1 for one inside another); JSON, or else text. Repeatable.",
        )
        parser.add_argument("--account", default="", metavar="acct_…", help="As an event of a connected account.")
        parser.add_argument("--in-process", action="store_true", help="Do not post: run the pipeline in this process.")
        parser.add_argument(
            "--wait", type=float, default=10.0, metavar="SECONDS", help="For a task queue to process it; 10."
        )
        add_target_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_live_key("Made-up events do not belong in that database.")
        kind = known(options["type"])
        data = object_for(kind, options["set"])
        if options["in_process"]:
            self.run_here(kind, data, options)
        elif setting("VALIDATION") == "signature":
            event = build_event(kind, data, account=options["account"] or None)
            self.post(target_of(options), event, options)
        else:
            target = target_of(options)
            with stand_in() as stripe:
                self.post(target, happen(stripe, kind, data, options), options)

    def run_here(self, kind: str, data: Payload, options: dict[str, Any]) -> None:
        """Record and process the event in this process, against a FakeStripe that has the event."""
        with FakeStripe() as stripe:
            event = happen(stripe, kind, data, options)
            body = body_of(event)
            secret = options["secret"] or next(iter(webhook_secrets()), "")
            here = {"PINAX_STRIPE_API_BASE": stripe.url, "PINAX_STRIPE_SECRET_KEY": secret_key() or "sk_test_trigger"}
            with override_settings(**here):
                headers = headers_of(body, secret)
                row = record(Delivery(body=body, size=len(body), headers=headers, remote_address="127.0.0.1"))
                outcome = process(row.pk)
        if outcome is not Outcome.DONE:
            raise CommandError(failure_message(event["id"], outcome.name.lower()))
        self.stdout.write(f"{kind}  {event['id']}  done")

    def post(self, target: ForwardingTarget, event: Payload, options: dict[str, Any]) -> None:
        status = target.post(event)
        if not status:
            raise CommandError(f"No answer from {target.url}: does the project run there? (--forward-to)")
        if status >= 300:
            raise CommandError(failure_message(event["id"], f"answered {status}"))
        if setting("DISPATCH") != IN_REQUEST:
            self.await_queue(event["id"], options["wait"])
        self.stdout.write(f"{event['type']}  {event['id']}  {status}")

    def await_queue(self, stripe_id: str, seconds: float) -> None:
        """Wait until the event is processed: the FakeStripe that has the event runs in this process."""
        deadline = time.monotonic() + seconds
        while not Event.objects.filter(stripe_id=stripe_id, processed=True).exists():
            if time.monotonic() > deadline:
                raise CommandError(
                    failure_message(stripe_id, f"not processed after {seconds:g} seconds; does a worker run?")
                )
            time.sleep(0.1)


def known(kind: str) -> str:
    """An event type; CommandError with what may be meant for anything else."""
    if kind in EVENT_TYPES:
        return kind
    close = difflib.get_close_matches(kind, EVENT_TYPES, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise CommandError(f"{kind} is no event type.{hint}")


def object_for(kind: str, assignments: list[str]) -> Payload:
    """A plausible object for events of a type, with the attributes that were asked for."""
    data = plausible_object(kind, int(time.time()))
    for assignment in assignments:
        path, sign, value = assignment.partition("=")
        if not sign or not path:
            raise CommandError(f"--set {assignment}: write NAME=VALUE.")
        *parents, name = path.split(".")
        place = data
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise CommandError(f"--set {assignment}: {parent} has no attributes.")
        place[name] = value_of(value)
    return data


def value_of(text: str) -> Any:
    """JSON, or else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def happen(stripe: FakeStripe, kind: str, data: Payload, options: dict[str, Any]) -> Payload:
    """Emit the event at a FakeStripe, which then has the event, and the object unless that is deleted."""
    return stripe.emit(kind, data, account=options["account"] or None, keep=not kind.endswith(".deleted"))


def stand_in() -> AbstractContextManager[FakeStripe]:
    """A FakeStripe where PINAX_STRIPE_API_BASE points to; CommandError with the ways out if that is Stripe itself."""
    base = urlsplit(setting("API_BASE"))
    if base.hostname not in LOOPBACK or base.scheme != "http" or not base.port:
        raise CommandError(
            "Stripe does not know a made-up event, and the project asks it. Choose one:\n"
            "  manage.py stripe_trigger … --in-process, which needs no running project;\n"
            f'  PINAX_STRIPE_API_BASE = "{STAND_IN}" in the settings for development: while this command runs, '
            "a stand-in answers there;\n"
            '  PINAX_STRIPE_VALIDATION = "signature" in the settings for development, with a secret of your own.'
        )
    try:
        return FakeStripe(port=base.port).start()
    except OSError as error:
        raise CommandError(
            f"Something else answers at {setting('API_BASE')}, and does not know the event ({error.strerror}). "
            "Stop it, or use --in-process."
        ) from error


def failure_message(stripe_id: str, outcome: str) -> str:
    """The state of an event that is not done, as far as this database has it."""
    event = Event.objects.filter(stripe_id=stripe_id).order_by("-pk").first()
    if event is None:
        return f"{stripe_id} {outcome}, and is not in this database."
    exception = event.exceptions.first()
    if exception is not None:
        return f"{stripe_id} {outcome}.\n{exception.traceback}"
    return f"{stripe_id} {outcome}: {event.explanation or event.reason or event.state}"
