"""Whatever is posted: a clear answer, at most one row, no call before the cheap checks pass, and bounded memory."""

import copy
import http.client
import json
import socket
import time
import tracemalloc
from urllib.parse import urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pinax.stripe.catalogue.objects import name_of, type_of_object
from pinax.stripe.models import Event, EventProcessingException
from pinax.stripe.sync.registry import MIRRORED, mirrored_type
from pinax.stripe.testing import FakeStripe, build_event, build_object, post_event, sign
from pinax.stripe.webhooks import envelopes
from tests import databases

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 64 * 1024

#: Values that no field expects, or not so.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63 - 1, 2**64, 10**30, 10**4000, 1e308, -0.0, 1.5, 999.99999, float("inf")]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["", "\x00", "\ud800", "a\x00b\udfff", "9" * 400, "x" * 1000, "../../v1/x?y", "évt_1", "\u202e"]),
    st.lists(st.none(), max_size=3),
    st.sampled_from([[], {}, [[]], [{}], {"": {}}, {"id": 5}, {"object": []}, {"data": {"object": "x"}}]),
)


def settings_of(count):
    return hypothesis_settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


def paths(data, prefix=()):
    """Every place in a JSON value."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*prefix, key)
        yield from paths(value, (*prefix, key))


def put(data, path, value):
    """A copy with another value at a place; `...` removes it."""
    data = copy.deepcopy(data)
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return data


@st.composite
def mutated(draw, payload):
    """A payload with something else in a few of its places."""
    for _ in range(draw(st.integers(1, 3))):
        places = list(paths(payload))
        if not places:
            break
        payload = put(payload, draw(st.sampled_from(places)), draw(st.one_of(ODD, st.just(...))))
    return payload


def body_of(payload):
    """An event as a body; a number that no double holds is 1e400 in JSON, which is valid there."""
    return json.dumps(payload).replace("Infinity", "1e400").encode()


def passes_the_cheap_checks(body):
    """Whether a body is one about which Stripe may be asked."""
    try:
        envelope = envelopes.parse_envelope(envelopes.parse_body(body))
    except envelopes.NotAnEvent:
        return False
    return not envelope.is_sample


@pytest.fixture
def post(fake_stripe, settings):
    """Post a body, and see that it was taken as everything has to be."""
    settings.PINAX_STRIPE_MAX_BODY_BYTES = LIMIT
    client = Client(raise_request_exception=True)

    def checked(body, **extra):
        databases.empty()
        fake_stripe.reset_requests()
        response = client.post("/stripe/webhook/", data=body, content_type="application/json", **extra)
        assert response.status_code in (200, 400, 413, 503)
        assert Event.objects.count() == 1
        event = Event.objects.get()
        assert bytes(event.body) == body[:LIMIT]
        assert event.body_size == len(body)
        assert event.valid is not True
        if not passes_the_cheap_checks(body):
            assert fake_stripe.requests == []
            assert (event.valid, event.processed) == (False, False)
        assert len(fake_stripe.requests) <= 1
        return response

    return checked


def test_any_bytes(post, by_size, figure):
    count = by_size(quick=60, short=150, long=5000)

    @settings_of(count)
    @given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode(errors="replace"))))
    def run(body):
        assert post(body).status_code == 400

    run()
    figure("hostile bodies", "bytes", count)


CREATED = int(time.time())
EVENT = build_event("customer.created", build_object("customer", id="cus_1"), id="evt_1", created=CREATED)
NOW = str(CREATED).encode()


def test_events_with_anything_in_any_place(post, by_size, figure):
    count = by_size(quick=150, short=300, long=10_000)

    @settings_of(count)
    @given(mutated(EVENT))
    def run(payload):
        post(body_of(payload))

    run()
    figure("hostile bodies", "events altered somewhere", count)


@pytest.mark.parametrize("is_first", [True, False], ids=["before the event", "after it"])
def test_forgeries_of_an_event_that_stripe_knows(fake_stripe, settings, by_size, figure, is_first):
    """They are held against Stripe's copy, and what differs is kept, whatever it is."""
    settings.PINAX_STRIPE_MAX_BODY_BYTES = LIMIT
    count = by_size(quick=60, short=150, long=5000)
    fake_stripe.add_event(EVENT)
    client = Client(raise_request_exception=True)

    @settings_of(count)
    @given(mutated(EVENT))
    def run(payload):
        databases.empty()
        if not is_first:
            post_event(client, EVENT)
        assert client.post("/stripe/webhook/", data=body_of(payload), content_type="application/json").status_code in (
            200,  # No more than `pending_webhooks` and the like was changed, or the other mode was claimed.
            400,
        )
        assert Event.objects.count() <= 2
        genuine = Event.objects.filter(valid=True)
        assert [event.message["data"] for event in genuine] in ([], [EVENT["data"]])
        if not is_first:
            assert genuine.exists()
        assert not EventProcessingException.objects.exists()

    run()
    figure("hostile bodies", "forgeries " + ("before" if is_first else "after") + " the event", count)


