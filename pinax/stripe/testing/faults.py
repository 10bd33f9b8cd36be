"""What can be wrong with a FakeStripe: a list of faults, taken one by one by the requests they match."""

import threading
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Fault:
    """One way to misbehave."""

    #: Start of the paths it concerns.
    path: str
    #: "fail" (answer `status`), "drop" (close without an answer), "half" (stop in the middle of the body), "slow".
    kind: str
    #: Requests it will meet; None for all to come.
    times: int | None = 1
    status: int = 500
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Faults:
    """The faults waiting for requests; safe for threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, path: str) -> Fault | None:
        """The next fault for a request, used up once."""
        with self._lock:
            for fault in self._waiting:
                if path.startswith(fault.path):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._waiting.remove(fault)
                    return fault
        return None
