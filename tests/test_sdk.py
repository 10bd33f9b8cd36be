"""Our calls are encoded, and refusals read, as Stripe's SDK does it, whichever version is installed."""

import json
import subprocess
import sys
from decimal import Decimal
from itertools import product
from types import SimpleNamespace

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.api import sdk
from pinax.stripe.api.answers import Answer, Refusal, data_of
from pinax.stripe.api.errors import sorted_error
from pinax.stripe.api.parameters import encoded_body, encoded_form

PATH = "/v1/customers/cus_1"


class Canned(stripe.HTTPClient):
    """Remembers what the SDK sends, and gives it an answer."""

    name = "canned"

    def __init__(self, status=200, body='{"object": "customer"}'):
        super().__init__()
        self.answer = body, status, {}
        self.sent = None

    def request(self, method, url, headers, post_data=None, **usage):
        self.sent = SimpleNamespace(url=url, body=post_data, type=headers.get("Content-Type"))
        return self.answer

    def close(self):
        pass


def sent_by_sdk(method, path, params):
    transport = Canned()
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": "http://host"}, http_client=transport)
    client.raw_request(method, path, **params)
    return transport.sent


def error_of_sdk(status, body, path):
    client = stripe.StripeClient("sk_test_1", http_client=Canned(status, body), max_network_retries=0)
    with pytest.raises(stripe.StripeError) as raised:
        client.raw_request("get", path)
    return raised.value


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = TEXTS | st.integers() | st.floats(allow_nan=False) | st.decimals(allow_nan=False)
NAMES = st.text("abc_", min_size=2, max_size=5).map("x".__add__)
#: What parameters of v1 are made of; lists of lists, and booleans in lists, the API does not have.
NESTED = st.recursive(
    VALUES | st.booleans() | st.none(),
    lambda inner: (
        st.dictionaries(NAMES, inner, max_size=3)
        | st.lists(VALUES | st.dictionaries(NAMES, inner, max_size=3), max_size=3)
    ),
    max_leaves=8,
)
PARAMS = st.dictionaries(NAMES, NESTED, max_size=4)


@given(PARAMS)
def test_a_form_is_that_of_the_sdk(params):
    sent = sent_by_sdk("post", "/v1/customers", params)
    assert encoded_body("/v1/customers", params) == (sent.type, sent.body)


@given(PARAMS)
def test_a_query_is_that_of_the_sdk(params):
    for method in ("get", "delete"):
        _, _, query = sent_by_sdk(method, "/v1/customers", params).url.partition("?")
        assert encoded_form(params) == query


def test_lists_and_hashes_have_the_names_that_stripe_documents():
    params = {"expand": ["data.customer", "data.lines"], "items": [{"price": "price_1", "metadata": {"a": True}}]}
    form = "expand[0]=data.customer&expand[1]=data.lines&items[0][price]=price_1&items[0][metadata][a]=true"
    assert encoded_form(params) == form == sent_by_sdk("post", "/v1/x", params).body


@given(st.dictionaries(NAMES, st.recursive(TEXTS | st.integers() | st.booleans() | st.none(), st.lists), max_size=4))
def test_what_is_posted_to_v2_is_json_as_that_of_the_sdk(params):
    sent = sent_by_sdk("post", "/v2/core/event_destinations", params)
    assert encoded_body("/v2/core/event_destinations", params) == (sent.type, sent.body)


#: The SDK's class of an error -> the codes that ours may have.
CODES = {
    "RateLimitError": {"rate_limited"},
    "AuthenticationError": {"key_refused"},
    "PermissionError": {"no_permission", "no_access"},
    "InvalidRequestError": {"request_refused", "not_found", "unexpected_404", "key_of_other_mode"},
    "IdempotencyError": {"api_error", "unexpected_404"},
    "CardError": {"api_error"},
    "APIError": {"api_error"},
}
STATUSES = [302, 400, 401, 402, 403, 404, 405, 409, 410, 422, 429, 500, 503]
TYPES = [None, "invalid_request_error", "api_error", "card_error", "idempotency_error", "new_error"]
ERROR_CODES = [None, "resource_missing", "rate_limit", "account_invalid", "not_found"]


@pytest.mark.parametrize("path", [PATH, "/v2/core/events/evt_1"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_is_what_the_sdk_says_it_is(status, path):
    for kind, code, message in product(TYPES, ERROR_CODES, [None, "No such customer: 'cus_1'"]):
        details = {"type": kind, "code": code, "message": message}
        body = json.dumps({"error": {name: value for name, value in details.items() if value}})
        with pytest.raises(Refusal) as raised:
            data_of(Answer(status=status, headers={}, body=body.encode()))
        theirs, ours = error_of_sdk(status, body, path), sorted_error(raised.value, path)
        assert ours.code in CODES[type(theirs).__name__]
        assert (ours.status, raised.value.words) == (theirs.http_status, theirs.user_message or "")


def in_fresh_process(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_version_and_certificates_are_those_of_the_sdk_which_is_not_imported_for_them():
    found = in_fresh_process(
        "import json, sys; from pinax.stripe.api import sdk\n"
        "print(json.dumps([sdk.pinned_version(), sdk.ca_bundle(), 'stripe' in sys.modules]))"
    )
    theirs = in_fresh_process("import json, stripe; print(json.dumps([stripe.api_version, stripe.ca_bundle_path]))")
    assert found == [*theirs, False]


def test_an_sdk_that_keeps_its_version_elsewhere_is_asked_for_it(monkeypatch, tmp_path):
    monkeypatch.setattr(sdk, "folder", lambda: tmp_path)
    assert sdk.pinned_version.__wrapped__() == stripe.api_version


def test_certificates_that_a_project_told_the_sdk_to_trust_are_trusted(monkeypatch):
    monkeypatch.setattr(stripe, "ca_bundle_path", "/etc/ssl/own.pem")
    assert sdk.ca_bundle() == "/etc/ssl/own.pem"


def test_an_object_of_the_sdk_becomes_the_json_that_it_was():
    data = {"id": "cus_1", "object": "customer", "tags": [{"a": 1.5}], "none": None}
    assert sdk.plain(stripe.Customer.construct_from(data, "sk_test_1")) == data
    assert sdk.plain({"amount": Decimal("0.10"), "pair": (1, True)}) == {"amount": "0.10", "pair": [1, True]}
    with pytest.raises(TypeError, match="object is nothing"):
        sdk.plain(object())
