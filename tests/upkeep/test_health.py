"""What a monitor is told, by the view and by the command."""

import datetime
import json
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from pinax.stripe.actions import webhook_endpoints
from pinax.stripe.models import Event
from pinax.stripe.webhooks.registry import types_of_interest

pytestmark = pytest.mark.django_db
TOKEN = "a token that is hard to guess"
URL = "https://example.com/stripe/webhook/"


@pytest.fixture
def settings(settings):
    settings.PINAX_STRIPE_HEALTH_TOKEN = TOKEN
    return settings


def ask(client, query="", token=TOKEN):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get(reverse("pinax_stripe_health") + query, headers=headers)


def status(*args):
    """Exit status and lines of the command."""
    out, code = StringIO(), 0
    try:
        call_command("stripe_status", *args, stdout=out)
    except SystemExit as error:
        code = int(error.code)
    return code, out.getvalue()


def levels(response):
    return {check["name"]: check["level"] for check in response.json()["checks"] if check["level"] != "ok"}


def make(number=1, *, minutes=0, **columns):
    for _ in range(number):
        position = Event.objects.count()
        event = Event.objects.create(stripe_id=f"evt_{position}", fingerprint=str(position), **columns)
        Event.objects.filter(pk=event.pk).update(recorded_at=timezone.now() - datetime.timedelta(minutes=minutes))


def test_the_view_is_off_without_a_token(client, admin_client, settings):
    settings.PINAX_STRIPE_HEALTH_TOKEN = ""
    for each in (client, admin_client):
        assert ask(each).status_code == 404
        assert ask(each, token="").status_code == 404


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "ü"])
def test_strangers_get_no_report(client, settings, token):
    response = ask(client, token=token)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert TOKEN not in response.content.decode()
    assert "checks" not in response.json()


def test_the_token_and_staff_with_the_permission_open_it(client, settings):
    assert ask(client).status_code == 200
    user = get_user_model().objects.create_user("jo")
    client.force_login(user)
    assert ask(client, token="").status_code == 401
    user.is_staff = True
    user.save()
    assert ask(client, token="").status_code == 401
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    assert ask(client, token="").status_code == 401
    user.user_permissions.add(Permission.objects.get(codename="view_health"))
    response = ask(client, token="")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert client.post(reverse("pinax_stripe_health")).status_code == 405


def test_all_is_well_in_six_queries_and_without_asking_stripe(
    client, settings, fake_stripe, django_assert_max_num_queries
):
    make(5, valid=True, processed=True)
    make(2, valid=False, reason="not_json")
    with django_assert_max_num_queries(6):
        response = ask(client)
    assert response.json()["status"] == "ok"
    assert {check["name"] for check in response.json()["checks"]} == {
        "undone",
        "given_up",
        "failures",
        "refused",
        "last_seen",
    }
    assert fake_stripe.calls() == 0


@pytest.mark.parametrize(("minutes", "level", "code"), [(14, None, 200), (16, "warning", 200), (61, "critical", 503)])
def test_an_undone_event_is_reported_by_its_age(client, settings, minutes, level, code):
    make(minutes=minutes)
    response = ask(client)
    assert response.status_code == code
    assert levels(response).get("undone") == level


def test_an_event_that_was_given_up_is_a_warning_and_not_undone(client, settings):
    make(minutes=300, valid=True, failures=16, gave_up_at=timezone.now())
    assert levels(ask(client)) == {"given_up": "warning"}


@pytest.mark.parametrize(
    ("good", "bad", "level"), [(99, 1, None), (9, 1, "warning"), (0, 2, "warning"), (3, 3, "critical")]
)
def test_failures_are_reported_by_their_share_and_few_are_no_alarm(client, settings, good, bad, level):
    make(good, valid=True, processed=True)
    make(bad, valid=True, processed=True, failures=1)
    assert levels(ask(client)).get("failures") == level


def test_a_wrong_secret_shows(client, settings):
    make(valid=False, reason="not_json")
    assert levels(ask(client)) == {}
    make(valid=False, reason="signature_mismatch")
    assert levels(ask(client)) == {"refused": "warning"}
    make(valid=True, processed=True)
    assert levels(ask(client)) == {}


def test_silence_is_reported_if_that_is_wished(client, settings):
    make(minutes=25 * 60, valid=True, processed=True)
    assert levels(ask(client)) == {}
    settings.PINAX_STRIPE_HEALTH_SILENT_HOURS = (24, 48)
    assert levels(ask(client)) == {"last_seen": "warning"}