FORGERIES = {
    "NUL": put(EVENT, ("data", "object", "name"), "\x00"),
    "a lone surrogate": put(EVENT, ("data", "object", "name"), "\ud800"),
    "1e400": put(EVENT, ("data", "object", "balance"), float("inf")),
    "NUL in a key": put(EVENT, ("data", "object", "metadata"), {"\x00": 1}),
    "a long integer": put(EVENT, ("data", "object", "balance"), 10**4000),
    "a long text": put(EVENT, ("data", "object", "name"), "x" * 50_000),
    "many keys": put(EVENT, ("data", "object", "metadata"), {str(number): number for number in range(3000)}),
    "NUL in another version": {**put(EVENT, ("data", "object", "name"), "\x00"), "api_version": "2015-10-16"},
}


@pytest.mark.parametrize("is_first", [True, False], ids=["before the event", "after it"])
@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_made_to_hurt(fake_stripe, client, name, is_first):
    fake_stripe.add_event(EVENT)
    if not is_first:
        post_event(client, EVENT)
    response = client.post("/stripe/webhook/", data=body_of(FORGERIES[name]), content_type="application/json")
    event = Event.objects.latest("pk")
    if FORGERIES[name]["api_version"] != EVENT["api_version"]:
        # As an endpoint with a version of its own gets it; what is processed is Stripe's copy.
        assert (response.status_code, event.valid, event.message["data"]) == (200, True, EVENT["data"])
    else:
        assert (response.status_code, event.valid, event.reason) == (400, False, "content_differs")


def thin(created):
    """A thin event that was made then."""
    fields = {"id": "evt_1", "object": "v2.core.event", "type": "v1.customer.created", "livemode": False}
    return json.dumps({**fields, "created": created}).encode()


PATHOLOGICAL = {
    "deep lists": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "deep data": json.dumps({**EVENT, "data": 0})
    .encode()
    .replace(b'"data": 0', b'"data": ' + b'{"a":' * 200 + b"1" + b"}" * 200),
    "infinite": b'{"id": 1e400, "created": NaN, "x": Infinity}',
    "1e400 as created": json.dumps(EVENT).encode().replace(NOW, b"1e400"),
    "a long integer": b'{"created": ' + b"9" * 5_000 + b"}",
    "a long integer in an event": json.dumps(EVENT).encode().replace(NOW, b"9" * 4_000),
    "a huge year": json.dumps(EVENT).encode().replace(NOW, b"99999999999999"),
    "duplicate keys": b'{"id": "evt_1", ' + json.dumps(EVENT).encode()[1:-1] + b', "id": 5}',
    "a long id": json.dumps({**EVENT, "id": "evt_" + "a" * 50_000}).encode(),
    "a long sample's id": json.dumps({**EVENT, "id": "a" * 400 + "_" + "0" * 14}).encode(),
    "a time before time": thin("0001-01-01T00:00:00+14:00"),
    "a time after time": thin("9999-12-31T23:59:59-14:00"),
    "a long type": json.dumps({**EVENT, "type": "a" * 50_000}).encode(),
    "a long version": json.dumps({**EVENT, "api_version": "2" * 50_000}).encode(),
    "a long object id": json.dumps(put(EVENT, ("data", "object", "id"), "c" * 50_000)).encode(),
    "surrogates": json.dumps(put(EVENT, ("data", "object", "id"), "\ud800\x00")).encode(),
    "NUL in the type": json.dumps({**EVENT, "type": "a\x00b"}).encode(),
    "NUL in the version": json.dumps({**EVENT, "api_version": "a\x00b\ud800"}).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(EVENT).encode(),
    "UTF-16": json.dumps(EVENT).encode("utf-16"),
    "half": json.dumps(EVENT).encode()[:200],
    "two": json.dumps(EVENT).encode() * 2,
    "form data": b"id=evt_1&type=customer.created",
    "an id with a path": json.dumps({**EVENT, "id": "evt_1/../../accounts"}).encode(),
    "an account with a path": json.dumps({**EVENT, "account": "acct_1/../x"}).encode(),
    "nothing": b"",
    "a space": b" ",
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
@pytest.mark.parametrize("secret", ["", "whsec_1"], ids=["unsigned", "signed"])
def test_bodies_made_to_hurt(post, settings, name, secret):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = secret
    body = PATHOLOGICAL[name]
    headers = {"Stripe-Signature": sign(body, secret)} if secret else {}
    # Stripe signed it and does not find it: that is undecided (the key may be another account's), never refused.
    undecided = (503,) if secret and passes_the_cheap_checks(body) else ()
    assert post(body, headers=headers).status_code in (undecided or (400, 413))


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, 10 * LIMIT])
def test_a_body_beyond_the_limit_is_told_so(post, size):
    assert post(b"x" * size).status_code == (413 if size > LIMIT else 400)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=1",
        "t=1,v1=",
        "t=x,v1=y",
        "t=1,v1=é",
        "t=" + "9" * 500 + ",v1=1",
        ",=,=",
        "t=1,t=2,v1=3",
        "\x7f" * 50_000,
    ],
)
def test_odd_signatures(post, settings, header):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    body = json.dumps(EVENT).encode()
    assert post(body, HTTP_STRIPE_SIGNATURE=header).status_code == 400
    assert len(json.dumps(Event.objects.get().headers)) < 20_000


