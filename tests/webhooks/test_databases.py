"""The pipeline where a router sends its tables to another database than the default one."""

import pytest
from django.db import connections
from django.urls import path

from pinax.stripe.models import Customer, Event, ReceiverCall
from pinax.stripe.signals import every_event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.views import WebhookView
from pinax.stripe.webhooks.handlers import CustomerWebhook

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])


class Router:
    def db_for_read(self, model, **hints):
        return "other" if model._meta.app_label == "pinax_stripe" else None

    db_for_write = db_for_read


urlpatterns = []


@pytest.fixture(autouse=True)
def router(settings, fake_stripe):
    settings.DATABASE_ROUTERS = [Router()]
    fake_stripe.create("customer", id="cus_1")
    urlpatterns[:] = [path("webhook/", WebhookView.as_view(), name="pinax_stripe_webhook")]
    settings.ROOT_URLCONF = __name__


def test_an_event_is_done_there(client, fake_stripe):
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    process_again(Event.objects.get().pk)
    event = Event.objects.using("other").get()
    assert (event.processed, Customer.objects.using("other").get().pk) == (True, "cus_1")
    assert not Event.objects.using("default").exists()


def test_half_a_mirror_is_rolled_back_there(client, fake_stripe, monkeypatch):
    process_webhook = CustomerWebhook.process_webhook

    def fails(self):
        process_webhook(self)
        raise ValueError("a bug")

    monkeypatch.setattr(CustomerWebhook, "process_webhook", fails)
    assert post_event(client, fake_stripe.events[0]).status_code == 500
    assert not Customer.all_objects.exists()
    assert Event.objects.get().mirrored_at is None


def test_a_receiver_is_rolled_back_and_called_again_there(client, fake_stripe, connect):
    def fails_once(event, **kwargs):
        Customer.objects.filter(pk="cus_1").update(description="+")
        if event.failures == 0:
            raise ValueError("a bug")

    connect(fails_once, every_event, uid="receiver")
    assert post_event(client, fake_stripe.events[0]).status_code == 500
    assert (Customer.objects.get().description, Event.objects.get().processed) == ("", False)
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    assert (Customer.objects.get().description, ReceiverCall.objects.count()) == ("+", 1)


def test_atomic_requests_there_do_not_take_the_record_of_a_failure_away(client, fake_stripe, connect):
    def fails(event, **kwargs):
        raise ValueError("a bug")

    connect(fails, every_event, uid="receiver")
    connections["other"].settings_dict["ATOMIC_REQUESTS"] = True
    try:
        assert post_event(client, fake_stripe.events[0]).status_code == 500
    finally:
        connections["other"].settings_dict["ATOMIC_REQUESTS"] = False
    assert Event.objects.get().failures == 1
