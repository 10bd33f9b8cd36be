"""The network is never waited for in a transaction: a slow Stripe would hold locks that others wait for."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from pinax.stripe import api
from pinax.stripe.models import Invoice, Subscription
from pinax.stripe.testing import build_object, post_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """Paths of all calls; each is made outside any transaction."""
    paths = []
    call = api.calls.call

    def spy(method, path, *args, **options):
        assert not connection.in_atomic_block, path
        paths.append(path)
        return call(method, path, *args, **options)

    monkeypatch.setattr(api.calls, "call", spy)
    return paths


@pytest.fixture(params=[True, False], ids=["ATOMIC_REQUESTS", "without"])
def post(request, client):
    """Post all events of a Stripe."""

    def run(stripe, *, status=200):
        for event in stripe.events:
            assert post_event(client, event).status_code == status

    connection.settings_dict["ATOMIC_REQUESTS"] = request.param
    yield run
    connection.settings_dict["ATOMIC_REQUESTS"] = False


def test_a_tie(fake_stripe, post, calls):
    fake_stripe.advance(0)
    fake_stripe.create("subscription", id="sub_1", status="incomplete")
    fake_stripe.update("sub_1", status="active")
    post(fake_stripe)
    assert Subscription.objects.get().status == "active"
    assert "/v1/subscriptions/sub_1" in calls


def test_a_list_cut_short(fake_stripe, post, calls):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(25)]
    fake_stripe.create("invoice", id="in_1", lines=lines)
    fake_stripe.update("in_1", number="1")
    post(fake_stripe)
    assert Invoice.objects.get().lines.count() == 25
    assert "/v1/invoices/in_1/lines" in calls


def test_a_thin_event(fake_stripe, post, calls):
    fake_stripe.create("product", id="prod_1", silent=True)
    fake_stripe.add_event(
        {
            "id": "evt_thin",
            "object": "v2.core.event",
            "type": "v1.product.created",
            "created": "2026-11-20T10:00:00.000Z",
            "livemode": False,
            "related_object": {"id": "prod_1", "type": "product", "url": "/v1/products/prod_1"},
        }
    )
    post(fake_stripe)
    assert calls == ["/v2/core/events/evt_thin", "/v1/products/prod_1"]


def test_the_sweeper_and_a_catch_up(fake_stripe, post, calls):
    fake_stripe.now = int(timezone.now().timestamp()) - 60
    for number in range(5):
        fake_stripe.create("product", id=f"prod_{number}")
    fake_stripe.fail(times=None)
    post(fake_stripe, status=503)
    fake_stripe.clear_faults()
    fake_stripe.create("product", id="prod_missed")
    del calls[:]
    for command in ("stripe_process_events", "stripe_catch_up"):
        call_command(command, stdout=StringIO())
    assert set(calls) == {"/v1/events"}