def test_memory_is_bounded_by_the_limit_and_not_by_the_body(post):
    """Twenty times the limit is posted, and neither read nor kept whole."""
    body = b'{"a": "' + b"x" * (20 * LIMIT) + b'"}'
    client = Client()

    def peak(url):
        client.post(url, data=b"{}", content_type="application/json")
        tracemalloc.start()
        try:
            client.post(url, data=body, content_type="application/json")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # The test client has copies of the body, too: what an address costs that reads none of it.
    assert peak("/stripe/webhook/") - peak("/nowhere/") < 12 * LIMIT


def test_rows_of_refused_posts_do_not_grow_without_end(fake_stripe, settings, client, by_size, figure):
    settings.PINAX_STRIPE_REFUSED_ROWS = 50
    count = by_size(quick=200, short=400, long=20_000)
    for number in range(count):
        client.post("/stripe/webhook/", data=str(number), content_type="application/json")
    kept = Event.objects.count()
    assert 50 <= kept <= 56
    assert Event.objects.latest("pk").webhook_message == count - 1
    figure("hostile bodies", "junk posted, rows kept (of 50 allowed)", f"{count}, {kept}")


# Over a real socket


def raw(address, request):
    """Send bytes, and the first line of what comes back."""
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").readline().decode()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ("Content-Length: 5", b"12345", "400"),
        ("Content-Length: 500", b"12345", "400"),
        ("Content-Length: 2", b"12345", "400"),
        ("Content-Length: x", b"12345", "400"),
        ("Content-Length: -1", b"", "400"),
        ("X: y", b"", "400"),
        ("Content-Length: 99999999999999999999", b"12345", "4"),
        ("Transfer-Encoding: chunked", b"5\r\n12345\r\n0\r\n\r\n", "411"),
        ("Content-Length: 1\r\nStripe-Signature: \xe9\xff", b"1", "400"),
    ],
)
def test_odd_requests_over_a_socket(live_server, headers, body, status):
    address = urlsplit(live_server.url)
    head = f"POST /stripe/webhook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n\r\n"
    answer = raw(address, head.encode("latin-1") + body)
    assert answer.split()[1].startswith(status)
    assert Event.objects.count() <= 1


def test_the_methods_of_others_over_a_socket(live_server):
    connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=60)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"):
        connection.request(method, "/stripe/webhook/")
        response = connection.getresponse()
        response.read()
        assert response.status == 405
    connection.close()
    assert not Event.objects.exists()


# What Stripe itself says, in an unknown shape


