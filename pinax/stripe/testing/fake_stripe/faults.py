"""What can go wrong with a FakeStripe: faults wait in a list, and requests take the first that matches them."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

#: Parameters by which lists are those of one object.
OWNERS = ("subscription", "invoice", "charge", "payment_intent", "customer")


@dataclass(kw_only=True)
class Fault:
    """One way to misbehave."""

    #: Start of the paths it concerns.
    path: str
    #: "fail" answers `status`, "drop" closes without an answer, "half" stops amid the body, "slow" answers late.
    kind: Literal["fail", "drop", "half", "slow"]
    #: Requests it will still meet; None for all to come.
    times: int | None = 1
    status: int = 500
    #: Of the answer of a "fail"; an error in Stripe's form by default.
    body: str | bytes | dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    #: How late "slow" is.
    seconds: float = 0.0

    def content(self, path: str = "", query: dict[str, str] | None = None) -> bytes:
        """The body of the answer to a request for a path, with its parameters."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(default_error(self.status, path, query or {}) if self.body is None else self.body).encode()


def default_error(status: int, path: str, query: dict[str, str]) -> dict[str, Any]:
    """What Stripe's answer with a status says; a 404 names the object that the request is about."""
    error = {"message": "A fault that the test asked for.", "type": "api_error"}
    if status < 500:
        error["type"] = "invalid_request_error"
    if status == 429:
        error |= {"code": "rate_limit", "message": "Request rate limit exceeded."}
    if status == 404:
        error |= missing_at(path, query)
    return {"error": error}


def missing_at(path: str, query: dict[str, str]) -> dict[str, str]:
    """What Stripe says of a request whose object it does not have; of any other list, that there is no such address."""
    _, _, *segments = path.split("/")
    if segments[:1] == ["core"]:
        segments = segments[1:]  # /v2/core/events/…
    if len(segments) < 2:
        owner = next((name for name in OWNERS if name in query), None)
        if owner is None:
            return {"message": f"Unrecognized request URL (GET: {path})."}
        message = f"No such {owner}: '{query[owner]}'"
        return {"code": "resource_missing", "message": message, "param": owner}
    collection, stripe_id = segments[2:4] if len(segments) > 3 else segments[:2]
    message = f"No such {collection.removesuffix('s')}: '{unquote(stripe_id)}'"
    return {"code": "resource_missing", "message": message, "param": "id"}


class Faults:
    """The faults waiting for requests; safe for threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let a fault wait behind the others."""
        if fault.times is None or fault.times > 0:
            with self._lock:
                self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._waiting.clear()

    def take(self, path: str) -> Fault | None:
        """The fault for a request, one use of it consumed."""
        with self._lock:
            for position, fault in enumerate(self._waiting):
                if path.startswith(fault.path):
                    if fault.times is not None:
                        fault.times -= 1
                        if not fault.times:
                            del self._waiting[position]
                    return fault
        return None
