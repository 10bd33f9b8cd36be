"""Connections to Stripe: how many are opened, by whom, and that no part of an answer is waited for too long."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from urllib3.exceptions import ConnectTimeoutError

from pinax.stripe import api
from pinax.stripe.api import proxies, sdk, transport
from pinax.stripe.exceptions import TemporaryStripeError
from pinax.stripe.testing.fake_stripe.server import Server
from tests.promises.clock import Clock

BODY = b'{"id": "cus_1", "object": "customer"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.PINAX_STRIPE_SECRET_KEY = "sk_test_1"
    settings.PINAX_STRIPE_API_RETRIES = 0
    transport.managers.clear()


@pytest.fixture
def opened(monkeypatch):
    """Each connection that a FakeStripe gets."""
    connections = []
    process = Server.process_request

    def counting(self, request, client_address):
        connections.append(client_address)
        process(self, request, client_address)

    monkeypatch.setattr(Server, "process_request", counting)
    return connections


@pytest.fixture
def stripe(fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    return fake_stripe


def read():
    return api.retrieve("/v1/customers/cus_1").data["id"]


def test_calls_share_a_connection_and_only_to_open_it_takes_a_thread(stripe, opened, monkeypatch):
    started = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda self: (started.append(self.name), start(self)))
    for _ in range(5):
        assert read() == "cus_1"
    assert len(opened) == 1
    assert started.count("pinax-stripe-connect") == 1


def test_threads_that_call_at_once_have_connections_of_their_own(stripe, opened):
    barrier = threading.Barrier(4)

    def call():
        barrier.wait()
        return [read() for _ in range(5)]

    stripe.slow("/v1/customers", seconds=0.05, times=None)
    with ThreadPoolExecutor(4) as threads:
        results = [each.result() for each in [threads.submit(call) for _ in range(4)]]
    assert results == [["cus_1"] * 5] * 4
    assert 2 <= len(opened) <= 4


def test_a_connection_that_stripe_closed_meanwhile_is_opened_again(stripe, opened):
    stripe.fail("/v1/customers", 200, body=BODY, headers={"Connection": "close"})
    for _ in range(3):
        assert read() == "cus_1"
    assert len(opened) == 2


FORKING = """
import os, sys
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "pinax.stripe"], USE_TZ=True,
    PINAX_STRIPE_API_BASE=sys.argv[1], PINAX_STRIPE_SECRET_KEY="sk_test_1", PINAX_STRIPE_API_RETRIES=0)
django.setup()
from pinax.stripe import api
def read():
    assert api.retrieve("/v1/customers/cus_1").data["id"] == "cus_1"
read()
child = os.fork()
read()
if child:
    assert os.waitpid(child, 0)[1] == 0
    read()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_connections_of_its_own(stripe, opened):
    subprocess.run([sys.executable, "-c", FORKING, stripe.url], check=True)
    assert len(opened) == 2


@contextmanager
def answering(answer, wrap=lambda connection: connection):
    """A server that leaves each connection to `answer`; the URL without its scheme."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            while True:
                connection = wrap(listener.accept()[0])
                with connection:
                    connection.recv(65536)
                    answer(connection)
        except OSError:
            return  # The client has had enough, or the test is over.

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        server.join()


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """Makes a server speak TLS, with a certificate that we trust."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*made.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setattr(sdk, "ca_bundle", lambda: str(certificate))
    return lambda connection: context.wrap_socket(connection, server_side=True)


def at_once(connection):
    connection.sendall(HEAD % len(BODY) + BODY)


def test_https_is_read_whose_certificate_is_trusted(settings, tls):
    with answering(at_once, tls) as address:
        settings.PINAX_STRIPE_API_BASE = f"https://{address}"
        assert read() == "cus_1"


def test_https_is_not_read_whose_certificate_is_not_trusted(settings, tls, monkeypatch):
    monkeypatch.undo()
    with answering(at_once, tls) as address:
        settings.PINAX_STRIPE_API_BASE = f"https://{address}"
        with pytest.raises(TemporaryStripeError, match="CERTIFICATE_VERIFY_FAILED") as raised:
            read()
    assert raised.value.code == "no_answer"


