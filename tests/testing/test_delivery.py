"""Deliveries arrive as Stripe sends them, in the order and number that was asked for."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pinax.stripe.testing import FakeStripe, post_event, sign
from pinax.stripe.testing.delivery import moment
from pinax.stripe.webhooks.signatures import verify


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it gets; answers `server.status`."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_address[1]}/webhook/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


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
    assert moment({"created": "1970-01-01T00:00:05.500Z"}) == 5.5
    assert moment({"created": 7}) == 7
    assert moment({}) == 0
