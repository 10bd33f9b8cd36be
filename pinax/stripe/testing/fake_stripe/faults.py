"""The faults of a FakeStripe: they wait in a list, and each request takes the first that matches it."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from ...catalogue.objects import OBJECT_TYPES
from .paths import place_at


@dataclass(kw_only=True)
class Fault:
    """One fault."""

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
    named = object_named_by(path, query)
    if named is None:
        return {"message": f"Unrecognized request URL (GET: {path})."}
    name, stripe_id, param = named
    return {"code": "resource_missing", "message": f"No such {name}: '{stripe_id}'", "param": param}


def object_named_by(path: str, query: dict[str, str]) -> tuple[str, str, str] | None:
    """The type and the id of the object that a request is about, and the parameter that names it."""
    folder, _, stripe_id = path.rpartition("/")
    if folder.endswith("/events"):
        return "event", unquote(stripe_id), "id"
    place = place_at(path)
    if place is not None and place.entry_id:
        return place.address.name, place.entry_id, "id"
    if place is not None and place.address.owner is not None:
        return place.address.owner.name, place.owner_id, "id"
    return next(((name, value, name) for name, value in query.items() if name in OBJECT_TYPES), None)


class Faults:
    """The faults waiting for requests; safe for threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Add a fault behind the others."""
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
