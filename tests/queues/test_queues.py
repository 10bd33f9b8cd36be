"""Events processed by real workers of a task queue: each once, and tried again when one fails."""

import datetime
import os
import time
from collections import Counter
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone

from pinax.stripe.models import Customer, Event
from pinax.stripe.models.events import EventStep
from pinax.stripe.testing import post_event

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not os.environ.get("PINAX_STRIPE_TEST_QUEUE"), reason="needs a queue: tox -e queues"),
]
if os.environ.get("PINAX_STRIPE_TEST_QUEUE"):
    import redis

    from tests.queues.settings import PINAX_STRIPE_DISPATCH, QUEUE, REDIS
    from tests.queues.workers import kill, wait_until, workers


@pytest.fixture
def stripe(fake_stripe, settings):
    """A Stripe whose events go to the queue, and a queue without what killed workers of other tests left in it."""
    settings.PINAX_STRIPE_DISPATCH = PINAX_STRIPE_DISPATCH
    redis.Redis.from_url(REDIS).flushall()
    if QUEUE == "celery":
        from tests.queues.celery import app

        app.set_current()
    return fake_stripe


def calls(name):
    """How often a receiver got through, by event."""
    return Counter(get_user_model().objects.filter(first_name=name).values_list("last_name", flat=True))


def once_each(stripe):
    return Counter(event["id"] for event in stripe.events)


def check_once(stripe, put, suite):
    """Every receiver got through once for each event; what was counted goes into the table."""
    wanted = once_each(stripe)
    found = [calls("counted"), calls("recovers")]
    doubled = sum((one - wanted).total() for one in found)
    lost = sum((wanted - one).total() for one in found)
    put(f"{suite}: double runs, lost", f"{doubled}, {lost}")
    assert found == [wanted, wanted]


@pytest.fixture
def put(figure):
    """Put a figure of this queue into the table."""
    return lambda name, value: figure(f"task queue: {QUEUE}", name, value)


def test_a_post_is_answered_at_once_and_its_event_is_not_processed_in_the_request(client, stripe):
    stripe.create("customer", id="cus_1")
    assert post_event(client, stripe.events[0]).status_code == 200
    event = Event.objects.get()
    assert (event.state, event.valid, stripe.requests) == ("waiting", None, [])


def test_several_workers_process_every_event_once_with_duplicates(client, stripe, tmp_path, by_size, put):
    count = by_size(quick=40, short=40, long=300)
    for number in range(count):
        stripe.create("customer", id=f"cus_{number}", description="ok")
    deliveries = [*stripe.events, *stripe.events[::2]]
    for event in deliveries:
        assert post_event(client, event).status_code == 200
    with workers(stripe.url, tmp_path) as running:
        wait_until(lambda: not Event.objects.undone().exists(), tmp_path)
    put("duplicates: events, deliveries, workers", f"{count}, {len(deliveries)}, {len(running)}")
    check_once(stripe, put, "duplicates")
    assert Customer.objects.count() == count


def test_a_backlog_is_validated_by_the_hundred_by_several_workers(client, stripe, tmp_path, put):
    """Five minutes without a worker; then three come up side by side."""
    count = 300
    stripe.now = int(time.time()) - count - 60
    for number in range(count):
        stripe.advance(1)
        stripe.create("customer", id=f"cus_{number}", description="recovers" if number == 150 else "ok")
    for event in stripe.events:
        assert post_event(client, event).status_code == 200
    Event.objects.update(recorded_at=timezone.now() - datetime.timedelta(minutes=1))
    with workers(stripe.url, tmp_path) as running:
        wait_until(lambda: not Event.objects.undone().exists(), tmp_path)
    put("backlog: events, workers, calls to Stripe", f"{count}, {len(running)}, {len(stripe.requests)}")
    check_once(stripe, put, "backlog")
    assert Customer.objects.count() == count
    assert Event.objects.filter(failures__gt=0).count() == 1
    # Three lists, and what three workers divide differently: the ends of their lists, and few that are not worth one.
    assert len(stripe.requests) <= 12


