"""Subscriptions and their items in every shape they have had since 2015-10-16, and what is asked of them."""

import datetime

import pytest
from django.utils import timezone

from pinax.stripe.models import Customer, Subscription, SubscriptionItem
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.assertions import assert_row
from tests.sync.delivery import deliver
from tests.sync.shapes import each, exact, read, utc

START, END, LATER = 1_700_000_000, 1_702_592_000, 1_703_000_000
AT_START, AT_END, AT_LATER = utc("2023-11-14 22:13:20"), utc("2023-12-14 22:13:20"), utc("2023-12-19 15:33:20")

PLAN = {"id": "gold", "object": "plan", "currency": "eur", "product": "prod_1"}
PRICE = {"id": "price_1", "object": "price", "currency": "gbp", "product": "prod_1"}


def listed(*entries, **overrides):
    return {"object": "list", "data": list(entries), "has_more": False, **overrides}


TWO_PLANS = listed(
    {"id": "si_1", "plan": PLAN, "quantity": 1}, {"id": "si_2", "plan": {**PLAN, "id": "silver"}, "quantity": 2}
)
TWO_PRICES = listed({"id": "si_1", "price": PRICE, "quantity": 1}, {"id": "si_2", "price": PRICE, "quantity": 2})
PERIODS = listed(
    {"id": "si_1", "current_period_start": END, "current_period_end": LATER},
    {"id": "si_2", "current_period_start": START, "current_period_end": END},
)

