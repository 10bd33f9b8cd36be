"""The shop's receivers: two for every event, so that there is something between them, and one for a type."""

from django.db.models import F

from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from tests.promises.shop.models import Effect, Tally

#: Receivers of every event.
EVERY = ("count", "book")


def count(event, **kwargs):
    """Add one to the tally of the event's type."""
    Effect.objects.create(receiver="count", event_id=event.stripe_id)
    Tally.objects.bulk_create([Tally(name=event.kind)], ignore_conflicts=True)
    Tally.objects.filter(name=event.kind).update(count=F("count") + 1)


def book(event, **kwargs):
    """Write the event down."""
    Effect.objects.create(receiver="book", event_id=event.stripe_id)


def thank(event, **kwargs):
    """Write down whom to thank."""
    Effect.objects.create(receiver="thank", event_id=event.stripe_id)


def connect():
    """Connect them all."""
    every_event.connect(count)
    every_event.connect(book)
    WEBHOOK_SIGNALS["customer.created"].connect(thank)


def disconnect():
    """Take them all off again."""
    every_event.disconnect(count)
    every_event.disconnect(book)
    WEBHOOK_SIGNALS["customer.created"].disconnect(thank)
