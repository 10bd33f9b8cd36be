"""What a shop's customers do, as Stripe has it: each step changes every object that takes part, so that all agree."""

from datetime import datetime, timezone

from pinax.stripe.testing import build_object

DAY = 24 * 60 * 60
MONTH = 30 * DAY


def offer(stripe, name, amount):
    """Something to subscribe to: `Gold` is the product prod_gold and the price price_gold."""
    key = name.lower()
    stripe.create("product", id=f"prod_{key}", name=name)
    stripe.create("price", id=f"price_{key}", product=f"prod_{key}", unit_amount=amount)


def sign_up(stripe, name, key=""):
    """A customer: `Jenny Rosen` is cus_jenny, unless there is a `key`."""
    key = key or name.partition(" ")[0].lower()
    email = f"{name.lower().replace(' ', '.')}@example.com"
    stripe.create("customer", id=f"cus_{key}", name=name, email=email)


def add_card(stripe, key, **card):
    """A card, from now on the customer's default."""
    customer = stripe.get(f"cus_{key}")
    method = build_object("payment_method", id=f"pm_{key}", customer=customer["id"], created=stripe.now)
    method["card"].update(card)
    method["billing_details"].update(name=customer["name"], email=customer["email"])
    stripe.create("payment_method", **{name: value for name, value in method.items() if name != "object"})
    settings = {**customer["invoice_settings"], "default_payment_method": method["id"]}
    stripe.update(customer["id"], invoice_settings=settings)


def subscribe(stripe, key, price, **terms):
    """A subscription to a price, for a month; `terms` are attributes of it."""
    subscription = f"sub_{key}"
    item = {"id": f"si_{key}", "subscription": subscription, "price": stripe.get(price), "created": stripe.now}
    stripe.create(
        "subscription",
        id=subscription,
        customer=f"cus_{key}",
        items=[build_object("subscription_item", **item)],
        **{"status": "incomplete", **terms},
    )


def new_period(stripe, key):
    """The subscription goes on to its next month."""
    [item] = stripe.get(f"sub_{key}")["items"]["data"]
    end = item["current_period_end"]
    return [{**item, "current_period_start": end, "current_period_end": end + MONTH}]


def bill(stripe, key, *, reason="subscription_create", discount=0):
    """An invoice of the subscription's month, final and open to be paid; its id."""
    number = len(stripe.objects("invoice")) + 1
    invoice, subscription, customer = f"in_{number}", stripe.get(f"sub_{key}"), stripe.get(f"cus_{key}")
    [item] = subscription["items"]["data"]
    price, product = item["price"], stripe.get(item["price"]["product"])
    amount = 0 if subscription["status"] == "trialing" else price["unit_amount"]
    period = {"start": item["current_period_start"], "end": item["current_period_end"]}
    line = build_object(
        "line_item",
        id=f"il_{number}",
        invoice=invoice,
        amount=amount,
        description=described(product, price),
        period=period,
        created=stripe.now,
    )
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    line["parent"]["subscription_item_details"].update(details)
    line["pricing"]["price_details"] = {"price": price["id"], "product": product["id"]}
    total = amount - discount
    stripe.create(
        "invoice",
        id=invoice,
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        billing_reason=reason,
        parent={"type": "subscription_details", "subscription_details": {"subscription": subscription["id"]}},
        lines=[line],
        subtotal=amount,
        total=total,
        period_start=stripe.now if reason == "subscription_create" else period["start"] - MONTH,
        period_end=stripe.now if reason == "subscription_create" else period["start"],
    )
    page = f"https://invoice.stripe.com/i/acct_demo/test_{invoice}"
    stripe.update(
        invoice,
        status="open",
        number=f"SHOP-{number:04}",
        auto_advance=True,
        effective_at=stripe.now,
        ending_balance=0,
        hosted_invoice_url=page,
        invoice_pdf=f"https://pay.stripe.com/invoice/acct_demo/test_{invoice}/pdf",
        **transition(stripe, invoice, "finalized_at"),
    )
    return invoice


def described(product, price):
    """What an invoice says of a month, or a year, of a product."""
    each = f"${price['unit_amount'] / 100:.2f} / {price['recurring']['interval']}"
    return f"1 \N{MULTIPLICATION SIGN} {product['name']} (at {each})"


def transition(stripe, invoice, name):
    """The time of a change of an invoice's status: now."""
    return {"status_transitions": {**stripe.get(invoice)["status_transitions"], name: stripe.now}}


def payment(stripe, invoice):
    """What the payment intent and the charges of an invoice have in common."""
    data = stripe.get(invoice)
    customer = stripe.get(data["customer"])
    method = customer["invoice_settings"]["default_payment_method"]
    return {"amount": data["total"], "customer": customer["id"], "payment_method": method}


def charge(stripe, invoice, **outcome):
    """An attempt to take the money of an invoice from the customer's card."""
    number = invoice.removeprefix("in_")
    method = stripe.get(payment(stripe, invoice)["payment_method"])
    data = build_object("charge", **{"amount": payment(stripe, invoice)["amount"], **outcome})
    shown = data["payment_method_details"]["card"]
    shown.update({name: method["card"][name] for name in shown if name in method["card"]})
    data.update(payment(stripe, invoice), payment_intent=f"pi_{number}", billing_details=method["billing_details"])
    data["created"] = stripe.now
    stripe.create("charge", **{name: value for name, value in data.items() if name != "object"})


def pay(stripe, invoice):
    """An invoice is paid, by the payment intent that is there or by a new one."""
    number, total = invoice.removeprefix("in_"), stripe.get(invoice)["total"]
    if total:
        receipt = f"https://pay.stripe.com/receipts/invoices/test_{number}"
        charge(stripe, invoice, id=f"ch_{number}", receipt_url=receipt)
        if not has(stripe, f"pi_{number}"):
            stripe.create("payment_intent", id=f"pi_{number}", **payment(stripe, invoice), silent=True)
        stripe.update(f"pi_{number}", status="succeeded", amount_received=total, latest_charge=f"ch_{number}")
    stripe.update(
        invoice,
        status="paid",
        amount_paid=total,
        amount_remaining=0,
        attempted=True,
        attempt_count=stripe.get(invoice)["attempt_count"] + 1,
        next_payment_attempt=None,
        type="invoice.paid",
        **transition(stripe, invoice, "paid_at"),
    )
    if total:
        between = {"type": "payment_intent", "payment_intent": f"pi_{number}"}
        stripe.create("invoice_payment", id=f"inpay_{number}", invoice=invoice, amount_requested=total, payment=between)


def has(stripe, stripe_id):
    """Whether there is an object of an id."""
    try:
        return bool(stripe.get(stripe_id))
    except KeyError:
        return False


def decline(stripe, invoice, *, code="card_declined", message="Your card was declined.", again):
    """The card of a customer is declined; Stripe tries again at a time."""
    number = invoice.removeprefix("in_")
    stripe.create("payment_intent", id=f"pi_{number}", **payment(stripe, invoice), created=stripe.now)
    failure = {"status": "failed", "failure_code": code, "failure_message": message}
    charge(stripe, invoice, id=f"ch_{number}_declined", **failure)
    stripe.emit("payment_intent.payment_failed", f"pi_{number}")
    stripe.update(invoice, attempt_count=1, attempted=True, next_payment_attempt=again, type="invoice.payment_failed")


def month_of(moment):
    """Year and month of a time in epoch seconds."""
    day = datetime.fromtimestamp(moment, timezone.utc)
    return day.year, day.month