SUBSCRIPTIONS = {
    "2015-10-16, plan without items": (
        {"plan": PLAN, "quantity": 3},
        {"plan_id": "gold", "quantity": 3, "currency": "eur"},
    ),
    "2017-02-14, plan and one item": (
        {"plan": PLAN, "quantity": 3, "items": listed({"id": "si_1", "plan": PLAN, "quantity": 3})},
        {"plan_id": "gold", "quantity": 3, "currency": "eur"},
    ),
    "2017-02-14, its own plan beside another of its item": (
        {"plan": PLAN, "items": listed({"id": "si_1", "plan": {**PLAN, "id": "silver"}})},
        {"plan_id": "gold"},
    ),
    "2017-02-14, several items": (
        {"plan": None, "quantity": None, "items": TWO_PLANS},
        {"plan_id": None, "quantity": None, "currency": "eur"},
    ),
    "2020, one item with a price, plan gone": (
        {"items": listed({"id": "si_1", "price": PRICE, "quantity": 5})},
        {"plan_id": "price_1", "quantity": 5, "currency": "gbp"},
    ),
    "2020, one item with price and plan": (
        {"items": listed({"id": "si_1", "price": PRICE, "plan": {**PLAN, "id": "price_1"}, "quantity": 5})},
        {"plan_id": "price_1", "quantity": 5, "currency": "eur"},
    ),
    "2020, several items with prices": (
        {"items": TWO_PRICES},
        {"plan_id": None, "quantity": None, "currency": "gbp"},
    ),
    "2020, metered": (
        {"items": listed({"id": "si_1", "price": PRICE}), "quantity": None},
        {"plan_id": "price_1", "quantity": None},
    ),
    "one item of a quantity of none": (
        {"items": listed({"id": "si_1", "price": PRICE, "quantity": 0})},
        {"quantity": 0},
    ),
    "a quantity of none of its own": (
        {"quantity": 0, "items": listed({"id": "si_1", "price": PRICE, "quantity": 5})},
        {"quantity": 0},
    ),
    "one item with a plan of an id only": (
        {"items": listed({"id": "si_1", "plan": "gold"})},
        {"plan_id": "gold", "currency": ""},
    ),
    "before 2020-08-27, a discount without an id": (
        {"discount": {"object": "discount", "coupon": {"id": "SUMMER"}}},
        {"discount_ids": []},
    ),
    "before basil, one discount": (
        {"discount": {"id": "di_1", "object": "discount", "coupon": {"id": "SUMMER"}}},
        {"discount_ids": ["di_1"]},
    ),
    "2024, one discount and its id": (
        {"discount": {"id": "di_1", "object": "discount"}, "discounts": ["di_1"]},
        {"discount_ids": ["di_1"]},
    ),
    "basil, ids of discounts": ({"discounts": ["di_1", "di_2"]}, {"discount_ids": ["di_1", "di_2"]}),
    "basil, discounts expanded": ({"discounts": [{"id": "di_1", "object": "discount"}]}, {"discount_ids": ["di_1"]}),
    "no discount": ({"discount": None, "discounts": []}, {"discount_ids": []}),
    "discounts of nonsense": ({"discounts": [None, 5, {}, "di_1"], "discount": "di_2"}, {"discount_ids": ["di_1"]}),
    "collected as ever": ({"pause_collection": None}, {"pause_behavior": "", "pause_resumes_at": None}),
    "collection paused without an end": (
        {"pause_collection": {"behavior": "keep_as_draft", "resumes_at": None}},
        {"pause_behavior": "keep_as_draft", "pause_resumes_at": None},
    ),
    "currency of its own": ({"currency": "usd", "items": TWO_PRICES}, {"currency": "usd"}),
    "more than 32 bits": ({"quantity": 2**40}, {"quantity": 2**40}),
    "less than nothing": ({"days_until_due": -1}, {"days_until_due": None}),
    "no items left": (
        {"items": listed()},
        {"plan_id": None, "quantity": None, "current_period_end": None, "currency": ""},
    ),
    "before 2019-10-17, billing": ({"billing": "send_invoice"}, {"collection_method": "send_invoice"}),
    "2019-10-17, collection_method": (
        {"collection_method": "charge_automatically"},
        {"collection_method": "charge_automatically"},
    ),
    "mid-2019, both ways of billing": (
        {"billing": "send_invoice", "collection_method": "charge_automatically"},
        {"collection_method": "charge_automatically"},
    ),
    "before 2019-10-17, start": ({"start": LATER}, {"start_date": AT_LATER}),
    "2019-10-17, start_date": ({"start_date": START}, {"start_date": AT_START}),
    "mid-2019, both starts": ({"start_date": START, "start": LATER}, {"start_date": AT_START}),
    "before basil, its own period": (
        {"current_period_start": START, "current_period_end": END, "items": TWO_PLANS},
        {"current_period_start": AT_START, "current_period_end": AT_END},
    ),
    "before basil, whatever the items say": (
        {"current_period_start": END, "current_period_end": END, "items": PERIODS},
        {"current_period_start": AT_END, "current_period_end": AT_END},
    ),
    "basil, periods of the items": (
        {"items": PERIODS},
        {"current_period_start": AT_START, "current_period_end": AT_LATER},
    ),
    "basil, one item": (
        {"items": listed({"id": "si_1", "current_period_start": START, "current_period_end": END})},
        {"current_period_start": AT_START, "current_period_end": AT_END},
    ),
    "basil, one item without a period": (
        {"items": listed({"id": "si_1"}, {"id": "si_2", "current_period_start": START, "current_period_end": END})},
        {"current_period_start": AT_START, "current_period_end": AT_END},
    ),
    "before basil, after 2038": (
        {"current_period_start": 4_102_444_800, "current_period_end": 4_105_123_200},
        {"current_period_start": utc("2100-01-01 00:00:00"), "current_period_end": utc("2100-02-01 00:00:00")},
    ),
    "basil, after 2038": (
        {"items": listed({"id": "si_1", "current_period_end": 4_105_123_200})},
        {"current_period_end": utc("2100-02-01 00:00:00"), "current_period_start": None},
    ),
    "neither": ({}, {"current_period_start": None, "current_period_end": None}),
    "before 2019, no payment method": ({}, {"default_payment_method": "", "latest_invoice_id": None}),
    "2019, references": (
        {"customer": "cus_1", "default_payment_method": "pm_1", "latest_invoice": "in_1"},
        {"customer_id": "cus_1", "default_payment_method": "pm_1", "latest_invoice_id": "in_1"},
    ),
    "2019, references expanded": (
        {
            "customer": {"id": "cus_1", "object": "customer", "deleted": True},
            "default_payment_method": {"id": "pm_1", "object": "payment_method"},
            "latest_invoice": {"id": "in_1", "object": "invoice"},
        },
        {"customer_id": "cus_1", "default_payment_method": "pm_1", "latest_invoice_id": "in_1"},
    ),
    "will end with its period": (
        {"cancel_at_period_end": True, "canceled_at": START, "ended_at": None, "status": "active"},
        {"cancel_at_period_end": True, "canceled_at": AT_START, "ended_at": None, "status": "active"},
    ),
    "ended": (
        {"cancel_at_period_end": False, "canceled_at": START, "ended_at": END, "status": "canceled"},
        {"cancel_at_period_end": False, "canceled_at": AT_START, "ended_at": AT_END, "status": "canceled"},
    ),
    "a status from next year": ({"status": "hibernating"}, {"status": "hibernating"}),
}


