"""The stand-in for Stripe: a FakeStripe on this machine, where a customer's life passes within seconds."""

import copy
from collections.abc import Iterator

from pinax.stripe.testing import FakeStripe

from . import life

SECRET = "whsec_demo"


class StandIn:
    """`with StandIn() as source:` … the chapters of a life, and the events that each of them makes."""

    name = "a stand-in on this machine"
    #: A receipt fails at first, and the stand-in's API is down once: so much has to be tried again.
    patience = 0.0
    total = len(life.CHAPTERS)

    def __enter__(self) -> "StandIn":
        self.stripe = FakeStripe().start()
        self.stripe.now = self.stripe.now - 66 * life.DAY
        self.api_base = self.stripe.url
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stripe.stop()

    @property
    def events(self) -> list[dict]:
        """All events there are, oldest first."""
        return copy.deepcopy(self.stripe.events)

    def chapters(self) -> Iterator[tuple[str, list[dict]]]:
        """Title and new events of each chapter, while it happens."""
        for title, happen in life.CHAPTERS.items():
            known = len(self.stripe.events)
            happen(self.stripe)
            yield title, self.events[known:]

    def more(self) -> list[dict]:
        """Events that came by themselves: none, here."""
        return []

    def send(self, webhook: str, event: dict) -> int:
        """POST an event to a webhook, signed; the status of the answer."""
        ((_, status),) = self.stripe.deliver(webhook, [event], secret=SECRET)
        return status
