"""Many workers on few objects, on PostgreSQL: no deadlock, no lost update, no double run; a server that is killed."""

import os
import random
import threading
import time
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from pinax.stripe.models import (
    Customer,
    Event,
    EventProcessingException,
    Invoice,
    PaymentMethod,
    Subscription,
    SubscriptionItem,
)
from pinax.stripe.testing import FakeStripe, build_object
from tests import databases
from tests.backlog import wait
from tests.postgres import Server
from tests.promises.crowd import Crowd
from tests.promises.mirror_check import check_converged, check_once
from tests.promises.processes import NEEDS_POSTGRESQL, ended, migrate, start_worker, using
from tests.promises.shop import receivers
from tests.promises.shop.models import Effect
from tests.promises.world import TOPICS, World, random_steps, steps_about

pytestmark = [
    pytest.mark.django_db(transaction=True),
    NEEDS_POSTGRESQL,
    pytest.mark.usefixtures("statements_prepared_at_once"),
]

WORKERS = 8
#: Customers of one run; each has a subscription, an invoice and a payment method: twenty hot objects.
CUSTOMERS = 5
CHANGES = 36
MODELS = (Customer, Subscription, Invoice, PaymentMethod)


class Run:
    """One seeded run: hot objects that change many times within a few seconds, delivered by all workers at once."""

    def __init__(self, stripe, seed):
        self.stripe, self.seed, self.random = stripe, seed, random.Random(seed)
        first = len(stripe.events)
        self.statuses: Counter[int] = Counter()
        for number in range(CUSTOMERS):
            self.create(self.key(number))
        for _ in range(CHANGES):
            self.stripe.advance(self.random.choice([0, 0, 1]))
            self.change(self.key(self.random.randrange(CUSTOMERS)))
        self.events = stripe.events[first:]

    def key(self, number):
        return f"{self.seed}x{number}"

    def create(self, key):
        customer = f"cus_{key}"
        self.stripe.create("customer", id=customer)
        self.stripe.create("payment_method", id=f"pm_{key}", customer=customer)
        items = [build_object("subscription_item", id=f"si_{key}_{n}", subscription=f"sub_{key}") for n in range(2)]
        self.stripe.create("subscription", id=f"sub_{key}", customer=customer, status="incomplete", items=items)
        self.stripe.create("invoice", id=f"in_{key}", customer=customer, status="open")

    def change(self, key):
        number = str(self.random.randrange(10**9))
        kind = self.random.randrange(4)
        if kind == 0:
            self.stripe.update(f"cus_{key}", description=number)
        elif kind == 1:
            self.stripe.update(f"in_{key}", type="invoice.paid", status="paid", description=number)
        elif kind == 2:
            items = [build_object("subscription_item", id=f"si_{key}_{number}", subscription=f"sub_{key}")]
            self.stripe.update(f"sub_{key}", status=self.random.choice(["active", "past_due"]), items=items)
        else:
            self.stripe.update(f"pm_{key}", type="payment_method.attached", metadata={"number": number})

    def deliver(self):
        """Every event twice, the two as close together as may be, in random order, by all workers."""
        self.stripe.slow("/v1/customers", seconds=0.01, times=self.random.randrange(10))
        self.stripe.slow("/v1/events/", seconds=0.01, times=self.random.randrange(10))
        events = self.random.sample(self.events, len(self.events))
        with Crowd(WORKERS) as crowd:
            for event in events:
                crowd.put(event)
                crowd.put(event)
        self.statuses = crowd.statuses
        self.stripe.clear_faults()

    def lost_updates(self):
        """Rows that are not what Stripe has."""
        wrong = []
        for number in range(CUSTOMERS):
            for model, prefix in zip(MODELS, ("cus", "sub", "in", "pm"), strict=True):
                stripe_id = f"{prefix}_{self.key(number)}"
                if model.objects.get(pk=stripe_id).stripe_data != self.stripe.get(stripe_id):
                    wrong.append(stripe_id)
            wanted = {item["id"] for item in self.stripe.get(f"sub_{self.key(number)}")["items"]["data"]}
            found = set(
                SubscriptionItem.objects.filter(subscription=f"sub_{self.key(number)}").values_list("pk", flat=True)
            )
            wrong += sorted(wanted ^ found)
        return wrong

    def wrong_counts(self):
        """Receivers that did not run just once for an event."""
        ids = [event["id"] for event in self.events]
        found = Counter(Effect.objects.filter(event_id__in=ids).values_list("receiver", "event_id"))
        wanted = Counter((name, stripe_id) for name in receivers.EVERY for stripe_id in ids)
        wanted.update(("thank", event["id"]) for event in self.events if event["type"] == "customer.created")
        return {key: found[key] for key in found.keys() | wanted.keys() if found[key] != wanted[key]}


