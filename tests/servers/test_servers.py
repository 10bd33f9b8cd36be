"""Bodies behind real application servers: in chunks, with a length, too long, compressed, and half of one.

A proxy decides how a body comes: cloudflared, for one, sends every body in chunks. `tox -e servers` has all servers; a
server that is not installed is skipped.
"""

import gzip
import http.client
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pinax.stripe.testing import FakeStripe

ROOT = Path(__file__).parents[2]
MOST = 64 * 1024
PATH = "/stripe/webhook/"
WSGI, ASGI = "tests.servers.wsgi:application", "tests.servers.asgi:application"
UWSGI = ["uwsgi", "--need-app", "--die-on-term", "--virtualenv", sys.prefix, "--module", WSGI]
#: The first name is the program's; PORT stands for the port to listen on.
SERVERS = {
    "gunicorn": ["gunicorn", "--bind", "127.0.0.1:PORT", WSGI],
    "gunicorn gthread": ["gunicorn", "--worker-class", "gthread", "--bind", "127.0.0.1:PORT", WSGI],
    "uwsgi": [*UWSGI, "--http-socket", "127.0.0.1:PORT"],
    "uwsgi router": [*UWSGI, "--http", "127.0.0.1:PORT", "--http-chunked-input"],
    "uwsgi router without chunks": [*UWSGI, "--http", "127.0.0.1:PORT", "--chunked-input-timeout", "1"],
    "waitress": ["waitress-serve", "--listen", "127.0.0.1:PORT", WSGI],
    "uvicorn": ["uvicorn", "--lifespan", "off", "--port", "PORT", ASGI],
    "hypercorn": ["hypercorn", "--bind", "127.0.0.1:PORT", ASGI],
    "daphne": ["daphne", "--port", "PORT", "--bind", "127.0.0.1", ASGI],
    "runserver": ["python", "-m", "django", "runserver", "--noreload", "127.0.0.1:PORT"],
}
#: Servers that keep a chunked body to themselves.
DEAF = {"uwsgi router without chunks", "runserver"}
#: Servers that call the view although the sender went away; the others wait for the body, or give up.
HASTY = {"gunicorn", "gunicorn gthread", "uwsgi", "runserver"}


