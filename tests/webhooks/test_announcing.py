"""Receivers hear of every valid event once, in order, and each for itself."""

import pytest
from django.db import connection, transaction

from pinax.stripe.models import (
    Customer,
    Event,
    EventProcessingException,
    Invoice,
    ReceiverCall,
)
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event, failed_event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.webhooks.processing import Outcome
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db(transaction=True)


def boom(event, **kwargs):
    """A receiver with a bug."""
    Customer.all_objects.filter(pk="cus_1").update(phone="written by boom")
    raise ValueError("boom")


def writes(event, **kwargs):
    """A receiver that works; counts its calls in the database."""
    customer = Customer.all_objects.get(pk="cus_1")
    Customer.all_objects.filter(pk="cus_1").update(description=customer.description + "+")


def test_a_receiver_that_raises_is_the_only_one_called_again(client, created, connect):
    told = []
    connect(lambda event, exceptions, **kwargs: told.extend(exceptions), failed_event)
    signal = WEBHOOK_SIGNALS["customer.created"]
    connect(boom, signal)
    connect(writes, signal)
    assert post_event(client, created).status_code == 500
    customer, event = Customer.objects.get(), Event.objects.get()
    assert_row(customer, email="a@example.com", phone="", description="+")
    assert (event.valid, event.processed) == (True, False)
    exception = EventProcessingException.objects.get()
    assert exception.message == "ValueError: boom"
    assert exception.data.endswith("test_announcing.boom")
    assert "def boom" not in exception.message
    assert 'raise ValueError("boom")' in exception.traceback
    assert told == [exception]
    signal.disconnect(boom)
    assert post_event(client, created).status_code == 200
    assert Customer.objects.get().description == "+"
    assert Event.objects.get().processed


def test_receivers_run_in_the_order_of_connection_sync_and_async(client, created, connect):
    order = []

    async def second(**kwargs):
        order.append("second")

    connect(lambda **kwargs: order.append("last"), every_event)
    connect(lambda **kwargs: order.append("first"), WEBHOOK_SIGNALS["customer.created"])
    connect(second, WEBHOOK_SIGNALS["customer.created"])
    connect(lambda **kwargs: order.append("third"), WEBHOOK_SIGNALS["customer.created"])
    post_event(client, created)
    assert order == ["first", "second", "third", "last"]


def test_an_on_commit_callback_that_raises_does_not_undo_the_event(client, created, connect):
    def receiver(**kwargs):
        transaction.on_commit(boom_after_commit)

    def boom_after_commit():
        raise ValueError("mail server down")

    connect(receiver, every_event)
    assert post_event(client, created).status_code == 200
    assert Event.objects.get().processed
    assert EventProcessingException.objects.get().data == "after commit"


@pytest.mark.parametrize("status", [200, 500], ids=["all are done", "a later receiver raises"])
def test_an_on_commit_callback_that_raises_does_not_stop_those_of_others(client, created, connect, status):
    sent = []

    def boom(**kwargs):
        raise ValueError("a bug")

    connect(lambda **kwargs: transaction.on_commit(lambda: sent.append("first")), every_event)
    connect(lambda **kwargs: transaction.on_commit(boom), every_event)
    connect(lambda **kwargs: transaction.on_commit(lambda: sent.append("last")), every_event)
    if status == 500:
        connect(boom, every_event)
    assert post_event(client, created).status_code == status
    assert sent == ["first", "last"]
    assert EventProcessingException.objects.filter(data="after commit").count() == 1


def test_a_receiver_imported_twice_runs_once(client, created, connect):
    connect(writes, every_event)
    copy = type(writes)(writes.__code__, writes.__globals__, "writes")
    copy.__qualname__ = writes.__qualname__
    connect(copy, every_event)
    post_event(client, created)
    assert Customer.objects.get().description == "+"


def test_a_type_newer_than_this_release_is_stored_signalled_and_mirrored(client, fake_stripe, connect):
    seen = []
    connect(lambda event, **kwargs: seen.append(event.kind), every_event)
    fake_stripe.emit("customer.teleported", build_object("customer", id="cus_9", warp="☃"))
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert seen == ["customer.teleported"]
    assert Customer.objects.get().stripe_data["warp"] == "☃"


def test_a_type_without_handler_and_receivers_is_fine(client, fake_stripe):
    fake_stripe.emit("balance.available", {"object": "balance", "available": []})
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert Event.objects.get().processed


def test_a_misspelt_type_raises():
    with pytest.raises(KeyError, match="no event type"):
        WEBHOOK_SIGNALS["invoice.payed"]


def test_a_thin_event_is_validated_and_announced(client, fake_stripe, connect):
    seen = []
    connect(lambda event, **kwargs: seen.append(event.kind), every_event)
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "created": "2026-10-01T10:00:00.123Z",
        "livemode": False,
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
    fake_stripe.add_event({**thin, "changes": {}})
    assert post_event(client, thin).status_code == 200
    assert seen == ["v2.core.account[requirements].updated"]


@pytest.mark.parametrize("data", [{"object": "invoice"}, {"object": "invoice", "id": "upcoming_in_1"}])
def test_an_invoice_that_is_only_foreseen_is_announced_and_not_mirrored(client, fake_stripe, connect, data):
    seen = []
    connect(lambda event, **kwargs: seen.append(event.object), WEBHOOK_SIGNALS["invoice.upcoming"])
    event = fake_stripe.add_event(build_event("invoice.upcoming", {**data, "amount_due": 1}, livemode=False))
    assert post_event(client, event).status_code == 200
    assert (seen, Invoice.all_objects.count()) == ([{**data, "amount_due": 1}], 0)


@pytest.mark.parametrize(
    "data",
    [{"object": "invoice", "amount_due": 1}, {"object": "balance", "livemode": False}, {}],
    ids=lambda data: data.get("object", "nothing"),
)
@pytest.mark.parametrize("kind", ["invoice.created", "balance.available", "customer.updated", "customer.deleted"])
def test_an_object_without_an_id_is_announced_and_has_no_row(client, fake_stripe, connect, kind, data):
    seen = []
    connect(lambda event, **kwargs: seen.append(event.object), every_event)
    event = fake_stripe.add_event(build_event(kind, data, livemode=False))
    assert post_event(client, event).status_code == 200
    assert (seen, Event.objects.get().state) == ([data], "done")


def test_atomic_requests_do_not_take_the_record_of_a_failure_away(client, created, connect):
    connect(boom, every_event)
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        assert post_event(client, created).status_code == 500
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert Event.objects.count() == EventProcessingException.objects.count() == 1


def test_process_again_starts_over(client, created, connect):
    connect(writes, every_event)
    post_event(client, created)
    assert process_again(Event.objects.get().pk) is Outcome.DONE
    assert Customer.objects.get().description == "++"
    assert ReceiverCall.objects.count() == 1
