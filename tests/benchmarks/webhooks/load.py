"""Posts events as Stripe does, in a process of its own: so many at a time, each as soon as the one before is answered.

    python -m tests.benchmarks.webhooks.load < TASK

The task and the outcome, on standard output, are JSON: see `Task` and `Outcome`. Raw sockets, because the load
shares the machine with what it measures.
"""

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass, field

from pinax.stripe.testing.delivery import CONTENT_TYPE, headers_of


@dataclass(kw_only=True)
class Task:
    """What to post, where and how."""

    port: int
    path: str
    secret: str
    bodies: list[str]
    #: Requests that wait for an answer at the same time.
    at_once: int
    #: Processes of the server; connections are spread evenly over them.
    workers: int
    #: Ask for the SQL statements of each request.
    counts: bool = False


@dataclass(kw_only=True)
class Outcome:
    """What happened: seconds from the first byte to the last answer, and for each body, in the order of the task."""

    seconds: float
    statuses: list[int]
    #: Seconds from sending to the answer.
    waits: list[float]
    #: Beginnings of the SQL statements, if they were asked for.
    statements: list[list[str]] = field(default_factory=list)


class Connection:
    """A keep-alive connection that waits for one answer at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.number, self.sent_at = 0, 0.0

    def send(self, request: bytes, number: int = 0) -> None:
        self.number, self.received, self.sent_at = number, b"", time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> tuple[int, dict[str, str], bytes] | None:
        """Status, headers and body of the answer; None as long as a part of it is missing."""
        data = self.socket.recv(65536)
        if not data:
            raise SystemExit("The server closed a connection: see its log.")
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(headers["content-length"]):
            return None
        return int(first.split()[1]), headers, body

    def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request and wait for the answer."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer


def request_of(task: Task, body: bytes) -> bytes:
    """The bytes of a POST, signed now."""
    headers = {"Host": "localhost", "Content-Type": CONTENT_TYPE, "Content-Length": str(len(body))}
    headers |= headers_of(body, task.secret)
    if task.counts:
        headers["X-Counts"] = "1"
    lines = [f"POST {task.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def connect(port: int, number: int, workers: int) -> list[Connection]:
    """So many connections, as many to each of the server's processes."""
    most = -(-number // workers)
    kept: list[Connection] = []
    per_process: dict[bytes, int] = {}
    for _ in range(1000):
        if len(kept) == number:
            return kept
        connection = Connection(port)
        _, _, process = connection.ask(b"GET /process HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if per_process.get(process, 0) < most:
            per_process[process] = per_process.get(process, 0) + 1
            kept.append(connection)
        else:
            connection.socket.close()
    raise SystemExit(f"The connections do not reach all processes: {per_process}")


def post(task: Task) -> Outcome:
    """Post everything."""
    requests = [request_of(task, body.encode()) for body in task.bodies]
    outcome = Outcome(seconds=0, statuses=[0] * len(requests), waits=[0.0] * len(requests))
    outcome.statements = [[] for _ in requests] if task.counts else []
    connections = connect(task.port, min(task.at_once, len(requests)), task.workers)
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        exchange(selector, connections, requests, outcome)
    outcome.seconds = time.perf_counter() - began
    for connection in connections:
        connection.socket.close()
    return outcome


def exchange(
    selector: selectors.BaseSelector, connections: list[Connection], requests: list[bytes], outcome: Outcome
) -> None:
    """Send all requests, on each connection one after the other, and write down the answers."""
    waiting = list(enumerate(requests))[::-1]
    for connection in connections:
        send_next(connection, waiting)
    unanswered = len(requests)
    while unanswered:
        for key, _ in selector.select():
            answer = key.data.receive()
            if answer is not None:
                note(outcome, key.data, answer)
                unanswered -= 1
                send_next(key.data, waiting)


def send_next(connection: Connection, waiting: list[tuple[int, bytes]]) -> None:
    """Send what is next, if there is anything."""
    if waiting:
        number, request = waiting.pop()
        connection.send(request, number)


def note(outcome: Outcome, connection: Connection, answer: tuple[int, dict[str, str], bytes]) -> None:
    """Write down one answer."""
    status, headers, _ = answer
    outcome.waits[connection.number] = time.perf_counter() - connection.sent_at
    outcome.statuses[connection.number] = status
    if outcome.statements:
        outcome.statements[connection.number] = headers["x-statements"].split(",")


def main() -> None:
    print(json.dumps(asdict(post(Task(**json.load(sys.stdin))))))


if __name__ == "__main__":
    main()
