"""Each promise of the pipeline, through the real view, against a Stripe that answers over HTTP."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pinax.stripe.models import (
    Customer,
    Event,
    Subscription,
    SubscriptionItem,
)
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.webhooks.base import Webhook
from pinax.stripe.webhooks.registry import registry
from tests.assertions import assert_event

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_genuine_event_is_recorded_validated_mirrored_announced_and_marked(client, created, connect):
    seen = []
    connect(lambda sender, event, **kwargs: seen.append((sender.__name__, event)), WEBHOOK_SIGNALS["customer.created"])
    response = post_event(client, created)
    event = Event.objects.get()
    assert response.status_code == 200
    assert_event(event, valid=True, processed=True, reason="", deliveries=1, attempts=1)
    assert event.message == created == json.loads(bytes(event.body))
    assert event.customer == Customer.objects.get(email="a@example.com")
    assert event.created_at.timestamp() == created["created"]
    assert seen == [("CustomerWebhook", event)]


@pytest.mark.parametrize("url", ["/stripe/webhook", "/stripe/webhook/"])
def test_the_address_answers_with_and_without_slash_and_needs_no_csrf_token_or_login(created, url):
    client = Client(enforce_csrf_checks=True)
    assert post_event(client, created, url=url).status_code == 200
    response = client.get(url)
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_a_handler_that_cannot_be_made_is_a_failure_on_record(client, created, monkeypatch):
    class Broken(Webhook):
        def __init__(self, event):
            raise ValueError("broken")

    monkeypatch.setitem(registry._handlers, "customer.created", Broken)
    assert post_event(client, created).status_code == 500
    event = Event.objects.get()
    assert (event.state, event.exceptions.get().data) == ("failed", "handler")


@pytest.mark.parametrize("items", [1, 20])
def test_an_event_costs_at_most_fifteen_queries_and_one_call(client, fake_stripe, django_assert_max_num_queries, items):
    parts = [build_object("subscription_item", subscription="sub_1", quantity=1) for _ in range(items)]
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", items=parts)
    with django_assert_max_num_queries(15):
        assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert Subscription.objects.get().items.count() == items
    assert fake_stripe.calls() == (1 if items == 1 else 2)


def old_customer(count):
    """A customer as API versions before 2020-08-27 have it, with cards and subscriptions inside."""
    cards = [build_object("card", id=f"card_{number}", customer="cus_1") for number in range(count)]
    subscriptions = [
        build_object(
            "subscription",
            id=f"sub_{number}",
            customer="cus_1",
            items=[build_object("subscription_item", id=f"si_{number}", subscription=f"sub_{number}")],
        )
        for number in range(count)
    ]
    lists = {"sources": cards, "subscriptions": subscriptions}
    return {name: {"object": "list", "data": data, "has_more": False} for name, data in lists.items()}


def test_objects_inside_another_cost_the_same_however_many_they_are(client, fake_stripe):
    costs = {}
    for count in (1, 10):
        for number in range(2):
            fake_stripe.now = 1_700_000_000 + 100 * count + number
            fake_stripe.emit("customer.updated", build_object("customer", id="cus_1", **old_customer(count)))
            with CaptureQueriesContext(connection) as queries:
                assert post_event(client, fake_stripe.events[-1]).status_code == 200
            costs[count, number] = len(queries)
    assert costs[10, 1] == costs[1, 1] <= 22
    assert len(Customer.objects.get().cards) == Subscription.objects.count() == SubscriptionItem.objects.count() == 10


def test_a_handled_event_writes_nothing_at_stripe(client, fake_stripe, created):
    post_event(client, created)
    fake_stripe.delete("cus_1")
    post_event(client, fake_stripe.events[-1])
    assert {request.method for request in fake_stripe.requests} == {"GET"}
