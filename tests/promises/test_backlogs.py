"""A backlog of undecided events is decided by the hundred: few calls, never too fast, whatever happens meanwhile."""

import math
import random
import time
from bisect import bisect_left
from collections import Counter
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.apps import apps
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pinax.stripe import api
from pinax.stripe.management import progress
from pinax.stripe.models import Event, MirroredObject
from pinax.stripe.testing import build_event, build_object
from pinax.stripe.upkeep import sweeper
from pinax.stripe.webhooks.batch_validation import MIN_LISTED
from pinax.stripe.webhooks.batches import store_together
from tests import databases
from tests.backlog import sweep, wait
from tests.contract.tables import model_of
from tests.promises.clock import Clock
from tests.promises.mirror_check import SHOWN, check_converged, check_once, receiver_counts
from tests.promises.processes import NEEDS_POSTGRESQL, ended, start_worker
from tests.promises.world import TOPICS, LivingStripe, World, live_through_days, random_steps, steps_about

pytestmark = pytest.mark.django_db(transaction=True)

#: Calls a second: so few that an attempt made again without waiting for its turn would show.
RATE = 2
DAYS = 20
#: How far apart events may lie that arrive in the wrong order.
DISORDER = 20
#: Sweeps that find Stripe in trouble, and all that it may take.
TROUBLED, SWEEPS = 6, 30


class Calls:
    """What this process asks of Stripe's events, and when, on a clock of the test's."""

    def __init__(self, monkeypatch):
        call_once = api.calls.call_once
        self.clock = Clock(monkeypatch)
        #: When each call of any kind was made.
        self.moments = []
        self.lists = self.failed_lists = self.single = 0

        def noted(request):
            self.moments.append(self.clock.now)
            self.lists += request.path == "/v1/events"
            self.single += request.path.startswith("/v1/events/")
            self.failed_lists += request.path == "/v1/events"
            fetched = call_once(request)
            self.failed_lists -= request.path == "/v1/events"
            return fetched

        monkeypatch.setattr(api.calls, "call_once", noted)

    def forget(self):
        """Begin to count."""
        self.moments.clear()
        self.lists = self.failed_lists = self.single = 0

    def most_in_a_second(self):
        return max(bisect_left(self.moments, moment + 1 - 1e-9) - number for number, moment in enumerate(self.moments))


@pytest.fixture
def calls(monkeypatch, settings):
    """The calls of this process, which are paced and take no time."""
    settings.PINAX_STRIPE_API_RATE = RATE
    settings.PINAX_STRIPE_API_TIMEOUT = settings.PINAX_STRIPE_REQUEST_BUDGET = 30
    return Calls(monkeypatch)


def test_a_hundred_events_cost_one_call(client, fake_stripe, shop, calls, by_size, figure, monkeypatch):
    monkeypatch.setattr(progress, "PAUSE", math.inf)  # However slow this is, nothing is said on the way.
    count = by_size(quick=120, short=320, long=5020)
    fake_stripe.now = int(time.time()) - DAYS * 24 * 3600
    rng = random.Random(count)
    for _ in range(count):
        fake_stripe.advance(rng.randrange(200))
        fake_stripe.create("customer")
    wait(client, fake_stripe, fake_stripe.events)
    calls.forget()
    assert sweep() == f"Processed {count} events: {count} done."
    suite = "a backlog, in order"
    figure(suite, "events, lists, single reads", f"{count}, {calls.lists}, {calls.single}")
    figure(suite, "most calls in a second, allowed", f"{calls.most_in_a_second()}, {RATE}")
    assert (calls.lists, calls.single) == (math.ceil(count / api.PAGE), 0)
    assert len(fake_stripe.requests) == calls.lists
    assert calls.most_in_a_second() <= RATE


