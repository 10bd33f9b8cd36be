"""A Stripe of your own: a real HTTP server on 127.0.0.1 that keeps objects and events in memory.

It answers reads as Stripe does, delivers signed webhooks, and misbehaves when told to. It is not a billing engine: what
happens to objects is what the test says.
"""

import copy
import email.utils
import json
import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from ..webhooks.signatures import sign
from .events import as_lists, build_event, build_object
from .faults import Fault, Faults

#: Collection in a path -> `object` of what is in it.
COLLECTIONS = {
    "charges": "charge",
    "coupons": "coupon",
    "customers": "customer",
    "invoices": "invoice",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "plans": "plan",
    "prices": "price",
    "products": "product",
    "refunds": "refund",
    "sources": "source",
    "subscriptions": "subscription",
}
#: Object type -> beginning of its events' types, where that is not the type itself.
EVENT_PREFIXES = {
    "bank_account": "customer.source",
    "card": "customer.source",
    "source": "customer.source",
    "subscription": "customer.subscription",
}
#: Object type and change -> event type, where the rule does not give it.
EVENT_NAMES = {
    ("payment_method", "created"): "payment_method.attached",
    ("charge", "created"): "charge.succeeded",
}
#: Stripe embeds the first ten of a list.
EMBEDDED = 10
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ApiError(Exception):
    """An answer that is an error, in Stripe's form."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": "invalid_request_error", "message": message, **({"code": code} if code else {})}}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that was received."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class FakeStripe:
    """`with FakeStripe() as stripe:` … `stripe.url` is what PINAX_STRIPE_API_BASE has to be."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.requests: list[Request] = []
        #: Accounts that took the platform's access away.
        self.revoked_accounts: set[str] = set()
        #: Keys that are accepted; None for all that look like one.
        self.keys: set[str] | None = None
        self.now_offset: int | None = None
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._accounts: dict[str, str] = {}
        self._undelivered: list[str] = []
        self._faults = Faults()
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None

    # Life

    def start(self) -> "FakeStripe":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"stripe": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "FakeStripe":
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        assert self._server is not None, "FakeStripe is not started"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def now(self) -> int:
        """The clock, in epoch seconds: the real one until it is set or advanced."""
        return int(time.time()) if self.now_offset is None else self.now_offset

    @now.setter
    def now(self, value: int) -> None:
        self.now_offset = value

    def advance(self, seconds: int) -> int:
        """Let the clock go on; it stands still in between from then on."""
        self.now = self.now + seconds
        return self.now

    # Objects and events

    def create(self, object_type: str, *, account: str = "", silent: bool = False, **fields: Any) -> dict[str, Any]:
        """Store a new object and, unless `silent`, the event that tells of it."""
        data = build_object(object_type, **{"created": self.now, **fields})
        self._keep(data, account)
        if not silent:
            self.emit(_event_type(data, "created"), data, account=account)
        return copy.deepcopy(data)

    def update(
        self,
        stripe_id: str,
        *,
        account: str = "",
        type: str | None = None,
        silent: bool = False,
        **changes: Any,
    ) -> dict[str, Any]:
        """Change an object and, unless `silent`, tell of it by an event (`type`, `….updated` by default)."""
        with self._lock:
            data = self._objects[account, stripe_id]
            previous = {name: data.get(name) for name in changes}
            data.update(as_lists(copy.deepcopy(changes)))
        if not silent:
            kind = type or _event_type(data, "updated")
            self.emit(kind, data, account=account, previous_attributes=previous)
        return self.get(stripe_id, account=account)

    def delete(self, stripe_id: str, *, account: str = "") -> dict[str, Any]:
        """Delete an object; a subscription ends instead, as it does at Stripe."""
        data = self._objects[account, stripe_id]
        if data["object"] == "subscription":
            ends = {"status": "canceled", "canceled_at": self.now, "ended_at": self.now}
            return self.update(stripe_id, account=account, type="customer.subscription.deleted", **ends)
        with self._lock:
            stub = {"id": stripe_id, "object": data["object"], "deleted": True}
            self._objects[account, stripe_id] = stub
        self.emit(_event_type(data, "deleted"), data, account=account, keep=False)
        return stub

    def detach(self, stripe_id: str, *, account: str = "") -> dict[str, Any]:
        """Take a payment method from its customer."""
        return self.update(stripe_id, account=account, type="payment_method.detached", customer=None)

    def emit(
        self,
        type: str,
        object: dict[str, Any],
        *,
        account: str = "",
        previous_attributes: dict[str, Any] | None = None,
        created: int | None = None,
        keep: bool = True,
    ) -> dict[str, Any]:
        """Make an event of any type about an object, and keep the object as it is now."""
        if keep and object.get("id"):
            self._keep(object, account)
        event = build_event(
            type,
            _cut(object),
            created=self.now if created is None else created,
            livemode=object.get("livemode", False),
            account=account or None,
            previous_attributes=previous_attributes,
        )
        return self.add_event(event, account=account)

    def add_event(self, event: dict[str, Any], *, account: str = "") -> dict[str, Any]:
        """Keep an event exactly as it is."""
        with self._lock:
            self.events.append(event)
            self._accounts[event["id"]] = account
            self._undelivered.append(event["id"])
        return copy.deepcopy(event)

    def get(self, stripe_id: str, *, account: str = "") -> dict[str, Any]:
        """The current object as a test wants to compare it: lists whole."""
        with self._lock:
            return copy.deepcopy(self._objects[account, stripe_id])

    def objects(self, object_type: str, *, account: str = "") -> list[dict[str, Any]]:
        """All objects of a type that are not deleted, newest first."""
        with self._lock:
            found = [
                copy.deepcopy(data)
                for (owner, _), data in self._objects.items()
                if owner == account and data["object"] == object_type and not data.get("deleted")
            ]
        found.reverse()
        return sorted(found, key=lambda data: -data.get("created", 0))

    def _keep(self, data: dict[str, Any], account: str) -> None:
        with self._lock:
            self._objects[account, data["id"]] = copy.deepcopy(data)

    # Misbehaving

    def fail(self, *, path: str = "/v1/", status: int = 500, times: int | None = 1, **more: Any) -> None:
        """Answer with an error; `body` (text) and `headers` as given."""
        self._faults.add(Fault(path=path, kind="fail", status=status, times=times, **more))

    def drop(self, *, path: str = "/v1/", times: int | None = 1) -> None:
        """Close the connection without an answer."""
        self._faults.add(Fault(path=path, kind="drop", times=times))

    def half(self, *, path: str = "/v1/", times: int | None = 1) -> None:
        """Close the connection in the middle of the answer."""
        self._faults.add(Fault(path=path, kind="half", times=times))

    def slow(self, *, seconds: float, path: str = "/v1/", times: int | None = 1) -> None:
        """Answer late."""
        self._faults.add(Fault(path=path, kind="slow", seconds=seconds, times=times))

    def rate_limit(self, *, path: str = "/v1/", times: int | None = 1, should_retry: bool | None = None) -> None:
        """Answer 429."""
        headers = {} if should_retry is None else {"Stripe-Should-Retry": str(should_retry).lower()}
        self.fail(path=path, status=429, times=times, headers=headers)

    def clear_faults(self) -> None:
        self._faults.clear()

    # What was asked

    def calls(self, path_prefix: str = "") -> int:
        """How many requests there were for paths that start so."""
        return sum(request.path.startswith(path_prefix) for request in self.requests)

    def reset_requests(self) -> None:
        self.requests.clear()

    # Delivering

    def undelivered(self) -> list[dict[str, Any]]:
        """Events that no delivery was acknowledged for, oldest first."""
        return [copy.deepcopy(event) for event in self.events if event["id"] in self._undelivered]

    def deliver(
        self,
        url: str,
        events: Iterable[dict[str, Any]] | None = None,
        *,
        secret: str = "",
        order: str = "created",
        seed: int | None = None,
        copies: int = 1,
    ) -> list[tuple[str, int]]:
        """POST events (all undelivered ones by default) to a webhook on this machine; ids with the answers' statuses.

        `order` is "created", "reversed" or "random" (with `seed`); `copies` sends each so many times.
        """
        if urllib.parse.urlsplit(url).hostname not in LOOPBACK:
            raise ValueError(f"{url} is not on this machine")
        chosen = [event for event in (self.undelivered() if events is None else events) for _ in range(copies)]
        if order == "reversed":
            chosen.reverse()
        elif order == "random":
            random.Random(seed).shuffle(chosen)
        return [(event["id"], self._post(url, event, secret)) for event in chosen]

    def _post(self, url: str, event: dict[str, Any], secret: str) -> int:
        body = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        if secret:
            headers["Stripe-Signature"] = sign(body, secret)
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status = response.status
        except urllib.error.HTTPError as error:
            error.close()
            status = error.code
        if 200 <= status < 300 and event["id"] in self._undelivered:
            self._undelivered.remove(event["id"])
        return status

    # Answering

    def answer(self, request: Request) -> dict[str, Any]:
        """The JSON for a GET; ApiError for Stripe's refusals."""
        account = request.headers.get("stripe-account", "")
        self._check_access(request.headers.get("authorization", "").removeprefix("Bearer "), account)
        parts = [urllib.parse.unquote(part) for part in request.path.strip("/").split("/")]
        key_livemode = self._key_livemode(request)
        if parts[:2] == ["v1", "events"] or parts[:3] == ["v2", "core", "events"]:
            return self._answer_events(parts, request.query, account, key_livemode)
        return self._answer_objects(parts, request.query, account)

    def _check_access(self, key: str, account: str) -> None:
        if not key.startswith(("sk_", "rk_")) or (self.keys is not None and key not in self.keys):
            raise ApiError(401, f"Invalid API Key provided: {key[:8]}***{key[-4:]}")
        if account in self.revoked_accounts:
            raise ApiError(
                403,
                f"The provided key '{key[:8]}***{key[-4:]}' does not have access to account '{account}' "
                "(or that account does not exist). Application access may have been revoked.",
                code="account_invalid",
            )

    @staticmethod
    def _key_livemode(request: Request) -> bool | None:
        match = re.search(r"[sr]k_(live|test)_", request.headers.get("authorization", ""))
        return None if match is None else match[1] == "live"

    def _answer_events(
        self, parts: list[str], query: dict[str, str], account: str, livemode: bool | None
    ) -> dict[str, Any]:
        with self._lock:
            visible = [
                event
                for event in self.events
                if self._accounts[event["id"]] == account and livemode in (None, event["livemode"])
            ]
            events = copy.deepcopy(visible)
            pending = set(self._undelivered)
        if parts[-1] == "events":
            return _page([event for event in reversed(events) if _selected(event, query, pending)], query, "/v1/events")
        for event in events:
            if event["id"] == parts[-1]:
                return event
        raise ApiError(404, f"No such event: '{parts[-1]}'", code="resource_missing")

    def _answer_objects(self, parts: list[str], query: dict[str, str], account: str) -> dict[str, Any]:
        if len(parts) == 2 and parts[1] == "subscription_items":
            owner = self._find(query.get("subscription", ""), account)
            return _page(owner["items"]["data"], query, "/v1/subscription_items")
        if len(parts) == 4 and parts[1] == "invoices" and parts[3] == "lines":
            return _page(self._find(parts[2], account)["lines"]["data"], query, "/" + "/".join(parts))
        if len(parts) == 5 and parts[3] == "sources":
            return self._found(parts[4], account)
        if len(parts) < 2 or parts[1] not in COLLECTIONS:
            raise ApiError(404, f"Unrecognized request URL (GET: /{'/'.join(parts)}).")
        if len(parts) == 2:
            wanted = {name: query[name] for name in ("customer", "subscription", "charge") if name in query}
            rows = [
                _cut(data)
                for data in self.objects(COLLECTIONS[parts[1]], account=account)
                if all(data.get(name) == value for name, value in wanted.items())
            ]
            return _page(rows, query, "/" + "/".join(parts))
        return self._found(parts[2], account)

    def _find(self, stripe_id: str, account: str) -> dict[str, Any]:
        with self._lock:
            data = self._objects.get((account, stripe_id))
        if data is None or (data.get("deleted") and data["object"] != "customer"):
            raise ApiError(404, f"No such object: '{stripe_id}'", code="resource_missing")
        return copy.deepcopy(data)

    def _found(self, stripe_id: str, account: str) -> dict[str, Any]:
        return _cut(self._find(stripe_id, account))