def test_a_failed_event_is_tried_again_and_one_that_always_fails_is_given_up_and_blocks_no_other(
    client, stripe, tmp_path, put
):
    for number, kind in enumerate(["fails", "recovers", "ok", "recovers", "ok"]):
        stripe.create("customer", id=f"cus_{number}", description=kind)
    for event in stripe.events:
        assert post_event(client, event).status_code == 200
    with workers(stripe.url, tmp_path):
        wait_until(lambda: not Event.objects.undone().filter(gave_up_at=None).exists(), tmp_path)
    given_up = Event.objects.undone().get()
    assert given_up.stripe_id == stripe.events[0]["id"]
    assert (given_up.state, given_up.failures, given_up.exceptions.count()) == ("failed", 3, 3)
    assert given_up.steps.filter(kind=EventStep.Kind.GIVEN_UP).count() == 1
    attempts = Event.objects.aggregate(total=Sum("attempts"))["total"]
    put("failures: retries, given up", f"{attempts - len(stripe.events)}, 1")
    assert calls("counted") == calls("recovers") == once_each(stripe)


def test_an_outage_of_stripes_is_waited_for(client, stripe, tmp_path):
    stripe.create("customer", id="cus_1", description="ok")
    post_event(client, stripe.events[0])
    stripe.fail(times=None)
    with workers(stripe.url, tmp_path, count=1):
        wait_until(lambda: Event.objects.get().attempts >= 2, tmp_path)
        assert Event.objects.get().valid is None
        stripe.clear_faults()
        wait_until(lambda: Event.objects.get().processed, tmp_path)
    assert calls("counted") == once_each(stripe)


def test_what_killed_workers_left_is_finished_by_the_sweeper(client, stripe, tmp_path, settings, by_size, put):
    rounds = by_size(quick=1, short=1, long=8)
    for number in range(30 * rounds):
        stripe.create("customer", id=f"cus_{number}", description="ok")
    for event in stripe.events:
        post_event(client, event)
    stripe.slow(seconds=0.05, times=None)
    kills = 0
    for _ in range(rounds):
        # A queue may keep from others what a killed worker had taken, so each round is content with a few.
        few = Event.objects.filter(processed=True).count() + 3
        with workers(stripe.url, tmp_path) as running:
            wait_until(lambda few=few: Event.objects.filter(processed=True).count() >= few, tmp_path)
            for worker in running:
                kill(worker)
                kills += 1
    left = Event.objects.undone().count()
    assert left
    stripe.clear_faults()
    settings.PINAX_STRIPE_API_RATE = 1000
    call_command("stripe_process_events", stdout=StringIO())
    assert not Event.objects.undone().exists()
    put("kills: workers killed, events, left to the sweeper", f"{kills}, {len(stripe.events)}, {left}")
    check_once(stripe, put, "kills")


def test_a_queue_that_is_away_loses_nothing(client, stripe, settings):
    settings.PINAX_STRIPE_DISPATCH = "tests.queues.test_queues.unreachable"
    stripe.create("customer", id="cus_1", description="ok")
    assert post_event(client, stripe.events[0]).status_code == 503
    event = Event.objects.get()
    assert (event.state, event.exceptions.get().data) == ("waiting", "dispatch")
    call_command("stripe_process_events", stdout=StringIO())
    assert calls("counted") == once_each(stripe)


def unreachable(event_pk):
    raise ConnectionError("the queue is away")


def test_with_a_secret_an_unsigned_post_is_refused_before_it_is_queued(client, stripe, settings):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    settings.PINAX_STRIPE_DISPATCH = "tests.queues.test_queues.unreachable"
    stripe.create("customer", id="cus_1")
    assert post_event(client, stripe.events[0]).status_code == 400
    assert Event.objects.get().reason == "signature_missing"