@each(SUBSCRIPTIONS)
def test_subscriptions(data, expected):
    assert read(READERS[Subscription], data, expected) == exact(expected)


def test_a_subscription_of_today():
    item = build_object(
        "subscription_item", price=PRICE, quantity=2, current_period_start=START, current_period_end=END
    )
    subscription = build_object(
        "subscription",
        billing_cycle_anchor=LATER,
        cancel_at=LATER,
        cancel_at_period_end=True,
        canceled_at=START,
        collection_method="send_invoice",
        currency="gbp",
        customer="cus_1",
        days_until_due=30,
        default_payment_method="pm_1",
        discounts=["di_1", build_object("discount", id="di_2")],
        ended_at=LATER,
        items=[item],
        latest_invoice="in_1",
        pause_collection={"behavior": "void", "resumes_at": LATER},
        start_date=START,
        status="trialing",
        trial_end=END,
        trial_start=START,
    )
    assert READERS[Subscription](subscription) == {
        "customer_id": "cus_1",
        "customer_account": "",
        "status": "trialing",
        "collection_method": "send_invoice",
        "currency": "gbp",
        "plan_id": "price_1",
        "quantity": 2,
        "start_date": AT_START,
        "current_period_start": AT_START,
        "current_period_end": AT_END,
        "billing_cycle_anchor": AT_LATER,
        "trial_start": AT_START,
        "trial_end": AT_END,
        "cancel_at": AT_LATER,
        "cancel_at_period_end": True,
        "canceled_at": AT_START,
        "ended_at": AT_LATER,
        "cancellation_reason": "",
        "cancellation_feedback": "",
        "days_until_due": 30,
        "default_payment_method": "pm_1",
        "latest_invoice_id": "in_1",
        "discount_ids": ["di_1", "di_2"],
        "pause_behavior": "void",
        "pause_resumes_at": AT_LATER,
    }


ITEMS = {
    "2017-02-14, plan": (
        {"plan": PLAN, "quantity": 2},
        {"plan_id": "gold", "price_id": None, "product_id": "prod_1", "quantity": 2, "subscription_id": None},
    ),
    "before 2018-02-05, plan without product": ({"plan": {"id": "gold", "name": "Gold"}}, {"product_id": None}),
    "2018-01-23, subscription": ({"subscription": "sub_1"}, {"subscription_id": "sub_1"}),
    "subscription expanded": ({"subscription": {"id": "sub_1"}}, {"subscription_id": "sub_1"}),
    "2020, price beside plan": (
        {"price": PRICE, "plan": {**PLAN, "product": "prod_2"}},
        {"price_id": "price_1", "plan_id": "gold", "product_id": "prod_1"},
    ),
    "2020, price alone": ({"price": PRICE}, {"price_id": "price_1", "plan_id": None, "product_id": "prod_1"}),
    "price as id": ({"price": "price_1", "plan": PLAN}, {"price_id": "price_1", "product_id": "prod_1"}),
    "product expanded": ({"price": {**PRICE, "product": {"id": "prod_3", "deleted": True}}}, {"product_id": "prod_3"}),
    "metered": ({"price": PRICE}, {"quantity": None}),
    "more than 32 bits": ({"quantity": 2**40}, {"quantity": 2**40}),
    "none": ({"quantity": 0}, {"quantity": 0}),
    "before basil, no period": ({"plan": PLAN}, {"current_period_start": None, "current_period_end": None}),
    "basil, period": (
        {"current_period_start": START, "current_period_end": END},
        {"current_period_start": AT_START, "current_period_end": AT_END},
    ),
    "deleted stub": (
        {"id": "si_1", "object": "subscription_item", "deleted": True},
        {"plan_id": None, "quantity": None},
    ),
}


