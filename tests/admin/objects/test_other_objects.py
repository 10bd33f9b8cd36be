"""Staff find objects that have no table of their own, whatever these say."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from pinax.stripe.models import Event, OtherObject
from pinax.stripe.testing import build_object, post_event

LIST = reverse("admin:pinax_stripe_otherobject_changelist")
HOSTILE = {"status": "<script>\x00", "created": 10**30, "metadata": {"\ud800": "</script>", "big": 10**400}}


def page_of(row):
    return reverse("admin:pinax_stripe_otherobject_change", args=[quote(row.pk)])


def deliver(client, stripe, data, **kwargs):
    assert post_event(client, stripe.emit("moon.landed", data, **kwargs)).status_code == 200


@pytest.mark.parametrize(
    "data",
    [
        build_object("climate.order", id="climorder_1"),
        {"id": "holo_1", "object": "hologram"},
        {"id": "holo/1?#", "object": "hologram", "deleted": True},
        {"id": "x_1", "object": "v2.moon", **HOSTILE},
    ],
)
def test_list_and_page_open(admin_client, client, fake_stripe, data):
    deliver(client, fake_stripe, data)
    listed = admin_client.get(LIST)
    assert listed.status_code == 200
    assert f"{data['object']}:" in listed.text
    page = admin_client.get(page_of(OtherObject.all_objects.get()))
    assert page.status_code == 200
    assert "<script>" not in page.text.replace("<script>'use strict'", "")


def test_the_list_is_filtered_by_type_and_by_customer(admin_client, client, fake_stripe):
    deliver(client, fake_stripe, {"id": "a_1", "object": "hologram", "customer": "cus_1"})
    deliver(client, fake_stripe, {"id": "b_1", "object": "robot"})
    for query, shown in (
        ("type=hologram", {"a_1"}),
        ("customer=cus_1", {"a_1"}),
        ("type=robot", {"b_1"}),
        ("q=b_1", {"b_1"}),
    ):
        rows = admin_client.get(f"{LIST}?{query}").context["cl"].result_list
        assert {row.stripe_id for row in rows} == shown


def test_the_page_of_a_customer_shows_them_with_their_type_and_status(admin_client, client, fake_stripe):
    assert (
        post_event(client, fake_stripe.emit("customer.created", fake_stripe.create("customer", id="cus_1"))).status_code
        == 200
    )
    deliver(
        client, fake_stripe, {"id": "holo_1", "object": "hologram", "customer": "cus_1", "status": "needs_response"}
    )
    page = admin_client.get(reverse("admin:pinax_stripe_customer_change", args=["cus_5F1"])).context["page"]
    [panel] = [panel for panel in page.panels if panel.title == "Other objects"]
    [(link, name, status, _created)] = panel.rows
    assert page_of(OtherObject.objects.get(object_type="hologram")) in link
    assert name == "hologram"
    assert 'class="stripe-badge stripe-open"' in status


def test_the_page_leads_to_the_events_and_back(admin_client, client, fake_stripe):
    deliver(client, fake_stripe, build_object("climate.order", id="climorder_1"))
    row, event = OtherObject.objects.get(), Event.objects.get()
    page = admin_client.get(page_of(row)).text
    address = reverse("admin:pinax_stripe_event_change", args=[event.pk])
    assert address in page
    assert page_of(row) in admin_client.get(address).text


def test_an_event_whose_object_was_not_mirrored_leads_nowhere(admin_client, client, fake_stripe, settings):
    settings.PINAX_STRIPE_MIRROR_OTHER_OBJECTS = False
    deliver(client, fake_stripe, build_object("climate.order", id="climorder_1"))
    settings.PINAX_STRIPE_MIRROR_OTHER_OBJECTS = True
    page = admin_client.get(reverse("admin:pinax_stripe_event_change", args=[Event.objects.get().pk])).text
    assert "not here yet" not in page


def test_the_timeline_says_that_a_tie_could_not_be_settled(admin_client, client, fake_stripe):
    fake_stripe.now = 1_700_000_000
    for status in ("a", "b"):
        deliver(client, fake_stripe, {"id": "holo_1", "object": "hologram", "status": status})
    page = admin_client.get(reverse("admin:pinax_stripe_event_change", args=[Event.objects.latest("pk").pk])).text
    assert "not settled: two states of the same second" in page
