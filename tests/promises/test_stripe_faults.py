"""Whatever Stripe's API does wrong: nothing is refused for it, nothing half written, and it is decided later."""

import socket
import threading
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from pinax.stripe import api
from pinax.stripe.api import calls, pace, transport
from pinax.stripe.exceptions import Secret, TemporaryStripeError
from pinax.stripe.models import Event, Invoice, InvoiceLineItem, Subscription
from pinax.stripe.testing import FakeStripe, build_object, post_event
from tests.assertions import assert_event
from tests.promises.clock import Clock
from tests.promises.shop.models import Effect

pytestmark = pytest.mark.django_db(transaction=True)

#: Connections that fill a queue without room, at most: how many fit is the system's choice.
MOST_FILLERS = 10


class DistantStripe(FakeStripe):
    """Can be out of reach for the requests of a path: the client connects to a port that does not answer.

    No server knows a path before it takes the connection, so these requests are sent to another port.
    """

    def __init__(self) -> None:
        super().__init__()
        #: Beginning of a path -> where requests for it go.
        self.detours: dict[str, str] = {}
        #: Beginning of the paths for which no answer will come.
        self.hopeless: str | None = None
        self._sockets: list[socket.socket] = []

    def refuse(self, path: str) -> None:
        """Connections are refused: the port is taken, and no server listens."""
        self._detour(path, socket.socket())

    def ignore(self, path: str) -> None:
        """Connections are never made: the queue of those that wait to be accepted is full."""
        listener = socket.socket()
        address = self._detour(path, listener)
        listener.listen(0)
        for _ in range(MOST_FILLERS):
            filler = socket.socket()
            self._sockets.append(filler)
            filler.settimeout(0.2)
            try:
                filler.connect(address)
            except TimeoutError:
                return
        raise AssertionError("This system takes connections that no server accepts.")

    def _detour(self, path: str, door: socket.socket) -> tuple[str, int]:
        self._sockets.append(door)
        door.bind(("127.0.0.1", 0))
        host, port = door.getsockname()
        self.detours[path] = f"http://{host}:{port}"
        return host, port

    def address_of(self, url: str) -> str:
        """Where a request really goes."""
        for path, elsewhere in self.detours.items():
            if url.startswith(f"{self.url}{path}"):
                return url.replace(self.url, elsewhere)
        return url

    def clear_faults(self) -> None:
        super().clear_faults()
        self.hopeless = None
        self.detours.clear()
        while self._sockets:
            self._sockets.pop().close()

    def stop(self) -> None:
        self.clear_faults()
        super().stop()


#: Name -> what a DistantStripe is told to do with all requests for a path.
FAULTS = {
    "connection refused": lambda stripe, path: stripe.refuse(path),
    "connect time-out": lambda stripe, path: stripe.ignore(path),
    "time-out": lambda stripe, path: stripe.slow(path, seconds=3600, times=None),
    "reset": lambda stripe, path: stripe.drop(path, times=None),
    "half a body": lambda stripe, path: stripe.half(path, times=None),
    "429": lambda stripe, path: stripe.rate_limit(path, times=None),
    "429, try again": lambda stripe, path: stripe.rate_limit(path, times=None, should_retry=True),
    "429, do not try again": lambda stripe, path: stripe.rate_limit(path, times=None, should_retry=False),
    "500": lambda stripe, path: stripe.fail(path, 500, times=None),
    "502 in HTML": lambda stripe, path: stripe.fail(path, 502, times=None, body="<html>Bad gateway</html>"),
    "503 with nothing": lambda stripe, path: stripe.fail(path, 503, times=None, body=b""),
    "401": lambda stripe, path: stripe.fail(path, 401, times=None),
    "403": lambda stripe, path: stripe.fail(path, 403, times=None),
    "409": lambda stripe, path: stripe.fail(path, 409, times=None),
    "200 in HTML": lambda stripe, path: stripe.fail(path, 200, times=None, body="<html>Hello</html>"),
    "200 with a list": lambda stripe, path: stripe.fail(path, 200, times=None, body=b"[]"),
    "200 with nothing": lambda stripe, path: stripe.fail(path, 200, times=None, body=b""),
    "200 with {}": lambda stripe, path: stripe.fail(path, 200, times=None, body={}),
    "200 with something else": lambda stripe, path: stripe.fail(path, 200, times=None, body={"id": "x", "data": [5]}),
    "200 with bytes": lambda stripe, path: stripe.fail(path, 200, times=None, body=b"\xff\xfe"),
    "a redirect": lambda stripe, path: stripe.fail(path, 302, times=None, headers={"Location": "/v1/elsewhere"}),
}
#: Those that only a time-out ends.
WAITING = ("connect time-out", "time-out")