@pytest.mark.sampled
@pytest.mark.parametrize("kind", MIRRORED)
def test_a_genuine_object_with_anything_in_any_place_is_recorded_and_announced(kind, settings, by_size, figure):
    count = by_size(quick=12, short=60, long=1000)
    parts = {"subscription": {"items": ["subscription_item"]}, "invoice": {"lines": ["line_item"]}}.get(kind, {})
    built = {name: [build_object(part) for part in names] for name, names in parts.items()}
    unowned = ("customer", "product", "price", "plan", "coupon", "external_account")
    owner = {} if kind in unowned else {"customer": "cus_1"}
    data = build_object(kind, id="x_1", **owner, **built)
    named_by = {"id", "object", "livemode", type_of_object(data).named_by}
    kept = [path for path in paths(data) if path[0] not in named_by]
    client = Client(raise_request_exception=True)

    @settings_of(count)
    @given(st.data())
    def run(draws):
        databases.empty()
        mutant = data
        for _ in range(draws.draw(st.integers(1, 4))):
            path = draws.draw(st.sampled_from(kept))
            try:
                mutant = put(mutant, path, draws.draw(st.one_of(ODD, st.just(...))))
            except (KeyError, IndexError, TypeError):
                continue  # An earlier change took the place away.
        with FakeStripe() as stripe:
            settings.PINAX_STRIPE_API_BASE = stripe.url
            event = build_event("mystery.updated", mutant, livemode=False)
            stripe.add_event(event)
            assert post_event(client, body_of(event)).status_code == 200
        assert Event.objects.get().state == "done"
        assert not EventProcessingException.objects.exists()
        # A card that names an account and no customer is what the account is paid to.
        mirrored = mirrored_type(mutant)
        assert mirrored is not None
        assert mirrored.model.all_objects.get().stripe_id == name_of(data)

    run()
    figure("hostile bodies", f"genuine but odd: {kind}", count)


MOST = 2**63 - 1
#: Objects that some column, or some key, could not take if they were taken as they are.
ODDITIES = {
    "taxes whose sum has no column": build_object("invoice", id="x_1", total_taxes=[{"amount": MOST}] * 2),
    "per cent that round up": build_object("coupon", id="x_1", percent_off=999.99999),
    "a decimal of many digits": build_object("price", id="x_1", unit_amount_decimal="9" * 20 + "." + "9" * 13),
    "a line with NUL in its id": build_object("invoice", id="x_1", lines=[{"id": "il_\x00", "object": "line_item"}]),
    "a line with a long id": build_object(
        "invoice", id="x_1", lines=[{"id": "il_1", "unique_id": "il_" + "x" * 900, "object": "line_item"}]
    ),
    "three lines under one id": build_object("invoice", id="x_1", lines=[{"id": "il_1", "object": "line_item"}] * 3),
    "a reference with NUL": build_object("invoice", id="x_1", customer={"id": "\x00"}),
    "1e400": build_object("customer", id="x_1", balance=float("inf"), metadata={"x": float("-inf")}),
    "integers of many digits": build_object("customer", id="x_1", balance=10**400, metadata={"x": 10**4000}),
    "a time before time": build_object("customer", id="x_1", created=-62_135_596_800),
    "a time after time": build_object("customer", id="x_1", created=253_402_300_799),
    "NUL and surrogates as keys": build_object("customer", id="x_1", metadata={"\ud800": "\x00"}),
    "a list that is none": build_object("invoice", id="x_1", lines={"object": "list", "data": "x", "has_more": False}),
    "a card with NUL in its id": build_object(
        "customer", id="x_1", sources={"data": [{"id": "card_\x00", "object": "card", "customer": "x_1"}]}
    ),
    "one card twice": build_object(
        "customer", id="x_1", sources={"data": [{"id": "card_1", "object": "card", "customer": "x_1"}] * 2}
    ),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_genuine_objects_that_no_column_could_take_as_they_are(fake_stripe, client, name):
    event = build_event("mystery.updated", ODDITIES[name], livemode=False)
    fake_stripe.add_event(event)
    assert post_event(client, body_of(event)).status_code == 200
    assert Event.objects.get().state == "done"
    assert MIRRORED[ODDITIES[name]["object"]].model.all_objects.get().stripe_id == "x_1"


def test_an_object_whose_id_no_database_takes_is_not_mirrored(fake_stripe, client):
    event = build_event("mystery.updated", build_object("customer", id="\x00"), livemode=False)
    fake_stripe.add_event(event)
    assert post_event(client, body_of(event)).status_code == 200
    assert not MIRRORED["customer"].model.all_objects.exists()
