"""Stripe's test mode: the life is made of calls of Stripe's SDK, and its events are read from the API.

No tunnel is needed: the events that Stripe has are POSTed to the local webhook from here, as Stripe would.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import stripe

from pinax.stripe.testing.delivery import body_of, headers_of, send

SECRET = "whsec_demo"
API_BASE = "https://api.stripe.com"
#: Seconds to wait for the events of a chapter, and between two looks.
PATIENCE = 30.0
PAUSE = 1.0


class Life:
    """One customer's life: each method is a chapter. What it makes is taken away again by `tidy`."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self.api = client.v1
        #: Ids of what was made, by what it is.
        self.made: dict[str, str] = {}

    def open_shop(self) -> None:
        self.made["product"] = self.api.products.create(params={"name": "Gold (pinax-stripe demo)"}).id
        recurring: Any = {"interval": "month"}
        self.made["price"] = self.api.prices.create(
            params={"product": self.made["product"], "unit_amount": 2000, "currency": "usd", "recurring": recurring}
        ).id

    def sign_up(self) -> None:
        params: Any = {"name": "Jenny Rosen", "email": "jenny@example.com", "description": "pinax-stripe demo"}
        self.made["customer"] = self.api.customers.create(params=params).id

    def add_card(self) -> None:
        customer = self.made["customer"]
        card = self.api.payment_methods.attach("pm_card_visa", params={"customer": customer}).id
        self.made["payment_method"] = card
        self.api.customers.update(customer, params={"invoice_settings": {"default_payment_method": card}})

    def subscribe(self) -> None:
        items: Any = [{"price": self.made["price"]}]
        subscription = self.api.subscriptions.create(params={"customer": self.made["customer"], "items": items})
        self.made["subscription"] = subscription.id
        self.made["invoice"] = str(subscription.latest_invoice)

    def refund(self) -> None:
        # Where an invoice names its payment depends on the API version; a customer's payments can always be listed.
        payment = self.api.payment_intents.list(params={"customer": self.made["customer"], "limit": 1}).data[0]
        self.made["payment_intent"] = payment.id
        self.made["refund"] = self.api.refunds.create(params={"payment_intent": payment.id}).id

    def cancel(self) -> None:
        self.api.subscriptions.cancel(self.made["subscription"])

    def leave(self) -> None:
        self.api.payment_methods.detach(self.made["payment_method"])
        self.api.customers.delete(self.made["customer"])
        self.made["deleted customer"] = self.made.pop("customer")

    def close_shop(self) -> None:
        self.api.prices.update(self.made["price"], params={"active": False})
        self.api.products.update(self.made["product"], params={"active": False})
        self.made["archived product"], self.made["archived price"] = self.made.pop("product"), self.made.pop("price")

    def tidy(self) -> None:
        """Take away what an interrupted life left behind; a deleted customer's subscription ends with it."""
        removals: dict[str, Callable[[str], Any]] = {
            "customer": self.api.customers.delete,
            "price": lambda price: self.api.prices.update(price, params={"active": False}),
            "product": lambda product: self.api.products.update(product, params={"active": False}),
        }
        for name in removals.keys() & self.made.keys():
            try:
                removals[name](self.made[name])
            except stripe.StripeError as error:
                print(f"The {name} {self.made[name]} stays at Stripe: {error.user_message or error}", file=sys.stderr)


#: Title -> the chapter, and types of events that it certainly makes.
CHAPTERS: dict[str, tuple[Callable[[Life], None], set[str]]] = {
    "The shop opens": (Life.open_shop, {"product.created", "price.created"}),
    "Jenny signs up": (Life.sign_up, {"customer.created"}),
    "She adds her card": (Life.add_card, {"payment_method.attached", "customer.updated"}),
    "She subscribes to Gold; the receipt printer is out of paper": (
        Life.subscribe,
        {"customer.subscription.created", "invoice.paid", "charge.succeeded"},
    ),
    "She gets her money back": (Life.refund, {"charge.refunded"}),
    "She cancels": (Life.cancel, {"customer.subscription.deleted"}),
    "She deletes her account": (Life.leave, {"payment_method.detached", "customer.deleted"}),
    "The shop closes": (Life.close_shop, {"product.updated", "price.updated"}),
}


class RealStripe:
    """`with RealStripe("sk_test_…") as source:` … the same as a `StandIn`, with objects that Stripe really makes."""

    name = "Stripe's test mode"
    patience = PATIENCE
    total = len(CHAPTERS)

    def __init__(self, key: str, *, api_base: str | None = None) -> None:
        self.api_base = api_base or API_BASE
        self.client = stripe.StripeClient(
            key,
            base_addresses={"api": self.api_base},
            http_client=stripe.RequestsClient(timeout=20),
            max_network_retries=2,
        )
        self.life = Life(self.client)
        #: The events about this life, in the order in which Stripe told of them.
        self.events: list[dict] = []
        self._since = int(time.time()) - 1

    def __enter__(self) -> "RealStripe":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.life.tidy()

    def take_in(self) -> Iterator[str]:
        """Nothing: a test account may have anything, and what the demo makes is deleted in the end."""
        yield from ()

    def chapters(self) -> Iterator[tuple[str, list[dict]]]:
        """Title and new events of each chapter, while it happens."""
        for title, (happen, expected) in CHAPTERS.items():
            happen(self.life)
            yield title, self.until(expected)

    def until(self, expected: set[str]) -> list[dict]:
        """New events, read until those types are among them or the patience ends; the check finds what is missing."""
        deadline = time.monotonic() + PATIENCE
        found = self.look()
        while not expected <= {event["type"] for event in found} and time.monotonic() < deadline:
            time.sleep(PAUSE)
            found += self.look()
        return found

    def more(self) -> list[dict]:
        """Events that came by themselves, after a pause: some Stripe makes only later."""
        time.sleep(PAUSE)
        return self.look()

    def look(self) -> list[dict]:
        """Events about this life that were not seen before, oldest first."""
        known = {event["id"] for event in self.events}
        ours = [event for event in self.listed() if event["id"] not in known and self.is_ours(event)]
        self.events += reversed(ours)
        return list(reversed(ours))

    def listed(self) -> Iterator[dict]:
        """All events since the life began, newest first, as plain JSON."""
        params: dict[str, Any] = {"limit": 100, "created": {"gte": self._since}}
        while True:
            page = json.loads(self.client.raw_request("get", "/v1/events", **params).body)
            yield from page["data"]
            if not page["has_more"]:
                return
            params["starting_after"] = page["data"][-1]["id"]

    def is_ours(self, event: dict) -> bool:
        """Whether an event speaks of something this life made; a test account may be busy with other things."""
        text = json.dumps(event["data"]["object"])
        return any(f'"{stripe_id}"' in text for stripe_id in self.life.made.values())

    def passing(self) -> contextlib.AbstractContextManager[None]:
        """Time passes as it does."""
        return contextlib.nullcontext()

    def close_the_day(self) -> None:
        """Nothing: a catch-up would take in what others do in this test account."""

    def rest(self, title: str) -> bool:
        """Whether Stripe sends again what is left before the next chapter: it is at hand."""
        return False

    def send(self, webhook: str, event: dict, secret: str = SECRET) -> int:
        """POST an event to a webhook, signed; the status of the answer."""
        body = body_of(event)
        return send(webhook, body, headers_of(body, secret))
