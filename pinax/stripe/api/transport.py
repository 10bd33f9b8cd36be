"""HTTP requests with a deadline for the whole answer, over connections that a process keeps open.

The time-out of a socket is for each part of an answer: slow headers or a dripping body never exceed it. Hence what is
left until the deadline becomes the time-out anew before each read. Looking up a name has no time-out, and each address
of a host gets the whole of it: hence a connection is opened in a thread, which is left to itself when time is up.
"""

import http.client
import io
import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from contextvars import copy_context
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ReadTimeoutError
from urllib3.util.ssl_ import create_urllib3_context

from ..exceptions import Secret
from . import sdk
from .answers import Answer, NoAnswer
from .deadlines import seconds_left
from .proxies import manager_for, proxy_for

#: Connections to a host that a process keeps open, at most; a thread that finds none opens one.
MOST_CONNECTIONS = 100

#: Process, proxy and trusted certificates -> open connections.
managers: dict[tuple[int, str, str], urllib3.PoolManager] = {}


def send(method: str, url: str, *, headers: Mapping[str, str], body: str | None, key: Secret) -> Answer:
    """The answer to a request that the key authorizes; NoAnswer without a whole one before the deadline.

    No error that leaves here has the frames, or the text, in which the key may be.
    """
    try:
        return exchange(method, url, headers=headers, body=body, key=key, timeout=seconds_left())
    except ReadTimeoutError:
        raise NoAnswer("ReadTimeoutError: no whole answer in time") from None
    except (HTTPError, TimeoutError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from None
    except Exception as error:
        raise NoAnswer(f"The request could not be sent: {type(error).__name__}") from None
    except BaseException as error:  # A time-out of gevent's, or the end of the process.
        raise error.with_traceback(None) from None


def exchange(
    method: str, url: str, *, headers: Mapping[str, str], body: str | None, key: Secret, timeout: float | None
) -> Answer:
    """The answer to a request; the time-out (seconds) is for each step of sending it."""
    is_private = url.lower().startswith("https:")
    response = connections(
        # A proxy would read what is sent in plain HTTP.
        proxy=proxy_for(url) if is_private else "",
        ca_bundle=sdk.ca_bundle() if is_private else "",
    ).urlopen(
        method,
        url,
        headers={**headers, "Authorization": Secret(f"Bearer {key}")},
        body=body,
        timeout=timeout,
        retries=False,
        redirect=False,
    )
    return Answer(status=response.status, headers=response.headers, body=response.data)


def connections(*, proxy: str, ca_bundle: str) -> urllib3.PoolManager:
    """The open connections of this process; "" for no proxy, and for no TLS."""
    # A forked process must not share its parent's connections.
    key = (os.getpid(), proxy, ca_bundle)
    manager = managers.get(key)
    if manager is None:
        for other in [other for other in managers if other[0] != key[0]]:
            managers.pop(other, None)
        # Of several threads that get here, all use what the first one has made.
        manager = managers.setdefault(key, new_manager(proxy, ca_bundle))
    return manager


def new_manager(proxy: str, ca_bundle: str) -> urllib3.PoolManager:
    """What opens connections that keep to the deadline, and keeps them open."""
    manager = manager_for(proxy, maxsize=MOST_CONNECTIONS, ssl_context=trusting(ca_bundle) if ca_bundle else None)
    manager.pool_classes_by_scheme = {
        scheme: with_deadline(pool) for scheme, pool in manager.pool_classes_by_scheme.items()
    }
    return manager


def trusting(ca_bundle: str) -> ssl.SSLContext:
    """TLS that trusts the certificates of a file; they are read once, which takes longer than a handshake."""
    context = create_urllib3_context()
    context.load_verify_locations(ca_bundle)
    return context


def with_deadline(pool: Any) -> Any:
    """A class of connection pools (plain, TLS or SOCKS) whose connections keep to the deadline."""
    connection = type("Connection", (ConnectionWithDeadline, pool.ConnectionCls), {})
    return type("Pool", (pool,), {"ConnectionCls": connection})


class ConnectionWithDeadline(HTTPConnection):
    """A connection that is opened, and whose answers are read, before the deadline or not at all."""

    def connect(self) -> None:
        in_time(super().connect, give_up=self.close)


class ResponseWithDeadline(http.client.HTTPResponse):
    """An answer of which each part is read before the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(ReaderWithDeadline(sock, self.fp.detach()))


ConnectionWithDeadline.response_class = ResponseWithDeadline


class ReaderWithDeadline(io.RawIOBase):
    """What arrives on a socket; TimeoutError for what does not arrive before the deadline."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(seconds_left())
        count = self._raw.readinto(buffer)
        seconds_left()  # The last part may be late, too.
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def in_time(connect: Callable[[], None], *, give_up: Callable[[], None]) -> None:
    """Call `connect` in a thread of its own; ConnectTimeoutError when it is not done before the deadline.

    If it is done when its caller is gone, `give_up` is called.
    """
    limit = seconds_left()
    if limit is None:
        return connect()
    outcome: futures.Future[None] = futures.Future()
    context = copy_context()

    def run() -> None:
        error = None
        try:
            context.run(connect)
        except BaseException as raised:
            error = raised
        try:
            outcome.set_exception(error) if error else outcome.set_result(None)
        except futures.InvalidStateError:
            give_up()

    threading.Thread(target=run, name="pinax-stripe-connect", daemon=True).start()
    try:
        futures.wait([outcome], timeout=limit)
    finally:  # Whatever ends the wait, a time-out of gevent's included.
        is_late = outcome.cancel()
    if is_late:
        raise ConnectTimeoutError("no connection in time")
    return outcome.result()
