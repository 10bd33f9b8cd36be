"""The demo from its first line to its last: which Stripe, what happens, and whether all is well."""

import argparse
import itertools
import os
import re
import signal
import sys
import threading
import time

import stripe
from django.conf import settings

from pinax.stripe.testing import build_event, build_object

from . import outcome
from .comparison import Compared, compare_mirror
from .postman import Postman
from .real_stripe import RealStripe
from .screen import Screen
from .site import NAME, PASSWORD, Site
from .stand_in import StandIn

#: The chapter before which a forged event is posted.
FORGED_BEFORE = 4
#: What the forger signs with.
GUESS = "whsec_guess"


def main(arguments: list[str]) -> int:
    """Run the demo; 0 if its outcome is right, 1 if it is not, 2 if it cannot run."""
    options = parser().parse_args(arguments)
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    problem = key_problem(key)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    settings.PINAX_STRIPE_SECRET_KEY = key or settings.PINAX_STRIPE_SECRET_KEY
    signal.signal(signal.SIGINT, interrupted)
    try:
        return perform(RealStripe(key, api_base=options.api_base) if key else StandIn(), options)
    except stripe.StripeError as error:
        print(f"\nThe demo ends early; from Stripe: {error.user_message or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def interrupted(number: int, frame: object) -> None:
    """Ctrl-C, once: tox passes on what the terminal has sent already, and that would stop the tidying up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def perform(source: StandIn | RealStripe, options: argparse.Namespace) -> int:
    """From the first line to Ctrl-C, or to the end of the check with `--once`; 0 if all is right, else 1."""
    # Two chapters more than the life has: the forgery, and what is delivered at last.
    with source, Site() as site, Screen(total=source.total + 2, pace=options.pace) as screen:
        settings.PINAX_STRIPE_API_BASE = source.api_base
        with source.passing():
            is_right = run(source, site, screen)
            source.close_the_day()
        if not options.once:
            screen.line(f"\n{site.admin}  (name {NAME}, password {PASSWORD}), until Ctrl-C.", "bold")
            wait()
    return 0 if is_right else 1


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m tests.demo",
        description="A customer's life, from Stripe's events to the mirror. Against a stand-in on this machine; with a "
        "test key in STRIPE_SECRET_KEY, against Stripe's test mode.",
    )
    made.add_argument("--once", action="store_true", help="end when all is checked; non-zero if anything is off")
    made.add_argument("--pace", type=float, metavar="SECONDS", help="between two lines; 0 unless on a terminal")
    made.add_argument("--api-base", metavar="URL", help="of Stripe's API, with STRIPE_SECRET_KEY; default: Stripe's")
    return made


def key_problem(key: str) -> str:
    """Why not to run with a key; "" if there is nothing wrong with it."""
    if not key or re.match("(sk|rk)_test_", key):
        return ""
    kind = "a live key" if re.match("(sk|rk)_live_", key) else "no secret test key"
    return (
        f"STRIPE_SECRET_KEY is {kind}. The demo creates and deletes objects, so it takes only a key that starts with "
        "sk_test_ or rk_test_. Unset it to run against a stand-in on this machine. Nothing was done."
    )


def run(source: StandIn | RealStripe, site: Site, screen: Screen) -> bool:
    """Let the life pass, deliver its events, and show what came of them; whether everything is right."""
    postman = Postman(lambda event: source.send(site.webhook, event))
    forged = forgery()
    screen.line(f"Stripe is {source.name}; its events are POSTed to {site.webhook}")
    take_in(source, screen)
    for number, (title, events) in enumerate(source.chapters(), start=1):
        if number == FORGED_BEFORE:
            screen.chapter("A forger who guesses the webhook's secret claims that Jenny has paid")
            screen.delivery(Postman(lambda event: source.send(site.webhook, event, GUESS)).post(forged))
        screen.chapter(title)
        if number == 1:
            read_as_in(events)
        show(postman.deliver(events), screen)
        if source.rest(title):
            show(postman.deliver([]), screen)
    compared, checks = settle(source, postman, forged, screen)
    screen.outcome(compared, checks)
    return not any(check.problems for check in checks)


def take_in(source: StandIn | RealStripe, screen: Screen) -> None:
    """Take in what the account has already, if the demo's account has a history."""
    for number, line in enumerate(source.take_in()):
        if number:
            screen.line(f"  {line}")
        else:
            screen.chapter(line)


def read_as_in(events: list[dict]) -> None:
    """Have objects read in the API version of the events, so that the two can be compared."""
    settings.PINAX_STRIPE_API_VERSION = next((event["api_version"] for event in events), None)


def forgery() -> dict:
    """An event as Stripe would send it, of which Stripe knows nothing."""
    return build_event("invoice.paid", build_object("invoice", id="in_forged", status="paid"))


def settle(
    source: StandIn | RealStripe, postman: Postman, forged: dict, screen: Screen
) -> tuple[list[Compared], list[outcome.Check]]:
    """Deliver what is left until nothing is off, or as long as Stripe may take to tell of everything."""
    deadline = time.monotonic() + source.patience
    screen.chapter("Stripe sends what is left")
    while True:
        show(itertools.chain(postman.deliver(source.more()), postman.finish()), screen)
        compared = compare_mirror()
        checks = outcome.checks(events=source.events, posts=postman.posts, forged=forged, compared=compared)
        if not any(check.problems for check in checks) or time.monotonic() >= deadline:
            return compared, checks


def show(deliveries, screen: Screen) -> None:
    for delivery in deliveries:
        screen.delivery(delivery)


def wait() -> None:
    """Until Ctrl-C."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()
