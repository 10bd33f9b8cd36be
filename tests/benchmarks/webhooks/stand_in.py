"""Stripe's API in a process of its own: fast enough that it never limits what is measured.

    python -m tests.benchmarks.webhooks.stand_in LIVES FILE

writes the history into the file, prints its address and serves it until its standard input is closed. Events are ready
bytes; everything else is answered once by a FakeStripe and kept. Besides Stripe's paths there are two of its own:
`/stand-in/latency/50` sets the milliseconds that each answer takes, `/stand-in/calls` tells the number of requests.
"""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from pinax.stripe.testing import FakeStripe  # noqa: E402
from pinax.stripe.testing.delivery import body_of  # noqa: E402
from pinax.stripe.testing.fake_stripe.reads import PLATFORM  # noqa: E402
from pinax.stripe.testing.fake_stripe.server import Request, parse_query  # noqa: E402
from tests.benchmarks.webhooks import lives  # noqa: E402

#: Headers on which an answer depends.
TELLING_HEADERS = ("authorization", "stripe-version", "stripe-account")
LIST_OF_EVENTS = "/v1/events"


class Answers:
    """The bytes to answer with, for each target of a request."""

    def __init__(self, stripe: FakeStripe) -> None:
        self.stripe = stripe
        self.latency = 0.0
        self.calls = 0
        self._events = [(event, body_of(event)) for event in reversed(stripe.events)]
        self._ready = {f"{LIST_OF_EVENTS}/{event['id']}": response(200, body) for event, body in self._events}
        self._kept: dict[tuple[str, ...], bytes] = {}

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[bytes, float]:
        """The response, and the seconds to wait before it is sent."""
        if target.startswith("/stand-in/"):
            return response(200, json.dumps(self._control(target)).encode()), 0.0
        self.calls += 1
        return self._ready.get(target) or self._other(method, target, headers, body), self.latency

    def _control(self, target: str) -> dict[str, float]:
        _, _, what, *value = target.split("/")
        if what == "latency":
            self.latency = float(value[0]) / 1000
        return {"calls": self.calls, "latency": self.latency}

    def _other(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        split = urlsplit(target)
        key = (method, target, *(headers.get(name, "") for name in TELLING_HEADERS))
        if key not in self._kept:
            query = parse_query(split.query)
            if (method, split.path) == ("GET", LIST_OF_EVENTS):
                self._kept[key] = response(200, self.list_events(query))
            else:
                # The platform may name itself, as dj-stripe does.
                asking = {name: value for name, value in headers.items() if value != PLATFORM}
                request = Request(method=method, path=split.path, query=query, headers=asking, body=body)
                reply = self.stripe.respond(request)
                self._kept[key] = response(reply.status, reply.body)
        return self._kept[key]

    def list_events(self, query: dict[str, str]) -> bytes:
        """A page of the events, newest first, of a time and of types (https://docs.stripe.com/api/events/list)."""
        since, until = float(query.get("created[gte]", 0)), float(query.get("created[lte]", "inf"))
        types = {value for name, value in query.items() if name.startswith("types[")}
        chosen = [
            (event["id"], body)
            for event, body in self._events
            if since <= event["created"] <= until and (not types or event["type"] in types)
        ]
        after = [position for position, (name, _) in enumerate(chosen) if name == query.get("starting_after")]
        chosen = chosen[after[0] + 1 :] if after else chosen
        page = chosen[: int(query.get("limit", 10))]
        head = {"object": "list", "url": LIST_OF_EVENTS, "has_more": len(page) < len(chosen)}
        return json.dumps(head).encode()[:-1] + b', "data": [' + b", ".join(body for _, body in page) + b"]}"


def response(status: int, body: bytes) -> bytes:
    """A whole response."""
    lines = [f"HTTP/1.1 {status} -", "Content-Type: application/json", "Request-Id: req_benchmark"]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection(asyncio.Protocol):
    """One keep-alive connection; a request is answered when the one before it is."""

    def __init__(self, answer: Callable[[str, str, dict[str, str], bytes], tuple[bytes, float]]) -> None:
        self.answer = answer
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, separator, rest = self.received.partition(b"\r\n\r\n")
        if not separator:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self.received = b""
        method, target, _ = first.split(" ")
        content, seconds = self.answer(method, target, headers, rest[:length])
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.transport.write, content)
        else:
            self.transport.write(content)


def write_history(stripe: FakeStripe, number: int, file: Path) -> None:
    """Let everything happen, and write down the events of the shop and of each life, and the objects at the end."""
    shop = lives.open_shop(stripe)
    customers = [lives.live(stripe, each) for each in range(number)]
    types = sorted({re.sub(r"\W", "_", event["data"]["object"]["object"]) for event in stripe.events})
    objects = {data["id"]: data for name in types for data in stripe.objects(name)}
    file.write_text(json.dumps({"shop": shop, "lives": customers, "objects": objects}))


async def serve(answers: Answers) -> None:
    """Answer until standard input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers.answer), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main(number: str, file: str) -> None:
    stripe = lives.new_history(until=int(time.time()), lives=int(number))
    write_history(stripe, int(number), Path(file))
    asyncio.run(serve(Answers(stripe)))


if __name__ == "__main__":
    main(*sys.argv[1:])
