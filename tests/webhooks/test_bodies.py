"""Every body that a server can give arrives; of every other one the row says why it did not, and others can read on."""

import gzip
import json
import sys
import types
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import RequestFactory

from pinax.stripe.models import Event
from pinax.stripe.testing import post_event
from pinax.stripe.views import WebhookView
from pinax.stripe.webhooks import bodies

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 2048


@pytest.fixture
def body(fake_stripe, settings):
    settings.PINAX_STRIPE_MAX_BODY_BYTES = MOST
    fake_stripe.create("customer", id="cus_1")
    return json.dumps(fake_stripe.events[0]).encode()


class Stream(BytesIO):
    """A stream as servers have it: it may give less than it was asked for, and counts what it gave."""

    def __init__(self, content, step=100):
        super().__init__(content)
        self.step = step

    def read(self, size=-1):
        return super().read(min(size, self.step))


def request_of(stream, **environ):
    """A request without a Content-Length."""
    base = RequestFactory()._base_environ(PATH_INFO="/stripe/webhook/", REQUEST_METHOD="POST")
    return WSGIRequest({**base, "CONTENT_TYPE": "application/json", "wsgi.input": stream, **environ})


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}


@pytest.mark.parametrize("headers", [CHUNKED, {}, {"CONTENT_LENGTH": ""}], ids=["chunked", "HTTP/2", "empty length"])
def test_a_stream_that_ends_by_itself_is_read(body, headers):
    request = request_of(Stream(body), **{"wsgi.input_terminated": True}, **headers)
    assert WebhookView.as_view()(request).status_code == 200
    assert (bytes(Event.objects.get().body), request.body) == (body, body)


def test_a_body_that_a_middleware_looked_for_in_vain_is_read_all_the_same(body):
    request = request_of(Stream(body), **{"wsgi.input_terminated": True}, **CHUNKED)
    assert request.body == b""
    assert WebhookView.as_view()(request).status_code == 200
    assert request.body == body


def test_of_a_stream_without_an_end_only_as_much_is_read_as_is_kept():
    stream = Stream(b"x" * 1_000_000)
    request = request_of(stream, **{"wsgi.input_terminated": True}, **CHUNKED)
    read = bodies.read_body(request, MOST)
    assert (read.problem, read.content, request.body) == ("too_large", b"x" * MOST, b"x" * MOST)
    assert stream.tell() < MOST + 2 * stream.step


def test_a_stream_that_may_have_no_end_is_not_read(body):
    """Reading on a connection that stays open would wait forever."""
    stream = Stream(body)
    response = WebhookView.as_view()(request_of(stream, **CHUNKED))
    event = Event.objects.get()
    assert (response.status_code, event.reason, stream.tell()) == (411, "no_length", 0)
    assert event.headers["Transfer-Encoding"] == "chunked"


@pytest.fixture
def uwsgi(monkeypatch):
    """uWSGI's own module, with these chunks."""
    module = types.ModuleType("uwsgi")
    monkeypatch.setitem(sys.modules, "uwsgi", module)

    def hands_over(chunks):
        found = iter(chunks)

        def chunked_read():
            chunk = next(found, b"")
            if isinstance(chunk, Exception):
                raise chunk
            return chunk

        module.chunked_read = chunked_read
        return {"uwsgi.version": b"2.0.31", **CHUNKED}

    return hands_over


def test_uwsgi_hands_over_chunks_by_a_function_of_its_own(body, uwsgi):
    environ = uwsgi([body[start : start + 1] for start in range(len(body))])
    assert WebhookView.as_view()(request_of(Stream(b""), **environ)).status_code == 200
    assert bytes(Event.objects.get().body) == body


@pytest.mark.parametrize(("sent", "reason"), [([], "no_length"), ([b'{"id"'], "unreadable")])
def test_uwsgi_may_keep_chunks_to_itself_or_lose_them(body, uwsgi, sent, reason):
    environ = uwsgi([*sent, OSError("unable to receive chunked part")])
    WebhookView.as_view()(request_of(Stream(b""), **environ))
    assert Event.objects.get().reason == reason


@pytest.mark.parametrize("read", ["read", "readlines"])
def test_a_body_that_was_read_before_is_not_called_not_json(body, read):
    request = RequestFactory().post("/stripe/webhook/", data=body, content_type="application/json")
    getattr(request, read)()
    assert WebhookView.as_view()(request).status_code == 400
    event = Event.objects.get()
    assert (event.reason, request.body) == ("unreadable", b"")
    assert "A middleware read the body" in event.explanation


def test_a_body_that_a_middleware_used_as_one_should_is_there(body):
    request = RequestFactory().post("/stripe/webhook/", data=body, content_type="application/json")
    assert request.body == body
    request.read()
    assert WebhookView.as_view()(request).status_code == 200


def test_half_a_body_is_told_from_a_whole_one(body):
    request = request_of(BytesIO(body[:300]), CONTENT_LENGTH=str(len(body)))
    assert WebhookView.as_view()(request).status_code == 400
    event = Event.objects.get()
    assert (event.reason, bytes(event.body)) == ("unreadable", body[:300])
    assert event.explanation == f"300 of {len(body)} bytes arrived."


class Broken(BytesIO):
    def read(self, size=-1):
        raise RuntimeError("an error of the server's own")


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "10"}, {"wsgi.input_terminated": True, **CHUNKED}])
def test_a_server_s_own_error_is_no_500(body, environ):
    request = request_of(Broken(), **environ)
    assert WebhookView.as_view()(request).status_code == 400
    assert (Event.objects.get().reason, request.body) == ("unreadable", b"")


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {}], ids=["named", "not named"])
def test_a_compressed_body_says_so(client, body, headers):
    response = client.post("/stripe/webhook/", gzip.compress(body), content_type="application/json", headers=headers)
    event = Event.objects.get()
    assert (response.status_code, event.reason) == (415, "compressed")
    assert event.headers.get("Content-Encoding", "") == headers.get("Content-Encoding", "")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_what_a_proxy_unpacked_is_not_called_compressed(client, body, encoding):
    headers = {"Content-Encoding": encoding}
    response = client.post("/stripe/webhook/", body, content_type="application/json", headers=headers)
    assert response.status_code == 200


def test_an_empty_body_says_so(client):
    post_event(client, b"")
    assert (Event.objects.get().reason, Event.objects.get().explanation) == ("not_json", "The body is empty.")


#: What a middleware found after the view, in its order.
FOUND: list[bytes] = []


def reading_afterwards(get_response):
    def middleware(request) -> HttpResponse:
        response = get_response(request)
        FOUND[:] = [request.body, request.read()]
        assert not request.POST
        return response

    return middleware


@pytest.mark.parametrize("size", [1, MOST, MOST + 1, 100_000])
def test_a_middleware_can_read_afterwards_as_much_as_is_kept(client, settings, body, size):
    settings.MIDDLEWARE = [f"{__name__}.reading_afterwards", *settings.MIDDLEWARE]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 0
    content = b"x" * size
    assert post_event(client, content).status_code in (400, 413)
    assert [content[:MOST], content[:MOST]] == FOUND
