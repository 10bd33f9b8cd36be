"""Stripe's events brought to a project that really runs, over HTTP."""

import io
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pinax.stripe.management.commands import stripe_listen
from pinax.stripe.models import Customer, Event

pytestmark = pytest.mark.django_db(transaction=True)


class Listener:
    """Runs the command against the project; `rounds` are what happens between its looks, then Ctrl-C."""

    def __init__(self, url, monkeypatch):
        self.url, self.monkeypatch = url, monkeypatch
        self.errors = ""

    def __call__(self, *args, rounds=(), to=None):
        waiting = list(rounds)

        def pause(seconds):
            if not waiting:
                raise KeyboardInterrupt
            else:
                waiting.pop(0)()

        self.monkeypatch.setattr(stripe_listen, "wait_seconds", pause)
        out, err = StringIO(), StringIO()
        call_command("stripe_listen", "--forward-to", to or self.url, *args, stdout=out, stderr=err)
        self.errors = err.getvalue()
        return [line.split("  ", 1)[1] for line in out.getvalue().splitlines() if "  evt_" in line]


@pytest.fixture
def listen(live_server, monkeypatch, fake_stripe):
    return Listener(live_server.url, monkeypatch)


def told(event, status=200):
    return f"{event['type']}  {event['id']}  {status}"


def test_what_comes_from_now_on_is_posted_once_the_oldest_first(listen, fake_stripe):
    fake_stripe.create("customer", id="cus_old")
    lines = listen(
        rounds=[
            lambda: [fake_stripe.create("customer", id=f"cus_{number}") for number in (1, 2)],
            lambda: None,
            lambda: fake_stripe.update("cus_1", email="a@example.com"),
        ]
    )
    assert lines == [told(event) for event in fake_stripe.events[1:]]
    assert set(Customer.objects.values_list("pk", flat=True)) == {"cus_1", "cus_2"}
    assert set(Event.objects.values_list("deliveries", flat=True)) == {1}


def test_events_made_long_after_each_other_and_in_one_second_come_once(listen, fake_stripe):
    fake_stripe.now = 1_700_000_000
    fake_stripe.create("customer")
    lines = listen(
        rounds=[
            lambda: fake_stripe.create("customer"),
            lambda: (fake_stripe.advance(3600), fake_stripe.create("customer")),
            lambda: fake_stripe.create("customer"),
            lambda: None,
        ]
    )
    assert lines == [told(event) for event in fake_stripe.events[1:]]


def test_since_begins_earlier_and_once_ends(listen, fake_stripe):
    for _ in range(3):
        fake_stripe.create("customer")
    assert listen("--since", "1h", "--once") == [told(event) for event in fake_stripe.events]
    assert listen("--once") == []
    with pytest.raises(CommandError, match="no time"):
        listen("--since", "yesterday")


def test_long_backlogs_are_paged(listen, fake_stripe):
    for number in range(105):
        fake_stripe.create("product", id=f"prod_{number}")
    assert len(listen("--since", "1h", "--once")) == 105


def test_posts_are_signed_with_the_first_secret_or_the_given_one(listen, settings, fake_stripe):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_one", "whsec_two"]
    fake_stripe.create("customer")
    assert listen("--since", "1h", "--once") == [told(fake_stripe.events[0])]
    assert Event.objects.get().signed is True
    fake_stripe.create("customer")
    assert listen("--since", "1h", "--once", "--secret", "whsec_wrong")[1] == told(fake_stripe.events[1], 400)


def test_a_project_that_does_not_run_is_waited_for(listen, fake_stripe, monkeypatch, live_server):
    fake_stripe.create("customer")
    fake_stripe.create("customer")
    posted = []
    real = stripe_listen.ForwardingTarget.post

    def post(target, event):
        posted.append(event["id"])
        return 0 if len(posted) == 1 else real(target, event)

    monkeypatch.setattr(stripe_listen.ForwardingTarget, "post", post)
    first, second = fake_stripe.events
    assert listen("--since", "1h", rounds=[lambda: None]) == [told(first, "no answer"), told(first), told(second)]


def test_hiccups_of_stripe_are_survived(listen, settings, fake_stripe):
    settings.PINAX_STRIPE_API_RETRIES = 0
    fake_stripe.create("customer")
    fake_stripe.fail("/v1/events", 503)
    fake_stripe.drop("/v1/events")
    assert listen("--since", "1h", rounds=[lambda: None, lambda: None]) == [told(fake_stripe.events[0])]
    assert listen.errors.count("Trying again.") == 2


def test_a_key_that_does_not_work_ends_stripe_listen(listen, fake_stripe):
    fake_stripe.keys = {"sk_test_other"}
    with pytest.raises(CommandError, match="Stripe refused the API key"):
        listen()


def test_connected_accounts_have_lists_of_their_own(listen, fake_stripe):
    fake_stripe.create("customer")
    fake_stripe.create("customer", id="cus_1", account="acct_1")
    assert listen("--since", "1h", "--once", "--account", "acct_1") == [told(fake_stripe.events[1])]
    assert Customer.objects.get().pk == "acct_1/cus_1"


def test_events_of_the_stripe_cli_are_taken_from_standard_input(listen, fake_stripe, monkeypatch):
    fake_stripe.create("customer")
    fake_stripe.create("customer")
    text = "\n".join(
        ["Ready!", json.dumps(fake_stripe.events[0]), "[]", '{"id": 1}', json.dumps(fake_stripe.events[1])]
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert listen("--from-cli") == [told(event) for event in fake_stripe.events]
    assert fake_stripe.calls("/v1/events?") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": "http://example.com"}, "is not this machine: say --allow-remote"),
        ({"to": "http://"}, "is no URL"),
    ],
)
def test_events_stay_on_this_machine(listen, options, message):
    with pytest.raises(CommandError, match=message):
        listen(**options)


def test_live_events_and_signature_mode_without_a_secret_are_refused(listen, settings):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    with pytest.raises(CommandError, match="or give it with --secret"):
        listen()
    settings.PINAX_STRIPE_SECRET_KEY = "sk_live_1"
    with pytest.raises(CommandError, match="say --live"):
        listen()


def test_the_default_address_is_that_of_runserver(live_server):
    from pinax.stripe.management.forwarding import target_of

    options = {"forward_to": "http://127.0.0.1:8000", "secret": "", "allow_remote": False}
    assert target_of(options).url == "http://127.0.0.1:8000/stripe/webhook/"
    assert target_of({**options, "forward_to": "localhost:9000"}).url == "http://localhost:9000/stripe/webhook/"
    assert target_of({**options, "forward_to": "http://127.0.0.1/hook/"}).url == "http://127.0.0.1/hook/"
    remote = {**options, "forward_to": "https://example.com", "allow_remote": True}
    assert target_of(remote).url == "https://example.com/stripe/webhook/"
