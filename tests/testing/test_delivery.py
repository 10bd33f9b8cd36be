"""Deliveries arrive as Stripe sends them, in the order and number that was asked for."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pinax.stripe.testing import FakeStripe, post_event, sign
from pinax.stripe.testing.delivery import event_time
from pinax.stripe.webhooks.signatures import verify


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it gets; answers `server.status`."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers.items()), body))
        self.server.on_post()
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def start_receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.status, server.on_post = [], 200, lambda: None
    server.url = f"http://127.0.0.1:{server.server_address[1]}/webhook/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


receiver = pytest.fixture(start_receiver, name="receiver")
other_receiver = pytest.fixture(start_receiver, name="other_receiver")


@pytest.fixture
def stripe():
    stripe = FakeStripe()
    stripe.now = 1000
    for number in range(5):
        stripe.create("customer", id=f"cus_{number}", account="acct_1" if number == 4 else None)
        stripe.advance(1)
    return stripe


def names(receiver):
    return [json.loads(body)["data"]["object"]["id"] for _, body in receiver.received]


def test_a_delivery_is_signed_json_with_the_event_as_stripe_has_it(stripe, receiver):
    stripe.deliver(receiver.url, [stripe.events[0]], secret="whsec_1")
    ((headers, body),) = receiver.received
    assert json.loads(body)["id"] == stripe.events[0]["id"]
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"] == "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
    verify(body, headers["Stripe-Signature"], ["whsec_1"], now=time.time(), tolerance=60)
    stripe.deliver(receiver.url, [stripe.events[0]])
    assert "Stripe-Signature" not in receiver.received[1][0]


def test_only_what_is_acknowledged_counts_as_delivered(stripe, receiver):
    receiver.status = 500
    assert stripe.deliver(receiver.url) == [(event["id"], 500) for event in stripe.events]
    receiver.status = 301
    assert {status for _, status in stripe.deliver(receiver.url, account="acct_1")} == {301}
    assert len(stripe.undelivered()) == 5
    assert [event["account"] for event in stripe.undelivered("acct_1")] == ["acct_1"]
    receiver.status = 204
    stripe.deliver(receiver.url, stripe.events[:2])
    assert [event["id"] for event in stripe.undelivered()] == [event["id"] for event in stripe.events[2:]]
    assert [event["pending_webhooks"] for event in stripe.events] == [0, 0, 1, 1, 1]
    assert len(stripe.deliver(receiver.url)) == 3
    assert stripe.deliver(receiver.url) == []


def test_orders_and_copies(stripe, receiver):
    events = list(reversed(stripe.events))
    made = [f"cus_{number}" for number in range(5)]
    stripe.deliver(receiver.url, events)
    assert names(receiver) == made
    receiver.received.clear()
    stripe.deliver(receiver.url, events, order="reversed", copies=2)
    assert names(receiver) == [name for name in reversed(made) for _ in range(2)]
    shuffled = []
    for _ in range(2):
        receiver.received.clear()
        stripe.deliver(receiver.url, events, order="random", seed=3, copies=3)
        shuffled.append(names(receiver))
    assert shuffled[0] == shuffled[1]
    assert sorted(shuffled[0]) == sorted(made * 3) != shuffled[0]
    with pytest.raises(ValueError, match="no order"):
        stripe.deliver(receiver.url, events, order="sideways")


@pytest.mark.parametrize("url", ["http://example.com/webhook/", "https://10.0.0.1/", "http://localhost.example.com/"])
def test_nothing_is_delivered_to_other_machines(stripe, url):
    with pytest.raises(ValueError, match="not on this machine"):
        stripe.deliver(url, [])


def test_a_closed_port_is_no_answer(stripe, receiver):
    with FakeStripe() as other:
        url = other.url
    assert {status for _, status in stripe.deliver(url)} == {0}
    assert len(stripe.undelivered()) == 5


@pytest.fixture
def awaited(stripe, receiver, other_receiver):
    """Two registered endpoints, and the one event that waits for them."""
    stripe.events.clear()
    stripe.endpoints = {receiver.url: "whsec_1", other_receiver.url: None}
    stripe.create("product", id="prod_1")
    return stripe.events[0]


def bodies(receiver):
    return [json.loads(body) for _, body in receiver.received]


def test_an_event_waits_for_every_endpoint_and_each_has_its_secret(stripe, awaited, receiver, other_receiver):
    other_receiver.status = 500
    assert stripe.events[0]["pending_webhooks"] == 2
    assert stripe.deliver() == [(awaited["id"], 200), (awaited["id"], 500)]
    assert ["Stripe-Signature" in server.received[0][0] for server in (receiver, other_receiver)] == [True, False]
    assert stripe.events[0]["pending_webhooks"] == 1
    assert not stripe.is_delivered(awaited["id"])
    other_receiver.status = 200
    assert stripe.deliver() == [(awaited["id"], 200)]
    assert len(receiver.received) == 1
    assert stripe.events[0]["pending_webhooks"] == 0
    assert stripe.is_delivered(awaited["id"])


def test_a_body_counts_the_endpoints_as_of_its_writing_and_the_event_as_of_its_reading(
    stripe, awaited, receiver, other_receiver
):
    """While the second endpoint is served, the first has acknowledged: its body says 2, Stripe says 1."""
    counts = []
    other_receiver.on_post = lambda: counts.append(stripe.events[0]["pending_webhooks"])
    stripe.deliver()
    assert [body["pending_webhooks"] for body in bodies(receiver) + bodies(other_receiver)] == [2, 2]
    assert counts == [1]


def test_an_endpoint_that_acknowledges_twice_counts_once(stripe, awaited, receiver):
    stripe.deliver(receiver.url, [awaited], copies=3)
    assert len(receiver.received) == 3
    assert stripe.events[0]["pending_webhooks"] == 1


def test_only_registered_endpoints_count_once_there_are_some(stripe, awaited, receiver):
    del stripe.endpoints[receiver.url]
    assert stripe.deliver(receiver.url) == [(awaited["id"], 200)]
    assert stripe.undelivered() == [awaited]


def test_without_a_url_there_must_be_an_endpoint(stripe):
    with pytest.raises(ValueError, match="no endpoint"):
        stripe.deliver()
    stripe.endpoints["https://example.com/"] = None
    with pytest.raises(ValueError, match="not on this machine"):
        stripe.deliver(events=[])


@pytest.mark.parametrize("name", ["id", "customer.created", "customer.*", "*"])
def test_what_is_lost_is_never_delivered_and_stays_pending(stripe, receiver, name):
    event = stripe.events[0]
    stripe.lost.add(event["id"] if name == "id" else name)
    stripe.create("product", id="prod_1")
    delivered = dict(stripe.deliver(receiver.url))
    assert event["id"] not in delivered
    assert len(delivered) == {"id": 5, "*": 0}.get(name, 1)
    assert stripe.deliver(receiver.url, [event], copies=2) == []
    assert event["id"] in [lost["id"] for lost in stripe.undelivered()]
    assert stripe.events[0]["pending_webhooks"] == 1
    stripe.lost.clear()
    assert (event["id"], 200) in stripe.deliver(receiver.url)


class Client:
    """What is used of django.test.Client."""

    def __init__(self, status=200):
        self.status_code = status
        self.posts = []

    def post(self, url, **kwargs):
        self.posts.append((url, kwargs))
        return self


def test_the_same_through_djangos_client(stripe):
    client = Client()
    outcome = stripe.deliver_to(client, url="/hook/", secret="whsec_1", order="reversed", account="acct_1")
    assert outcome == [(stripe.events[4]["id"], 200)]
    ((url, kwargs),) = client.posts
    assert (url, kwargs["content_type"]) == ("/hook/", "application/json; charset=utf-8")
    assert "Stripe-Signature" in kwargs["headers"]
    assert len(stripe.undelivered()) == 4


@pytest.mark.parametrize("body", [b"\xff", "text", {"id": "evt_1"}])
def test_any_body_can_be_posted_and_signed_as_of_any_time(body):
    client = Client()
    assert post_event(client, body, secret="whsec_1", url="/", timestamp=5) is client
    sent = client.posts[0][1]
    assert sent["headers"]["Stripe-Signature"] == sign(sent["data"], "whsec_1", 5)


def test_thin_events_have_their_place_in_the_order():
    assert event_time({"created": "1970-01-01T00:00:05.500Z"}) == 5.5
    assert event_time({"created": 7}) == 7
    assert event_time({}) == 0