@dataclass
class Server:
    """A running server, and what it has on record."""

    name: str
    port: int
    database: Path
    stripe: FakeStripe

    def new_event(self):
        """The body of an event that Stripe confirms."""
        self.stripe.create("customer", description="x" * 5000)
        return json.dumps(self.stripe.events[-1]).encode()

    def connect(self):
        return closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=15))

    def post(self, body, **options):
        """POST a body on a connection of its own; see `post`."""
        with self.connect() as connection:
            return post(connection, body, **options)

    def last_row(self):
        with closing(sqlite3.connect(self.database)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute("SELECT * FROM pinax_stripe_event ORDER BY id DESC LIMIT 1").fetchone()


def post(connection, body, *, chunked=False, **headers):
    """POST a body; the status, what the answer says, and how long the body is for a middleware afterwards."""
    headers = {"Content-Type": "application/json", **headers}
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
        body = iter([body[start : start + 4000] for start in range(0, len(body), 4000)])
    connection.request("POST", PATH, body=body, headers=headers, encode_chunked=chunked)
    response = connection.getresponse()
    return response.status, json.loads(response.read()), int(response.headers["X-Body-Length"])


@pytest.fixture(scope="module")
def stripe():
    with FakeStripe() as stripe:
        yield stripe


@pytest.fixture(scope="module")
def environment(stripe, tmp_path_factory):
    """The environment of the servers, with a database that has all tables."""
    database = tmp_path_factory.mktemp("servers") / "site.sqlite3"
    environment = {
        # Without this process's switches: what the servers warn of is theirs.
        **{name: value for name, value in os.environ.items() if name not in ("PYTHONWARNINGS", "PYTHONDEVMODE")},
        "DJANGO_SETTINGS_MODULE": "tests.servers.settings",
        "PINAX_STRIPE_TEST_DATABASE": f"sqlite:{database}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "TEST_API_BASE": stripe.url,
        "TEST_MAX_BODY_BYTES": str(MOST),
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    return environment


@pytest.fixture(scope="module", params=SERVERS)
def server(request, stripe, environment):
    program, *options = SERVERS[request.param]
    path = sys.executable if program == "python" else shutil.which(program, path=str(Path(sys.executable).parent))
    if path is None:
        pytest.skip(f"{program} is not installed here: tox -e servers brings it")
    port = free_port()
    command = [path, *(option.replace("PORT", str(port)) for option in options)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
        database = Path(environment["PINAX_STRIPE_TEST_DATABASE"].removeprefix("sqlite:"))
        try:
            wait_for(port, run)
            yield Server(name=request.param, port=port, database=database, stripe=stripe)
        finally:
            run.terminate()
            run.communicate(timeout=30)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, process):
    """Until a server answers; AssertionError with its words if it ends instead."""
    for _attempt in range(600):
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1].decode()[-3000:])
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start within a minute")


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_an_event_arrives(server, chunked):
    body = server.new_event()
    status, said, length = server.post(body, chunked=chunked)
    row = server.last_row()
    if chunked and server.name in DEAF:
        assert (status, said["reason"], row["reason"], length) == (411, "no_length", "no_length", 0)
        return
    assert (status, said) == (200, {"event": json.loads(body)["id"], "reason": ""})
    # The text of a message is in its column, which the body is read from.
    assert (row["webhook_message"].encode(), row["body"]) == (body, b"")
    assert (row["body_size"], row["processed"], length) == (len(body), 1, len(body))


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_a_compressed_body_says_so(server, chunked):
    body = gzip.compress(server.new_event())
    status, said, _length = server.post(body, chunked=chunked, **{"Content-Encoding": "gzip"})
    expected = (411, "no_length") if chunked and server.name in DEAF else (415, "compressed")
    assert (status, said["reason"]) == expected


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_of_a_body_that_is_too_long_only_the_beginning_is_kept(server, chunked):
    body = b"x" * (MOST + 1000)
    status, said, length = server.post(body, chunked=chunked)
    if chunked and server.name in DEAF:
        assert (status, said["reason"]) == (411, "no_length")
        return
    row = server.last_row()
    assert (status, said["reason"], length) == (413, "too_large", MOST)
    assert len(row["body"]) == MOST
    assert MOST < row["body_size"] <= len(body)


def test_half_a_body_is_not_an_event(server):
    body = server.new_event()
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sender:
        sender.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:1000])
        sender.shutdown(socket.SHUT_WR)
        answer = received(sender)
    if server.name in HASTY:
        assert b'"unreadable"' in answer
        assert server.last_row()["explanation"] in (f"1000 of {len(body)} bytes arrived.", "")
    assert b" 200 OK" not in answer
    assert server.post(body)[0] == 200


def received(sender):
    """All that comes until the server closes the connection; it may close it hard."""
    answer = b""
    try:
        while block := sender.recv(65536):
            answer += block
    except ConnectionError:
        pass
    return answer


def test_one_connection_takes_whatever_comes(server):
    """What one body left unread is not taken for the next request."""
    if server.name.startswith("uwsgi"):
        pytest.skip("uWSGI closes the connection after every answer")
    with server.connect() as connection:
        for chunked in (False, True) if server.name not in DEAF else (False,):
            assert post(connection, server.new_event(), chunked=chunked)[0] == 200
            assert post(connection, b"x" * (MOST + 1000), chunked=chunked)[0] == 413
            assert post(connection, gzip.compress(b"{}"), chunked=chunked)[0] == 415
            assert post(connection, b"{}", chunked=chunked)[0] == 400
            assert post(connection, server.new_event(), chunked=chunked)[0] == 200
