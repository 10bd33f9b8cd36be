"""Events that never reached us are found in Stripe's list, whatever happened meanwhile."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pinax.stripe.models import CatchUp, Customer, Event
from pinax.stripe.signals import every_event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep import catch_up
from pinax.stripe.webhooks.processing import Outcome
from tests import costs

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600


def run(*args, **options):
    out = StringIO()
    call_command("stripe_catch_up", *args, stdout=out, verbosity=0, **options)
    return out.getvalue().strip()


@pytest.fixture
def stripe(fake_stripe, settings):
    """A Stripe at which a customer was made and changed, an event an hour, in the last days."""
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(timezone.now().timestamp()) - 60 * HOUR
    fake_stripe.create("customer", id="cus_1", description="0")
    for number in range(1, 40):
        fake_stripe.advance(HOUR)
        fake_stripe.update("cus_1", description=str(number))
    fake_stripe.now = int(timezone.now().timestamp())
    return fake_stripe


@pytest.fixture
def announced():
    seen = []

    def receiver(event, **kwargs):
        seen.append(event.stripe_id)

    every_event.connect(receiver, weak=False, dispatch_uid="announced")
    yield seen
    every_event.disconnect(dispatch_uid="announced")


def test_what_was_missed_is_recorded_and_processed_oldest_first_without_a_call_for_each(client, stripe, announced):
    for number in (3, 20):
        post_event(client, stripe.events[number])
    announced.clear()
    stripe.reset_requests()
    assert run() == "Recorded 38 missed events, 2 already here."
    missed = [event["id"] for number, event in enumerate(stripe.events) if number not in (3, 20)]
    assert announced == missed
    assert Customer.objects.get().description == "39"
    assert set(Event.objects.values_list("source", flat=True)) == {"webhook", "catch_up"}
    assert stripe.calls("/v1/events/") == 0


def test_what_was_missed_is_recorded_and_stored_together(stripe):
    """Rows of events; what waits; BEGIN, the customer, timelines, events, COMMIT."""
    sent = costs.statements(lambda: catch_up.record_and_process(stripe.events, ""))
    words = [statement.split()[0] for statement in sent]
    assert words == ["INSERT", "SELECT", "BEGIN", "INSERT", "INSERT", "WITH", "COMMIT"]
    assert set(Event.objects.values_list("state", "deliveries", "attempts")) == {("done", 1, 1)}
    assert list(Event.objects.order_by("pk").values_list("stripe_id", flat=True)) == [
        event["id"] for event in stripe.events
    ]


def test_what_was_delivered_meanwhile_is_recognised(client, stripe):
    for number in (3, 20):
        post_event(client, stripe.events[number])
    outcomes = catch_up.record_and_process(stripe.events, "")
    assert outcomes == [Outcome.DONE] * 40
    assert Event.objects.count() == 40
    assert list(Event.objects.filter(deliveries=2).order_by("pk").values_list("stripe_id", flat=True)) == [
        stripe.events[number]["id"] for number in (3, 20)
    ]


def test_the_next_catch_up_begins_where_the_last_one_ended(stripe):
    run()
    stripe.advance(5)
    stripe.update("cus_1", description="later")
    stripe.reset_requests()
    assert run() == "Recorded 0 missed events, 0 already here."  # The event is younger than the catch-up's end.
    CatchUp.objects.update(until=timezone.now() - datetime.timedelta(minutes=1))
    first = int(stripe.requests[0].query["created[gte]"])
    assert first > stripe.now - HOUR


def ran(**columns):
    """A catch-up of former times, from and to so many hours ago."""
    times = {name: timezone.now() - datetime.timedelta(hours=value) for name, value in columns.items() if value}
    CatchUp.objects.create(**{"until": timezone.now(), "cursor": timezone.now(), **times, "livemode": False})


@pytest.mark.parametrize("finished_at", [None, 20], ids=["broken off", "finished"])
def test_a_catch_up_for_a_chosen_time_leaves_no_gap_behind(stripe, finished_at):
    ran(since=30 * 24, until=49.5, cursor=49.5, finished_at=finished_at)
    ran(since=10, finished_at=5)
    missing = sum(event["created"] > stripe.now - 49.5 * HOUR for event in stripe.events)
    assert 0 < missing < 40
    assert run().startswith(f"Recorded {missing} missed events")


def test_catch_ups_of_each_mode_have_a_cursor_of_their_own(stripe, settings):
    stripe.now -= 10 * HOUR
    stripe.create("customer", livemode=True)
    stripe.advance(10 * HOUR)
    for key, missing in (("sk_test_fake", 40), ("sk_live_fake", 1), ("sk_test_fake", 0)):
        settings.PINAX_STRIPE_SECRET_KEY = key
        assert run().startswith(f"Recorded {missing} missed events")


def test_a_dry_run_names_what_is_missing_and_changes_nothing(client, stripe):
    post_event(client, stripe.events[0])
    text = run("--dry-run")
    assert text.endswith("Missing 39 of 40 events.")
    assert f"{stripe.events[39]['id']}  customer.updated" in text
    assert stripe.events[0]["id"] not in text
    assert Event.objects.count() == 1
    assert not CatchUp.objects.exists()


def test_since_and_until_limit_a_catch_up(stripe):
    since = datetime.datetime.fromtimestamp(stripe.events[10]["created"], tz=datetime.timezone.utc)
    until = since + datetime.timedelta(hours=4)
    assert run("--since", since.isoformat(), "--until", until.isoformat()) == (
        "Recorded 5 missed events, 0 already here."
    )


@pytest.mark.parametrize("text", ["yesterday", "9999999999d", ""])
def test_a_time_that_is_none_is_refused(stripe, text):
    with pytest.raises(CommandError, match="no time"):
        run("--since", text)


def test_undelivered_asks_for_what_no_endpoint_acknowledged(client, stripe):
    stripe.deliver_to(client, stripe.events[:30])
    stripe.reset_requests()
    assert run("--undelivered") == "Recorded 10 missed events, 0 already here."
    assert {request.query["delivery_success"] for request in stripe.requests} == {"false"}


def test_events_on_record_that_are_not_done_are_processed(client, stripe):
    stripe.fail(times=None)
    for event in stripe.events[:3]:
        assert post_event(client, event).status_code == 503
    stripe.clear_faults()
    assert run() == ("Recorded 37 missed events, 3 already here. Processed 3 of those, which were not done.")
    assert Event.objects.filter(processed=True).count() == Event.objects.count() == 40


def test_what_was_refused_for_a_wrong_secret_is_made_good(client, stripe, settings):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_wrong"
    for event in stripe.events:
        assert post_event(client, event, secret="whsec_right").status_code == 400
    assert run() == "Recorded 40 missed events, 0 already here."
    assert Customer.objects.get().description == "39"


def test_signature_mode_needs_no_signature_for_what_stripe_itself_listed(stripe, settings):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    run()
    assert Event.objects.filter(processed=True).count() == 40


def test_a_catch_up_that_was_broken_off_goes_on_where_it_was(stripe, monkeypatch):
    original = catch_up.save_progress
    windows = []

    def killed_in_the_third_window(run, window):
        windows.append(window)
        if len(windows) == 3:
            raise KeyboardInterrupt
        original(run, window)

    monkeypatch.setattr(catch_up, "save_progress", killed_in_the_third_window)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.setattr(catch_up, "save_progress", original)
    cursor = CatchUp.objects.get().cursor
    stripe.reset_requests()
    run()
    assert int(stripe.requests[0].query["created[gte]"]) == int(cursor.timestamp())
    assert CatchUp.objects.get().finished_at is not None
    assert Event.objects.filter(processed=True).count() == 40


def test_an_outage_of_stripes_ends_a_catch_up_with_advice_and_loses_nothing(stripe):
    stripe.fail("/v1/events", times=None)
    with pytest.raises(CommandError, match="run it again"):
        run()
    stripe.clear_faults()
    assert run() == "Recorded 40 missed events, 0 already here."


def test_a_crowded_time_is_listed_in_short_windows(stripe, monkeypatch):
    monkeypatch.setattr(catch_up, "MAX_WINDOW_EVENTS", 8)
    monkeypatch.setattr(catch_up, "MAX_SPAN", 24 * HOUR)
    sizes = []
    original = catch_up.process_window

    def counting(run, window, listed, **kwargs):
        sizes.append(len(listed))
        return original(run, window, listed, **kwargs)

    monkeypatch.setattr(catch_up, "process_window", counting)
    run()
    assert max(sizes) <= 8
    assert sum(sizes) == Event.objects.filter(processed=True).count() == 40


def test_a_second_with_more_events_than_a_window_takes_is_read_all_the_same(stripe, monkeypatch):
    monkeypatch.setattr(catch_up, "MAX_WINDOW_EVENTS", 8)
    for number in range(25):
        stripe.create("product", id=f"prod_{number}")
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime.fromtimestamp(stripe.now + 2, datetime.timezone.utc))
    run("--since", "1h")
    assert Event.objects.filter(kind="product.created", processed=True).count() == 25


def test_a_connected_account_has_a_list_and_a_cursor_of_its_own(stripe):
    for number in range(3):
        stripe.create("plan", id=f"gold{number}", account="acct_1")
    for event in stripe.events:
        event.pop("account", None)  # That a connected account's own list repeats it is not documented.
    assert run("--account", "acct_1") == "Recorded 3 missed events, 0 already here."
    assert set(Event.objects.values_list("stripe_account", flat=True)) == {"acct_1"}
    assert run() == "Recorded 40 missed events, 0 already here."


def test_a_handler_that_fails_stops_nothing(stripe):
    def boom(event, **kwargs):
        raise ValueError("boom")

    every_event.connect(boom, weak=False, dispatch_uid="boom")
    try:
        assert run() == ("Recorded 40 missed events, 0 already here. 40 are not done yet: see stripe_process_events.")
    finally:
        every_event.disconnect(dispatch_uid="boom")
    assert Customer.objects.get().description == "39"


def test_an_account_that_ended_the_access_is_not_asked(client, stripe):
    application = {"id": "ca_1", "object": "application"}
    stripe.emit("account.application.deauthorized", application, account="acct_1")
    assert run("--account", "acct_1") == "Recorded 1 missed events, 0 already here."
    stripe.reset_requests()
    with pytest.raises(CommandError, match="acct_1 ended your access on "):
        run("--account", "acct_1")
    assert stripe.requests == []