def meet(fault, stripe, path):
    """Let requests for a path run into a fault.

    A client that gets no answer waits for a second; other requests are not limited.
    """
    stripe.hopeless = path if fault in WAITING else None
    FAULTS[fault](stripe, path)


@pytest.fixture
def stripe(settings, monkeypatch, shop):
    """A Stripe whose faults cost little time, and receivers that leave traces."""
    settings.PINAX_STRIPE_API_TIMEOUT = settings.PINAX_STRIPE_REQUEST_BUDGET = 30
    settings.PINAX_STRIPE_RETRY_DELAYS = (0,)
    monkeypatch.setattr(pace, "sleep", lambda seconds: None)
    exchange, call = transport.exchange, calls.call
    with DistantStripe() as stripe:

        def call_for_a_second(method, path, *args, **kwargs):
            if stripe.hopeless is None or not path.startswith(stripe.hopeless):
                return call(method, path, *args, **kwargs)
            with api.budget(1):
                return call(method, path, *args, **kwargs)

        monkeypatch.setattr(calls, "call", call_for_a_second)

        def to_where_it_goes(method, url, **kwargs):
            return exchange(method, stripe.address_of(url), **kwargs)

        monkeypatch.setattr(transport, "exchange", to_where_it_goes)
        settings.PINAX_STRIPE_API_BASE = stripe.url
        yield stripe


@pytest.mark.parametrize(
    ("fault", "error"),
    [("connection refused", NewConnectionError), ("connect time-out", ConnectTimeoutError)],
)
def test_connections_fail_as_the_faults_say(stripe, fault, error):
    FAULTS[fault](stripe, "/v1/events")
    with pytest.raises(error) as raised:
        transport.exchange("GET", f"{stripe.url}/v1/events", headers={}, body=None, key=Secret(), timeout=0.2)
    assert raised.type is error
    assert stripe.requests == []


def repair(stripe, settings):
    """Stripe is well again, and the sweeper goes by."""
    stripe.clear_faults()
    settings.PINAX_STRIPE_API_TIMEOUT = 30
    settings.PINAX_STRIPE_API_RATE = 1000
    call_command("stripe_process_events", "--failed", "--undecided", stdout=StringIO())
    assert set(Event.objects.values_list("state", flat=True)) == {"done"}
    for event in stripe.events:
        assert sorted(Effect.objects.filter(event_id=event["id"]).values_list("receiver", flat=True))[:2] == [
            "book",
            "count",
        ]
    assert Effect.objects.filter(receiver="count").count() == len(stripe.events)


