"""Discounts: of whom they are told, and what else changes with them.

Only `customer.discount.*` tells of a discount; subscriptions and invoices show it whole until 2025-03-31.basil, then by
its id. Its coupon is whole until 2025-09-30.clover (https://docs.stripe.com/changelog).
"""

import pytest

from pinax.stripe.models import Coupon, Customer, Discount, Invoice, Subscription, SubscriptionItem
from pinax.stripe.testing import build_event, build_object, post_event

from .delivery import deliver

SOURCE = {"type": "coupon", "coupon": "SUMMER"}
BASIL, ACACIA = "2025-08-27.basil", "2025-02-24.acacia"


@pytest.fixture
def given(stripe, client):
    """A customer with a subscription, whose events are delivered; gives a discount, of which only its events tell."""
    stripe.create("coupon", id="SUMMER")
    stripe.create("customer", id="cus_1")
    stripe.create("subscription", id="sub_1", customer="cus_1")
    deliver(client, stripe)
    stripe.advance(5)
    stripe.reset_requests()

    def give(**fields):
        return stripe.create("discount", id="di_1", customer="cus_1", source=SOURCE, **fields)

    return give


def calls(stripe):
    """The objects that were read."""
    return sorted(request.path for request in stripe.requests if not request.path.startswith("/v1/events"))


def test_stripe_makes_no_other_event_of_a_discount(stripe):
    stripe.create("coupon", id="SUMMER")
    stripe.create("customer", id="cus_1")
    stripe.create("discount", id="di_1", customer="cus_1", source=SOURCE)
    stripe.delete("di_1")
    kinds = [event["type"] for event in stripe.events]
    assert kinds == ["coupon.created", "customer.created", "customer.discount.created", "customer.discount.deleted"]
    assert (stripe.get("cus_1")["discount"], stripe.get("SUMMER")["times_redeemed"]) == (None, 1)


def test_a_discount_is_its_customers_and_its_coupon_was_redeemed(client, stripe, given):
    given()
    deliver(client, stripe)
    assert Customer.objects.get().coupon == Discount.objects.get().coupon == Coupon.objects.get()
    assert Coupon.objects.get().times_redeemed == 1
    assert list(Customer.objects.get().discounts.all()) == [Discount.objects.get()]
    assert calls(stripe) == ["/v1/coupons/SUMMER", "/v1/customers/cus_1"]


def test_a_whole_coupon_in_a_discount_is_not_read_again(client, stripe, given):
    stripe.api_version = BASIL
    given()
    deliver(client, stripe)
    assert (Coupon.objects.get().times_redeemed, Customer.objects.get().coupon_id) == (1, "SUMMER")
    assert calls(stripe) == ["/v1/customers/cus_1"]


@pytest.mark.parametrize("version", [None, BASIL, ACACIA])
def test_a_discount_of_a_subscription_is_read_with_it(client, stripe, given, version):
    stripe.api_version = version or stripe.api_version
    given(subscription="sub_1")
    deliver(client, stripe)
    assert Subscription.objects.get().discount_ids == ["di_1"]
    assert list(Subscription.objects.filter(discounts__coupon="SUMMER")) == [Subscription.objects.get()]
    assert Customer.objects.get().coupon_id is None
    assert "/v1/subscriptions/sub_1" in calls(stripe)


def test_a_discount_that_ends_is_gone_from_its_subscription(client, stripe, given):
    given(subscription="sub_1")
    stripe.advance(5)
    stripe.delete("di_1")
    deliver(client, stripe)
    assert Subscription.objects.get().discount_ids == []
    assert Discount.all_objects.get().is_deleted
    assert not Subscription.objects.get().discounts.exists()


def test_a_discount_without_an_id_has_no_row_and_moves_its_customer(client, stripe, given):
    stripe.api_version = "2020-03-02"
    given()
    deliver(client, stripe)
    assert not Discount.all_objects.exists()
    assert (Customer.objects.get().coupon_id, Coupon.objects.get().times_redeemed) == ("SUMMER", 1)


