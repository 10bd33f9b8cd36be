"""Customers that are accounts of Stripe's v2 API: no customer.* event ever tells of them.

https://docs.stripe.com/connect/accounts-v2: objects of v1 name both, `customer` and `customer_account`.
"""

import datetime
import time

import pytest

from pinax.stripe.models import Customer, Event, EventProcessingException, Subscription
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.testing import post_event
from tests.assertions import assert_row

from .delivery import deliver

ACCOUNT = {"customer": "cus_1", "customer_account": "acct_v2"}


@pytest.fixture
def customer(stripe):
    """A customer that is an account; Stripe makes no event of it."""
    return stripe.create("customer", id="cus_1", customer_account="acct_v2", email="jo@example.com", silent=True)


def account_event(stripe, kind, number):
    """A thin event of the account."""
    created = datetime.datetime.fromtimestamp(stripe.now, tz=datetime.timezone.utc)
    event = {
        "id": f"evt_{number}",
        "object": "v2.core.event",
        "type": kind,
        "livemode": False,
        "context": None,
        "created": created.isoformat().replace("+00:00", "Z"),
        "related_object": {"id": "acct_v2", "type": "v2.core.account", "url": "/v2/core/accounts/acct_v2"},
    }
    stripe.add_event(event)
    return event


def reads(stripe):
    return stripe.calls("/v1/customers/cus_1")


@pytest.mark.parametrize("object_type", ["subscription", "payment_method", "invoice", "payment_intent"])
def test_the_first_object_that_names_the_customer_brings_the_row_for_one_read(client, stripe, customer, object_type):
    stripe.create(object_type, **ACCOUNT)
    stripe.create(object_type, **ACCOUNT)
    deliver(client, stripe)
    row = Customer.objects.get()
    assert_row(row, pk="cus_1", email="jo@example.com", customer_account="acct_v2")
    assert reads(stripe) == 1


def test_the_row_is_linked_to_the_user_whom_its_metadata_name(client, stripe, django_user_model):
    user = django_user_model.objects.create_user("jo")
    metadata = {USER_METADATA_KEY: user_reference(user)}
    stripe.create("customer", id="cus_1", customer_account="acct_v2", metadata=metadata, silent=True)
    stripe.create("subscription", status="active", **ACCOUNT)
    deliver(client, stripe)
    assert Customer.objects.for_user(user).get().subscriptions.get() == Subscription.objects.get()


def test_an_event_of_the_account_reads_the_customer_again(client, stripe, customer):
    stripe.now = int(time.time()) - 20  # Only a clock that is right tells when something was read.
    assert post_event(client, account_event(stripe, "v2.core.account.created", 1)).status_code == 200
    assert not Customer.all_objects.exists()  # Nothing tells yet which customer the account is.
    stripe.create("subscription", **ACCOUNT)
    deliver(client, stripe)
    stripe.advance(5)
    stripe.update("cus_1", email="new@example.com", silent=True)
    kind = "v2.core.account[configuration.customer].updated"
    assert post_event(client, account_event(stripe, kind, 2)).status_code == 200
    assert Customer.objects.get().email == "new@example.com"
    assert reads(stripe) == 2


def test_a_customer_of_their_own_is_not_read(client, stripe):
    stripe.create("customer", id="cus_1", silent=True)
    stripe.create("subscription", customer="cus_1")
    deliver(client, stripe)
    assert not Customer.all_objects.exists()
    assert reads(stripe) == 0


def test_a_connected_accounts_customer_is_read_there(client, stripe):
    stripe.create("customer", id="cus_1", customer_account="acct_v2", account="acct_1", silent=True)
    stripe.create("subscription", account="acct_1", **ACCOUNT)
    deliver(client, stripe)
    assert [row.pk for row in Customer.objects.all()] == ["acct_1/cus_1"]


def test_a_key_that_may_not_read_customers_does_without_the_row(client, stripe, customer):
    stripe.fail("/v1/customers/cus_1", 403)
    stripe.create("subscription", **ACCOUNT)
    deliver(client, stripe)
    assert Event.objects.get().processed
    assert not EventProcessingException.objects.exists()
    assert not Customer.all_objects.exists()
