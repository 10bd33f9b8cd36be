"""Waiting events are validated by the hundred, by lists instead of single reads."""

import pytest
from django.utils import timezone

from pinax.stripe.api import calls, deadlines, pace
from pinax.stripe.models import Event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep import sweeper
from pinax.stripe.webhooks.batch_validation import Undecided
from tests.backlog import sweep, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    settings.PINAX_STRIPE_API_RETRIES = 0
    fake_stripe.now = int(timezone.now().timestamp()) - 100_000
    return fake_stripe


def live(stripe, count, *, apart=7, **fields):
    for number in range(count):
        stripe.advance(apart)
        stripe.create("product", id=f"prod_{number}", **fields)


@pytest.mark.slow
def test_a_hundred_waiting_events_cost_one_call(client, stripe):
    live(stripe, 100)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 100 events: 100 done."
    assert (stripe.calls("/v1/events"), stripe.calls("/v1/events/")) == (1, 0)


@pytest.mark.slow
def test_more_than_a_page_costs_a_call_a_page(client, stripe):
    live(stripe, 150)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 150 events: 150 done."
    assert (stripe.calls("/v1/events"), stripe.calls("/v1/events/")) == (2, 0)


@pytest.mark.slow
def test_a_crowded_second_at_the_end_of_a_page_is_not_taken_for_missing(client, stripe):
    live(stripe, 150, apart=0)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 150 events: 150 done."


def test_a_few_events_are_read_one_by_one(client, stripe):
    live(stripe, 3)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 3 events: 3 done."
    assert stripe.calls("/v1/events/") == 3


def test_events_that_lie_far_apart_cost_no_more_than_one_by_one(client, stripe):
    live(stripe, 600, apart=1)
    few = stripe.events[::100]
    wait(client, stripe, few)
    assert sweep() == "Processed 6 events: 6 done."
    assert stripe.calls("/v1/events") <= 1 + len(few)


def test_a_forgery_in_a_batch_is_refused_after_a_call_of_its_own(client, stripe):
    live(stripe, 20)
    forged = build_event("product.created", build_object("product"), created=stripe.now - 30)
    wait(client, stripe, [*stripe.events, forged])
    assert sweep() == "Processed 21 events: 20 done, 1 refused."
    assert Event.objects.get(valid=False).reason == "not_found"
    assert (stripe.calls("/v1/events"), stripe.calls("/v1/events/")) == (2, 1)


@pytest.mark.slow
def test_a_forged_time_does_not_cost_the_others_a_call_each(client, stripe):
    """One that claims to be the newest of all leads the first list to where no other is."""
    live(stripe, 400)
    waiting = stripe.events[:100]
    forged = build_event("product.created", build_object("product"), created=stripe.now)
    wait(client, stripe, [*waiting, forged])
    assert sweep() == "Processed 101 events: 100 done, 1 refused."
    assert (stripe.calls("/v1/events") - stripe.calls("/v1/events/"), stripe.calls("/v1/events/")) == (2, 1)


def test_a_crowded_second_costs_only_its_own_events_a_call_each(client, stripe):
    live(stripe, 20)
    stripe.advance(7)
    for number in range(150):
        stripe.create("product", id=f"prod_crowd_{number}")
    wait(client, stripe, stripe.events[:25])
    assert sweep() == "Processed 25 events: 25 done."
    assert stripe.calls("/v1/events/") == 5


def test_an_altered_event_in_a_batch_is_refused(client, stripe):
    live(stripe, 20)
    altered = {**stripe.events[5], "data": {"object": {**stripe.events[5]["data"]["object"], "name": "x"}}}
    wait(client, stripe, [altered, *stripe.events[6:]])
    assert sweep() == "Processed 15 events: 14 done, 1 refused."
    assert Event.objects.get(valid=False).reason == "content_differs"


def test_each_account_has_a_list_of_its_own(client, stripe):
    for account in ("", "acct_1"):
        live(stripe, 10, account=account)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 20 events: 20 done."
    assert sorted(request.headers.get("stripe-account", "") for request in stripe.requests) == ["", "acct_1"]


