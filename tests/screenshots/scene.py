"""What is on the pictures: Jenny's life as in the demo, a week of other customers, forgeries, and a bug."""

import io
import linecache
import random
import types
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from pinax.stripe.models import Event, EventStep
from pinax.stripe.testing import build_event, build_object
from pinax.stripe.testing.delivery import body_of, headers_of, send
from tests.demo import life
from tests.demo.postman import Postman
from tests.demo.site import Site
from tests.demo.stand_in import SECRET, StandIn

HANDLERS = Path(__file__).with_name("stripe_handlers.py")
#: Where the shop's receivers seem to be, so that a traceback does not tell whose machine made the pictures.
SHOWN_AS = "/srv/shop/members/stripe_handlers.py"
NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kim", "Lea", "Mia", "Nils", "Ole"]
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
        #: How long ago, by the stand-in's clock, the last POST left.
        self.way = timedelta()
        # The webhook's clock follows the stand-in's, or everything would have come within one minute.
        # A default took hold of the real one when its field was made.
        step_at = EventStep._meta.get_field("at")
        with mock.patch("django.utils.timezone.now", self.now), mock.patch.object(step_at, "_get_default", self.now):
            self.play()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.site.__exit__(*exc_info)
        self.source.__exit__(*exc_info)

    def now(self) -> datetime:
        """The stand-in's clock, and a moment for the way: nothing takes no time."""
        self.way += timedelta(milliseconds=7)
        return datetime.fromtimestamp(self.source.stripe.now, timezone.utc) + self.way

    def play(self) -> None:
        """Everything, in order."""
        postman = Postman(self.send)
        stripe = self.source.stripe
        end = stripe.now + 66 * life.DAY
        stripe.now -= 20 * life.DAY
        for _title, events in self.source.chapters():
            list(postman.deliver(events))
        list(postman.finish())
        stripe.update("price_gold", active=True, silent=True)
        dice = random.Random(7)
        for number in range(CUSTOMERS):
            stripe.now = end - WEEK + number * (WEEK - 2 * HOUR) // CUSTOMERS + dice.randrange(HOUR)
            self.sign_up(number, dice)
        stripe.now = end - HOUR
        self.forge()
        call_command("stripe_catch_up", "--since", "1d", "--verbosity", "0", stdout=io.StringIO())
        self.break_upgrade()

    def send(self, event: dict) -> int:
        """POST an event, signed by the stand-in's clock; the status of the answer."""
        self.way = timedelta(milliseconds=300)
        body = body_of(event)
        return send(self.site.webhook, body, headers_of(body, SECRET, self.source.stripe.now))

    def sign_up(self, number: int, dice: random.Random) -> None:
        """A customer comes, takes a subscription and pays it."""
        stripe = self.source.stripe
        known = len(stripe.events)
        name = NAMES[number % len(NAMES)]
        customer, subscription, invoice = f"cus_{number}", f"sub_{number}", f"in_m{number}"
        stripe.create("customer", id=customer, name=f"{name} Example", email=f"{name.lower()}{number}@example.com")
        stripe.create("payment_method", id=f"pm_{number}", customer=customer)
        price = stripe.get("price_gold")
        item = build_object("subscription_item", id=f"si_{number}", subscription=subscription, price=price)
        stripe.create("subscription", id=subscription, customer=customer, status="incomplete", items=[item])
        amount = dice.choice([1500, 2000, 2000, 4000])
        stripe.create("invoice", id=invoice, customer=customer, total=amount, amount_due=amount)
        stripe.create("charge", id=f"ch_m{number}", customer=customer, payment_method=f"pm_{number}", amount=amount)
        stripe.update(invoice, status="paid", amount_paid=amount, amount_remaining=0, type="invoice.paid")
        stripe.update(subscription, status="active", latest_invoice=invoice)
        for event in stripe.events[known:]:
            if event["type"] not in MISSED.get(number, ()):
                self.send(event)

    def forge(self) -> None:
        """Somebody alters an event, somebody invents one, and somebody posts garbage."""
        stripe = self.source.stripe
        stripe.advance(600)
        genuine = stripe.update("cus_3", balance=0, description="Member since 2024")
        event = stripe.events[-1]
        altered = {
            **event,
            "data": {**event["data"], "object": {**genuine, "balance": -500000, "email": "me@evil.example"}},
        }
        with override_settings(PINAX_STRIPE_WEBHOOK_SECRETS=[]):
            self.send(altered)
            self.send(event)
        invented = build_event("invoice.paid", build_object("invoice", id="in_forged", status="paid"))
        self.send(invented)

    def break_upgrade(self) -> None:
        """Ada takes the plan that the shop's code does not know."""
        stripe = self.source.stripe
        stripe.advance(900)
        known = len(stripe.events)
        stripe.update("sub_0", metadata={"plan": "platinum"}, quantity=2)
        for event in stripe.events[known:]:
            self.send(event)

    # What the pictures show

    def done(self) -> Event:
        """The event whose receiver failed at first."""
        return Event.objects.filter(state="done", exceptions__isnull=False).order_by("pk")[0]

    def refused(self) -> Event:
        """The event that somebody altered."""
        return Event.objects.filter(reason="content_differs").order_by("pk")[0]

    def failed(self) -> Event:
        """The event about which a receiver raises."""
        return Event.objects.filter(state="failed").order_by("-pk")[0]
