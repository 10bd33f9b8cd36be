"""From localstripe's start to the verdict: its life, its webhooks, and the mirror held against its API."""

import io
import time
from collections import Counter

from django.conf import settings
from django.core.management import CommandError, call_command

from pinax.stripe.backfill.scheduled import SKIPPED
from pinax.stripe.catalogue.lists import all_lists
from pinax.stripe.models import BackfillPosition, Event, MirroredObject, Verification
from pinax.stripe.testing import build_event, build_object
from pinax.stripe.testing.delivery import body_of, headers_of, send
from tests.demo import outcome
from tests.demo.comparison import Compared, compare_mirror
from tests.demo.postman import Delivery
from tests.demo.screen import Screen
from tests.demo.site import Site

from .deviations import excused, lists_that_are_missing
from .life import CHAPTERS, Life
from .process import KEY, Localstripe

SECRET = "whsec_localstripe"
#: Seconds for the webhooks of a chapter; localstripe waits one before it sends, and half of one for a bank's answer.
PATIENCE = 20.0
PAUSE = 0.05
#: The secret that the forger tries.
GUESSED = "whsec_guessed"


def main() -> int:
    """Run it; 0 if every row is what localstripe's API says, else 1."""
    with Localstripe() as source, Site() as site, Screen(total=len(CHAPTERS) + 2, pace=0) as screen:
        settings.PINAX_STRIPE_API_BASE = source.url
        settings.PINAX_STRIPE_SECRET_KEY = KEY
        source.send_webhooks_to(site.webhook, secret=SECRET)
        screen.line(f"localstripe is at {source.url}; it POSTs its events to {site.webhook}")
        posts: Counter[str] = Counter()
        live(source, screen, posts)
        forged = forgery()
        repeat(source, site, screen, posts, forged)
        compared, checks = verdict(source, posts, forged)
        checks += backfill(screen)
        screen.outcome(compared, checks)
    return 1 if any(check.problems for check in checks) else 0


def live(source: Localstripe, screen: Screen, posts: Counter[str]) -> None:
    """Let the life pass, each chapter when the webhooks of the one before have arrived."""
    life = Life(source.client)
    for title, (happen, expected) in CHAPTERS.items():
        screen.chapter(title)
        happen(life)
        for event in arrived(source, expected, posts):
            posts[event["id"]] += 1
            screen.delivery(Delivery(event=event, status=200 if is_done(event) else 500))
        if not expected:
            screen.line("  (localstripe makes no event of this)")


def arrived(source: Localstripe, expected: set[str], known: Counter[str]) -> list[dict]:
    """The new events, once those types are among them and all were tried; what is missing is for the check to find."""
    deadline = time.monotonic() + PATIENCE
    while True:
        new = [event for event in source.events() if event["id"] not in known]
        tried = Event.objects.filter(stripe_id__in=[event["id"] for event in new], attempts__gt=0)
        settled = tried.filter(processed=True).count() + tried.filter(exceptions__isnull=False).count()
        if (expected <= {event["type"] for event in new} and settled == len(new)) or time.monotonic() >= deadline:
            return new
        time.sleep(PAUSE)


def is_done(event: dict) -> bool:
    return Event.objects.filter(stripe_id=event["id"], processed=True).exists()


def forgery() -> dict:
    """An event of which localstripe knows nothing."""
    return build_event(settings.DEMO_PAID, build_object("invoice", id="in_forged", status="paid"))


def repeat(source: Localstripe, site: Site, screen: Screen, posts: Counter[str], forged: dict) -> None:
    """What localstripe does not do: it never sends anything twice, not even what failed. And a forgery."""
    screen.chapter("localstripe does not send again what failed, so the sweeper processes it")
    call_command("stripe_process_events")
    screen.chapter("Everything is sent once more, newest first, and with it a forged event")
    for event in [*reversed(source.events()), forged]:
        body = body_of(event)
        # Who makes an event up has to guess the secret, too.
        status = send(site.webhook, body, headers_of(body, GUESSED if event is forged else SECRET))
        posts[event["id"]] += 1
        screen.delivery(Delivery(event=event, status=status))


def backfill(screen: Screen) -> list[outcome.Check]:
    """Nothing is delivered: the mirror is emptied, filled from the lists, and held against them."""
    screen.chapter("The mirror is emptied, filled from localstripe's lists, and held against them")
    for model in MirroredObject.__subclasses__():
        model.all_objects.all().delete()
    problems = []
    for command in ("stripe_sync", "stripe_verify"):
        said = io.StringIO()
        try:
            call_command(command, stdout=said, stderr=io.StringIO(), verbosity=0)
        except CommandError as error:
            # localstripe has not all of Stripe's lists.
            if error.returncode != SKIPPED:
                problems.append(f"{command}: {error}")
        screen.line(said.getvalue().rstrip())
    if not Verification.objects.filter(compared__gt=20, different=0).exists():
        problems.append("it compared less than the life makes, or found a difference")
    claim = "After stripe_sync from nothing, stripe_verify finds no difference."
    return [outcome.Check(claim=claim, problems=problems), check_lists()]


def check_lists() -> outcome.Check:
    """The lists that localstripe does not give are those that it is known not to have."""
    skipped = {row.list_name: bool(row.skipped) for row in BackfillPosition.objects.all()}
    asked = {each.name for each in all_lists() if each.parent is None} & skipped.keys()
    return lists_that_are_missing({name for name in asked if not skipped[name]})


def verdict(source: Localstripe, posts: Counter[str], forged: dict) -> tuple[list[Compared], list[outcome.Check]]:
    """The rows and the checks."""
    compared, deviations = excused(compare_mirror())
    checks = outcome.checks(events=source.events(), posts=posts, forged=forged, compared=compared)
    return compared, [*checks, deviations]
