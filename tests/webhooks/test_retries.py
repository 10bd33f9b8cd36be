"""Attempts of our own: with growing delays, up to a limit, claimed by one; and the timeline that tells of them."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from pinax.stripe.models import Event, EventProcessingException, EventStep
from pinax.stripe.signals import every_event
from pinax.stripe.testing import build_event, post_event
from pinax.stripe.upkeep.reprocessing import process_again, recall
from pinax.stripe.webhooks.processing import Outcome, process
from pinax.stripe.webhooks.retries import claim, next_attempt_time, when_due
from tests.assertions import assert_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event(client, fake_stripe):
    """A genuine event whose receiver raises."""

    def boom(event, **kwargs):
        raise ValueError("boom")

    every_event.connect(boom, weak=False, dispatch_uid="boom")
    fake_stripe.create("customer", id="cus_1")
    assert post_event(client, fake_stripe.events[0]).status_code == 500
    yield Event.objects.get()
    every_event.disconnect(dispatch_uid="boom")


def make_due():
    Event.objects.update(next_attempt_at=timezone.now() - datetime.timedelta(seconds=1))


def test_delays_grow_and_the_last_one_repeats(settings):
    settings.PINAX_STRIPE_RETRY_DELAYS = (10, 100, 1000)
    for attempts, seconds in ((0, 10), (1, 10), (2, 100), (3, 1000), (50, 1000)):
        before = timezone.now()
        moment = next_attempt_time(attempts)
        after = timezone.now()
        assert before + datetime.timedelta(seconds=seconds) <= moment
        assert moment <= after + datetime.timedelta(seconds=seconds * 1.1)


def test_a_failure_is_counted_and_the_next_attempt_planned(event):
    assert_event(event, state="failed", failures=1, attempts=1)
    assert event.next_attempt_at > timezone.now()
    assert when_due(event.pk) > event.next_attempt_at


def test_an_outage_of_stripes_is_no_failure(client, fake_stripe, settings):
    settings.PINAX_STRIPE_RETRY_LIMIT = 1
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.fail(times=None)
    for _ in range(3):
        assert post_event(client, fake_stripe.events[0]).status_code == 503
    event = Event.objects.get()
    assert_event(event, state="waiting", failures=0, gave_up_at=None)


def test_after_the_limit_an_event_is_given_up_shown_and_acknowledged(client, fake_stripe, event, settings):
    settings.PINAX_STRIPE_RETRY_LIMIT = 3
    assert post_event(client, fake_stripe.events[0]).status_code == 500
    # Once it has to be fixed here, Stripe does not have to send it again, nor to disable the endpoint for it.
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    event.refresh_from_db()
    assert_event(event, state="failed", failures=3, processed=False)
    assert event.gave_up_at is not None
    assert when_due(event.pk) is None
    assert event.steps.filter(kind=EventStep.Kind.GIVEN_UP).get().data == {"failures": 3}


def test_the_sweeper_leaves_given_up_events_to_those_who_ask_for_them(event, settings):
    settings.PINAX_STRIPE_RETRY_LIMIT = 1
    process(event.pk)
    every_event.disconnect(dispatch_uid="boom")
    out = StringIO()
    call_command("stripe_process_events", stdout=out)
    assert out.getvalue() == "Nothing to process.\n"
    call_command("stripe_process_events", "--failed", stdout=out)
    event.refresh_from_db()
    assert (event.state, event.gave_up_at) == ("done", None)


def test_due_takes_only_events_whose_time_has_come(event):
    every_event.disconnect(dispatch_uid="boom")
    out = StringIO()
    call_command("stripe_process_events", "--due", stdout=out)
    assert out.getvalue() == "Nothing to process.\n"
    make_due()
    call_command("stripe_process_events", "--due", stdout=out)
    assert out.getvalue().endswith("Processed 1 events: 1 done.\n")


def test_a_due_event_is_claimed_by_one(event):
    make_due()
    assert [claim(event.pk), claim(event.pk)] == [True, False]


def test_a_fresh_event_is_not_due_while_its_request_is_at_it(client, fake_stripe, settings):
    settings.PINAX_STRIPE_DISPATCH = "tests.webhooks.test_retries.nothing"
    fake_stripe.create("customer", id="cus_1")
    post_event(client, fake_stripe.events[0])
    assert not Event.objects.due().exists()
    make_due()
    assert Event.objects.due().exists()


def nothing(event_pk):
    """A queue that lost it."""


def test_processing_again_starts_the_count_anew(event, settings):
    settings.PINAX_STRIPE_RETRY_LIMIT = 1
    process(event.pk)
    every_event.disconnect(dispatch_uid="boom")
    assert process_again(event.pk, by="staff") is Outcome.DONE
    event.refresh_from_db()
    assert_event(event, state="done", failures=0, gave_up_at=None)
    assert event.steps.get(kind=EventStep.Kind.AGAIN).data == {"by": "staff"}


def test_one_receiver_is_called_again_and_no_other(client, fake_stripe):
    calls = []
    for name in ("a", "b"):
        every_event.connect(lambda event, name=name, **kwargs: calls.append(name), weak=False, dispatch_uid=name)
    try:
        fake_stripe.create("customer", id="cus_1")
        post_event(client, fake_stripe.events[0])
        event = Event.objects.get()
        assert recall(event.pk, "every_event:b", by="staff")
        assert process(event.pk) is Outcome.DONE
    finally:
        for name in ("a", "b"):
            every_event.disconnect(dispatch_uid=name)
    assert calls == ["a", "b", "b"]
    assert Event.objects.get().processed


def test_the_timeline_shows_what_happened(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.fail(times=None)
    post_event(client, fake_stripe.events[0])
    fake_stripe.clear_faults()
    post_event(client, fake_stripe.events[0])
    post_event(client, fake_stripe.events[0])
    steps = list(Event.objects.get().steps.values_list("kind", "outcome", "data"))
    assert [(kind, outcome) for kind, outcome, _data in steps] == [
        ("validation", "api_error"),
        ("delivery", ""),
        ("validation", ""),
        ("mirror", ""),
        ("delivery", ""),
    ]
    assert steps[3][2] == {"rows": [["customer", "cus_1", "created"]]}
    assert steps[1][2] == {"address": "127.0.0.1"}


def test_a_timeline_stays_short_under_a_flood_of_duplicates(client, fake_stripe, monkeypatch):
    monkeypatch.setattr("pinax.stripe.webhooks.recording.MAX_TIMELINE_DELIVERIES", 4)
    fake_stripe.create("customer", id="cus_1")
    for _ in range(8):
        post_event(client, fake_stripe.events[0])
    event = Event.objects.get()
    assert (event.deliveries, event.steps.filter(kind="delivery").count()) == (8, 3)


def test_rows_of_refused_posts_are_capped_and_the_newest_stay(client, settings):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    for number in range(60):
        post_event(client, str(number))
    rows = Event.objects.refused().order_by("pk")
    assert 20 <= rows.count() <= 23
    assert rows.last().webhook_message == 59


def test_what_fails_the_cheap_checks_costs_two_queries_at_most_whatever_is_removed_for_it(
    client, settings, django_assert_max_num_queries
):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    for number in range(60):
        with django_assert_max_num_queries(2):
            post_event(client, str(number))
    assert Event.objects.count() < 30


def test_rows_of_posts_that_stripe_was_asked_about_are_capped_too(client, fake_stripe, settings):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    for number in range(60):
        post_event(client, build_event("customer.created", id=f"evt_{number}"))
        EventProcessingException.objects.create(event=Event.objects.latest("pk"), message="x", traceback="x")
    rows = Event.objects.refused().order_by("pk")
    assert 20 <= rows.count() <= 23
    assert rows.last().stripe_id == "evt_59"
    kept = set(rows.values_list("pk", flat=True))
    for model in (EventStep, EventProcessingException):
        assert set(model.objects.values_list("event", flat=True)) == kept


def test_rows_that_stripe_was_asked_about_go_when_another_of_their_kind_comes(client, fake_stripe, settings):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    for number in range(30):
        post_event(client, build_event("customer.created", id=f"evt_{number}"))
    for number in range(60):
        post_event(client, str(number))
    assert 20 <= Event.objects.filter(attempts=0).count() <= 23
    assert 20 <= Event.objects.filter(attempts=1).count() <= 23
    for number in range(30, 33):
        post_event(client, build_event("customer.created", id=f"evt_{number}"))
    assert 20 <= Event.objects.refused().count() <= 23


def test_rows_that_claim_to_be_of_the_other_mode_are_capped_unless_they_are_signed(client, fake_stripe, settings):
    settings.PINAX_STRIPE_REFUSED_ROWS = 20
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_test"
    post_event(client, build_event("customer.created", id="evt_signed", livemode=True), secret="whsec_test")
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ()
    for number in range(60):
        post_event(client, build_event("customer.created", id=f"evt_{number}", livemode=True))
    rows = Event.objects.filter(reason="other_mode", signed=None).order_by("pk")
    assert 20 <= rows.count() <= 23
    assert rows.last().stripe_id == "evt_59"
    assert Event.objects.filter(stripe_id="evt_signed", signed=True).exists()


def test_the_cap_leaves_genuine_and_undecided_events_alone(client, fake_stripe, settings):
    settings.PINAX_STRIPE_REFUSED_ROWS = 10
    fake_stripe.create("customer", id="cus_1")
    post_event(client, fake_stripe.events[0])
    fake_stripe.fail(times=None)
    post_event(client, build_event("customer.created"))
    for number in range(40):
        post_event(client, str(number))
    assert Event.objects.genuine().count() == Event.objects.undecided().count() == 1
