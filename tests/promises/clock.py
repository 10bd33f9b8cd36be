"""A clock that the test turns: time that is waited for passes at once."""

import pytest

from pinax.stripe.api import deadlines, pace


class Clock:
    """In place of the api module's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        #: Seconds.
        self.now = 0.0
        monkeypatch.setattr(deadlines, "clock", lambda: self.now)
        monkeypatch.setattr(pace, "sleep", self.wait)

    def wait(self, seconds: float) -> None:
        self.now += seconds
