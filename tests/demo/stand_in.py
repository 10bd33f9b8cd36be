"""The stand-in for Stripe: a FakeStripe on this machine, where two months of a shop pass within seconds."""

import contextlib
import copy
import io
from collections.abc import Iterator

from django.conf import settings
from django.core.management import call_command

from pinax.stripe.testing import FakeStripe
from pinax.stripe.testing.delivery import body_of, headers_of, send

from . import history, life
from .clock import Clock

SECRET = "whsec_demo"
#: Seconds between the last chapter and now.
MOMENTS_AGO = 180
#: Seconds until Stripe sends again what was not acknowledged, where the next chapter is further away.
RETRIED_AFTER = 600
#: Reads a second, of a stand-in that has no limit.
UNLIMITED = 10_000


class StandIn:
    """`with StandIn() as source:` … the chapters of a life, and the events that each of them makes."""

    name = "a stand-in on this machine"
    #: A receipt fails at first, and the stand-in's API is down once: so much has to be tried again.
    patience = 0.0
    #: The chapters, and the one before them.
    total = len(life.CHAPTERS) + 1

    def __enter__(self) -> "StandIn":
        self.stripe = FakeStripe().start()
        # The last chapter is a few minutes ago.
        self.stripe.now = self.stripe.now - life.SPAN - MOMENTS_AGO
        self.clock = Clock(self.stripe)
        #: Seconds of the next pause that have passed already.
        self._rested = 0
        self.api_base = self.stripe.url
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stripe.stop()

    @property
    def events(self) -> list[dict]:
        """All events there are, oldest first."""
        return copy.deepcopy(self.stripe.events)

    def take_in(self) -> Iterator[str]:
        """Title, and lines, of what happens before the first chapter: the account has a history, and is taken in."""
        history.happen(self.stripe)
        settings.PINAX_STRIPE_API_VERSION = self.stripe.api_version
        settings.PINAX_STRIPE_API_RATE = UNLIMITED
        yield f"The account has {len(self.stripe.objects('customer'))} members already: manage.py stripe_sync"
        out = io.StringIO()
        # With several threads it differs from run to run which list first has what another one brings with it.
        call_command("stripe_sync", "--verbosity", "0", "--threads", "1", stdout=out)
        yield from out.getvalue().splitlines()

    def chapters(self) -> Iterator[tuple[str, list[dict]]]:
        """Title and new events of each chapter, while it happens."""
        for title, (pause, happen) in life.CHAPTERS.items():
            known = len(self.stripe.events)
            self.stripe.advance(pause - self._rested)
            self._rested = 0
            happen(self.stripe)
            yield title, self.events[known:]

    def rest(self, title: str) -> bool:
        """Whether some minutes pass after a chapter, in which Stripe sends again what is left."""
        pauses = [pause for pause, _happen in life.CHAPTERS.values()]
        if dict(zip(life.CHAPTERS, [*pauses[1:], 0], strict=True))[title] < life.HOUR:
            return False
        self._rested = RETRIED_AFTER
        self.stripe.advance(self._rested)
        return True

    def more(self) -> list[dict]:
        """Events that came by themselves: none, here."""
        return []

    def send(self, webhook: str, event: dict, secret: str = SECRET) -> int:
        """POST an event to a webhook, signed by the stand-in's clock; the status of the answer."""
        self.clock.leave()
        body = body_of(event)
        return send(webhook, body, headers_of(body, secret, self.stripe.now))

    def passing(self) -> contextlib.AbstractContextManager[None]:
        """The shop's clock follows the stand-in's within a `with` block."""
        return self.clock.running()

    def close_the_day(self) -> None:
        """The shop looks for events that never came, as it does every day."""
        call_command("stripe_catch_up", "--since", "1d", "--verbosity", "0", stdout=io.StringIO())
