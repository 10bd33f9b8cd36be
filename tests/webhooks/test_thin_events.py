"""Thin events name an object instead of carrying it; it is fetched, and never from an address in the event."""

import pytest

from pinax.stripe.models import Customer, Event, Subscription
from pinax.stripe.signals import every_event
from pinax.stripe.testing import post_event
from pinax.stripe.testing.builders.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)


def thin(stripe, kind, stripe_id, created="2026-10-01T10:00:00.123Z", **fields):
    """A thin event that Stripe knows."""
    name = fields.pop("name", stripe_id.split("_")[0])
    event = {
        "id": new_id("event"),
        "object": "v2.core.event",
        "type": kind,
        "created": created,
        "livemode": False,
        "related_object": {"id": stripe_id, "type": name, "url": "//evil.example/v1/x"},
        **fields,
    }
    stripe.add_event({**event, "changes": {}}, account=(fields.get("context") or "").rpartition("/")[2])
    return event


def test_the_object_that_a_thin_event_names_is_fetched_and_mirrored(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com", silent=True)
    assert post_event(client, thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer")).status_code == 200
    assert Customer.objects.get().email == "jenny@example.com"
    # A thin event does not say what changed, so the entries of the balance are listed, too.
    paths = ["/v1/customers/cus_1", "/v1/customers/cus_1/balance_transactions"]
    assert [request.path for request in fake_stripe.requests][1:] == paths


def test_the_snapshot_twin_of_a_thin_event_adds_nothing_and_both_are_announced(client, fake_stripe):
    seen = []

    def receiver(event, **kwargs):
        seen.append(event.kind)

    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    every_event.connect(receiver, weak=False, dispatch_uid="twin")
    try:
        for event in (fake_stripe.events[0], thin(fake_stripe, "v1.customer.created", "cus_1", name="customer")):
            assert post_event(client, event).status_code == 200
    finally:
        every_event.disconnect(dispatch_uid="twin")
    assert seen == ["customer.created", "v1.customer.created"]
    assert Customer.objects.get().email == "jenny@example.com"


def test_a_deleted_object_leaves_a_tombstone(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    fake_stripe.delete("cus_1")
    post_event(client, thin(fake_stripe, "v1.customer.deleted", "cus_1", name="customer"))
    assert Customer.all_objects.get().is_deleted
    post_event(client, thin(fake_stripe, "v1.product.deleted", "prod_1", name="product"))
    assert Event.objects.filter(processed=True).count() == 2


def test_an_old_snapshot_does_not_overwrite_what_was_fetched(client, fake_stripe):
    fake_stripe.now_offset = None
    fake_stripe.create("subscription", id="sub_1", status="incomplete")
    fake_stripe.events[0]["created"] -= 60
    fake_stripe.update("sub_1", status="active", silent=True)
    post_event(client, thin(fake_stripe, "v1.customer.subscription.active", "sub_1", name="subscription"))
    post_event(client, fake_stripe.events[0])
    assert Subscription.objects.get().status == "active"


def test_the_object_of_a_thin_event_is_read_from_the_account_of_its_context(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com", account="acct_2", silent=True)
    event = thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer", context="acct_1/acct_2")
    assert post_event(client, event).status_code == 200
    assert Customer.objects.get().pk == "acct_2/cus_1"


@pytest.mark.parametrize(
    "related", [None, {"type": "balance", "url": "/v1/balance"}, {"id": "ba_1", "type": "bank_account"}, "x", 5]
)
def test_what_is_not_mirrored_is_announced_alone(client, fake_stripe, related):
    event = thin(fake_stripe, "v1.balance.available", "x", related_object=related)
    assert post_event(client, event).status_code == 200
    assert Event.objects.get().processed
    assert len(fake_stripe.requests) == 1


def test_while_the_object_cannot_be_read_the_event_is_not_done(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    event = thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer")
    fake_stripe.fail("/v1/customers", times=None)
    assert post_event(client, event).status_code == 503
    fake_stripe.clear_faults()
    assert post_event(client, event).status_code == 200
    assert Customer.objects.exists()


def test_an_answer_about_another_object_is_not_believed(client, fake_stripe):
    event = thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer")
    fake_stripe.fail("/v1/customers", 200, body={"id": "cus_2", "object": "customer"}, times=None)
    assert post_event(client, event).status_code == 503
    assert not Customer.all_objects.exists()
