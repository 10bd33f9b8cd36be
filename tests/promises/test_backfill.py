"""A backfill is complete, whatever happens: it is stopped anywhere, Stripe fails, and objects come and go meanwhile.

Seeds draw how many objects there are, when they were created, what fails, and where the process stops. In most runs an
error that nothing catches stands for the end of the process; in a few, real processes are killed.
"""

import logging
import random
import signal
import time
from contextlib import contextmanager, nullcontext
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings

from pinax.stripe import api
from pinax.stripe.backfill import engine, reading
from pinax.stripe.models import Card, Coupon, Customer, PaymentMethod, Subscription, SubscriptionItem
from pinax.stripe.testing import FakeStripe
from tests import databases
from tests.promises import guards
from tests.promises.processes import ended, start_worker

pytestmark = pytest.mark.django_db(transaction=True)
#: The first run that loses objects if positions move before what they are about is written; it may come later.
SOON_LOST = 24
#: Says how far a long run is: `--log-file=… --log-file-level=INFO`.
logger = logging.getLogger(__name__)

#: Types whose lists differ: by time and not, of ids that people choose, below others, with lists that are cut short.
MODELS = {"customer": Customer, "coupon": Coupon, "payment_method": PaymentMethod, "subscription": Subscription}
OBJECTS = ("customer", "card", "coupon", "payment_method", "subscription")
#: Runs after which a backfill has to be complete. One in ten is not stopped, whatever it takes: so sixty are stopped in
#: a row with one seed of five hundred, and so many with none.
MOST_RUNS = 250
YEAR = 365 * 86400


class Stopped(BaseException):
    """The end of a process."""


class World:
    """A Stripe with objects, and what happens to it."""

    def __init__(self, stripe, rng):
        self.stripe, self.rng = stripe, rng
        self.gone, self.number = set(), 0
        self.now = stripe.now
        self.spread = rng.choice([0, 0, 5, 86400, 3 * YEAR])
        for kind in MODELS:
            for _ in range(rng.choice([0, 1, 9, 10, 11, 30, 55])):
                self.create(kind)
        for customer in self.ids("customer")[:7]:
            for _ in range(rng.choice([0, 1, 12, 25])):
                self.create("card", customer=customer)
        stripe.now = self.now

    def ids(self, kind):
        return [row["id"] for row in self.stripe.objects(kind)]

    def create(self, kind, **fields):
        self.number += 1
        if kind == "subscription":
            fields["items"] = [
                {"id": f"si_{self.number}_{item}", "object": "subscription_item"}
                for item in range(self.rng.choice([1, 1, 1, 14]))
            ]
        self.stripe.now = self.now - self.rng.randrange(self.spread + 1)
        self.stripe.create(kind, silent=True, id=f"{kind}_{self.number}", **fields)
        self.stripe.now = self.now

    def change(self):
        """Something is created, changed or deleted, and some of it is told by a webhook."""
        kind = self.rng.choice([*MODELS])
        ids = self.ids(kind)
        what = self.rng.choice(["create", "update", "update", "delete"])
        if what == "create" or not ids:
            self.number += 1
            self.stripe.create(kind, silent=True, id=f"{kind}_{self.number}")
        elif what == "update":
            self.stripe.update(self.rng.choice(ids), silent=self.rng.random() < 0.5, metadata={"n": str(self.number)})
            self.number += 1
        elif kind in ("customer", "coupon"):
            one = self.rng.choice(ids)
            self.stripe.delete(one, silent=self.rng.random() < 0.5)
            self.gone.add(one)
        if self.rng.random() < 0.5:
            self.stripe.deliver_to(Client())

    def misbehave(self):
        """Some of the next requests fail."""
        for _ in range(self.rng.randrange(4)):
            self.rng.choice(
                [
                    self.stripe.rate_limit,
                    self.stripe.fail,
                    self.stripe.drop,
                    self.stripe.half,
                    lambda: self.stripe.fail("/v1/", 401),
                ]
            )()

    def check(self, *, is_final=True):
        """Every object has its row, equal to it, with its parts; rows beside them are those of deleted objects."""
        for kind, model in {**MODELS, "card": Card}.items():
            # What a customer paid with goes with it.
            objects = {row["id"]: row for row in self.stripe.objects(kind) if row.get("customer") not in self.gone}
            rows = {row.pk: row for row in model.objects.all() if getattr(row, "customer_id", "") not in self.gone}
            assert objects.keys() <= rows.keys(), f"{kind}: {sorted(objects.keys() - rows.keys())} are missing"
            if not is_final:
                continue
            assert rows.keys() == objects.keys(), f"{kind}: {sorted(rows.keys() - objects.keys())} are gone"
            for stripe_id, data in objects.items():
                assert rows[stripe_id].stripe_data["metadata"] == data["metadata"], stripe_id
        for data in self.stripe.objects("subscription"):
            items = {item["id"] for item in self.stripe.get(data["id"])["items"]["data"]}
            assert set(SubscriptionItem.objects.filter(subscription=data["id"]).values_list("pk", flat=True)) == items


@contextmanager
def small_pages():
    """Pages of ten, so that few objects have many."""
    with patch.object(api, "PAGE", 10), patch.object(reading, "MANY_PARENTS", 3):
        yield


