"""Endpoints at Stripe, written through the API of a FakeStripe."""

import pytest

from pinax.stripe import api
from pinax.stripe.actions import webhook_endpoints
from pinax.stripe.exceptions import FinalStripeError, ObjectNotFound

URL = "https://example.com/stripe/webhook/"


def stored(stripe, endpoint):
    return stripe.get(endpoint["id"])


def test_an_endpoint_is_made_with_all_that_was_asked_for(fake_stripe):
    endpoint = webhook_endpoints.create(URL, ["invoice.paid"], connect=True, api_version="2026-10-28.endive")
    assert endpoint["secret"].startswith("whsec_")
    found = stored(fake_stripe, endpoint)
    assert "secret" not in found
    assert (found["url"], found["enabled_events"], found["api_version"]) == (URL, ["invoice.paid"], "2026-10-28.endive")
    assert found["application"] is not None
    assert webhook_endpoints.list_endpoints() == [found]


def test_the_secret_is_recognised_by_what_was_left_at_the_endpoint(fake_stripe, settings):
    endpoint = webhook_endpoints.create(URL, ["*"])
    found = stored(fake_stripe, endpoint)
    assert endpoint["secret"] not in str(found)
    assert webhook_endpoints.secret_state(found) is False
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_other", endpoint["secret"]]
    assert webhook_endpoints.secret_state(found) is True
    assert webhook_endpoints.secret_state({"metadata": {}}) is None


def test_the_secret_is_not_lost_if_noting_it_fails(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RETRIES = 0
    fake_stripe.fail("/v1/webhook_endpoints/", times=None)
    endpoint = webhook_endpoints.create(URL, ["*"])
    assert endpoint["secret"]
    assert webhook_endpoints.secret_state(stored(fake_stripe, endpoint)) is None


def test_a_lost_answer_does_not_make_two(fake_stripe):
    """The first attempt arrives and its answer does not; the second has the same key, and gets the first's answer."""
    fake_stripe.half("/v1/webhook_endpoints", times=1)
    endpoint = webhook_endpoints.create(URL, ["*"])
    assert [found["id"] for found in webhook_endpoints.list_endpoints()] == [endpoint["id"]]
    keys = [request.headers["idempotency-key"] for request in fake_stripe.requests if request.method == "POST"]
    assert len(keys) == 3
    assert keys[0] == keys[1] != keys[2]


def test_an_endpoint_is_changed_and_deleted(fake_stripe):
    endpoint = webhook_endpoints.create(URL, ["invoice.paid"])
    fake_stripe.update(endpoint["id"], silent=True, status="disabled")
    changed = webhook_endpoints.update(endpoint, ["charge.failed", "charge.refunded"], enable=True)
    assert (changed["enabled_events"], changed["status"]) == (["charge.failed", "charge.refunded"], "enabled")
    assert changed["metadata"][webhook_endpoints.MARK]
    webhook_endpoints.delete(endpoint)
    assert webhook_endpoints.list_endpoints() == []
    with pytest.raises(ObjectNotFound):
        webhook_endpoints.delete(endpoint)


def test_a_replacement_is_like_the_old_one_and_knows_it(fake_stripe):
    old = webhook_endpoints.create(URL, ["invoice.paid"], connect=True, api_version="2020-08-27")
    new = webhook_endpoints.replace(old)
    for name in ("url", "enabled_events", "api_version", "application"):
        assert new[name] == old[name]
    assert new["secret"] != old["secret"]
    pairs = webhook_endpoints.replacements(webhook_endpoints.list_endpoints())
    assert [(before["id"], after["id"]) for before, after in pairs] == [(old["id"], new["id"])]
    webhook_endpoints.delete(old)
    assert webhook_endpoints.replacements(webhook_endpoints.list_endpoints()) == []


def test_a_type_stripe_does_not_know_is_its_refusal(fake_stripe):
    with pytest.raises(FinalStripeError, match="enabled_events"):
        webhook_endpoints.create(URL, ["invoice.payed"])


@pytest.mark.parametrize(
    ("key", "url", "is_good"),
    [
        ("sk_test_1", "http://example.com/x", True),
        ("sk_live_1", "http://example.com/x", False),
        ("sk_live_1", "https://example.com/x", True),
        ("sk_test_1", "example.com/x", False),
        ("sk_test_1", "ftp://example.com/x", False),
        ("sk_test_1", "https://", False),
    ],
)
def test_urls_that_stripe_would_not_post_to(settings, key, url, is_good):
    settings.PINAX_STRIPE_SECRET_KEY = key
    assert (webhook_endpoints.problem_with(url) == "") is is_good


@pytest.mark.parametrize(
    ("endpoint", "url", "path", "ours"),
    [
        ({"url": URL}, URL.rstrip("/"), "", True),
        ({"url": "https://b.example.com/stripe/webhook", "metadata": {"pinax_stripe": "webhook"}}, URL, "", False),
        ({"url": "https://b.example.com/x", "metadata": {"pinax_stripe": "webhook"}}, "", "", True),
        ({"url": URL, "metadata": {}}, "", "/stripe/webhook/", True),
        ({"url": URL, "metadata": {}}, "", "", False),
        ({"url": "https://b.example.com/", "metadata": {}}, "", "/stripe/webhook/", False),
    ],
)
def test_which_endpoints_are_ours(endpoint, url, path, ours):
    assert webhook_endpoints.is_ours(endpoint, url=url, answers=lambda found: found == path) is ours


def test_the_version_of_calls_is_the_one_that_is_sent(fake_stripe, settings):
    api.list_events({"limit": 1})
    assert fake_stripe.requests[-1].headers["stripe-version"] == api.version()
    settings.PINAX_STRIPE_API_VERSION = "2020-08-27"
    api.list_events({"limit": 1})
    assert fake_stripe.requests[-1].headers["stripe-version"] == api.version() == "2020-08-27"