def _event_type(data: dict[str, Any], change: str) -> str:
    """The event type that tells of a change of an object."""
    name = data["object"]
    if name == "charge" and change == "created" and data.get("status") in ("failed", "pending"):
        return f"charge.{data['status']}"
    return EVENT_NAMES.get((name, change), f"{EVENT_PREFIXES.get(name, name)}.{change}")


def _cut(data: dict[str, Any]) -> dict[str, Any]:
    """The object as Stripe renders it: embedded lists cut short."""
    data = copy.deepcopy(data)
    for name in ("items", "lines"):
        entries = data.get(name)
        if isinstance(entries, dict) and len(entries.get("data", [])) > EMBEDDED:
            data[name] = {**entries, "data": entries["data"][:EMBEDDED], "has_more": True}
    return data


def _selected(event: dict[str, Any], query: dict[str, str], pending: set[str]) -> bool:
    """Whether the filters of an events list let an event through."""
    limits = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    for name, holds in limits.items():
        bound = query.get(f"created[{name}]")
        if bound is not None and not holds(event["created"], int(bound)):
            return False
    if "created" in query and event["created"] != int(query["created"]):
        return False
    types = [value for name, value in query.items() if name.startswith("types[")]
    if types and event["type"] not in types:
        return False
    kind = query.get("type", "")
    if kind.endswith(".*") and not event["type"].startswith(kind[:-1]):
        return False
    if kind and not kind.endswith("*") and event["type"] != kind:
        return False
    delivered = query.get("delivery_success")
    return delivered is None or (delivered == "true") == (event["id"] not in pending)


