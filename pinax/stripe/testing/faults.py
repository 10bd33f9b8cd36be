"""What can go wrong with a FakeStripe: faults wait in a list, and requests take the first that matches them."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Literal


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

    def content(self) -> bytes:
        """The body of the answer."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(default_error(self.status) if self.body is None else self.body).encode()


def default_error(status: int) -> dict[str, Any]:
    """What Stripe's answer with a status says."""
    error = {"message": "A fault that the test asked for.", "type": "api_error"}
    if status < 500:
        error["type"] = "invalid_request_error"
    if status == 429:
        error |= {"code": "rate_limit", "message": "Request rate limit exceeded."}
    return {"error": error}


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
