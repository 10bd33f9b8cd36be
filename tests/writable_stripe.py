"""A FakeStripe that can also be written to, as far as the demo's way through Stripe's test mode needs it."""

import json
import re
import urllib.parse
from collections.abc import Callable

from pinax.stripe.testing import FakeStripe, build_object
from pinax.stripe.testing.fake_stripe.refusals import ApiError, check_access
from pinax.stripe.testing.fake_stripe.server import Request

Form = dict[str, str]


#: The account's own version, in which its events are rendered: not the one that any SDK asks for.
API_VERSION = "2025-04-30.basil"


class WritableStripe(FakeStripe):
    """Answers the POSTs and DELETEs of `ROUTES`, and makes the events that Stripe would."""

    def __init__(self) -> None:
        super().__init__()
        self.api_version = API_VERSION

    def _answer(self, request: Request) -> tuple[int, bytes]:
        if request.method == "GET":
            return super()._answer(request)
        try:
            check_access(self, request, "")
            with self._lock:
                return 200, json.dumps(self.write(request)).encode()
        except ApiError as error:
            return error.status, json.dumps(error.body).encode()

    def write(self, request: Request) -> dict:
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        for pattern, write in ROUTES.items():
            found = re.fullmatch(pattern, f"{request.method} {request.path}")
            if found:
                return write(self, form, *found.groups())
        raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")


def create_customer(stripe: WritableStripe, form: Form) -> dict:
    return stripe.create("customer", **form)


def update_customer(stripe: WritableStripe, form: Form, customer: str) -> dict:
    card = form["invoice_settings[default_payment_method]"]
    settings = stripe.get(customer)["invoice_settings"] | {"default_payment_method": card}
    return stripe.update(customer, invoice_settings=settings)


def attach(stripe: WritableStripe, form: Form, token: str) -> dict:
    assert token == "pm_card_visa"
    return stripe.create("payment_method", customer=form["customer"])


def create_price(stripe: WritableStripe, form: Form) -> dict:
    assert form["recurring[interval]"] == "month"
    return stripe.create(
        "price", product=form["product"], currency=form["currency"], unit_amount=int(form["unit_amount"])
    )


def archive(stripe: WritableStripe, form: Form, stripe_id: str) -> dict:
    assert form["active"].lower() == "false"
    return stripe.update(stripe_id, active=False)


def subscribe(stripe: WritableStripe, form: Form) -> dict:
    """A subscription whose first invoice is paid at once."""
    customer = form["customer"]
    subscription = build_object("subscription", customer=customer)["id"]
    price = stripe.get(form["items[0][price]"])
    charge = stripe.create("charge", customer=customer)
    paid = {"status": "succeeded", "latest_charge": charge["id"]}
    stripe.create("payment_intent", customer=customer, **paid)
    stripe.update(charge["id"], payment_intent=stripe.objects("payment_intent")[0]["id"])
    parent = {"type": "subscription_details", "subscription_details": {"subscription": subscription}}
    invoice = stripe.create("invoice", customer=customer, parent=parent, status="paid")
    stripe.emit("invoice.paid", invoice["id"])
    item = build_object("subscription_item", subscription=subscription, price=price)
    return stripe.create("subscription", id=subscription, customer=customer, items=[item], latest_invoice=invoice["id"])


def refund(stripe: WritableStripe, form: Form) -> dict:
    payment = stripe.get(form["payment_intent"])
    charge = stripe.update(payment["latest_charge"], refunded=True, amount_refunded=payment["amount"])
    return stripe.create("refund", charge=charge["id"], payment_intent=payment["id"], amount=payment["amount"])


PART = "([^/]+)"
#: Method and path -> what is written.
ROUTES: dict[str, Callable[..., dict]] = {
    "POST /v1/customers": create_customer,
    f"POST /v1/customers/{PART}": update_customer,
    f"DELETE /v1/customers/{PART}": lambda stripe, form, customer: stripe.delete(customer),
    f"POST /v1/payment_methods/{PART}/attach": attach,
    f"POST /v1/payment_methods/{PART}/detach": lambda stripe, form, card: stripe.detach(card),
    "POST /v1/products": lambda stripe, form: stripe.create("product", **form),
    f"POST /v1/products/{PART}": archive,
    "POST /v1/prices": create_price,
    f"POST /v1/prices/{PART}": archive,
    "POST /v1/subscriptions": subscribe,
    f"DELETE /v1/subscriptions/{PART}": lambda stripe, form, subscription: stripe.delete(subscription),
    "POST /v1/refunds": refund,
}
