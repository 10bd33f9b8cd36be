"""Setting up the endpoint from the command line."""

import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pinax.stripe import api
from pinax.stripe.actions import webhook_endpoints
from pinax.stripe.conf import webhook_secrets
from pinax.stripe.models import Event
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from pinax.stripe.testing import post_event
from pinax.stripe.webhooks.registry import types_of_interest

URL = "https://example.com/stripe/webhook/"


def run(*args):
    out = StringIO()
    call_command("stripe_webhook", *args, stdout=out)
    return out.getvalue()


def only(stripe):
    (endpoint,) = stripe.objects("webhook_endpoint")
    return endpoint


def secret_in(text):
    (line,) = [line.strip() for line in text.splitlines() if line.strip().startswith("whsec_")]
    return line


def value_in(text):
    (line,) = [line.strip() for line in text.splitlines() if "PINAX_STRIPE_WEBHOOK_SECRETS=" in line]
    return line.partition("=")[2]


def a_receiver(**kwargs):
    """Receives what it is connected to."""


@pytest.fixture
def receiver():
    """A receiver of a type that has no handler."""
    WEBHOOK_SIGNALS["climate.order.created"].connect(a_receiver)
    yield
    WEBHOOK_SIGNALS["climate.order.created"].disconnect(a_receiver)


def test_create_makes_an_endpoint_for_what_the_project_handles(fake_stripe, receiver):
    text = run("create", "--host", "example.com")
    endpoint = only(fake_stripe)
    assert endpoint["url"] == URL
    assert endpoint["api_version"] == api.version()
    assert {"customer.updated", "invoice.paid", "climate.order.created"} <= set(endpoint["enabled_events"])
    assert not {"climate.order.canceled", "invoice.upcoming", "ping"} & set(endpoint["enabled_events"])
    assert value_in(text) == secret_in(text)
    assert f"Made {endpoint['id']} for {URL} in test mode: {len(types_of_interest())} event types" in text


def test_without_a_receiver_a_type_that_is_only_recorded_is_left_out(fake_stripe):
    run("create", "--url", URL)
    assert "climate.order.created" not in only(fake_stripe)["enabled_events"]


def test_a_receiver_of_every_event_wants_them_all(fake_stripe):
    every_event.connect(a_receiver)
    try:
        assert "all event types" in run("create", "--url", URL)
    finally:
        every_event.disconnect(a_receiver)
    assert only(fake_stripe)["enabled_events"] == ["*"]


def test_create_takes_all_types_connect_and_a_version(fake_stripe):
    run("create", "--url", URL, "--all", "--connect", "--api-version", "2020-08-27")
    endpoint = only(fake_stripe)
    assert (endpoint["enabled_events"], endpoint["api_version"]) == (["*"], "2020-08-27")
    assert endpoint["application"]


def test_the_secret_joins_those_that_are_configured(fake_stripe, settings):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_old"
    text = run("create", "--url", URL)
    assert value_in(text) == f"{secret_in(text)},whsec_old"


@pytest.mark.parametrize(
    ("args", "key", "message"),
    [
        ((), "sk_test_1", "Name the webhook's address"),
        (("--url", "example.com"), "sk_test_1", "no URL"),
        (("--url", "http://example.com/x"), "sk_live_1", "not https"),
        (("--url", URL), "", "No API key"),
    ],
)
def test_create_says_what_is_missing(fake_stripe, settings, args, key, message):
    settings.PINAX_STRIPE_SECRET_KEY = key
    with pytest.raises(CommandError, match=message):
        run("create", *args)
    assert fake_stripe.objects("webhook_endpoint") == []


def test_create_does_not_make_a_second_one_unasked(fake_stripe):
    run("create", "--url", URL)
    with pytest.raises(CommandError, match="already exists"):
        run("create", "--url", URL.rstrip("/"))
    run("create", "--url", URL, "--connect")
    with pytest.raises(CommandError, match="already exists"):
        run("create", "--url", URL, "--connect")
    run("create", "--url", URL, "--force")
    assert len(fake_stripe.objects("webhook_endpoint")) == 3


def test_a_configured_url_need_not_be_given(fake_stripe, settings):
    settings.PINAX_STRIPE_WEBHOOK_URL = URL
    run("create")
    assert only(fake_stripe)["url"] == URL


def test_a_project_without_the_urls_is_told_to_include_them(fake_stripe, settings):
    settings.ROOT_URLCONF = "tests.commands.no_urls"
    with pytest.raises(CommandError, match="in no URLconf"):
        run("create", "--host", "example.com")


