"""Two months of a shop at a FakeStripe, up to now: each chapter changes objects, and so makes events."""

from . import shop
from .shop import DAY, MONTH

HOUR = 60 * 60


def open_shop(stripe):
    shop.offer(stripe, "Gold", 2000)
    shop.offer(stripe, "Silver", 900)
    stripe.create("coupon", id="WELCOME", percent_off=25, name="Welcome")


def sign_up(stripe):
    shop.sign_up(stripe, "Jenny Rosen")


def add_card(stripe):
    shop.add_card(stripe, "jenny")


def subscribe(stripe):
    shop.subscribe(stripe, "jenny", "price_gold")
    start(stripe, "jenny")


def start(stripe, key, **bill):
    """The first invoice of a subscription is paid, and the subscription is active."""
    invoice = shop.bill(stripe, key, **bill)
    shop.pay(stripe, invoice)
    stripe.update(f"sub_{key}", status="active", latest_invoice=invoice)


def renew(stripe):
    items = shop.new_period(stripe, "jenny")
    stripe.update("sub_jenny", items=items)
    invoice = shop.bill(stripe, "jenny", reason="subscription_cycle")
    shop.pay(stripe, invoice)
    stripe.update("sub_jenny", latest_invoice=invoice)


def decline(stripe):
    fall_behind(stripe, "jenny", again=stripe.now + 2 * DAY)


def fall_behind(stripe, key, **decline):
    """A subscription goes on to its next month, and that is not paid."""
    stripe.update(f"sub_{key}", items=shop.new_period(stripe, key))
    invoice = shop.bill(stripe, key, reason="subscription_cycle")
    shop.decline(stripe, invoice, **decline)
    stripe.update(f"sub_{key}", status="past_due", latest_invoice=invoice)


def outage(stripe):
    """For the first event that comes next: as often as the app asks in one go."""
    stripe.fail("/v1/events/", 503, times=3)


def recover(stripe):
    outage(stripe)
    shop.pay(stripe, stripe.get("sub_jenny")["latest_invoice"])
    stripe.update("sub_jenny", status="active")


def refund(stripe):
    number = stripe.get("sub_jenny")["latest_invoice"].removeprefix("in_")
    paid = {"charge": f"ch_{number}", "payment_intent": f"pi_{number}", "amount": 2000}
    stripe.create("refund", id=f"re_{number}", reason="requested_by_customer", **paid)
    stripe.update(f"ch_{number}", refunded=True, amount_refunded=2000)


def cancel(stripe):
    stripe.delete("sub_jenny")


def leave(stripe):
    stripe.detach("pm_jenny")
    stripe.delete("cus_jenny")


def welcome_cleo(stripe):
    """Her card is good until the month ends, and she does not replace it."""
    shop.sign_up(stripe, "Cleo Lind")
    year, month = shop.month_of(stripe.now)
    shop.add_card(stripe, "cleo", brand="mastercard", last4="4444", exp_year=year, exp_month=month)
    shop.subscribe(stripe, "cleo", "price_silver")
    start(stripe, "cleo")


def welcome_ada_and_ben(stripe):
    shop.sign_up(stripe, "Ada Park")
    shop.add_card(stripe, "ada", brand="amex", last4="0005")
    shop.subscribe(stripe, "ada", "price_gold")
    start(stripe, "ada", discount=500)
    stripe.update("WELCOME", times_redeemed=1)
    shop.sign_up(stripe, "Ben Ortiz")
    shop.add_card(stripe, "ben")
    shop.subscribe(stripe, "ben", "price_silver")
    start(stripe, "ben")


def expire(stripe):
    expired = {"code": "expired_card", "message": "Your card has expired."}
    fall_behind(stripe, "cleo", again=stripe.now + 3 * DAY, **expired)
    stripe.update("cus_cleo", delinquent=True)


def change_offers(stripe):
    stripe.delete("WELCOME")
    stripe.create("coupon", id="AUTUMN", percent_off=20, name="Autumn", redeem_by=stripe.now + MONTH)
    stripe.create("price", id="price_silver_2", product="prod_silver", unit_amount=1000)
    stripe.update("price_silver", active=False)


def try_out(stripe):
    """Two weeks for nothing."""
    shop.sign_up(stripe, "Dan Meyer")
    shop.add_card(stripe, "dan")
    end = stripe.now + 14 * DAY
    shop.subscribe(stripe, "dan", "price_silver_2", status="trialing", trial_start=stripe.now, trial_end=end)
    [item] = stripe.get("sub_dan")["items"]["data"]
    stripe.update("sub_dan", items=[{**item, "current_period_end": end}])
    invoice = shop.bill(stripe, "dan")
    shop.pay(stripe, invoice)
    stripe.update("sub_dan", latest_invoice=invoice)


def give_notice(stripe):
    [item] = stripe.get("sub_ben")["items"]["data"]
    end = item["current_period_end"]
    stripe.update("sub_ben", cancel_at_period_end=True, cancel_at=end, canceled_at=stripe.now)


def join_today(stripe):
    shop.sign_up(stripe, "Eve Novak")
    shop.add_card(stripe, "eve", exp_year=2031, exp_month=2)
    shop.subscribe(stripe, "eve", "price_gold")
    start(stripe, "eve")


#: Title -> seconds since the chapter before, and what happens.
CHAPTERS = {
    "The shop opens": (0, open_shop),
    "Jenny signs up": (DAY, sign_up),
    "She adds her card": (60, add_card),
    "She subscribes to Gold; the receipt printer is out of paper": (60, subscribe),
    "A month later it renews": (MONTH, renew),
    "Cleo joins": (4 * DAY, welcome_cleo),
    "Ada and Ben join": (16 * DAY, welcome_ada_and_ben),
    "Jenny's card is declined": (10 * DAY, decline),
    "She pays after all, while Stripe's API is down for a moment": (2 * DAY, recover),
    "She gets her money back": (HOUR, refund),
    "She cancels": (60, cancel),
    "She deletes her account": (60, leave),
    "Cleo's card has expired": (2 * DAY, expire),
    "The shop changes its offers": (6 * HOUR, change_offers),
    "Dan tries Silver": (6 * HOUR, try_out),
    "Ben gives notice": (HOUR, give_notice),
    "Eve joins today": (2 * HOUR, join_today),
}
#: Seconds from the first chapter to the last.
SPAN = sum(pause for pause, _happen in CHAPTERS.values())
