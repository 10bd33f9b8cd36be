import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.webhooks.envelopes import NotAnEvent, parse_body, parse_envelope
from tests.assertions import assert_row

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.created",
    "created": 1700000000,
    "livemode": False,
    "api_version": None,
    "data": {"object": {"id": "cus_1", "object": "customer"}},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def test_the_envelope_names_what_the_event_is_about():
    envelope = parse_envelope(EVENT)
    assert_row(envelope, stripe_id="evt_1", kind="customer.created", account="")
    assert_row(envelope, object_type="customer", object_id="cus_1", api_version="")
    assert envelope.created_at.isoformat() == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize("name", ["account", "user_id"])
def test_old_and_new_events_name_their_connected_account(name):
    assert parse_envelope({**EVENT, name: "acct_1"}).account == "acct_1"


def test_a_thin_event_has_no_data_and_an_iso_date():
    thin = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "created": "2026-10-01T10:00:00.123Z",
        "livemode": True,
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
    envelope = parse_envelope(thin)
    assert envelope.is_thin
    assert envelope.object_id == "acct_1"
    assert envelope.created_at.microsecond == 123000


@pytest.mark.parametrize("name", ["id", "object", "type", "created", "livemode"])
@pytest.mark.parametrize("value", [None, "", [], {}, 10**30, "\x00", "x" * 10_000])
def test_an_envelope_with_a_wrong_part_is_refused(name, value):
    with pytest.raises(NotAnEvent):
        parse_envelope({**EVENT, name: value})


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{", b"NaN", b"[" * 100_000, b"1" * 5000, b'{"a":' * 200 + b"1" + b"}" * 200]
)
def test_a_body_that_is_not_json_is_refused(body):
    with pytest.raises(NotAnEvent) as caught:
        parse_body(body)
    assert caught.value.code == "not_json"


@given(st.binary())
def test_no_body_raises_anything_else(body):
    with contextlib.suppress(NotAnEvent):
        parse_envelope(parse_body(body))


@given(st.sampled_from(sorted(EVENT)), JSON)
def test_no_value_of_any_field_raises_anything_else(name, value):
    with contextlib.suppress(NotAnEvent):
        parse_envelope(parse_body(json.dumps({**EVENT, name: value}).encode()))


@given(JSON)
def test_the_count_of_pending_webhooks_does_not_change_the_fingerprint(value):
    assert parse_envelope({**EVENT, "pending_webhooks": value}).fingerprint == parse_envelope(EVENT).fingerprint
    assert parse_envelope({**EVENT, "request": "x"}).fingerprint != parse_envelope(EVENT).fingerprint
