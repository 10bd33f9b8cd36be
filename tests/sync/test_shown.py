"""Whole objects that others show get the rows that are missing, and change none."""

import pytest

from pinax.stripe.models import Plan, Price, Product, Subscription, SubscriptionItem
from pinax.stripe.sync import shown
from pinax.stripe.testing import build_event, build_object, post_event
from tests import costs

from .delivery import deliver

pytestmark = pytest.mark.django_db(transaction=True)


def sold_at(price, **more):
    """An item that shows a price."""
    return build_object("subscription_item", id="si_1", price=price, **more)


def test_one_subscription_event_on_an_empty_database_brings_the_price(client, stripe):
    price = build_object("price", id="price_1", nickname="Gold", created=stripe.now - 10**6)
    stripe.create("subscription", id="sub_1", items=[sold_at(price)])
    deliver(client, stripe)
    item = SubscriptionItem.objects.select_related("price").get()
    assert (item.price.nickname, item.price.stripe_data) == ("Gold", price)
    assert item.plan_id
    assert not Plan.all_objects.exists()


def test_of_a_connected_account_too(client, stripe):
    price = build_object("price", id="price_1")
    stripe.create("subscription", id="sub_1", items=[sold_at(price)], account="acct_1")
    deliver(client, stripe)
    assert Price.objects.get().pk == "acct_1/price_1"


def test_an_expanded_product_and_the_lines_of_an_older_invoice(client, stripe):
    price = build_object("price", id="price_1", product=build_object("product", id="prod_1", name="Gold"))
    lines = {"object": "list", "has_more": False, "data": [{"id": "il_1", "object": "line_item", "price": price}]}
    invoice = {"id": "in_1", "object": "invoice", "lines": lines}
    stripe.add_event(build_event("invoice.created", invoice, created=stripe.now, api_version="2022-11-15"))
    deliver(client, stripe)
    assert Price.objects.get(pk="price_1").product == Product.objects.get(name="Gold")


def test_ids_make_no_rows(client, stripe):
    stripe.create("invoice", id="in_1", lines=[{"id": "il_1", "object": "line_item", "price": "price_1"}])
    deliver(client, stripe)
    assert not Price.all_objects.exists()


def test_a_row_that_is_there_stays_and_its_own_older_events_are_settled(client, stripe):
    stripe.create("price", id="price_1", nickname="old")
    stripe.advance(1)
    stripe.update("price_1", nickname="now")
    stripe.advance(1)
    stripe.create("subscription", id="sub_1", items=[sold_at(stripe.get("price_1"))])
    created, updated, subscribed = stripe.events
    for event in (subscribed, created, updated):
        assert post_event(client, event).status_code == 200
    assert Price.objects.get().nickname == "now"
    version = Price.objects.get().version
    stripe.advance(1)
    stripe.update("sub_1", items=[sold_at({**stripe.get("price_1"), "nickname": "shown"})])
    assert post_event(client, stripe.events[-1]).status_code == 200
    assert (Price.objects.get().nickname, Price.objects.get().version) == ("now", version)


def test_a_deletion_from_before_it_was_shown_counts(client, stripe):
    stripe.create("plan", id="plan_1", silent=True)
    plan = stripe.get("plan_1")
    stripe.advance(1)
    stripe.delete("plan_1")
    stripe.advance(1)
    stripe.create("subscription", id="sub_1", items=[build_object("subscription_item", plan=plan, price=None)])
    deleted, subscribed = stripe.events
    for event in (subscribed, deleted):
        assert post_event(client, event).status_code == 200
    assert Plan.all_objects.get().is_deleted


def test_what_is_rolled_back_is_not_remembered(client, stripe, django_capture_on_commit_callbacks, db):
    """As in a TestCase that calls what waits for the commit."""
    event = costs.create_subscription(stripe, "sub_1", costs.what_is_sold())
    with django_capture_on_commit_callbacks(execute=True):
        assert post_event(client, event).status_code == 200
    assert Subscription.objects.exists()
    assert bool(shown._known) is (not shown.connections["default"].in_atomic_block)


def test_rows_that_a_process_forgets_are_inserted_once(client, stripe):
    sold = costs.what_is_sold()
    for number in range(2):
        shown.forget_rows()
        assert post_event(client, costs.create_subscription(stripe, f"sub_{number}", sold)).status_code == 200
    assert Price.objects.get().version == 1
