"""A catch-up that is killed again and again, beside live deliveries: everything is done once, oldest first."""

import random
import signal
import time
from collections import Counter

import pytest
from django.test import Client

from pinax.stripe.models import Event
from pinax.stripe.models.events import EventSource
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.catch_up import plan_catch_up, run_catch_up
from pinax.stripe.webhooks.checkpoints import Checkpoint
from tests import databases
from tests.backlog import wait
from tests.promises.mirror_check import check_converged, check_once, receiver_counts
from tests.promises.processes import NEEDS_POSTGRESQL, ended, start_worker
from tests.promises.shop.models import Effect
from tests.promises.world import ACCOUNT, LivingStripe, World, live_through_days, random_steps, steps_about

pytestmark = pytest.mark.django_db(transaction=True)

DAYS = 5
#: Of a hundred events, those that were processed when they were made, and those that were only recorded.
PROCESSED, RECORDED = 30, 10
#: Events of the tie with which each history begins.
TIE = 2
#: A process is killed before one of so many of its SQL statements: some were at the first event, some at the tenth.
STATEMENTS = 200
#: What the smaller forms have: where processes are killed, and whether there are live deliveries.
PARTS = {"quick": [("statements", False)], "short": [("statements", False), ("points", True)]}


class Run:
    """One seeded run: a history of days of which some was processed, some only recorded, and most never arrived."""

    def __init__(self, stripe, rng, chapters):
        self.stripe, self.rng = stripe, rng
        self.world = World(stripe)
        present = int(time.time()) - 60
        # The first news is a tie and missed: without one, the point at which it is settled might never be reached.
        stripe.now = present - (DAYS + 1) * 24 * 3600
        stripe.create("customer", id="cus_tie")
        stripe.update("cus_tie", description="changed within the second")
        live_through_days(self.world, rng, chapters, days=DAYS, until=present)
        self.arrived, recorded = [], []
        for event in stripe.events[TIE:]:
            chance = rng.randrange(100)
            if chance < PROCESSED:
                self.arrived.append(event)
            elif chance < PROCESSED + RECORDED:
                recorded.append(event)
        client = Client()
        for event in self.arrived:
            assert post_event(client, event).status_code == 200
        wait(client, stripe, recorded)
        self.missing = len(stripe.events) - len(self.arrived) - len(recorded)

    @property
    def accounts(self):
        """The own account first, and those that events are of: each is caught up with by itself."""
        return list(dict.fromkeys(["", ACCOUNT, *(event.get("account") or "" for event in self.stripe.events)]))

    def live_deliveries(self):
        """What arrives meanwhile: new events, and those that Stripe sends again because they were not acknowledged."""
        past = len(self.stripe.events)
        for step in random_steps(self.rng, min(100, past // 4), steps_about(["customers", "prices", "others"])):
            self.world.live(step)
        deliveries = [*self.stripe.events[past:], *self.rng.sample(self.stripe.events[TIE:past], past // 4)]
        self.rng.shuffle(deliveries)
        return deliveries

    def catch_up(self, address, **death):
        """Run the catch-ups in a process of their own; whether it was killed."""
        worker = start_worker(
            address,
            api_base=self.stripe.url,
            settings={"PINAX_STRIPE_API_RATE": 1000, "PINAX_STRIPE_API_TIMEOUT": 30, "PINAX_STRIPE_API_RETRIES": 0},
            commands=[["stripe_catch_up", "--account", account] for account in self.accounts],
            **death,
        )
        return ended(worker) == -signal.SIGKILL

    def catch_up_with_deaths(self, address, deaths):
        """The same with a process killed by each death, and then with one that gets to the end; how many died."""
        killed = sum(self.catch_up(address, **death) for death in deaths)
        assert not self.catch_up(address)
        return killed

    def found_missing(self):
        """What a dry run finds missing."""
        self.stripe.recover()
        return sum(
            len(window.missing)
            for account in self.accounts
            for window in run_catch_up(plan_catch_up(account=account), dry_run=True)
        )

    def is_in_order(self, delivered=()):
        """Whether missed events were recorded, and processed, in the order in which they were made.

        Without those that were delivered meanwhile: a delivery processes its event at once, recorded or not.
        """
        places = {event["id"]: place for place, event in enumerate(self.stripe.events)}
        for account in self.accounts:
            missed = Event.objects.filter(source=EventSource.CATCH_UP, stripe_account=account)
            missed = missed.exclude(stripe_id__in=[event["id"] for event in delivered])
            recorded = [places[stripe_id] for stripe_id in missed.order_by("pk").values_list("stripe_id", flat=True)]
            booked = Effect.objects.filter(receiver="book", event_id__in=missed.values("stripe_id"))
            processed = [places[stripe_id] for stripe_id in booked.order_by("pk").values_list("event_id", flat=True)]
            if not recorded == processed == sorted(recorded):
                return False
        return True


def at_points(rng):
    """One death at each point of the pipeline. A tie, without which one of them is never reached, comes early."""
    others = [point for point in Checkpoint if point is not Checkpoint.FETCHED]
    return [{"point": point.name, "time": 1} for point in [Checkpoint.FETCHED, *rng.sample(others, len(others))]]


def at_statements(rng, count):
    """Deaths before any SQL statement."""
    return [{"statement": rng.randrange(1, STATEMENTS)} for _ in range(count)]


@pytest.mark.parametrize("is_live", [False, pytest.param(True, marks=NEEDS_POSTGRESQL)], ids=["alone", "live"])
@pytest.mark.parametrize("deaths", ["points", "statements"])
def test_a_catch_up_killed_anywhere_goes_on_until_everything_is_done_once_and_in_order(
    shared, shop, settings, size, by_size, seed, figure, deaths, is_live
):
    if (deaths, is_live) not in PARTS.get(size, [(deaths, is_live)]):
        pytest.skip("in a longer form")
    settings.PINAX_STRIPE_API_RATE = 1000
    settings.PINAX_STRIPE_API_TIMEOUT = settings.PINAX_STRIPE_REQUEST_BUDGET = 30
    runs = by_size(quick=1, short=1, long=2)
    totals = Counter()
    for number in range(runs):
        databases.empty()
        rng = random.Random(seed + number)
        with LivingStripe() as stripe:
            settings.PINAX_STRIPE_API_BASE = stripe.url
            run = Run(stripe, rng, by_size(quick=6, short=8, long=60))
            totals["missing"] += run.missing
            totals["found missing"] += run.found_missing()
            stripe.ail("/v1/events", rng)
            stripe.reset_requests()
            planned = at_points(rng) if deaths == "points" else at_statements(rng, by_size(quick=2, short=4, long=25))
            totals["planned"] += len(planned)
            deliveries = run.live_deliveries() if is_live else []
            live = [start_worker(shared, api_base=stripe.url, events=deliveries)] if is_live else []
            totals["killed"] += run.catch_up_with_deaths(shared, planned)
            assert [ended(worker) for worker in live] == [0] * len(live)
            totals["live"] += len(deliveries)
            totals["lists"] += sum(request.path == "/v1/events" for request in stripe.requests)
            totals["events"] += len(stripe.events)
            too_often, not_at_all = receiver_counts({event["id"]: event["type"] for event in stripe.events})
            totals["too often"] += too_often.total()
            totals["not at all"] += not_at_all.total()
            totals["still missing"] += run.found_missing()
            totals["out of order"] += not run.is_in_order(deliveries)
            check_converged(run.world)
            check_once(run.world)
    suite = f"missed events, killed at {deaths}" + (" beside live deliveries" if is_live else "")
    for name, value in (
        ("runs (first seed)", f"{runs} ({seed})"),
        ("events, missing before, after", f"{totals['events']}, {totals['missing']}, {totals['still missing']}"),
        ("live deliveries meanwhile", totals["live"]),
        ("processes killed", totals["killed"]),
        ("lists of events asked for", totals["lists"]),
        ("receivers that ran too often, not at all", f"{totals['too often']}, {totals['not at all']}"),
        ("runs not oldest first", totals["out of order"]),
    ):
        figure(suite, name, value)
    assert totals["killed"] == totals["planned"]
    assert totals["found missing"] == totals["missing"]
    assert totals["still missing"] == totals["out of order"] == 0
