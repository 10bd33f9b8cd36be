from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pinax.stripe.api import calls
from pinax.stripe.models import Event
from pinax.stripe.testing import build_event, build_object, post_event
from tests.promises.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)


def run(*args):
    out = StringIO()
    call_command("stripe_process_events", *args, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def waiting(client, fake_stripe):
    """Three events that Stripe could not be asked about."""
    fake_stripe.fail(times=None)
    for number in range(3):
        fake_stripe.create("customer", id=f"cus_{number}")
        assert post_event(client, fake_stripe.events[-1]).status_code == 503
    fake_stripe.clear_faults()
    return fake_stripe


def test_the_sweeper_processes_what_is_not_done(waiting):
    assert run() == "Processed 3 events: 3 done."
    assert run() == "Nothing to process."


def test_the_sweeper_takes_the_oldest_up_to_a_limit(waiting):
    assert run("--limit", "2") == "Processed 2 events: 2 done."
    assert Event.objects.undone().get().stripe_id == waiting.events[2]["id"]


def test_failed_and_undecided_select(waiting):
    assert run("--failed") == "Nothing to process."
    assert run("--undecided") == "Processed 3 events: 3 done."


def test_the_sweeps_of_a_watch_share_one_pace(waiting, settings, monkeypatch):
    """In an outage events are due again at once, and sweep follows sweep: together they keep to the rate."""
    settings.PINAX_STRIPE_API_RATE, settings.PINAX_STRIPE_API_RETRIES = 2, 0
    settings.PINAX_STRIPE_RETRY_DELAYS = (0,)
    waiting.fail(times=None)
    clock, call_once, moments = Clock(monkeypatch), calls.call_once, []

    def noted(request):
        moments.append(clock.now)
        if len(moments) > 9:
            raise KeyboardInterrupt
        return call_once(request)

    monkeypatch.setattr(calls, "call_once", noted)
    Event.objects.update(next_attempt_at=timezone.now())
    with pytest.raises(KeyboardInterrupt):
        run("--watch", "0.01")
    assert moments == [number / 2 for number in range(10)]


def test_a_single_event(waiting):
    assert run("--event", waiting.events[1]["id"]) == "Processed 1 events: 1 done."
    assert Event.objects.undone().count() == 2


def test_an_event_that_stays_undone_fails_the_command_and_says_why(waiting):
    waiting.fail(status=401, times=None)
    with pytest.raises(CommandError, match="Stripe refused the API key"):
        run("--event", waiting.events[0]["id"])
    with pytest.raises(CommandError, match="No event evt_x is on record"):
        run("--event", "evt_x")


def test_a_refused_event_is_judged_again_only_by_name(client, fake_stripe):
    event = build_event("customer.created", build_object("customer"))
    post_event(client, event)
    fake_stripe.add_event(event)
    assert run() == "Nothing to process."
    assert run("--event", event["id"]) == "Processed 1 events: 1 done."


def test_events_of_the_other_mode_wait_for_a_key_of_theirs(client, fake_stripe, settings):
    fake_stripe.create("customer", livemode=True)
    post_event(client, fake_stripe.events[0])
    assert run() == "Nothing to process."
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_x"
    assert run() == "Processed 1 events: 1 done."
