"""Many lists, and ranges of one list, are read at once, at the pace that Stripe allows."""

import threading
import time
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connections

from pinax.stripe import api
from pinax.stripe.api import pace
from pinax.stripe.backfill import crew
from pinax.stripe.backfill.runs import covered
from pinax.stripe.management.commands.stripe_sync import rates
from pinax.stripe.models import BackfillPosition, Charge, Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    """A Stripe with 600 customers of three years, and 150 charges of one second."""
    settings.PINAX_STRIPE_API_RATE = 10_000
    now = int(time.time())
    for number in range(600):
        fake_stripe.now = now - number * 160_000
        fake_stripe.create("customer", silent=True)
    fake_stripe.now = now
    for _ in range(150):
        fake_stripe.create("charge", silent=True)
    return fake_stripe


def run(*args, **options):
    call_command("stripe_sync", *args, stdout=StringIO(), verbosity=0, **options)


def test_a_list_is_read_in_ranges_by_several_threads(stripe):
    readers = set()
    read = api.calls.call_once

    def call_once(request):
        readers.add(threading.current_thread())
        return read(request)

    with patch.object(api.calls, "call_once", call_once):
        run("customer", "charge")
    ids = {each["id"] for each in stripe.objects("customer")}
    assert set(Customer.objects.values_list("pk", flat=True)) == ids
    assert Charge.objects.count() == 150
    ranges = BackfillPosition.objects.filter(list_name="customers").order_by("since")
    assert len(ranges) > 1
    assert len(readers) > 2
    assert threading.main_thread() not in readers
    assert {row.finished_at is None for row in ranges} == {False}
    # Together they are the whole list.
    bounds = sorted((row.since or 0, row.until) for row in ranges)
    assert [since for since, _ in bounds[1:]] == [until for _, until in bounds[:-1]]
    assert covered("", False)["customers"] > time.time() - 1000


def test_threads_that_read_leave_the_database_to_the_one_that_writes(stripe):
    opened = []
    connections["default"].ensure_connection()

    def connect(self):
        opened.append(threading.current_thread().name)

    with patch.object(type(connections["default"]), "connect", connect):
        run("customer", "card")
    assert opened == []


def test_no_thread_is_left_when_a_run_ends_early(stripe):
    stripe.fail("/v1/charges", 401, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    with pytest.raises(Exception, match="run it again"):
        run("customer", "charge")
    ours = [thread for thread in threading.enumerate() if thread.name in ("customers", "charges")]
    for thread in ours:
        thread.join(10)
    assert not any(thread.is_alive() for thread in ours)


def test_a_range_of_another_process_is_not_split(stripe):
    run("charge")
    position = BackfillPosition.objects.latest("pk")
    position.finished_at = None
    position.save()
    BackfillPosition.objects.update(moves=99)
    assert crew.split(position, 5) is None
    assert BackfillPosition.objects.filter(list_name="charges").count() == 1


class Clock:
    """A clock that goes on when something waits for it."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(pace.deadlines, "clock", clock)
    monkeypatch.setattr(pace, "sleep", clock.sleep)
    return clock


def turns(limit, clock, paths, seconds):
    """How many calls go to each path within so many seconds, if they take turns."""
    counts, end = dict.fromkeys(paths, 0), clock.now + seconds
    while True:
        path = min(paths, key=limit.delay)
        limit.wait(path)
        if clock.now >= end:
            return counts
        counts[path] += 1


def test_an_endpoint_has_a_rate_and_an_account_has_one(clock):
    assert turns(pace.Pace(100, 25), clock, ["/v1/customers"], 4)["/v1/customers"] in (100, 101)
    many = turns(pace.Pace(100, 25), clock, [f"/v1/{name}" for name in "abcdefgh"], 4)
    assert 390 < sum(many.values()) <= 401
    assert max(many.values()) <= 101


@pytest.mark.parametrize(("key", "most"), [("sk_live_1", (100, 25)), ("rk_live_1", (100, 25)), ("sk_test_1", (25, 25))])
def test_in_live_mode_all_endpoints_together_have_four_times_the_rate_of_one(settings, key, most):
    settings.PINAX_STRIPE_SECRET_KEY, settings.PINAX_STRIPE_API_RATE = key, 25
    assert rates() == most


def test_lists_below_different_customers_are_one_endpoint():
    assert pace.endpoint("/v1/customers/cus_1/sources") == pace.endpoint("/v1/customers/cus_2/sources")
    assert pace.endpoint("/v1/customers/cus_1/tax_ids") != pace.endpoint("/v1/customers/cus_1/sources")


def test_a_refusal_slows_down_what_stripe_names(clock):
    limit = pace.Pace(100, 25)
    limit.wait("/v1/customers")
    limit.slow_down("/v1/customers", "endpoint-rate")
    assert limit.delay("/v1/customers") == pytest.approx(pace.PAUSE)
    assert limit.delay("/v1/charges") < 0.1
    limit.slow_down("/v1/customers", "global-rate")
    assert limit.delay("/v1/charges") == pytest.approx(pace.PAUSE)
    slow = turns(limit, clock, ["/v1/customers"], 3)
    assert slow["/v1/customers"] < 60
    assert turns(limit, clock, ["/v1/customers"], 20)["/v1/customers"] > 400


def test_the_reason_of_a_refusal_is_read(fake_stripe, clock):
    headers = {"Stripe-Rate-Limited-Reason": "endpoint-rate", "Stripe-Should-Retry": "false"}
    fake_stripe.fail("/v1/customers", 429, headers=headers)
    with api.paced(100, 25), pytest.raises(Exception, match="limit"):
        api.get("/v1/customers")
    with api.paced(100, 25):
        limit = pace._pace.get()
        fake_stripe.fail("/v1/customers", 429, headers=headers)
        with pytest.raises(Exception, match="limit"):
            api.get("/v1/customers")
        assert limit.delay("/v1/customers") > 0.5 > limit.delay("/v1/charges")