def _page(rows: list[dict[str, Any]], query: dict[str, str], url: str) -> dict[str, Any]:
    """A page of a list, newest first, from the cursor on."""
    try:
        limit = int(query.get("limit", "10"))
    except ValueError:
        limit = 0
    if not 1 <= limit <= 100:
        raise ApiError(400, "This value must be an integer from 1 to 100: limit", code="parameter_invalid_integer")
    ids = [row["id"] for row in rows]
    start, end = 0, len(rows)
    for name in ("starting_after", "ending_before"):
        if name in query and query[name] not in ids:
            raise ApiError(400, f"No such object: '{query[name]}'", code="resource_missing")
    if "starting_after" in query:
        start = ids.index(query["starting_after"]) + 1
    if "ending_before" in query:
        end = ids.index(query["ending_before"])
        start = max(start, end - limit)
        return {"object": "list", "url": url, "has_more": start > 0, "data": rows[start:end]}
    return {"object": "list", "url": url, "has_more": end - start > limit, "data": rows[start : start + limit]}


class Handler(BaseHTTPRequestHandler):
    """Answers one connection for the FakeStripe that made this class's subclass."""

    protocol_version = "HTTP/1.1"
    stripe: ClassVar[FakeStripe]

    def do_GET(self) -> None:
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method="GET", path=split.path, query=query, headers=headers)
        self.stripe.requests.append(request)
        fault = self.stripe._faults.take(split.path)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
            fault = None
        if fault is not None and fault.kind == "drop":
            self.close_connection = True
            return
        status, body, extra = self.outcome(request, fault)
        self.reply(status, body, extra, cut=fault is not None and fault.kind == "half")

    def outcome(self, request: Request, fault: Fault | None) -> tuple[int, str, dict[str, str]]:
        if fault is not None and fault.kind == "fail":
            error = {"error": {"type": "api_error", "message": "A fault that the test asked for."}}
            return fault.status, json.dumps(error) if fault.body is None else fault.body, fault.headers
        try:
            return 200, json.dumps(self.stripe.answer(request)), {}
        except ApiError as error:
            return error.status, json.dumps(error.body), {}

    def reply(self, status: int, text: str, extra: dict[str, str], *, cut: bool) -> None:
        body = text.encode()
        self.send_response_only(status)
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Date": email.utils.formatdate(self.stripe.now, usegmt=True),
            "Request-Id": "req_fake",
            **extra,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body[: len(body) // 2] if cut else body)
        except (BrokenPipeError, ConnectionResetError):
            cut = True
        if cut:
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Quiet: `stripe.requests` has it all."""
