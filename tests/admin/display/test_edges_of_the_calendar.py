"""Times at the edges of the calendar are shown in every time zone: Python has no year 0 and no year 10000."""

import datetime

import pytest
from django.contrib.admin.utils import quote
from django.db import models
from django.urls import reverse

from pinax.stripe.models import Coupon, Event
from pinax.stripe.stripe_values import EARLIEST, LATEST
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.testing import build_event, build_object, post_event

FIRST = datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc)
LAST = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)
ZONES = ("Asia/Tokyo", "Pacific/Kiritimati", "America/Los_Angeles", "Etc/GMT+12")

pytestmark = pytest.mark.django_db


@pytest.fixture(params=ZONES)
def zone(request, settings):
    settings.TIME_ZONE = request.param


def are_shown(admin_client, row):
    """The page of a row, and the list it is in."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    pages = (reverse(f"{name}_change", args=[quote(row.pk)]), reverse(f"{name}_changelist"))
    return [admin_client.get(page).status_code for page in pages] == [200, 200]


@pytest.mark.parametrize(("moment", "stored"), [(FIRST, EARLIEST), (LAST, LATEST)])
def test_a_coupon_that_never_ends_has_a_page(zone, admin_client, client, fake_stripe, moment, stored):
    fake_stripe.create("coupon", id="EVER", redeem_by=int(moment.timestamp()))
    fake_stripe.deliver_to(client)
    row = Coupon.objects.get()
    assert row.redeem_by == stored
    assert row.stripe_data["redeem_by"] == int(moment.timestamp())
    assert are_shown(admin_client, row)


@pytest.mark.parametrize("moment", [FIRST, LAST])
@pytest.mark.parametrize("kind", MIRRORED)
def test_what_an_earlier_release_stored_is_shown(admin_client, client, fake_stripe, settings, kind, moment):
    settings.TIME_ZONE = "Asia/Tokyo" if moment == LAST else "America/Los_Angeles"
    owner = {} if kind == "external_account" else {"customer": "cus_1"}
    fake_stripe.emit("mystery.updated", build_object(kind, id="x_1", **owner))
    fake_stripe.deliver_to(client)
    model = MIRRORED[kind].model
    columns = [field.name for field in model._meta.fields if isinstance(field, models.DateTimeField)]
    told_by_stripe = set(columns) - {"as_of", "as_of_end", "synced_at", "deleted_at"}
    model.objects.update(**dict.fromkeys(told_by_stripe, moment))
    assert are_shown(admin_client, model.objects.get())


@pytest.mark.parametrize("created", [int(FIRST.timestamp()), int(LAST.timestamp()), "9999-12-31T23:59:59.999Z"])
def test_a_forged_event_does_not_take_the_pages_of_events_away(zone, admin_client, client, fake_stripe, created):
    event = build_event("customer.created", created=1_700_000_000)
    thin = {"object": "v2.core.event", "related_object": None} if isinstance(created, str) else {}
    assert post_event(client, {**event, **thin, "created": created}).status_code in (400, 503)
    row = Event.objects.get()
    assert EARLIEST <= row.created_at <= LATEST
    assert are_shown(admin_client, row)
    assert admin_client.get(reverse("admin:pinax_stripe_event_overview")).status_code == 200
