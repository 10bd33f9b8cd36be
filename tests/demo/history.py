"""What the shop has at Stripe before it adds pinax-stripe: members of a year, of whom no event tells."""

from functools import partial

from . import life, shop

YEAR = 365 * shop.DAY
#: Days before the first chapter -> who joined then.
MEMBERS = {290: "Uma Hill", 200: "Vic Roth", 120: "Wim Bos", 30: "Xena Adler"}


class Silently:
    """A stand-in whose objects change without events."""

    def __init__(self, stripe):
        self.stripe = stripe
        self.create = partial(stripe.create, silent=True)

    def __getattr__(self, name):
        return getattr(self.stripe, name)

    def update(self, stripe_id, **changes):
        changes.pop("type", None)
        return self.stripe.update(stripe_id, silent=True, **changes)


def happen(stripe):
    """Members join, and pay for a year; afterwards the stand-in's clock is where it was."""
    end, silently = stripe.now, Silently(stripe)
    stripe.now = end - YEAR
    shop.offer(silently, "Patron", 4800)
    recurring = {**stripe.get("price_patron")["recurring"], "interval": "year"}
    silently.update("price_patron", recurring=recurring)
    for days, name in MEMBERS.items():
        stripe.now = end - days * shop.DAY
        join(silently, name)
    stripe.now = end


def join(stripe, name):
    """A customer with a card, a subscription for a year, and its first invoice, which is paid."""
    key = name.partition(" ")[0].lower()
    shop.sign_up(stripe, name)
    shop.add_card(stripe, key)
    shop.subscribe(stripe, key, "price_patron")
    [item] = stripe.get(f"sub_{key}")["items"]["data"]
    stripe.update(f"sub_{key}", items=[{**item, "current_period_end": stripe.now + YEAR}])
    life.start(stripe, key)