@pytest.mark.parametrize("fault", FAULTS)
def test_while_an_event_cannot_be_validated_nothing_happens_and_nothing_is_lost(
    client, stripe, settings, figure, fault
):
    stripe.create("subscription", id="sub_1")
    meet(fault, stripe, "/v1/events")
    assert post_event(client, stripe.events[0]).status_code == 503
    event = Event.objects.get()
    assert_event(event, valid=None, state="waiting")
    assert event.reason
    assert event.explanation
    assert not Subscription.all_objects.exists()
    assert not Effect.objects.exists()
    repair(stripe, settings)
    figure("Stripe's faults, while validating", fault, "undecided, done later")


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_tie_cannot_be_settled_the_row_stays_as_it_is(client, stripe, settings, figure, fault):
    stripe.advance(0)
    stripe.create("subscription", id="sub_1", status="incomplete")
    stripe.update("sub_1", status="active")
    assert post_event(client, stripe.events[0]).status_code == 200
    before = Subscription.objects.values().get()
    meet(fault, stripe, "/v1/subscriptions")
    # A refusal that will not change by itself (403) is a failure of ours to show; anything else may pass.
    assert post_event(client, stripe.events[1]).status_code == (500 if fault == "403" else 503)
    event = Event.objects.get(stripe_id=stripe.events[1]["id"])
    assert_event(event, valid=True, processed=False, mirrored_at=None)
    assert Subscription.objects.values().get() == before
    assert not Effect.objects.filter(event_id=event.stripe_id).exists()
    repair(stripe, settings)
    assert Subscription.objects.get().status == "active"
    figure("Stripe's faults, while settling a tie", fault, "row untouched, done later")


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_cut_list_cannot_be_completed_none_of_the_object_is_written(client, stripe, settings, figure, fault):
    stripe.create("invoice", id="in_1", lines=[build_object("line_item", id=f"il_{n}") for n in range(25)])
    meet(fault, stripe, "/v1/invoices/in_1/lines")
    assert post_event(client, stripe.events[0]).status_code == (500 if fault == "403" else 503)
    assert Event.objects.get().valid is True
    assert not Invoice.all_objects.exists()
    assert not InvoiceLineItem.all_objects.exists()
    assert not Effect.objects.exists()
    repair(stripe, settings)
    assert Invoice.objects.get().lines.count() == 25
    figure("Stripe's faults, while completing a list", fault, "nothing written, done later")


def test_a_list_whose_pages_have_no_end_is_not_read_for_ever(client, stripe, settings):
    stripe.create("invoice", id="in_1", lines=[build_object("line_item", id=f"il_{n}") for n in range(25)])
    page = {"object": "list", "data": [build_object("line_item", id="il_0")], "has_more": True}
    stripe.fail("/v1/invoices/in_1/lines", 200, times=None, body=page)
    assert post_event(client, stripe.events[0]).status_code == 503
    assert not Invoice.all_objects.exists()
    repair(stripe, settings)
    assert Invoice.objects.get().lines.count() == 25


@pytest.mark.parametrize("date", [0, 4_000_000_000, -100_000])
def test_a_date_that_cannot_be_right_is_not_believed(client, stripe, settings, date):
    """Two changes in a second, a fetch with a wrong `Date`, and then older news and newer."""
    stripe.now_offset = None
    base = stripe.now - 40
    for created, status in ((base, "incomplete"), (base, "trialing"), (base + 10, "active"), (base + 20, "past_due")):
        stripe.emit(
            "customer.subscription.updated", build_object("subscription", id="sub_1", status=status), created=created
        )
    stripe.now = max(0, stripe.now + date if date < 0 else date)
    for event in stripe.events:
        assert post_event(client, event).status_code == 200
    assert Subscription.objects.get().status == "past_due"


# Time


class RequestClock(Clock):
    """Remembers too what time-outs requests were given."""

    def __init__(self, monkeypatch):
        super().__init__(monkeypatch)
        self.asked = []


@pytest.fixture
def slow_session(monkeypatch):
    """Requests take as long as they are allowed to, on a clock of the test's."""
    clock = RequestClock(monkeypatch)

    def exchange(method, url, *, timeout, **kwargs):
        clock.asked.append(timeout)
        clock.now += timeout
        raise TimeoutError("nothing came")

    monkeypatch.setattr(transport, "exchange", exchange)
    return clock


@pytest.mark.parametrize(("timeout", "retries"), [(1.5, 2), (1.5, 0), (10, 5), (0.2, 50)])
def test_a_call_takes_no_longer_than_its_time_out_with_all_its_retries(
    fake_stripe, settings, slow_session, timeout, retries
):
    settings.PINAX_STRIPE_API_TIMEOUT, settings.PINAX_STRIPE_API_RETRIES = timeout, retries
    with pytest.raises(TemporaryStripeError):
        api.retrieve("/v1/customers/cus_1")
    assert slow_session.now <= timeout + 1e-9
    assert len(slow_session.asked) <= retries + 1
    assert all(0 < asked <= timeout for asked in slow_session.asked)


