"""Two workers that create one row at the same moment: the database decides which was first, and no snapshot is lost."""

import datetime
import threading

import pytest
import pytz
from django.db import connection, transaction

from pinax.stripe.models import Customer, Subscription, SubscriptionItem
from pinax.stripe.sync import embedded, row_writers, writing
from pinax.stripe.sync.snapshots import SyncContext
from pinax.stripe.testing import build_object

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=pytz.utc)


@pytest.fixture
def still(monkeypatch):
    """Our clock stands still, as a coarse one does between two ticks."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def told(data, second):
    """A worker writes what an event of a second says."""
    with transaction.atomic():
        writing.sync_object(data, SyncContext(as_of=NOON + datetime.timedelta(seconds=second)))


def customer(name, items=()):
    items = [build_object("subscription_item", id=stripe_id, subscription="sub_1") for stripe_id in items]
    embedded = build_object("subscription", id="sub_1", customer="cus_1", items=items, description=name)
    subscriptions = {"object": "list", "data": [embedded], "has_more": False}
    return {**build_object("customer", id="cus_1", name=name), "subscriptions": subscriptions}


@pytest.mark.parametrize("has_conditional_upsert", [True, False])
@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_who_comes_second_knows_it_however_coarse_the_clock(still, monkeypatch, first, second, has_conditional_upsert):
    """Between the look for the row, where there is one, and its insertion another worker is through."""
    values, waiting = row_writers.row_values, [1]

    def late(*args):
        if waiting:
            waiting.clear()
            told(customer(f"news {first}"), first)
        return values(*args)

    monkeypatch.setattr(row_writers, "has_conditional_upsert", lambda connection: has_conditional_upsert)
    monkeypatch.setattr(row_writers, "row_values", late)
    told(customer(f"news {second}"), second)
    assert Customer.objects.get().name == "news 2"


def test_the_parts_of_an_embedded_object_are_those_of_the_first_writer(still, monkeypatch):
    """What is embedded loses against another worker's row, with all its parts."""
    lock, waiting = embedded.locked_rows, [1]

    def late(model, keys):
        rows = lock(model, keys)
        if model is Subscription and waiting:
            waiting.clear()
            told(customer("theirs", ["si_1"])["subscriptions"]["data"][0], 1)
        return rows

    monkeypatch.setattr(embedded, "locked_rows", late)
    told(customer("ours", ["si_2"]), 0)
    assert Subscription.objects.get().stripe_data["description"] == "theirs"
    assert [item.pk for item in SubscriptionItem.objects.all()] == ["si_1"]


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL database")
@pytest.mark.parametrize("number", range(10))
def test_two_workers_that_insert_at_the_same_moment_lose_nothing(still, number):
    start = threading.Barrier(2)

    def work(second):
        try:
            start.wait()
            told(customer(f"news {second}"), second)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(second,)) for second in ((1, 2), (2, 1))[number % 2]]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Customer.objects.get().name == "news 2"
