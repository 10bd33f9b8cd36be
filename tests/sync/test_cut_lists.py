"""Lists that an event cuts short are read whole: for the rows of what is in them, and for columns made of them."""

import pytest

from pinax.stripe.models import Card, Charge, Customer, Invoice, Refund, Subscription, SubscriptionItem
from pinax.stripe.testing import build_event, build_object

from .delivery import deliver

DAY = 24 * 3600
#: The last version that embeds sources and subscriptions in customers, and refunds in charges.
OLD = "2020-03-02"


def items(stripe, *ends, **fields):
    """Items of a subscription whose periods end so many days from now."""
    same = {"subscription": "sub_1", "created": stripe.now, "current_period_start": stripe.now, **fields}
    return [
        build_object("subscription_item", id=f"si_{number}", current_period_end=stripe.now + end * DAY, **same)
        for number, end in enumerate(ends)
    ]


def end_of(row, stripe):
    """Days until the end of a subscription's period."""
    return (row.current_period_end.timestamp() - stripe.now) / DAY


@pytest.mark.parametrize("version", ["2026-10-28.endive", "2025-03-31.basil"])
def test_the_period_of_a_subscription_is_that_of_all_its_items(client, stripe, version):
    stripe.api_version = version
    entries = items(stripe, *[30] * 11, 365)
    entries[-1]["current_period_start"] -= DAY
    stripe.create("subscription", id="sub_1", items=entries)
    deliver(client, stripe)
    row = Subscription.objects.get()
    assert (end_of(row, stripe), row.current_period_start.timestamp()) == (365, stripe.now - DAY)
    assert stripe.calls("/v1/subscription_items") == 1


def test_the_period_of_a_subscription_is_that_of_all_its_items_when_a_tie_was_settled(client, stripe):
    stripe.create("subscription", id="sub_1", items=items(stripe, *[30] * 11, 60))
    stripe.update("sub_1", items=items(stripe, *[30] * 11, 365))
    deliver(client, stripe)
    assert end_of(Subscription.objects.get(), stripe) == 365


def test_a_subscription_of_several_items_has_no_plan_though_its_list_shows_one(client, stripe):
    entries = items(stripe, 30, 30, quantity=3)
    stripe.create("subscription", id="sub_1", items=entries, silent=True)
    shown = stripe.get("sub_1")
    shown["items"] |= {"data": entries[:1], "has_more": True}
    stripe.add_event(build_event("customer.subscription.updated", shown, created=stripe.now))
    deliver(client, stripe)
    row = Subscription.objects.get()
    assert (row.plan_id, row.quantity, row.items.count()) == (None, None, 2)


def test_the_currency_comes_from_wherever_it_is_in_the_list(client, stripe):
    """A list of a version without a currency of the subscription's own, cut before the first price."""
    entries = items(stripe, 30, 30)
    entries[0] |= {"price": None, "plan": None}
    stripe.create("subscription", id="sub_1", items=entries, silent=True)
    shown = stripe.get("sub_1")
    del shown["currency"]
    shown["items"] |= {"data": entries[:1], "has_more": True}
    stripe.add_event(build_event("customer.subscription.updated", shown, created=stripe.now))
    deliver(client, stripe)
    assert Subscription.objects.get().currency == "usd"


def test_what_an_invoice_was_paid_with_is_told_by_all_its_payments(client, stripe):
    """Payments are only there where they were expanded."""
    for number in range(12):
        stripe.create(
            "invoice_payment",
            id=f"inpay_{number}",
            invoice="in_1",
            is_default=number == 11,
            payment={"type": "charge", "charge": f"ch_{number}"},
            silent=True,
        )
    payments = [stripe.get(f"inpay_{number}") for number in range(12)]
    invoice = build_object("invoice", id="in_1", payments={"object": "list", "data": payments[:10], "has_more": True})
    stripe.add_event(build_event("invoice.paid", invoice, created=stripe.now))
    deliver(client, stripe)
    assert Invoice.objects.get().charge_id == "ch_11"


