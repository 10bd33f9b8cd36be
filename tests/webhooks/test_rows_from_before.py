"""Events that were recorded before migration 0015 have their text as bytes, and are processed like any other."""

import pytest
from django.db import connection

from pinax.stripe.models import Customer, Event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.upkeep.sweeper import keys_in_order, sweep, undone_events
from pinax.stripe.webhooks import at_once, processing
from pinax.stripe.webhooks.processing import Outcome, process
from tests import backlog

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RETRIES = 0
    settings.PINAX_STRIPE_API_RATE = 10_000
    return fake_stripe


def make_old():
    """Have all rows keep their documents as they did before."""
    for row in Event.objects.all():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pinax_stripe_event SET body = %s, webhook_message = NULL WHERE id = %s",
                [bytes(row.body), row.pk],
            )


@pytest.fixture
def waiting(client, stripe):
    """The key of a waiting event that was recorded before."""
    stripe.create("customer", id="cus_1")
    stripe.fail(times=1)
    post_event(client, stripe.events[-1])
    make_old()
    return Event.objects.get(valid=None).pk


@pytest.mark.parametrize("is_at_once", [True, False])
def test_a_receiver_that_failed_gets_the_message_again(stripe, waiting, connect, monkeypatch, is_at_once):
    seen = []

    def receiver(event, **kwargs):
        seen.append(event.message["data"]["object"]["id"])
        if len(seen) == 1:
            raise ValueError

    connect(receiver, uid="receiver")
    if not is_at_once:
        monkeypatch.setattr(at_once, "is_plain", lambda *args: False)
    assert [process(waiting), process(waiting)] == [Outcome.FAILED, Outcome.DONE]
    assert seen == ["cus_1", "cus_1"]


def test_what_is_killed_after_the_verdict_is_mirrored_by_the_next(stripe, waiting, monkeypatch):
    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(at_once, "is_plain", lambda *args: False)
    monkeypatch.setattr(processing, "mirror_and_announce", killed)
    with pytest.raises(KeyboardInterrupt):
        process(waiting)
    monkeypatch.undo()
    assert Event.objects.get().valid
    assert process(waiting) is Outcome.DONE
    assert Customer.objects.get().pk == "cus_1"


def test_a_batch_of_them_keeps_its_messages(client, stripe):
    for number in range(12):
        stripe.create("customer", id=f"cus_{number}")
    backlog.wait(client, stripe, stripe.events)
    make_old()
    assert {outcome for _key, outcome in sweep(keys_in_order(undone_events()))} == {Outcome.DONE}
    assert all(event.object["id"].startswith("cus_") for event in Event.objects.all())
    assert Customer.objects.count() == 12


def test_one_that_was_refused_and_is_asked_about_again_has_a_message(client, stripe):
    stripe.create("customer", id="cus_1")
    stripe.fail(status=404)
    post_event(client, stripe.events[-1])
    make_old()
    process_again(Event.objects.get().pk)
    assert Event.objects.get().object["id"] == "cus_1"
