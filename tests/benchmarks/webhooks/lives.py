"""What happened at Stripe before the benchmark begins: customers sign up and renew, and each change makes events."""

from typing import Any

from pinax.stripe.testing import FakeStripe
from tests.demo import life, shop

#: The version that dj-stripe 2.11 is made for.
API_VERSION = "2026-05-27.dahlia"
#: Seconds that a life takes, at most.
SPAN = 60


class History(FakeStripe):
    """Two changes never happen in the same second, so that an event alone says what came after what.

    The events that tell of one change have the same second, as at Stripe.
    """

    def create(self, *args: Any, **fields: Any) -> dict[str, Any]:
        created = super().create(*args, **fields)
        self.advance(1)
        return created

    def update(self, *args: Any, **changes: Any) -> dict[str, Any]:
        updated = super().update(*args, **changes)
        self.advance(1)
        return updated


def new_history(until: int, lives: int) -> History:
    """A history of so many lives that ends before a moment (epoch seconds)."""
    stripe = History()
    stripe.api_version = API_VERSION
    stripe.now = until - SPAN * (lives + 1)
    return stripe


def live(stripe: FakeStripe, number: int) -> list[dict[str, Any]]:
    """One customer's events, about twenty: signs up, adds a card, subscribes, pays, and renews after a month."""
    known, key = len(stripe.events), f"customer{number}"
    shop.sign_up(stripe, f"Jenny Rosen {number}", key)
    shop.add_card(stripe, key)
    shop.subscribe(stripe, key, "price_gold")
    life.start(stripe, key)
    stripe.update(f"sub_{key}", items=shop.new_period(stripe, key))
    invoice = shop.bill(stripe, key, reason="subscription_cycle")
    shop.pay(stripe, invoice)
    stripe.update(f"sub_{key}", latest_invoice=invoice)
    return stripe.events[known:]


def open_shop(stripe: FakeStripe) -> list[dict[str, Any]]:
    """The events of the catalogue: products, prices, a coupon."""
    known = len(stripe.events)
    life.open_shop(stripe)
    return stripe.events[known:]