def test_every_refund_of_an_old_charge_has_a_row(client, stripe):
    stripe.api_version = OLD
    for number in range(12):
        stripe.create("refund", id=f"re_{number}", charge="ch_1", silent=True)
    stripe.create("charge", id="ch_1")
    assert len(stripe.events[0]["data"]["object"]["refunds"]["data"]) == 10
    deliver(client, stripe)
    assert Refund.objects.filter(charge_id="ch_1").count() == 12
    assert Charge.objects.get().stripe_data == stripe.events[0]["data"]["object"]
    assert stripe.calls("/v1/refunds") == 1


def test_every_source_and_subscription_of_an_old_customer_has_a_row(client, stripe):
    stripe.api_version = OLD
    for number in range(12):
        stripe.create("card", id=f"card_{number}", customer="cus_1", silent=True)
        stripe.create("subscription", id=f"sub_{number}", customer="cus_1", silent=True)
    stripe.create("customer", id="cus_1")
    deliver(client, stripe)
    customer = Customer.objects.get()
    assert (len(customer.cards), customer.subscriptions.count()) == (12, 12)
    assert SubscriptionItem.objects.count() == 12
    assert (stripe.calls("/v1/customers/cus_1/sources"), stripe.calls("/v1/subscriptions")) == (1, 1)


@pytest.mark.slow
def test_what_was_read_later_than_the_event_is_not_set_back_by_events_from_before(client, stripe):
    stripe.api_version = OLD
    stripe.now_offset = None
    base = stripe.now - 30
    for number in range(12):
        stripe.create("refund", id=f"re_{number}", charge="ch_1", status="pending", created=base, silent=True)
    stripe.emit("charge.refunded", build_object("charge", id="ch_1"), created=base)
    before = stripe.get("re_0")
    stripe.update("re_0", status="succeeded", silent=True)
    stripe.add_event(build_event("refund.updated", {**before, "description": "before"}, created=base + 5))
    deliver(client, stripe)
    assert Refund.objects.get(pk="re_0").status == "succeeded"


@pytest.mark.parametrize("known", [False, True])
def test_a_stub_in_a_list_is_a_deletion(client, stripe, known):
    card = build_object("card", id="card_1", customer="cus_1")
    stripe.create("customer", id="cus_1", silent=True)
    if known:
        stripe.emit("customer.source.created", card)
        stripe.advance(1)
    stub = {"id": "card_1", "object": "card", "deleted": True}
    listed = {"object": "list", "data": [stub], "has_more": False}
    stripe.emit("customer.updated", {**stripe.get("cus_1"), "sources": listed})
    deliver(client, stripe)
    assert Customer.objects.get().cards == []
    row = Card.all_objects.get()
    assert (row.is_deleted, row.last4) == (True, "4242" if known else "")
    stripe.emit("customer.source.created", card, created=stripe.now - 1)
    deliver(client, stripe)
    assert not Card.objects.exists()


@pytest.mark.parametrize("cut", [False, True])
def test_a_stub_among_the_items_of_a_subscription_is_none_of_them(client, stripe, cut):
    entries = items(stripe, 30, 365)
    stripe.create("subscription", id="sub_1", items=entries)
    stripe.advance(1)
    stub = {"id": "si_1", "object": "subscription_item", "deleted": True}
    shown = stripe.get("sub_1")
    shown["items"] |= {"data": [entries[0], stub], "has_more": cut}
    stripe.emit("customer.subscription.updated", shown)
    if cut:  # As far as is known: the rest of the list cannot be read.
        stripe.fail("/v1/subscription_items", 404, times=None)
    deliver(client, stripe)
    row = Subscription.objects.get()
    assert [item.pk for item in row.items.all()] == ["si_0"]
    assert row.plan_id == entries[0]["plan"]["id"]
    assert SubscriptionItem.all_objects.get(pk="si_1").product_id == entries[1]["price"]["product"]
