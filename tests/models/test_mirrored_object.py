"""`event.mirrored_object`: the row of what an event is about."""

import pytest
from django.apps import apps

from pinax.stripe.catalogue.effects import Effect, effect_of
from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import Customer, Event, Invoice
from pinax.stripe.testing import build_event, build_object, post_event

pytestmark = pytest.mark.django_db(transaction=True)
#: Object type -> an event type that tells of such objects.
KINDS = {
    name: kind
    for kind, event_type in EVENT_TYPES.items()
    for name in event_type.object_types
    if effect_of(kind) is Effect.CHANGED and OBJECT_TYPES[name].has_id and OBJECT_TYPES[name].is_kept
}


def received(client, stripe, kind, data, **fields):
    """An event that Stripe made, after it was processed."""
    event = build_event(kind, data, **fields)
    stripe.add_event(event, account=fields.get("account", ""))
    assert post_event(client, event).status_code == 200
    return Event.objects.get(stripe_id=event["id"])


@pytest.mark.parametrize("name", KINDS)
def test_the_row_is_found_for_every_type_in_one_query(client, fake_stripe, name, django_assert_num_queries):
    fields = {"customer": "cus_9"} if OBJECT_TYPES[name].is_customer_owned else {}
    event = received(client, fake_stripe, KINDS[name], build_object(name, id="x_1", **fields))
    with django_assert_num_queries(1):
        row = event.mirrored_object
    assert type(row) is apps.get_model("pinax_stripe", OBJECT_TYPES[name].model or "OtherObject")
    assert row.stripe_id == "x_1"


def test_the_mirrored_object_is_the_row_as_it_is_now(client, fake_stripe):
    fake_stripe.create("invoice", id="in_1", status="draft")
    fake_stripe.advance(5)
    fake_stripe.update("in_1", status="open")
    fake_stripe.deliver_to(client)
    event = Event.objects.get(kind="invoice.created")
    assert event.object["status"] == "draft"
    assert event.mirrored_object.status == "open"
    Invoice.objects.update(status="paid")
    assert event.mirrored_object.status == "paid"


def test_a_deleted_object_still_has_its_row(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.advance(5)
    fake_stripe.delete("cus_1")
    fake_stripe.deliver_to(client)
    event = Event.objects.get(kind="customer.deleted")
    assert event.mirrored_object == Customer.all_objects.get()
    assert event.mirrored_object.is_deleted


def test_the_mirrored_object_is_that_of_the_connected_account(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", account="acct_1")
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.deliver_to(client)
    assert Event.objects.get(stripe_account="acct_1").mirrored_object.pk == "acct_1/cus_1"
    assert Event.objects.get(stripe_account="").mirrored_object.pk == "cus_1"


def test_a_preview_has_none(client, fake_stripe, django_assert_num_queries):
    preview = received(client, fake_stripe, "invoice.upcoming", None)
    with django_assert_num_queries(0):
        assert preview.mirrored_object is None


def test_an_event_that_stripe_did_not_confirm_has_no_mirrored_object(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.deliver_to(client)
    forged = build_event("customer.updated", build_object("customer", id="cus_1"))
    assert post_event(client, forged).status_code == 400
    assert Event.objects.get(valid=False).mirrored_object is None


@pytest.mark.parametrize(
    ("kind", "data", "customer"),
    [
        ("customer.updated", {"object": "customer", "id": "cus_1"}, "cus_1"),
        ("customer.tax_id.created", {"object": "tax_id", "id": "txi_1", "owner": {"customer": "cus_1"}}, "cus_1"),
        (
            "identity.verification_session.verified",
            {"object": "identity.verification_session", "id": "vs_1", "related_customer": "cus_1"},
            "cus_1",
        ),
        (
            "financial_connections.account.created",
            {"object": "financial_connections.account", "id": "fca_1", "account_holder": {"customer": "cus_1"}},
            "cus_1",
        ),
        ("account.updated", {"object": "account", "id": "acct_1", "customer": "cus_1"}, None),
        ("hologram.created", {"object": "hologram", "id": "h_1", "customer": {"id": "cus_1"}}, "cus_1"),
    ],
)
def test_the_customer_of_an_event_is_named_where_the_table_says(client, fake_stripe, kind, data, customer):
    assert received(client, fake_stripe, kind, data).customer_id == customer


def test_a_thin_event_about_a_customer_has_it_in_its_account(client, fake_stripe):
    event = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v1.customer.updated",
        "created": "2026-10-01T10:00:00.123Z",
        "livemode": False,
        "context": "acct_1/acct_2",
        "related_object": {"id": "cus_1", "type": "customer", "url": "/v1/customers/cus_1"},
    }
    fake_stripe.create("customer", id="cus_1", account="acct_2", silent=True)
    fake_stripe.add_event(event, account="acct_2")
    assert post_event(client, event).status_code == 200
    row = Event.objects.get()
    assert row.customer_id == "acct_2/cus_1"
    assert row.mirrored_object == row.customer == Customer.objects.get()
