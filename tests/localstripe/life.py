"""A customer's life at localstripe, made of calls of Stripe's SDK."""

from collections.abc import Callable
from typing import Any

import stripe

#: A card that is taken, and an IBAN that the bank refuses half a second later.
CARD = {"object": "card", "number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
REFUSED_IBAN = "DE62370400440532013001"


class Life:
    """Each method is a chapter; all of them are needed, in their order."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self.client = client

    def post(self, path: str, **params: Any) -> dict:
        return self.client.raw_request("post", f"/v1/{path}", **params).data

    def get(self, path: str) -> dict:
        return self.client.raw_request("get", f"/v1/{path}").data

    def delete(self, path: str) -> dict:
        return self.client.raw_request("delete", f"/v1/{path}").data

    def open_shop(self) -> None:
        product = self.post("products", name="Gold")["id"]
        self.post("plans", id="gold", product=product, amount=2000, currency="eur", interval="month")

    def sign_up(self) -> None:
        self.jenny = self.post("customers", name="Jenny Rosen", email="jenny@example.com")["id"]

    def add_card(self) -> None:
        self.card = self.post(f"customers/{self.jenny}/sources", source=CARD)["id"]

    def subscribe(self) -> None:
        self.subscription = self.post("subscriptions", customer=self.jenny, items=[{"plan": "gold"}])["id"]

    def renew(self) -> None:
        invoice = self.post("invoices", customer=self.jenny, subscription=self.subscription)["id"]
        self.renewal = self.post(f"invoices/{invoice}/pay")

    def decline(self) -> None:
        try:
            self.post(
                "payment_intents",
                amount=500,
                currency="eur",
                customer=self.jenny,
                payment_method="pm_card_chargeCustomerFail",
                confirm=True,
            )
        except stripe.CardError:
            return
        raise AssertionError("localstripe took a card that has to be declined")

    def refund(self) -> None:
        self.post("refunds", charge=self.renewal["charge"]["id"], amount=500)

    def cancel(self) -> None:
        self.delete(f"subscriptions/{self.subscription}")

    def be_refused_by_the_bank(self) -> None:
        owner, debit = {"name": "Jenny Rosen"}, {"iban": REFUSED_IBAN}
        source = self.post("sources", type="sepa_debit", currency="eur", owner=owner, sepa_debit=debit)["id"]
        self.post(f"customers/{self.jenny}/sources", source=source)
        self.post(f"customers/{self.jenny}", default_source=source)
        self.post("subscriptions", customer=self.jenny, items=[{"plan": "gold"}])

    def leave(self) -> None:
        bob = self.post("customers", name="Bob", email="bob@example.com")["id"]
        self.delete(f"customers/{bob}")

    def change_number(self) -> None:
        # What changed in her sources and subscriptions shows in the customer; localstripe tells of it only now.
        self.post(f"customers/{self.jenny}", phone="+1 555 0100", default_source=self.card)


#: Title -> what happens, and types of events that localstripe makes of it, however late.
CHAPTERS: dict[str, tuple[Callable[[Life], None], set[str]]] = {
    "The shop opens": (Life.open_shop, {"product.created", "plan.created"}),
    "Jenny signs up": (Life.sign_up, {"customer.created"}),
    "She adds her card": (Life.add_card, {"customer.source.created"}),
    "She subscribes to Gold; the receipt printer is out of paper": (
        Life.subscribe,
        {
            "customer.subscription.created",
            "invoice.created",
            "invoice.payment_succeeded",
            "payment_intent.succeeded",
        },
    ),
    "It renews": (Life.renew, {"invoice.created", "invoice.payment_succeeded", "payment_intent.succeeded"}),
    "Another card is declined": (Life.decline, {"payment_intent.payment_failed"}),
    "She gets a part of her money back": (Life.refund, set()),
    "She cancels": (Life.cancel, {"customer.subscription.deleted"}),
    "She subscribes again, and her bank refuses to pay": (
        Life.be_refused_by_the_bank,
        {
            "customer.source.created",
            "customer.subscription.created",
            "customer.subscription.deleted",
            "customer.updated",
            "invoice.created",
            "invoice.payment_failed",
            "payment_intent.payment_failed",
        },
    ),
    "Bob signs up, and deletes his account": (Life.leave, {"customer.created", "customer.deleted"}),
    "Jenny changes her phone number": (Life.change_number, {"customer.updated"}),
}