def test_types_narrow_the_list_while_there_are_few(client, stripe):
    live(stripe, 300)
    for number in range(10):
        stripe.create("coupon", id=f"C{number}")
    coupons = [event for event in stripe.events if event["type"] == "coupon.created"]
    wait(client, stripe, coupons)
    sweep()
    assert stripe.requests[0].query["types[0]"] == "coupon.created"


@pytest.mark.slow
def test_while_stripe_is_down_a_backlog_costs_a_call_a_page_and_stays_undecided(client, stripe):
    live(stripe, 100)
    wait(client, stripe, stripe.events)
    stripe.fail(times=None)
    assert sweep() == "Processed 100 events: 100 undecided."
    assert len(stripe.requests) == 1
    stripe.clear_faults()
    assert sweep() == "Processed 100 events: 100 done."


def test_a_key_that_may_not_list_events_reads_them_one_by_one(client, stripe):
    live(stripe, 10)
    wait(client, stripe, stripe.events)
    stripe.fail("/v1/events", 403, times=1)
    assert sweep() == "Processed 10 events: 10 done."
    assert stripe.calls("/v1/events/") == 10


def test_thin_events_among_them_are_read_where_they_are(client, stripe):
    live(stripe, 5)
    for number in range(5):
        stripe.add_event(
            {
                "id": f"evt_thin_{number}",
                "object": "v2.core.event",
                "type": "v1.product.created",
                "created": "2026-11-20T10:00:00.000Z",
                "livemode": False,
                "related_object": {"id": f"prod_{number}", "type": "product", "url": f"/v1/products/prod_{number}"},
            }
        )
    stripe.fail("/v2/", times=None)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 10 events: 10 done."
    assert (stripe.calls("/v1/events"), stripe.calls("/v2/core/events/")) == (1, 5)


def test_a_backlog_of_long_bodies_is_not_in_memory_at_once(client, stripe, monkeypatch):
    live(stripe, 5)
    wait(client, stripe, stripe.events)
    blocks = []
    with_copies = sweeper.with_copies

    def spy(events):
        blocks.append(events)
        yield from with_copies(events)

    monkeypatch.setattr(sweeper, "with_copies", spy)
    assert sweep() == "Processed 5 events: 5 done."
    assert [type(event) for event in blocks[0]] == [Undecided] * 5
    assert {"body", "webhook_message"}.isdisjoint(Undecided._fields)


def test_signature_mode_asks_for_nothing(client, stripe, settings):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    settings.PINAX_STRIPE_DISPATCH = "tests.webhooks.test_batch_validation.nothing"
    live(stripe, 10)
    for event in stripe.events:
        assert post_event(client, event, secret="whsec_1").status_code == 200
    assert sweep() == "Processed 10 events: 10 done."
    assert stripe.requests == []


def nothing(event_pk):
    """A task queue that has not got round to it."""


def test_calls_are_spaced_to_the_configured_rate(client, stripe, settings, monkeypatch):
    """On a clock of the test's: no more than the rate in any second."""
    settings.PINAX_STRIPE_API_RATE = 5
    moments, now = [], [0.0]
    monkeypatch.setattr(deadlines, "clock", lambda: now[0])
    monkeypatch.setattr(pace, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    original = calls.call_once
    live(stripe, 40)
    for event in stripe.events:
        event["livemode"] = False
    wait(client, stripe, stripe.events)

    def timed(request):
        fetched = original(request)
        moments.append(now[0])
        return fetched

    monkeypatch.setattr(calls, "call_once", timed)
    monkeypatch.setattr("pinax.stripe.webhooks.batch_validation.MIN_LISTED", 1000)  # Single reads.
    assert sweep() == "Processed 40 events: 40 done."
    assert len(moments) == 40
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in zip(moments, moments[5:], strict=False))


def test_a_slow_pace_leaves_each_call_its_time(client, stripe, settings, monkeypatch):
    """One call in four seconds, each of which may take one and a half: waiting for a turn is not the call's fault."""
    settings.PINAX_STRIPE_API_RATE, settings.PINAX_STRIPE_API_TIMEOUT = 0.25, 1.5
    now = [0.0]
    monkeypatch.setattr(deadlines, "clock", lambda: now[0])
    monkeypatch.setattr(pace, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    live(stripe, 3)
    wait(client, stripe, stripe.events)
    assert sweep() == "Processed 3 events: 3 done."
    assert now[0] >= 8