@each(ITEMS)
def test_subscription_items(data, expected):
    assert read(READERS[SubscriptionItem], data, expected) == exact(expected)


def test_a_subscription_item_of_today():
    item = build_object(
        "subscription_item",
        current_period_end=END,
        current_period_start=START,
        price=build_object("price", id="price_1", product="prod_1"),
        quantity=4,
        discounts=["di_1"],
        subscription="sub_1",
    )
    assert READERS[SubscriptionItem](item) == {
        "subscription_id": "sub_1",
        "price_id": "price_1",
        "plan_id": "price_1",
        "product_id": "prod_1",
        "quantity": 4,
        "current_period_start": AT_START,
        "current_period_end": AT_END,
        "discount_ids": ["di_1"],
    }


#: Status -> is_active, will_cancel when its end is decided, is_canceled.
PREDICATES = {
    "incomplete": (False, True, False),
    "incomplete_expired": (False, False, True),
    "trialing": (True, True, False),
    "active": (True, True, False),
    "past_due": (False, True, False),
    "unpaid": (False, True, False),
    "canceled": (False, False, True),
    "paused": (False, True, False),
    "hibernating": (False, True, False),
    "": (False, True, False),
}


@pytest.mark.parametrize(("status", "expected"), PREDICATES.items())
def test_predicates_of_every_status(status, expected):
    is_active, will_cancel, is_canceled = expected
    running = Subscription(status=status)
    assert_row(running, is_active=is_active, will_cancel=False, is_canceled=is_canceled)
    moment = timezone.now() + datetime.timedelta(days=1)
    for end in ({"cancel_at_period_end": True}, {"cancel_at": moment}):
        ending = Subscription(status=status, **end)
        assert_row(ending, is_active=is_active, will_cancel=will_cancel, is_canceled=is_canceled)
    ended = Subscription(status=status, ended_at=moment, cancel_at_period_end=True)
    assert_row(ended, is_active=False, will_cancel=False, is_canceled=True)


def test_active_finds_those_that_are_active_by_their_predicate(client, stripe):
    """In SQL and in Python: ended ones, those of unknown and of deleted customers, those in other statuses."""
    for customer in ("cus_1", "cus_2"):
        stripe.create("customer", id=customer)
    subscriptions = {
        "sub_active": {"customer": "cus_1"},
        "sub_trialing": {"customer": "cus_1", "status": "trialing"},
        "sub_ending": {"customer": "cus_1", "cancel_at_period_end": True},
        "sub_early": {"customer": "cus_unknown"},
        "sub_ended": {"customer": "cus_1", "ended_at": START},
        "sub_past_due": {"customer": "cus_1", "status": "past_due"},
        "sub_orphan": {"customer": "cus_2"},
    }
    for stripe_id, fields in subscriptions.items():
        stripe.create("subscription", id=stripe_id, **fields)
    stripe.advance(1)
    stripe.delete("cus_2")
    deliver(client, stripe)
    active = {"sub_active", "sub_trialing", "sub_ending", "sub_early"}
    assert {row.pk for row in Subscription.objects.active()} == active
    assert {row.pk for row in Subscription.objects.all() if row.is_active} == active
    ours = Customer.objects.get().subscriptions
    assert {row.pk for row in ours.active()} == active - {"sub_early"}
    assert {row.pk for row in ours.all()} == active - {"sub_early"} | {"sub_ended", "sub_past_due"}


def test_a_subscription_that_stripe_does_not_have_leaves_the_customers_list(client, stripe):
    stripe.create("customer", id="cus_1")
    stripe.create("subscription", id="sub_1", customer="cus_1")
    deliver(client, stripe)
    Subscription.objects.update(deleted_at=timezone.now())
    assert not Customer.objects.get().subscriptions.exists()
    assert not Subscription.all_objects.get().is_active
    assert not Subscription.all_objects.filter(pk__in=Subscription.objects.active()).exists()
