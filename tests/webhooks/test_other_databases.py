"""A database without a conditional upsert does the same in more statements."""

import pytest
from django.db import connection

from pinax.stripe.models import Customer, Event, SubscriptionItem
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.webhooks import event_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def has_no_conditional_upsert(monkeypatch):
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    assert not event_rows.is_quick()


def test_an_event_is_done_and_its_duplicate_counted(client, fake_stripe, connect):
    calls = []
    connect(lambda event, **kwargs: calls.append(event.stripe_id), uid="receiver")
    fake_stripe.create("customer", id="cus_1", name="Ada")
    for _ in range(3):
        assert post_event(client, fake_stripe.events[0]).status_code == 200
    row = Event.objects.get()
    assert (row.state, row.deliveries, row.steps.count(), calls) == ("done", 3, 4, [row.stripe_id])
    assert Customer.objects.get().name == "Ada"


def test_a_forgery_of_a_done_event_is_refused_without_a_call(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    genuine = fake_stripe.events[0]
    post_event(client, genuine)
    forged = {**genuine, "data": {"object": build_object("customer", id="cus_1", balance=-100)}}
    assert post_event(client, forged).status_code == 400
    assert list(Event.objects.order_by("pk").values_list("valid", flat=True)) == [True, False]
    assert fake_stripe.calls() == 1


def test_late_news_is_dropped_and_a_shorter_list_is_followed(client, fake_stripe):
    items = [build_object("subscription_item", id=f"si_{number}", subscription="sub_1") for number in range(2)]
    fake_stripe.create("subscription", id="sub_1", items=items)
    fake_stripe.advance(1)
    fake_stripe.update("sub_1", items={"object": "list", "data": items[:1], "has_more": False})
    for event in (*fake_stripe.events, fake_stripe.events[0]):
        assert post_event(client, event).status_code == 200
    assert [item.pk for item in SubscriptionItem.objects.all()] == ["si_0"]
