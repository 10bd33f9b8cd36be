"""`stripe_rebuild --from-events` makes the rows that the events made, calls no receiver, and goes on after a stop."""

import random
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from pinax.stripe.backfill import from_events
from pinax.stripe.models import Customer, Event, MirroredObject
from pinax.stripe.signals import every_event
from pinax.stripe.testing import post_event
from tests import databases
from tests.promises.mirror_check import check_converged
from tests.promises.world import LivingStripe, World, live_through_days

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3600
#: What says how often and when a row was written, and not what Stripe says.
OF_WRITING = {"synced_at", "version", "as_of", "as_of_end"}
#: Tables with rows of what other objects show: what an item showed that is gone by now cannot be read any more.
SHOWN = {"Price", "Product", "Plan", "Coupon"}


def rebuild(*names):
    """What the command prints."""
    out = StringIO()
    call_command("stripe_rebuild", "--from-events", *names, stdout=out)
    return out.getvalue().strip()


def rows():
    """All rows of the mirror but tombstones, by table and key."""
    return {
        (model.__name__, row.pk): {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if field.name not in OF_WRITING
        }
        for model in MirroredObject.__subclasses__()
        for row in model.objects.all()
    }


def clear_mirror():
    for model in MirroredObject.__subclasses__():
        model.all_objects.all()._raw_delete("default")


def lived_through(stripe, rng):
    """A world whose events have all arrived, in an order of chance."""
    world = World(stripe)
    live_through_days(world, rng, 6, days=5, until=int(time.time()) - 60)
    events = [*stripe.events]
    rng.shuffle(events)
    client = Client()
    for event in events:
        assert post_event(client, event).status_code == 200
    return world


def test_the_rows_are_those_that_the_events_made(by_size, seed, settings):
    for number in range(seed, seed + by_size(quick=2, short=10, long=100)):
        databases.empty()
        with LivingStripe() as stripe:
            for name, value in {**stripe.settings, "PINAX_STRIPE_API_RATE": 10_000}.items():
                setattr(settings, name, value)
            world = lived_through(stripe, random.Random(number))
            check_converged(world)
            before = rows()
            clear_mirror()
            rebuild()
            check_converged(world)
            after = rows()
        assert {table for table, _key in before.keys() ^ after.keys()} <= SHOWN, f"--first-seed={number}"
        for key in before.keys() & after.keys():
            assert after[key] == before[key], f"--first-seed={number}"


@pytest.fixture
def customers(client, fake_stripe, settings):
    """Three customers, each with two events that are done, and no row."""
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time()) - HOUR
    for number in range(3):
        fake_stripe.create("customer", id=f"cus_{number}", email="old@example.com")
        fake_stripe.advance(1)
        fake_stripe.update(f"cus_{number}", email=f"{number}@example.com")
        fake_stripe.advance(1)
    for event in fake_stripe.events:
        post_event(client, event)
    Customer.all_objects.all().delete()
    return fake_stripe


def emails():
    return dict(Customer.objects.values_list("pk", "email"))


def test_no_receiver_is_called_and_the_events_stay_as_they_are(customers, connect):
    connect(lambda event, **kwargs: pytest.fail("called"), every_event, uid="never")
    before = list(Event.objects.values())
    customers.reset_requests()
    assert rebuild() == "Mirrored 6 events again: 6 rows changed."
    assert emails() == {f"cus_{number}": f"{number}@example.com" for number in range(3)}
    assert list(Event.objects.values()) == before
    assert not customers.requests


def test_a_row_that_is_newer_than_its_events_stays(customers):
    rebuild()
    customers.now = int(time.time())
    customers.update("cus_1", silent=True, email="new@example.com")
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    assert rebuild("customer") == "Mirrored 6 events again: 0 rows changed."
    assert emails()["cus_1"] == "new@example.com"


def test_a_rebuild_that_was_stopped_goes_on(customers, monkeypatch):
    monkeypatch.setattr(from_events, "BATCH_EVENTS", 2)
    steps = from_events.rebuild_from_events()
    next(steps)
    next(steps)
    steps.close()
    assert len(emails()) == 2
    Customer.all_objects.all().delete()
    assert rebuild() == "Mirrored 6 events again: 2 rows changed."
    assert list(emails()) == ["cus_2"]
    assert rebuild() == "Mirrored 6 events again: 4 rows changed."  # A new one begins at the beginning.


def test_only_the_types_that_are_named_are_made_anew(client, customers):
    customers.create("charge", id="ch_1")
    post_event(client, customers.events[-1])
    assert rebuild("charge") == "Mirrored 1 events again: 0 rows changed."
    assert emails() == {}


def test_what_cannot_be_mirrored_does_not_stop_the_rest(customers, monkeypatch):
    write = from_events.mirror_event

    def failing(handler):
        if handler.event.object_id == "cus_1":
            raise ValueError("a bug")
        return write(handler)

    monkeypatch.setattr(from_events, "mirror_event", failing)
    with pytest.raises(CommandError, match="2 events could not be mirrored"):
        rebuild()
    assert sorted(emails()) == ["cus_0", "cus_2"]