@pytest.mark.parametrize(
    ("kind", "place"), [("customer", "discount"), ("subscription", "discount"), ("subscription", "discounts")]
)
def test_a_whole_discount_in_another_object_has_its_row_and_its_coupons(client, stripe, kind, place):
    coupon = build_object("coupon", id="SUMMER", percent_off=20)
    discount = build_object("discount", id="di_1", customer="cus_1", coupon=coupon, source=None)
    data = build_object(kind, **{place: [discount] if place == "discounts" else discount})
    event = stripe.add_event(build_event(f"{stripe_prefix(kind)}.created", data, api_version=ACACIA))
    assert post_event(client, event).status_code == 200
    assert Discount.objects.get().coupon == Coupon.objects.get()
    assert (Coupon.objects.get().percent_off, calls(stripe)) == (20, [])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_coupon_and_a_discount_of_one_second_are_settled_by_asking(client, stripe, given, order):
    stripe.api_version = BASIL
    stripe.update("SUMMER", name="Summer")
    given()
    for number in order:
        assert post_event(client, stripe.events[-2:][number]).status_code == 200
    coupon = Coupon.objects.get()
    assert (coupon.name, coupon.times_redeemed) == ("Summer", 1)
    assert "/v1/coupons/SUMMER" in calls(stripe)


def stripe_prefix(kind):
    return {"subscription": "customer.subscription"}.get(kind, kind)


def test_the_discounts_of_an_item_are_found_whole(client, stripe):
    discount = build_object("discount", id="di_1", source=SOURCE, subscription_item="si_1")
    items = [build_object("subscription_item", id="si_1", discounts=[discount])]
    stripe.create("subscription", id="sub_1", items=items)
    deliver(client, stripe)
    assert Discount.objects.get().subscription_item == SubscriptionItem.objects.get()
    assert SubscriptionItem.objects.get(discount_ids__has="di_1").pk == "si_1"


def test_a_coupon_that_is_shown_on_after_its_deletion_stays_deleted(client, stripe, given):
    stripe.api_version = BASIL
    given()
    stripe.advance(5)
    stripe.delete("SUMMER")
    stripe.advance(5)
    stripe.update("cus_1", description="later")
    deliver(client, stripe)
    assert Coupon.all_objects.get().is_deleted


def test_a_deletion_that_comes_after_the_coupon_was_shown_again_counts(client, stripe, given):
    stripe.api_version = BASIL
    given()
    deliver(client, stripe)
    stripe.advance(5)
    stripe.delete("SUMMER")
    deletion = stripe.events[-1]
    stripe.advance(5)
    stripe.update("cus_1", description="later")
    later = stripe.events[-1]
    assert post_event(client, later).status_code == 200
    assert not Coupon.all_objects.get().is_deleted
    stripe.reset_requests()
    assert post_event(client, deletion).status_code == 200
    assert Coupon.all_objects.get().is_deleted
    assert calls(stripe) == ["/v1/coupons/SUMMER"]


def test_rows_are_found_by_the_discounts_they_name(client, stripe):
    stripe.create("invoice", id="in_1", discounts=["di_1", "di_2"])
    stripe.create("invoice", id="in_2", discounts=["di_2"])
    stripe.create("invoice", id="in_3")
    deliver(client, stripe)

    def found(stripe_id):
        return sorted(Invoice.objects.filter(discount_ids__has=stripe_id).values_list("pk", flat=True))

    assert [found(each) for each in ("di_1", "di_2", "di_3", "di")] == [["in_1"], ["in_1", "in_2"], [], []]
    assert sorted(Invoice.objects.exclude(discount_ids__has="di_1").values_list("pk", flat=True)) == ["in_2", "in_3"]
    assert [row.pk for row in Invoice.objects.filter(discount_ids=[])] == ["in_3"]