def test_all_calls_of_a_post_share_one_budget(client, stripe, settings, monkeypatch):
    """An event that needs many calls, each nearly as slow as it may be: the POST ends when the budget does."""
    settings.PINAX_STRIPE_API_TIMEOUT = 5
    stripe.create("invoice", id="in_1", lines=[build_object("line_item", id=f"il_{n}") for n in range(900)])
    clock = RequestClock(monkeypatch)
    settings.PINAX_STRIPE_API_TIMEOUT, settings.PINAX_STRIPE_REQUEST_BUDGET = 1.5, 4.0
    exchange = transport.exchange

    def taking_a_second(method, url, *, timeout, **kwargs):
        clock.asked.append(timeout)
        clock.now += min(1.0, timeout)
        if timeout < 1.0:
            raise TimeoutError("nothing came in time")
        return exchange(method, url, timeout=30, **kwargs)

    monkeypatch.setattr(transport, "exchange", taking_a_second)
    assert post_event(client, stripe.events[0]).status_code == 503
    assert clock.now <= 4.0 + 1e-9
    assert clock.asked[-1] < 1.5  # The last call had only what was left.
    assert Event.objects.get().valid is True
    # The sweeper has no such budget.
    call_command("stripe_process_events", stdout=StringIO())
    assert Invoice.objects.get().lines.count() == 900


@contextmanager
def answering(drip):
    """A server that leaves the answer to `drip`, which gets the connection and may go on until it breaks."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    drip(connection)
        except OSError:
            return  # The client has had enough, or the test is over.

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        server.join()


def test_an_answer_that_drips_is_not_waited_for(client, fake_stripe, settings, monkeypatch):
    """Each byte comes in time, and the whole would take minutes."""
    fake_stripe.create("customer", id="cus_1")
    clock = Clock(monkeypatch)
    settings.PINAX_STRIPE_API_TIMEOUT, settings.PINAX_STRIPE_API_RETRIES = 1.5, 0

    def drip(connection):
        body = b'{"id": "evt_1", "object": "event", "padding": "' + b"x" * 400 + b'"}'
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode())
        for byte in body:
            clock.now += 0.5
            connection.sendall(bytes([byte]))

    with answering(drip) as url:
        settings.PINAX_STRIPE_API_BASE = url
        assert post_event(client, fake_stripe.events[0]).status_code == 503
    assert Event.objects.get().reason == "no_answer"


def test_headers_that_drip_are_not_waited_for(client, fake_stripe, settings):
    """No part of them is late, and there is no end of them."""
    fake_stripe.create("customer", id="cus_1")
    settings.PINAX_STRIPE_API_TIMEOUT, settings.PINAX_STRIPE_API_RETRIES = 0.3, 0
    over = threading.Event()

    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nPadding: ")
        while not over.wait(0.05):
            connection.sendall(b"x")

    with answering(drip) as url:
        settings.PINAX_STRIPE_API_BASE = url
        assert post_event(client, fake_stripe.events[0]).status_code == 503
        over.set()
    assert Event.objects.get().reason == "no_answer"


def test_a_host_name_that_does_not_resolve_is_not_waited_for(client, fake_stripe, settings, monkeypatch):
    """The system's resolver takes as long as it likes; no time-out of a socket's concerns it."""
    fake_stripe.create("customer", id="cus_1")
    settings.PINAX_STRIPE_API_TIMEOUT, settings.PINAX_STRIPE_API_RETRIES = 0.2, 0
    over = threading.Event()

    def resolve(*args, **kwargs):
        over.wait()
        raise socket.gaierror("Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    settings.PINAX_STRIPE_API_BASE = "http://api.stripe.invalid"
    assert post_event(client, fake_stripe.events[0]).status_code == 503
    over.set()
    assert Event.objects.get().reason == "no_answer"