@contextmanager
def stopping(rng, world):
    """The process ends before one of its statements or calls, or never; the world changes between two of its pages."""
    left = rng.choice([*range(1, 60), *range(60, 360, 10), *[10**6] * 10])
    pages, changes = 0, {rng.randrange(1, 20) for _ in range(3)}
    is_changing = False

    def tick():
        nonlocal left
        left -= 1
        if not left:
            raise Stopped

    def execute(execute, sql, params, many, context):
        if not is_changing:
            tick()
        return execute(sql, params, many, context)

    call_once, write_batch = api.calls.call_once, engine.write_batch

    def calling(request):
        if not is_changing:
            tick()
        return call_once(request)

    def writing(*args, **options):
        nonlocal pages, is_changing
        pages += 1
        if pages in changes:
            is_changing = True
            world.change()
            is_changing = False
        return write_batch(*args, **options)

    with (
        connection.execute_wrapper(execute),
        patch.object(api.calls, "call_once", calling),
        patch.object(engine, "write_batch", writing),
    ):
        yield


def sync(*arguments, threads=1):
    call_command("stripe_sync", *OBJECTS, *arguments, threads=threads, stdout=StringIO(), verbosity=0)


def stopped_run(world, rng, guard=nullcontext):
    """One backfill, in as many runs as it takes, each with faults and an end of its own; how often it ended early."""
    stops, threads = 0, rng.choice([1, 6])
    for _ in range(MOST_RUNS):
        world.misbehave()
        try:
            with stopping(rng, world), guard():
                sync(threads=threads)
        except (Stopped, CommandError):
            stops += 1
            continue
        return stops
    raise AssertionError("It never ends.")


def complete_run(seed, guard=nullcontext):
    """A backfill drawn by a seed, on an empty database; how often it was stopped."""
    rng = random.Random(seed)
    databases.empty()
    with FakeStripe() as stripe, override_settings(**stripe.settings, PINAX_STRIPE_API_RATE=10_000), small_pages():
        stripe.now = int(time.time())
        world = World(stripe, rng)
        stops = stopped_run(world, rng, guard)
        stripe.clear_faults()
        sync()
        world.check(is_final=False)
        sync("--full")
        world.check()
    return stops


def test_every_object_is_there_however_often_it_is_stopped(by_size, seed, figure):
    runs = by_size(quick=5, short=50, long=1000)
    stops = 0
    for number in range(seed, seed + runs):
        try:
            stops += complete_run(number)
        except Exception as error:
            raise AssertionError(f"--first-seed={number}") from error
        logger.info("seed=%s stops=%s", number, stops)
    assert stops > runs
    figure("backfill", f"{runs} backfills, stopped {stops} times", "every object is there")


def test_if_the_position_moved_before_the_write_objects_would_be_lost():
    def some_runs():
        for number in range(SOON_LOST, 200):
            complete_run(number, guards.moving_positions_first)

    with pytest.raises(AssertionError, match="are missing"):
        some_runs()


def test_processes_that_are_killed_lose_nothing_either(shared, fake_stripe, by_size, seed, figure):
    """Two at a time on one database: one of them is killed before one of its statements, the other goes on.

    If the other is quick, there may be nothing left to be killed at; so the first one is alone.
    """
    fake_stripe.now = int(time.time())
    rng = random.Random(seed)
    ids = {fake_stripe.create("customer", silent=True)["id"] for _ in range(450)}
    runs, kills = by_size(quick=1, short=3, long=30), 1
    job = {"api_base": fake_stripe.url, "settings": {"PINAX_STRIPE_API_RATE": 10_000}}
    commands = [["stripe_sync", "customer", "--full"]]
    assert ended(start_worker(shared, commands=commands, statement=9, **job)) == -signal.SIGKILL
    for _ in range(runs):
        killed = start_worker(shared, commands=commands, statement=rng.randrange(1, 30), **job)
        other = start_worker(shared, commands=commands, **job)
        kills += ended(killed) == -signal.SIGKILL
        assert ended(other) == 0
        assert set(Customer.objects.values_list("pk", flat=True)) == ids
        ids |= {fake_stripe.create("customer", silent=True)["id"] for _ in range(150)}
    figure("backfill", f"{kills} processes killed beside another one", "every object is there")


def test_a_backfill_of_an_account_leaves_nothing_that_a_verification_finds(fake_stripe, settings, by_size, figure):
    # One Python process answers many threads.
    settings.PINAX_STRIPE_API_RATE, settings.PINAX_STRIPE_SWEEPER_API_TIMEOUT = 10_000, 300
    count = by_size(quick=400, short=2000, long=100_000)
    fake_stripe.now = int(time.time()) - count
    kinds = ("customer", "charge", "payment_intent", "subscription", "product", "refund", "invoice", "coupon")
    for number in range(count):
        fake_stripe.create(kinds[number % len(kinds)], silent=True)
        fake_stripe.advance(number % 2)
    fake_stripe.now = int(time.time())
    call_command("stripe_sync", *kinds, threads=4, stdout=StringIO(), verbosity=0)
    out = StringIO()
    call_command("stripe_verify", *kinds, stdout=out)  # It would raise CommandError.
    assert out.getvalue().splitlines()[-1] == f"Compared {count} objects: 0 differ, 0 fixed."
    figure("backfill", f"an account of {count} objects", "a verification finds no difference")