#: What PostgreSQL says of a lock that was not to be had in `locks.LOCK_WAIT_SECONDS`.
LOCK_TIMEOUT = "canceling statement due to lock timeout"


def server_log_errors():
    """What the server told of errors in this test's database, line by line: deadlocks, serialization failures, all.

    But not that a lock was waited for in vain: a delivery waits for two seconds at most, which a busy machine may need.
    """
    lines = Path(os.environ["PINAX_STRIPE_TEST_DATABASE_LOG"]).read_text(errors="replace").splitlines()
    own = f"[{connection.settings_dict['NAME']}]"
    return [line for line in lines if line.startswith(own) and "ERROR:" in line and LOCK_TIMEOUT not in line]


def test_eight_workers_on_twenty_hot_objects(fake_stripe, shop, settings, by_size, seed, figure):
    settings.PINAX_STRIPE_REQUEST_BUDGET = settings.PINAX_STRIPE_API_TIMEOUT = 30
    runs = by_size(quick=2, short=12, long=1000)
    before = len(server_log_errors())
    totals, lost, doubled = Counter(), [], {}
    for number in range(runs):
        fake_stripe.now = int(time.time()) - 30
        run = Run(fake_stripe, seed + number)
        run.deliver()
        totals.update(run.statuses)
        lost += run.lost_updates()
        doubled |= run.wrong_counts()
        fake_stripe.reset_requests()
    errors = server_log_errors()[before:]
    suite = "8 workers, 20 hot objects"
    for name, value in (
        ("runs (first seed)", f"{runs} ({seed})"),
        ("deliveries", totals.total()),
        ("deliveries that were asked for again", totals.total() - totals[200]),
        ("deadlocks", sum("deadlock detected" in error for error in errors)),
        ("serialization failures", sum("could not serialize access" in error for error in errors)),
        ("errors in the server's log", len(errors)),
        ("lost updates", len(lost)),
        ("receivers that ran not once", len(doubled)),
        ("failures on record", EventProcessingException.objects.count()),
    ):
        figure(suite, name, value)
    assert (lost, doubled) == ([], {})
    assert errors == []
    assert not EventProcessingException.objects.exclude(message__startswith="TemporaryStripeError").exists()
    assert set(Event.objects.values_list("state", flat=True)) == {"done"}
    assert connection.vendor == "postgresql"


