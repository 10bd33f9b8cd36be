"""What is on the pictures: Jenny's life as in the demo, a week of other customers, forgeries, and a bug."""

import linecache
import random
import types
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from pinax.stripe.models import Event
from pinax.stripe.testing import build_event, build_object
from pinax.stripe.upkeep.figures import keep_figures
from tests.demo import life, shop
from tests.demo.postman import Postman
from tests.demo.site import Site
from tests.demo.stand_in import StandIn

HANDLERS = Path(__file__).with_name("stripe_handlers.py")
#: Where the shop's receivers seem to be, so that a traceback does not tell whose machine made the pictures.
SHOWN_AS = "/srv/shop/members/stripe_handlers.py"
NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kim", "Lea", "Mia", "Nils", "Ole"]
SURNAMES = ["Berg", "Costa", "Diaz"]
HOUR = 60 * 60
WEEK = 7 * life.DAY
CUSTOMERS = 35
#: Number of a customer -> types of events that are not delivered; the catch-up finds them.
MISSED = {33: ["charge.succeeded", "invoice.paid"]}


def connect_handlers() -> None:
    """Let the shop's receivers run, as the module `members.stripe_handlers`."""
    source = HANDLERS.read_text(encoding="utf-8")
    linecache.cache[SHOWN_AS] = (len(source), None, source.splitlines(keepends=True), SHOWN_AS)
    module = types.ModuleType("members.stripe_handlers")
    exec(compile(source, SHOWN_AS, "exec"), vars(module))
    module.print = lambda *words: None
    # Receivers are held weakly.
    connect_handlers.kept = module


class Scene:
    """`with Scene() as scene:` … the site is up, and everything has happened."""

    def __enter__(self) -> "Scene":
        self.source = StandIn().__enter__()
        settings.PINAX_STRIPE_API_BASE = self.source.api_base
        self.site = Site().__enter__()
        connect_handlers()
        with self.source.passing():
            self.play()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.site.__exit__(*exc_info)
        self.source.__exit__(*exc_info)

    def play(self) -> None:
        """Everything, in order."""
        postman = Postman(self.send)
        stripe = self.source.stripe
        end = stripe.now + life.SPAN
        stripe.now -= WEEK
        for title, events in self.source.chapters():
            list(postman.deliver(events))
            if self.source.rest(title):
                list(postman.deliver([]))
        list(postman.finish())
        # So the first figure of revenue is older than a week.
        stripe.now = end - WEEK - life.DAY
        keep_figures()
        dice = random.Random(7)
        for number in range(CUSTOMERS):
            stripe.now = end - WEEK + number * (WEEK - 2 * HOUR) // CUSTOMERS + dice.randrange(HOUR)
            self.sign_up(number, dice)
            # As every night does; the last of a day stays.
            keep_figures()
        self.pay_out()
        stripe.now = end - HOUR
        self.forge()
        self.source.close_the_day()
        self.break_upgrade()

    def send(self, event: dict) -> int:
        """POST an event; the status of the answer."""
        return self.source.send(self.site.webhook, event)

    def sign_up(self, number: int, dice: random.Random) -> None:
        """A customer comes, takes a subscription and pays it."""
        stripe = self.source.stripe
        known = len(stripe.events)
        name, surname = NAMES[number % len(NAMES)], SURNAMES[number // len(NAMES)]
        key = f"{name.lower()}{number}"
        shop.sign_up(stripe, f"{name} {surname}", key)
        shop.add_card(stripe, key)
        shop.subscribe(stripe, key, dice.choice(["price_gold", "price_gold", "price_silver_2"]))
        life.start(stripe, key)
        for event in stripe.events[known:]:
            if event["type"] not in MISSED.get(number, ()):
                self.send(event)

    def pay_out(self) -> None:
        """Stripe sends money to the shop's bank."""
        stripe = self.source.stripe
        known = len(stripe.events)
        arrival = stripe.now + 2 * life.DAY
        stripe.create("payout", amount=48_310, currency="usd", status="in_transit", arrival_date=arrival)
        for event in stripe.events[known:]:
            self.send(event)

    def forge(self) -> None:
        """Post an altered event, a made-up one, and garbage."""
        stripe = self.source.stripe
        stripe.advance(600)
        genuine = stripe.update("cus_dan3", balance=0, description="Member since 2024")
        event = stripe.events[-1]
        altered = {
            **event,
            "data": {**event["data"], "object": {**genuine, "balance": -500000, "email": "me@evil.example"}},
        }
        with override_settings(PINAX_STRIPE_WEBHOOK_SECRETS=[]):
            self.send(altered)
            self.send(event)
            self.send(build_event("invoice.paid", build_object("invoice", id="in_forged", status="paid")))

    def break_upgrade(self) -> None:
        """Ada takes the plan that the shop's code does not know."""
        stripe = self.source.stripe
        stripe.advance(900)
        known = len(stripe.events)
        stripe.update("sub_ada0", metadata={"plan": "platinum"}, quantity=2)
        for event in stripe.events[known:]:
            self.send(event)

    # What the pictures show

    def done(self) -> Event:
        """The event whose receiver failed at first."""
        return Event.objects.filter(state="done", exceptions__isnull=False).order_by("pk")[0]

    def refused(self) -> Event:
        """The event that was altered."""
        return Event.objects.filter(reason="content_differs").order_by("pk")[0]

    def failed(self) -> Event:
        """The event about which a receiver raises."""
        return Event.objects.filter(state="failed").order_by("-pk")[0]
