"""The HTTP side of a FakeStripe: real sockets and keep-alive connections, nothing about Stripe."""

import email.utils
import re
import socket
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that was received."""

    method: str
    path: str
    #: Parameters of the address; `types[]=a&types[]=b` is read as `types[0]` and `types[1]`.
    query: dict[str, str]
    #: Names in lower case.
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server does with a request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    #: Epoch seconds for the `Date` header.
    date: int = 0
    #: Seconds to wait before.
    delay: float = 0.0
    #: Close the connection instead of answering.
    drop: bool = False
    #: Send half of the body, then close the connection.
    half: bool = False


def parse_query(text: str) -> dict[str, str]:
    """The parameters of an address; unnumbered array entries get numbers."""
    query: dict[str, str] = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        if name.endswith("[]"):
            taken = sum(bool(re.fullmatch(re.escape(name[:-1]) + r"\d+\]", other)) for other in query)
            name = f"{name[:-1]}{taken}]"
        query[name] = value
    return query


class Server(ThreadingHTTPServer):
    """A server on 127.0.0.1, at a free port by default, that leaves no thread and no socket when it is closed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, respond: Callable[[Request], Reply], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.respond = respond
        #: Set when the server goes down, so that slow answers need not be waited for.
        self.closing = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        self._acceptor = threading.Thread(target=self.accept, daemon=True)
        self._acceptor.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def accept(self) -> None:
        """Accept connections until the server is closed, which takes a connection to notice."""
        while not self.closing.is_set():
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether to serve a connection: not the one that tells of the end."""
        return not self.closing.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own, and remember both."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._guard:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that is done."""
        with self._guard:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hung up."""

    def close(self) -> None:
        """Stop accepting, close every connection and wait for the threads."""
        self.closing.set()
        with socket.socket() as waking:
            waking.connect(("127.0.0.1", self.server_address[1]))
        self._acceptor.join()
        with self._guard:
            connections = dict(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in connections.values():
            thread.join(timeout=60)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Reads the requests of one connection and writes the replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def serve(self) -> None:
        """Answer one request."""
        split = urllib.parse.urlsplit(self.path)
        reply = self.server.respond(
            Request(
                method=self.command,
                path=split.path,
                query=parse_query(split.query),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
        )
        if reply.delay:
            self.server.closing.wait(reply.delay)
        if reply.drop:
            self.close_connection = True
            return
        self.write(reply)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = serve  # noqa: N815

    def write(self, reply: Reply) -> None:
        """Send a reply, or half of it."""
        self.send_response_only(reply.status)
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(reply.body)),
            "Date": email.utils.formatdate(reply.date, usegmt=True),
            **reply.headers,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.half else reply.body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True
        if reply.half:
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Print nothing: `FakeStripe.requests` has it all."""