def test_the_view_asks_stripe_only_on_request(client, settings, fake_stripe):
    webhook_endpoints.create(URL, ["*"])
    settings.PINAX_STRIPE_WEBHOOK_URL = URL
    fake_stripe.reset_requests()
    assert ask(client).status_code == 200
    assert fake_stripe.calls() == 0
    names = [check["name"] for check in ask(client, "?online=1").json()["checks"]]
    assert names[-2:] == ["key", "endpoint"]


class TestCommand:
    def test_the_command_ends_with_the_worst_level(self):
        assert status("--offline")[0] == 0
        make(minutes=20)
        code, text = status("--offline")
        assert code == 1
        assert text.startswith("WARNING   undone: 1 events are not done after 15 minutes; the oldest, evt_0, waits")
        assert status("--offline", "--undone-minutes", "5", "10")[0] == 2
        assert status("--offline", "--undone-minutes", "never", "never")[0] == 0

    def test_json(self):
        make(minutes=20)
        code, text = status("--offline", "--json")
        assert (code, json.loads(text)["status"]) == (1, "warning")

    def test_a_limit_that_is_no_number_is_refused(self):
        with pytest.raises(CommandError, match="neither a number"):
            call_command("stripe_status", "--undone-minutes", "5", "soon")

    def test_stripe_is_asked_for_key_and_endpoint(self, fake_stripe, settings):
        code, text = status()
        assert code == 2
        assert "CRITICAL  endpoint: Stripe has no endpoint for /stripe/webhook/: run stripe_webhook create." in text
        endpoint = webhook_endpoints.create(URL, ["*"])
        code, text = status()
        assert code == 1
        assert f"The secret of {endpoint['id']} is not in PINAX_STRIPE_WEBHOOK_SECRETS" in text
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = [endpoint["secret"]]
        code, text = status()
        assert code == 0
        assert f"OK        endpoint: {endpoint['id']} is enabled at Stripe." in text

    def test_a_disabled_endpoint_is_critical(self, fake_stripe):
        endpoint = webhook_endpoints.create(URL, ["*"])
        fake_stripe.update(endpoint["id"], silent=True, status="disabled")
        code, text = status()
        assert code == 2
        assert "disabled at Stripe: run stripe_webhook update --enable" in text

    def test_types_that_the_endpoint_is_not_sent_are_counted_and_no_alarm(self, fake_stripe, settings):
        endpoint = webhook_endpoints.create(URL, types_of_interest()[1:])
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = [endpoint["secret"]]
        code, text = status()
        assert (code, "It is not sent 1 types that the project handles" in text) == (0, True)
        webhook_endpoints.update(endpoint, types_of_interest())
        assert "not sent" not in status()[1]

    def test_only_the_endpoint_of_the_configured_url_counts(self, fake_stripe, settings):
        webhook_endpoints.create("https://staging.example.com/stripe/webhook/", ["*"])
        settings.PINAX_STRIPE_WEBHOOK_URL = URL
        assert f"Stripe has no endpoint for {URL}" in status()[1]
        webhook_endpoints.create(URL.rstrip("/"), ["*"])
        assert "no endpoint" not in status()[1]

    def test_a_key_that_does_not_work_is_critical(self, fake_stripe, settings):
        fake_stripe.keys = {"sk_test_other"}
        code, text = status()
        assert code == 2
        assert "CRITICAL  key: Stripe's events cannot be read: Stripe refused the API key" in text
        assert "sk_test_fake" not in text

    def test_an_outage_of_stripe_is_critical_and_no_traceback(self, fake_stripe, settings):
        settings.PINAX_STRIPE_API_RETRIES = 0
        fake_stripe.drop(times=None)
        code, text = status()
        assert (code, "No answer from Stripe" in text) == (2, True)


@pytest.mark.parametrize(
    ("modes", "key", "found"),
    [
        ([], "sk_live_1", ""),
        ([True, True], "sk_live_1", ""),
        ([False], "sk_test_1", ""),
        ([False], "a stand-in's", ""),
        ([False, True], "sk_live_1", "live mode and of test mode"),
        ([True, False, True, False], "a stand-in's", "live mode and of test mode"),
        ([True], "sk_test_1", "is of test mode, but the events in the database are of live mode"),
        ([False], "sk_live_1", "is of live mode, but the events in the database are of test mode"),
    ],
)
def test_a_database_serves_one_mode_that_of_the_key(client, settings, modes, key, found):
    settings.PINAX_STRIPE_SECRET_KEY = key
    for livemode in modes:
        make(valid=True, processed=True, livemode=livemode)
    make(valid=None, reason="other_mode", livemode=not modes[0] if modes else True)
    response = ask(client)
    checks = {check["name"]: check["summary"] for check in response.json()["checks"]}
    assert found in checks.get("mode", "")
    assert levels(response).get("mode") == ("warning" if found else None)
