"""Django's clock while the stand-in's events are delivered: by the real one, two months would pass in a minute."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from unittest import mock

from pinax.stripe.models import EventStep

#: From Stripe to the shop.
ON_THE_WAY = timedelta(milliseconds=300)
#: Nothing takes no time.
TICK = timedelta(milliseconds=7)


class Clock:
    """Follows the clock of a FakeStripe; each look at it takes a moment."""

    def __init__(self, stripe) -> None:
        self.stripe = stripe
        self._way = timedelta()

    def leave(self) -> None:
        """A POST is on its way."""
        self._way = ON_THE_WAY

    def now(self) -> datetime:
        self._way += TICK
        return datetime.fromtimestamp(self.stripe.now, timezone.utc) + self._way

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """It is Django's clock, within a `with` block."""
        # A default took hold of the real one when its field was made.
        step_at = EventStep._meta.get_field("at")
        with mock.patch("django.utils.timezone.now", self.now), mock.patch.object(step_at, "_get_default", self.now):
            yield