def test_list_marks_ours_and_never_shows_a_secret(fake_stripe, settings):
    assert run("list") == "There is no endpoint in test mode.\n"
    secret = secret_in(run("create", "--url", URL))
    theirs = {"url": "https://b.example.com/", "enabled_events": ["*"], "status": "disabled"}
    fake_stripe.create("webhook_endpoint", silent=True, api_version=None, metadata={}, **theirs)
    text = run("list")
    lines = text.splitlines()
    assert any(line.startswith("* we_") and URL in line and "enabled" in line for line in lines)
    assert any(line.startswith("  we_") and "b.example.com" in line and "disabled" in line for line in lines)
    assert "secret: not in PINAX_STRIPE_WEBHOOK_SECRETS" in text
    assert "secret: unknown" in text
    assert secret not in text
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = secret
    assert "secret: configured" in run("list")


def test_update_sets_the_types_and_tells_the_difference(fake_stripe, receiver):
    run("create", "--url", URL)
    old = {
        "enabled_events": ["invoice.paid", "reporting.report_run.failed"],
        "api_version": "2020-08-27",
        "status": "disabled",
    }
    fake_stripe.update(only(fake_stripe)["id"], silent=True, **old)
    text = run("update")
    assert "+ climate.order.created" in text
    assert "- reporting.report_run.failed" in text
    assert "invoice.paid\n" not in text
    assert "--enable switches it on" in text
    assert "rotate --api-version" in text
    assert set(only(fake_stripe)["enabled_events"]) == set(types_of_interest())
    run("update", "--enable", "--all")
    assert (only(fake_stripe)["status"], only(fake_stripe)["enabled_events"]) == ("enabled", ["*"])


def test_several_endpoints_have_to_be_told_apart(fake_stripe):
    run("create", "--url", URL)
    run("create", "--url", URL, "--connect")
    with pytest.raises(CommandError, match=r"Say which one with --endpoint: we_.*, we_"):
        run("update")
    chosen = fake_stripe.objects("webhook_endpoint")[0]["id"]
    assert chosen in run("update", "--endpoint", chosen)
    with pytest.raises(CommandError, match="There is no such endpoint"):
        run("update", "--endpoint", "we_x")


@pytest.mark.django_db(transaction=True)
def test_rotation_keeps_both_secrets_valid_until_it_is_finished(client, fake_stripe, settings):
    old_secret = secret_in(run("create", "--url", URL))
    old = only(fake_stripe)
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = old_secret
    text = run("rotate")
    new_secret = secret_in(text)
    assert value_in(text) == f"{new_secret},{old_secret}"
    with pytest.raises(CommandError, match="is not in PINAX_STRIPE_WEBHOOK_SECRETS here"):
        run("rotate", "--finish", "--yes")

    settings.PINAX_STRIPE_WEBHOOK_SECRETS = value_in(text)
    assert webhook_secrets() == [new_secret, old_secret]
    fake_stripe.create("customer")
    for secret in (old_secret, new_secret):
        assert post_event(client, fake_stripe.events[-1], secret=secret).status_code == 200
    assert Event.objects.get().deliveries == 2

    with pytest.raises(CommandError, match="already exists to replace"):
        run("rotate", "--endpoint", old["id"])
    assert f"Deleted {old['id']}" in run("rotate", "--finish", "--yes")
    assert only(fake_stripe)["id"] != old["id"]
    with pytest.raises(CommandError, match="No endpoint is being replaced"):
        run("rotate", "--finish", "--yes")


def test_rotating_an_endpoint_made_elsewhere_asks_for_what_stripe_does_not_tell(fake_stripe):
    old = webhook_endpoints.create(URL, ["*"])
    fake_stripe.update(old["id"], silent=True, metadata={})
    with pytest.raises(CommandError, match="add --connect or --no-connect"):
        run("rotate", "--url", URL)
    run("rotate", "--url", URL, "--no-connect", "--api-version", "2026-10-28.endive")
    versions = {endpoint["api_version"] for endpoint in fake_stripe.objects("webhook_endpoint")}
    assert versions == {None, "2026-10-28.endive"}


@pytest.mark.parametrize("answer", ["no", "", None])
def test_deleting_asks_first(fake_stripe, monkeypatch, answer):
    run("create", "--url", URL)

    def reply(question):
        assert URL in question
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", reply)
    with pytest.raises(CommandError, match="Nothing was deleted"):
        run("delete")
    assert only(fake_stripe)
    monkeypatch.setattr("builtins.input", lambda question: "yes")
    run("delete")
    assert fake_stripe.objects("webhook_endpoint") == []


def test_the_secret_is_printed_and_never_logged(fake_stripe, caplog):
    """Not even by the SDK, which would log whole answers at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        secret = secret_in(run("create", "--url", URL))
        run("rotate")
    assert "called method=post path=/v1/webhook_endpoints status=200" in caplog.text
    assert secret not in caplog.text
    assert "whsec_" not in caplog.text


def test_what_others_log_with_the_sdk_is_left_alone(caplog):
    with caplog.at_level(logging.DEBUG, logger="stripe"):
        logging.getLogger("stripe").debug("theirs")
    assert "theirs" in caplog.text