class Run:
    """One seeded run: a history of which the news waits, nearly in order, with forgeries among it."""

    def __init__(self, stripe, rng, chapters):
        self.stripe, self.rng = stripe, rng
        self.world = World(stripe)
        self.present = int(time.time()) - 60
        live_through_days(self.world, rng, chapters, days=DAYS, until=self.present)
        places = {id(event): place + rng.random() * DISORDER for place, event in enumerate(stripe.events)}
        self.waiting = sorted(stripe.events, key=lambda event: places[id(event)])
        self.forged = [self.forgery() for _ in range(max(1, len(self.waiting) // 50))]
        for event in self.forged:
            self.waiting.insert(rng.randrange(len(self.waiting)), event)

    def forgery(self):
        moment = self.rng.randrange(self.present - DAYS * 24 * 3600, self.present)
        return build_event("customer.created", build_object("customer"), created=moment)

    def live_deliveries(self):
        """What arrives meanwhile: news, and what was not acknowledged, once more."""
        seen = len(self.stripe.events)
        for step in random_steps(self.rng, len(self.waiting) // 4, steps_about(["customers", "prices", "others"])):
            self.world.live(step)
        forged = {event["id"] for event in self.forged}
        genuine = [event for event in self.waiting if event["id"] not in forged]
        deliveries = [*self.stripe.events[seen:], *self.rng.sample(genuine, len(genuine) // 4)]
        self.rng.shuffle(deliveries)
        return deliveries

    def sweep(self, clock):
        """Sweep, a minute apart, until all that waited is done; how often that was."""
        undone = Event.objects.undone().filter(stripe_id__in=[event["id"] for event in self.waiting])
        self.stripe.ail("/v1/events", self.rng)
        for number in range(1, SWEEPS + 1):
            if number > TROUBLED:
                self.stripe.recover()
            sweep()
            clock.wait(60)
            if not undone.exists():
                return number
        raise AssertionError(f"{undone.count()} events are undecided after {SWEEPS} sweeps")


@pytest.mark.parametrize("is_live", [False, pytest.param(True, marks=NEEDS_POSTGRESQL)], ids=["alone", "live"])
def test_outages_forgeries_and_live_deliveries_cost_a_few_calls_more_and_nothing_else(
    shared, shop, settings, calls, size, by_size, seed, figure, is_live
):
    if size == "quick" and is_live:
        pytest.skip("in a longer form")
    runs = by_size(quick=1, short=1, long=2)
    totals, most_in_a_second = Counter(), 0
    too_often, not_at_all = Counter(), Counter()
    for number in range(runs):
        databases.empty()
        with LivingStripe() as stripe:
            settings.PINAX_STRIPE_API_BASE = stripe.url
            run = Run(stripe, random.Random(seed + number), by_size(quick=8, short=16, long=80))
            wait(Client(), stripe, run.waiting)
            totals["waiting"] += len(run.waiting)
            deliveries = run.live_deliveries() if is_live else []
            totals["live"] += len(deliveries)
            jobs = [deliveries[half::2] for half in range(2) if is_live]
            workers = [start_worker(shared, api_base=stripe.url, events=job) for job in jobs]
            calls.forget()
            totals["sweeps"] += run.sweep(calls.clock)
            assert [ended(worker) for worker in workers] == [0] * len(jobs)
            most_in_a_second = max(most_in_a_second, calls.most_in_a_second())
            for name in ("lists", "failed_lists", "single"):
                totals[name] += getattr(calls, name)
            forged = Event.objects.filter(stripe_id__in=[event["id"] for event in run.forged])
            totals["forged"] += len(run.forged)
            totals["refused"] += forged.filter(valid=False, reason="not_found").count()
            forged.delete()
            one_too_often, one_not_at_all = receiver_counts({event["id"]: event["type"] for event in stripe.events})
            too_often += one_too_often
            not_at_all += one_not_at_all
            check_converged(run.world)
            check_once(run.world)
    suite = "a backlog, outages" + (" and live deliveries" if is_live else "")
    for name, value in (
        ("runs (first seed)", f"{runs} ({seed})"),
        ("events that waited, forgeries among them", f"{totals['waiting']}, {totals['forged']}"),
        ("live deliveries meanwhile", totals["live"]),
        ("sweeps", totals["sweeps"]),
        ("lists, failed ones among them", f"{totals['lists']}, {totals['failed_lists']}"),
        ("single reads", totals["single"]),
        ("calls for a hundred events", f"{100 * (totals['lists'] + totals['single']) / totals['waiting']:.1f}"),
        ("most calls in a second, allowed", f"{most_in_a_second}, {RATE}"),
        ("forgeries refused", totals["refused"]),
        ("receivers that ran too often, not at all", f"{too_often.total()}, {not_at_all.total()}"),
    ):
        figure(suite, name, value)
    assert most_in_a_second <= RATE
    assert totals["refused"] == totals["forged"]
    # A sweep may end with a few events of each account that are not worth a list.
    answered = totals["lists"] - totals["failed_lists"] + totals["single"] - totals["forged"]
    assert answered <= totals["waiting"] / 10 + totals["sweeps"] * 2 * (MIN_LISTED + 1)


def test_after_an_outage_every_genuine_event_is_done_whatever_was_made_up_beside_it(
    client, fake_stripe, settings, by_size, figure
):
    """Without a webhook secret nothing but Stripe tells genuine events from those that name accounts at random."""
    settings.PINAX_STRIPE_API_RATE, settings.PINAX_STRIPE_REFUSED_CALLS = 1000, 10
    settings.PINAX_STRIPE_API_RETRIES = 0  # During the outage each POST would pause for them.
    count = by_size(quick=150, short=450, long=20_000)
    fake_stripe.now = int(time.time()) - 2 * count
    for account in ("", "acct_known"):
        fake_stripe.create("coupon", account=account)
    fake_stripe.deliver_to(client)
    rng, accounts = random.Random(count), ("", "acct_known")
    for number in range(count):
        fake_stripe.advance(1)
        fake_stripe.create("coupon", account=accounts[number % 2])
    genuine = fake_stripe.events[2:]
    made_up = [build_event("coupon.created", account=f"acct_made_up_{number}") for number in range(count)]
    posted = [*genuine, *made_up]
    rng.shuffle(posted)
    wait(client, fake_stripe, posted)
    sweep()
    waited = Event.objects.filter(stripe_id__in=[event["id"] for event in genuine[:1000]])
    assert set(waited.values_list("state", flat=True)) == {"done"}
    assert Event.objects.filter(state="done").count() == count + 2
    about_made_up = sum("made_up" in request.headers.get("stripe-account", "") for request in fake_stripe.requests)
    suite = "a backlog, half of it made up"
    figure(suite, "genuine events that waited, made up ones", f"{count}, {count}")
    figure(
        suite,
        "calls about what is genuine, and what is made up",
        f"{len(fake_stripe.requests) - about_made_up}, {about_made_up}",
    )
    assert Event.objects.filter(reason="unknown_account").count() == about_made_up == 10
    # What arrived in no order is spread over many lists, but they never cost more than reading events one by one.
    assert len(fake_stripe.requests) - about_made_up <= count


def rows():
    """All rows of the mirror, but for how often and when they were written."""
    left_out = ("version", "synced_at")
    return {
        (model.__name__, row.pk): {
            name: value for name, value in vars(row).items() if name not in (*left_out, "_state")
        }
        for model in mirrored_models()
        for row in model.all_objects.all()
    }


def mirrored_models():
    return [model for model in apps.get_app_config("pinax_stripe").get_models() if issubclass(model, MirroredObject)]


def swept_rows(client, stripe):
    """The rows after one sweep of all events of Stripe, and how many events it stored together."""
    databases.empty()
    wait(client, stripe, stripe.events)
    with count_stored_together() as stored:
        sweep()
    assert set(Event.objects.values_list("state", flat=True)) <= {"done"}
    return of_stripes_objects(rows(), stripe), sum(stored)


def of_stripes_objects(found, stripe):
    """Without prices and the like that were shown once and that the stand-in never had: they may be seen or not."""
    theirs = {stripe_id for _, stripe_id in stripe._objects}
    shown = {model_of(kind).__name__ for kind in SHOWN}
    return {key: row for key, row in found.items() if key[0] not in shown or row["stripe_id"] in theirs}


@contextmanager
def count_stored_together():
    """How many events of each batch are stored together."""
    stored = []

    def counted(fetches):
        handlers = store_together(fetches)
        stored.append(len(handlers))
        return handlers

    with patch.object(sweeper, "store_together", counted):
        yield stored


def test_events_that_are_stored_together_end_in_the_rows_of_events_that_are_stored_one_by_one(
    client, calls, settings, by_size, figure
):
    settings.PINAX_STRIPE_API_RATE = 1000
    count = by_size(quick=10, short=25, long=1000)
    together = []

    @hypothesis_settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        topics=st.lists(st.sampled_from(sorted(TOPICS)), min_size=1, max_size=3, unique=True),
        seed=st.integers(0, 10**6),
        length=st.integers(20, 80),
    )
    def run(topics, seed, length):
        with LivingStripe() as stripe:
            settings.PINAX_STRIPE_API_BASE = stripe.url
            stripe.now = int(time.time()) - 1000
            world = World(stripe)
            for step in random_steps(random.Random(seed), length, steps_about(topics)):
                world.live(step)
            batched, number = swept_rows(client, stripe)
            with patch.object(sweeper, "store_together", lambda fetches: {}):
                alone, _ = swept_rows(client, stripe)
            together.append(number)
            assert batched == alone

    run()
    figure(
        "a backlog, together and one by one", "histories, events that were stored together", f"{count}, {sum(together)}"
    )
    assert sum(together) > count
