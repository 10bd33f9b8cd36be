"""A customer that is deleted: Stripe "immediately cancels any active subscriptions on the customer".

https://docs.stripe.com/api/customers/delete
"""

import itertools

import pytest

from pinax.stripe.models import Customer, Subscription
from pinax.stripe.testing import post_event

from .delivery import deliver


@pytest.fixture
def gone(client, stripe):
    """A customer with a running subscription and one that has ended, which is deleted; its last events."""

    def make(account=None):
        stripe.create("customer", id="cus_1", account=account)
        stripe.create("subscription", id="sub_1", customer="cus_1", account=account)
        stripe.create("subscription", id="sub_ended", customer="cus_1", status="canceled", account=account)
        stripe.create("subscription", id="sub_other", customer="cus_2", account=account)
        deliver(client, stripe)
        stripe.reset_requests()
        stripe.advance(5)
        stripe.delete("cus_1", account=account)
        return stripe.undelivered()

    return make


def statuses():
    return dict(Subscription.objects.order_by("pk").values_list("pk", "status"))


def read(stripe):
    return [request.path for request in stripe.requests if "/events" not in request.path]


def test_stripe_tells_of_each_subscription_that_ends_with_it(stripe, gone):
    kinds = [(event["type"], event["data"]["object"]["id"]) for event in gone()]
    assert kinds == [("customer.subscription.deleted", "sub_1"), ("customer.deleted", "cus_1")]


@pytest.mark.parametrize("account", [None, "acct_1"])
def test_subscriptions_of_a_deleted_customer_are_read_though_no_event_of_theirs_comes(client, stripe, gone, account):
    (_, of_customer), key = gone(account), "acct_1/" if account else ""
    assert post_event(client, of_customer).status_code == 200
    assert Customer.all_objects.get().is_deleted
    assert statuses() == {f"{key}sub_1": "canceled", f"{key}sub_ended": "canceled", f"{key}sub_other": "active"}
    assert read(stripe) == ["/v1/subscriptions/sub_1"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_each_is_canceled_whichever_event_comes_first(client, stripe, gone, order):
    events = gone()
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert statuses() == {"sub_1": "canceled", "sub_ended": "canceled", "sub_other": "active"}
    # What has ended by then is not read.
    assert read(stripe) == ["/v1/subscriptions/sub_1"] * (order == (1, 0))


def test_a_subscription_that_stripe_does_not_have_stays_and_does_not_count(client, stripe, gone):
    of_customer = gone()[-1]
    stripe.fail("/v1/subscriptions", 404)
    assert post_event(client, of_customer).status_code == 200
    row = Subscription.objects.select_related("customer").get(pk="sub_1")
    assert (row.status, row.is_active) == ("active", False)
