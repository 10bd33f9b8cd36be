"""The writes a FakeStripe accepts, sent as any client would."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from pinax.stripe.testing import FakeStripe

URL = "https://example.com/stripe/webhook/"
PARAMS = {"url": URL, "enabled_events[0]": "invoice.paid", "enabled_events[1]": "charge.failed"}


@pytest.fixture
def stripe():
    with FakeStripe() as stripe:
        yield stripe


@pytest.fixture
def send(stripe):
    """A request with a form: status and JSON."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(method, path, params=None, *, key="sk_test_1", idempotency_key=""):
        headers = {"Authorization": f"Bearer {key}"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        body = urllib.parse.urlencode(params or {}).encode() if method == "POST" else None
        request = urllib.request.Request(stripe.url + path, data=body, headers=headers, method=method)
        try:
            with opener.open(request, timeout=60) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)["error"]

    return send


def test_a_new_endpoint_has_its_secret_in_the_first_answer_only(stripe, send):
    status, made = send("POST", "/v1/webhook_endpoints", {**PARAMS, "metadata[a]": "b", "connect": "true"})
    assert status == 200
    assert made["secret"].startswith("whsec_")
    assert (made["object"], made["status"], made["livemode"]) == ("webhook_endpoint", "enabled", False)
    assert (made["enabled_events"], made["metadata"]) == (["invoice.paid", "charge.failed"], {"a": "b"})
    kept = {name: value for name, value in made.items() if name != "secret"}
    assert send("GET", f"/v1/webhook_endpoints/{made['id']}") == (200, kept)
    assert send("GET", "/v1/webhook_endpoints")[1]["data"] == [kept]
    assert stripe.events == []


def test_an_endpoint_is_changed_and_deleted(stripe, send):
    path = "/v1/webhook_endpoints/" + send("POST", "/v1/webhook_endpoints", {**PARAMS, "metadata[a]": "b"})[1]["id"]
    status, changed = send("POST", path, {"enabled_events[0]": "*", "disabled": "true", "metadata[c]": "d"})
    assert (status, changed["enabled_events"], changed["status"]) == (200, ["*"], "disabled")
    assert changed["metadata"] == {"a": "b", "c": "d"}
    assert send("POST", path, {"metadata[a]": ""})[1]["metadata"] == {"c": "d"}
    assert send("DELETE", path) == (200, {"id": changed["id"], "object": "webhook_endpoint", "deleted": True})
    for method in ("GET", "POST", "DELETE"):
        status, error = send(method, path)
        assert (status, error["code"]) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("params", "key", "param"),
    [
        ({}, "sk_test_1", "url"),
        ({"url": URL}, "sk_test_1", "enabled_events"),
        ({**PARAMS, "url": "example.com"}, "sk_test_1", "url"),
        ({**PARAMS, "url": "http://example.com/"}, "sk_live_1", "url"),
        ({**PARAMS, "enabled_events[1]": "charge.flown"}, "sk_test_1", "enabled_events[1]"),
        ({**PARAMS, "enabled_events[1]": "ping"}, "sk_test_1", "enabled_events[1]"),
        ({**PARAMS, "colour": "red"}, "sk_test_1", "colour"),
    ],
)
def test_what_stripe_refuses_is_refused(stripe, send, params, key, param):
    status, error = send("POST", "/v1/webhook_endpoints", params, key=key)
    assert (status, error["param"], error["type"]) == (400, param, "invalid_request_error")
    assert stripe.objects("webhook_endpoint") == []


def test_the_version_is_chosen_once(send):
    made = send("POST", "/v1/webhook_endpoints", {**PARAMS, "api_version": "2020-08-27"})[1]
    assert made["api_version"] == "2020-08-27"
    status, error = send("POST", f"/v1/webhook_endpoints/{made['id']}", {"api_version": "2026-10-28.endive"})
    assert (status, error["param"]) == (400, "api_version")


def test_the_same_key_is_carried_out_once(stripe, send):
    first = send("POST", "/v1/webhook_endpoints", PARAMS, idempotency_key="k")
    assert send("POST", "/v1/webhook_endpoints", PARAMS, idempotency_key="k") == first
    assert len(stripe.objects("webhook_endpoint")) == 1
    status, error = send("POST", "/v1/webhook_endpoints", {**PARAMS, "url": URL + "b"}, idempotency_key="k")
    assert (status, error["type"]) == (400, "idempotency_error")
    send("POST", "/v1/webhook_endpoints", PARAMS, idempotency_key="l")
    assert len(stripe.objects("webhook_endpoint")) == 2


def test_a_key_is_needed_and_nothing_else_can_be_written(stripe, send):
    assert send("POST", "/v1/webhook_endpoints", PARAMS, key="whsec_1")[0] == 401
    stripe.create("customer", id="cus_1")
    assert send("POST", "/v1/customers", {"email": "a@example.com"})[0] == 404
    assert send("DELETE", "/v1/customers/cus_1")[0] == 404
    assert send("DELETE", "/v1/webhook_endpoints/cus_1")[0] == 404
    assert stripe.get("cus_1")


def test_a_port_of_your_own():
    with FakeStripe() as one:
        port = int(one.url.rpartition(":")[2])
    with FakeStripe(port=port) as other:
        assert other.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("object_type", ["customer", "subscription", "payment_method"])
def test_silence(stripe, object_type):
    stripe.create(object_type, id="x_1", silent=True, customer="cus_1")
    stripe.delete("x_1", silent=True)
    assert stripe.events == []