def test_sweepers_side_by_side_store_batches_while_the_same_events_are_delivered(
    fake_stripe, shop, settings, address, by_size, seed, figure
):
    """Two processes sweep what waits about twenty hot objects, and four threads deliver it once more."""
    settings.PINAX_STRIPE_REQUEST_BUDGET = settings.PINAX_STRIPE_API_TIMEOUT = 30
    settings.PINAX_STRIPE_API_RETRIES = 0  # While Stripe is away each POST would pause for them.
    runs = by_size(quick=1, short=6, long=100)
    before = len(server_log_errors())
    lost, doubled, events = [], {}, 0
    for number in range(runs):
        fake_stripe.now = int(time.time()) - 60
        run = Run(fake_stripe, f"s{seed + number}")
        events += len(run.events)
        wait(Client(), fake_stripe, run.events)
        Event.objects.filter(processed=False).update(next_attempt_at="2020-01-01T00:00Z")
        commands = [["stripe_process_events", *options] for options in (["--due"], [], [])]
        rate = {"PINAX_STRIPE_API_RATE": 1000}
        sweepers = [
            start_worker(address, api_base=fake_stripe.url, commands=some, settings=rate)
            for some in (commands, commands[1:])
        ]
        with Crowd(WORKERS // 2) as crowd:
            for event in run.random.sample(run.events, len(run.events) // 2):
                crowd.put(event)
        assert [ended(worker) for worker in sweepers] == [0, 0]
        call_command("stripe_process_events", stdout=StringIO())
        lost += run.lost_updates()
        doubled |= run.wrong_counts()
    errors = server_log_errors()[before:]
    suite = "2 sweepers beside 4 threads"
    figure(suite, "runs (first seed), events", f"{runs} ({seed}), {events}")
    figure(suite, "deadlocks, lost updates, receivers that ran not once", f"0, {len(lost)}, {len(doubled)}")
    assert (lost, doubled) == ([], {})
    assert errors == []
    assert set(Event.objects.values_list("state", flat=True)) == {"done"}


def test_two_renderings_of_each_event_at_once_are_one_event(fake_stripe, shop, settings, by_size, figure):
    """Endpoints of two API versions send the same events; the rows of both become one.

    Also while another process works on them.
    """
    settings.PINAX_STRIPE_REQUEST_BUDGET = settings.PINAX_STRIPE_API_TIMEOUT = 30
    count = by_size(quick=20, short=60, long=1000)
    for number in range(count):
        fake_stripe.create("customer", id=f"cus_{number}")
    with Crowd(WORKERS) as crowd:
        for event in fake_stripe.events:
            for version in ("2015-10-16", event["api_version"]) * 3:
                crowd.put({**event, "api_version": version})
    figure("two renderings at once", "events, deliveries, asked for again", f"{count}, {count * 6}, {again(crowd)}")
    assert crowd.statuses[500] == 0
    assert set(Event.objects.values_list("state", "valid", "deliveries")) == {("done", True, 6)}
    assert Event.objects.count() == count
    assert Effect.objects.count() == 3 * count


def again(crowd):
    """Deliveries that were not acknowledged."""
    return crowd.statuses.total() - crowd.statuses[200]


@pytest.fixture
def address(db):
    """The test's own database, for worker processes."""
    server = os.environ["PINAX_STRIPE_TEST_DATABASE"].rpartition(":")[0]
    return f"{server}:{connection.settings_dict['NAME']}"


def test_histories_converge_that_go_on_while_threads_and_processes_deliver_them(
    fake_stripe, shop, settings, address, by_size, seed, figure
):
    """Half of each history is delivered, doubled, by threads and by processes, while the other half happens."""
    settings.PINAX_STRIPE_REQUEST_BUDGET = settings.PINAX_STRIPE_API_TIMEOUT = 30
    count = by_size(quick=1, short=4, long=60)
    events = 0
    for number in range(count):
        databases.empty()
        with FakeStripe() as stripe:
            settings.PINAX_STRIPE_API_BASE = stripe.url
            events += live_through(stripe, random.Random(seed + number), address)
    suite = "convergence, threads and processes"
    figure(suite, "histories (first seed)", f"{count} ({seed})")
    figure(suite, "events, each delivered two or three times", events)


def live_through(stripe, rng, address):
    """One history; how many events it had."""
    stripe.now = int(time.time()) - rng.choice([5, 30, 10**8])
    world = World(stripe)
    names = steps_about(rng.sample(sorted(TOPICS), 4))
    steps = random_steps(rng, 160, names)
    for step in steps[:80]:
        world.live(step)
    first = rng.sample(stripe.events, len(stripe.events))
    # What comes from elsewhere later, or twice: "lost" events are among the others of the second half.
    workers = [start_worker(address, api_base=stripe.url, events=first[half::2]) for half in range(2)]
    lost = first[::7]
    with Crowd(WORKERS // 2) as crowd:
        for event in first:
            if event not in lost:
                crowd.put(event)
        for step in steps[80:]:
            seen = len(stripe.events)
            world.live(step)
            for event in stripe.events[seen:]:
                crowd.put(event)
                crowd.put(event)
    assert [ended(worker) for worker in workers] == [0, 0]
    with Crowd(WORKERS // 2) as crowd:
        for event in lost:
            crowd.put(event)
    check_converged(world)
    check_once(world)
    return len(stripe.events)


@pytest.fixture(scope="module")
def other_server(django_db_setup, django_db_blocker):
    """A PostgreSQL that the test may stop."""
    server = Server()
    try:
        with django_db_blocker.unblock():
            migrate(server.address)
        yield server
    finally:
        server.remove()


def test_a_database_server_that_is_killed_in_mid_load_loses_nothing(fake_stripe, shop, other_server, by_size, figure):
    """Its disk is what it was: fsync is off in the tests, but the machine does not fail."""
    restarts = by_size(quick=1, short=2, long=6)
    fake_stripe.now = int(time.time()) - 30
    runs = [Run(fake_stripe, f"r{number}") for number in range(restarts)]
    events = [event for run in runs for event in run.events]
    shuffled = random.Random(1).sample(events, len(events))
    with using(other_server.address):
        jobs = [shuffled[number::4] + shuffled[(number + 1) % 4 :: 4] for number in range(4)]
        workers = [start_worker(other_server.address, api_base=fake_stripe.url, events=job) for job in jobs]
        for number in range(restarts):
            wait_for(len(events) * (number + 1) // (restarts + 2), workers)
            connections["default"].close()
            other_server.stop()
            other_server.start()
        assert [ended(worker) for worker in workers] == [0] * 4
        call_command("stripe_process_events", stdout=StringIO())
        assert set(Event.objects.values_list("state", flat=True)) == {"done"}
        assert [run.lost_updates() for run in runs] == [[]] * restarts
        assert [run.wrong_counts() for run in runs] == [{}] * restarts
    figure("server killed in mid-load", "times", restarts)
    figure("server killed in mid-load", "events, lost or done twice", f"{len(events)}, 0")


def wait_for(wanted, workers):
    """Until so many events are done; the workers see to that, and the end of time is for when they do not."""
    end = time.monotonic() + 120
    while Event.objects.filter(processed=True).count() < wanted:
        for worker in workers:
            if worker.poll():
                ended(worker)  # Says why.
        assert time.monotonic() < end, f"{wanted} events, and the workers ended with {[w.poll() for w in workers]}"
        threading.Event().wait(0.01)