@pytest.mark.parametrize("part", ["headers", "body"])
def test_an_answer_that_drips_over_tls_is_not_waited_for(settings, tls, monkeypatch, part):
    """Each byte comes in time, and the whole would take minutes."""
    settings.PINAX_STRIPE_API_TIMEOUT = 2
    clock = Clock(monkeypatch)
    body = BODY.ljust(400)

    def drip(connection):
        head = HEAD % len(body)
        if part == "body":
            connection.sendall(head)
        for byte in head + body if part == "headers" else body:
            clock.now += 0.1
            connection.sendall(bytes([byte]))

    with answering(drip, tls) as address:
        settings.PINAX_STRIPE_API_BASE = f"https://{address}"
        with pytest.raises(TemporaryStripeError, match="no whole answer in time") as raised:
            read()
    assert raised.value.code == "no_answer"


def test_https_goes_through_a_tunnel_of_the_proxy_which_gets_its_password_and_no_key(settings, tls, monkeypatch):
    asked = []

    def tunnel(connection):
        """What a proxy does that is the server as well."""
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with tls(connection) as private:
            asked.append(private.recv(65536))
            at_once(private)

    def listening(connection):
        asked.append(connection.recv(65536, socket.MSG_PEEK))
        return connection

    with answering(tunnel, listening) as address:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("https_proxy", f"user:p%40ss@{address}")
        settings.PINAX_STRIPE_API_BASE = "https://127.0.0.1:1"
        assert read() == "cus_1"
    to_proxy, to_stripe = asked
    assert to_proxy.startswith(b"CONNECT 127.0.0.1:1 ")
    assert b"Basic dXNlcjpwQHNz" in to_proxy
    assert b"sk_test_1" not in to_proxy
    assert b"Bearer sk_test_1" in to_stripe
    assert b"Basic" not in to_stripe


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, ""),
        ({"https_proxy": "http://a:1"}, "http://a:1"),
        ({"https_proxy": "a:1"}, "http://a:1"),
        ({"all_proxy": "http://a:1"}, "http://a:1"),
        ({"http_proxy": "http://a:1"}, ""),
        ({"https_proxy": "http://a:1", "all_proxy": "http://b:1"}, "http://a:1"),
        ({"https_proxy": "http://a:1", "no_proxy": "*"}, ""),
        ({"https_proxy": "http://a:1", "no_proxy": "example.com, .stripe.com"}, ""),
        ({"https_proxy": "http://a:1", "no_proxy": "api.stripe.com:443"}, "http://a:1"),
        ({"https_proxy": "http://a:1", "no_proxy": "notstripe.com"}, "http://a:1"),
    ],
)
def test_the_proxy_is_the_one_that_the_environment_names_for_https(monkeypatch, environment, proxy):
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxies.proxy_for("https://api.stripe.com/v1/events") == proxy


def test_a_connection_that_is_made_too_late_is_closed():
    over, closed = threading.Event(), threading.Event()
    with api.budget(0.01), pytest.raises(ConnectTimeoutError, match="no connection in time"):
        transport.in_time(over.wait, give_up=closed.set)
    assert not closed.is_set()
    over.set()
    assert closed.wait(30)


def test_a_connection_whose_caller_is_gone_is_closed(monkeypatch):
    """A time-out of gevent's, or the end of the process, while it is being made."""
    over, closed = threading.Event(), threading.Event()

    def broken_off(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(transport.futures, "wait", broken_off)
    with api.budget(30), pytest.raises(KeyboardInterrupt):
        transport.in_time(over.wait, give_up=closed.set)
    over.set()
    assert closed.wait(30)


def test_an_error_of_connecting_is_raised_where_the_call_is_made():
    def refused():
        raise ConnectionRefusedError("refused")

    with api.budget(30), pytest.raises(ConnectionRefusedError):
        transport.in_time(refused, give_up=lambda: None)


def test_every_address_of_a_host_together_gets_the_time_of_one(settings, monkeypatch):
    """A name with many addresses, none of which answers."""
    settings.PINAX_STRIPE_API_TIMEOUT = 0.2
    tried, over = [], threading.Event()

    def connect(address, *args, **kwargs):
        for number in range(100):
            tried.append(number)
            if over.wait(0.15):
                break
        raise TimeoutError("none of them answers")

    monkeypatch.setattr(transport.HTTPConnection, "_new_conn", lambda self: connect(None))
    settings.PINAX_STRIPE_API_BASE = "http://api.stripe.invalid"
    with pytest.raises(TemporaryStripeError, match="ConnectTimeoutError: no connection in time"):
        read()
    over.set()
    assert len(tried) < 100


def test_what_is_left_of_the_budget_is_what_a_call_gets(stripe):
    with api.budget(0), pytest.raises(TemporaryStripeError, match="used up"):
        read()
    assert stripe.requests == []
