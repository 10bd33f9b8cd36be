"""A customer's life at a FakeStripe: one function for each chapter, which changes objects and so makes events."""

from pinax.stripe.testing import build_object

DAY = 24 * 60 * 60
MONTH = 30 * DAY
PRICE = 2000


def open_shop(stripe):
    stripe.create("product", id="prod_gold", name="Gold")
    stripe.create("price", id="price_gold", product="prod_gold", unit_amount=PRICE)
    stripe.create("coupon", id="WELCOME", percent_off=25, name="Welcome")


def sign_up(stripe):
    stripe.advance(DAY)
    stripe.create("customer", id="cus_jenny", name="Jenny Rosen", email="jenny@example.com")


def add_card(stripe):
    stripe.advance(60)
    stripe.create("payment_method", id="pm_visa", customer="cus_jenny")
    settings = stripe.get("cus_jenny")["invoice_settings"]
    stripe.update("cus_jenny", invoice_settings={**settings, "default_payment_method": "pm_visa"})


def subscribe(stripe):
    stripe.advance(60)
    price = stripe.get("price_gold")
    item = build_object("subscription_item", id="si_gold", subscription="sub_gold", price=price, created=stripe.now)
    stripe.create("subscription", id="sub_gold", customer="cus_jenny", status="incomplete", items=[item])
    bill(stripe, 1)
    pay(stripe, 1)
    stripe.update("sub_gold", status="active", latest_invoice="in_1")


def renew(stripe):
    stripe.advance(MONTH)
    bill(stripe, 2)
    pay(stripe, 2)
    stripe.update("sub_gold", latest_invoice="in_2")


def decline(stripe):
    stripe.advance(MONTH)
    bill(stripe, 3)
    intent = {"id": "pi_3", "amount": PRICE, "customer": "cus_jenny", "payment_method": "pm_visa"}
    stripe.create("payment_intent", **intent, created=stripe.now)
    stripe.create("charge", id="ch_3_declined", customer="cus_jenny", payment_intent="pi_3", status="failed")
    stripe.emit("payment_intent.payment_failed", "pi_3")
    stripe.update("in_3", attempt_count=1, attempted=True, type="invoice.payment_failed")
    stripe.update("sub_gold", status="past_due", latest_invoice="in_3")


def outage(stripe):
    """For the first event that comes next: as often as the app asks in one go."""
    stripe.fail("/v1/events/", 503, times=3)


def recover(stripe):
    stripe.advance(2 * DAY)
    outage(stripe)
    pay(stripe, 3)
    stripe.update("sub_gold", status="active")


def refund(stripe):
    stripe.advance(60 * 60)
    stripe.create("refund", id="re_3", charge="ch_3", payment_intent="pi_3", amount=PRICE)
    stripe.update("ch_3", refunded=True, amount_refunded=PRICE)


def cancel(stripe):
    stripe.advance(60)
    stripe.delete("sub_gold")


def leave(stripe):
    stripe.advance(60)
    stripe.detach("pm_visa")
    stripe.delete("cus_jenny")


def close_shop(stripe):
    stripe.advance(DAY)
    stripe.update("price_gold", active=False)
    stripe.update("prod_gold", active=False)
    stripe.delete("WELCOME")


def bill(stripe, number):
    """An invoice of the subscription, open to be paid."""
    invoice = f"in_{number}"
    line = build_object("line_item", id=f"il_{number}", invoice=invoice, amount=PRICE)
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_gold"}}
    stripe.create("invoice", id=invoice, customer="cus_jenny", parent=parent, lines=[line], total=PRICE)
    stripe.update(invoice, status="open")


def pay(stripe, number):
    """The payment of an invoice goes through."""
    charge = {"id": f"ch_{number}", "customer": "cus_jenny", "payment_intent": f"pi_{number}"}
    stripe.create("charge", **charge, payment_method="pm_visa", amount=PRICE)
    paid = {"status": "succeeded", "amount_received": PRICE, "latest_charge": charge["id"]}
    if number == 3:
        stripe.update("pi_3", **paid)
    else:
        stripe.create("payment_intent", id=f"pi_{number}", customer="cus_jenny", silent=True)
        stripe.update(f"pi_{number}", **paid)
    stripe.update(f"in_{number}", status="paid", amount_paid=PRICE, amount_remaining=0, type="invoice.paid")
    payment = {"type": "payment_intent", "payment_intent": f"pi_{number}"}
    stripe.create("invoice_payment", invoice=f"in_{number}", amount_requested=PRICE, payment=payment)


#: Title -> what happens.
CHAPTERS = {
    "The shop opens": open_shop,
    "Jenny signs up": sign_up,
    "She adds her card": add_card,
    "She subscribes to Gold; the receipt printer is out of paper": subscribe,
    "A month later it renews": renew,
    "Another month later her card is declined": decline,
    "She pays after all, while Stripe's API is down for a moment": recover,
    "She gets her money back": refund,
    "She cancels": cancel,
    "She deletes her account": leave,
    "The shop closes": close_shop,
}
