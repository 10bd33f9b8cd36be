"""Thin events name an object instead of carrying it; it is fetched, and never from an address in the event."""

import datetime

import pytest

from pinax.stripe.models import (
    Balance,
    Capability,
    Card,
    CashBalance,
    Charge,
    CheckoutSession,
    Customer,
    CustomerCashBalanceTransaction,
    Discount,
    Event,
    FeeRefund,
    Person,
    Refund,
    Subscription,
    TaxId,
)
from pinax.stripe.models.customers import checkout_reference
from pinax.stripe.signals import every_event
from pinax.stripe.testing import post_event
from pinax.stripe.testing.builders.ids import new_id
from pinax.stripe.webhooks.registry import types_of_interest

pytestmark = pytest.mark.django_db(transaction=True)


def thin(stripe, kind, stripe_id, created="2026-10-01T10:00:00.123Z", **fields):
    """A thin event that Stripe knows. Its address is wrong, unless it is given: the id is what counts."""
    name = fields.pop("name", stripe_id.split("_")[0])
    event = {
        "id": new_id("event"),
        "object": "v2.core.event",
        "type": kind,
        "created": created,
        "livemode": False,
        "related_object": {"id": stripe_id, "type": name, "url": "//evil.example/v1/x"},
        **fields,
    }
    stripe.add_event({**event, "changes": {}}, account=(fields.get("context") or "").rpartition("/")[2])
    return event


def test_the_object_that_a_thin_event_names_is_fetched_and_mirrored(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com", silent=True)
    assert post_event(client, thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer")).status_code == 200
    assert Customer.objects.get().email == "jenny@example.com"
    # A thin event does not say what changed, so the entries of the balance are listed, too.
    paths = ["/v1/customers/cus_1", "/v1/customers/cus_1/balance_transactions"]
    assert [request.path for request in fake_stripe.requests][1:] == paths


def test_the_snapshot_twin_of_a_thin_event_adds_nothing_and_both_are_announced(client, fake_stripe):
    seen = []

    def receiver(event, **kwargs):
        seen.append(event.kind)

    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    every_event.connect(receiver, weak=False, dispatch_uid="twin")
    try:
        for event in (fake_stripe.events[0], thin(fake_stripe, "v1.customer.created", "cus_1", name="customer")):
            assert post_event(client, event).status_code == 200
    finally:
        every_event.disconnect(dispatch_uid="twin")
    assert seen == ["customer.created", "v1.customer.created"]
    assert Customer.objects.get().email == "jenny@example.com"


def test_a_deleted_object_leaves_a_tombstone(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    fake_stripe.delete("cus_1")
    post_event(client, thin(fake_stripe, "v1.customer.deleted", "cus_1", name="customer"))
    assert Customer.all_objects.get().is_deleted
    post_event(client, thin(fake_stripe, "v1.product.deleted", "prod_1", name="product"))
    assert Event.objects.filter(processed=True).count() == 2


def test_an_old_snapshot_does_not_overwrite_what_was_fetched(client, fake_stripe):
    fake_stripe.now_offset = None
    fake_stripe.create("subscription", id="sub_1", status="incomplete")
    fake_stripe.events[0]["created"] -= 60
    fake_stripe.update("sub_1", status="active", silent=True)
    post_event(client, thin(fake_stripe, "v1.customer.subscription.active", "sub_1", name="subscription"))
    post_event(client, fake_stripe.events[0])
    assert Subscription.objects.get().status == "active"


def test_the_object_of_a_thin_event_is_read_from_the_account_of_its_context(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com", account="acct_2", silent=True)
    event = thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer", context="acct_1/acct_2")
    assert post_event(client, event).status_code == 200
    assert Customer.objects.get().pk == "acct_2/cus_1"


@pytest.mark.parametrize(
    "related",
    [
        None,
        {"type": "balance_settings", "url": "/v1/balance_settings"},
        {"type": "cash_balance", "url": "//evil.example/v1/customers/cus_1/cash_balance"},
        {"id": "person_1", "type": "person", "url": "/v1/persons/person_1"},
        {"id": "ba_1", "type": "bank_account"},
        "x",
        5,
    ],
)
def test_what_is_not_mirrored_is_announced_alone(client, fake_stripe, related):
    event = thin(fake_stripe, "v1.balance.available", "x", related_object=related)
    assert post_event(client, event).status_code == 200
    assert Event.objects.get().processed
    assert len(fake_stripe.requests) == 1


def test_while_the_object_cannot_be_read_the_event_is_not_done(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    event = thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer")
    fake_stripe.fail("/v1/customers", times=None)
    assert post_event(client, event).status_code == 503
    fake_stripe.clear_faults()
    assert post_event(client, event).status_code == 200
    assert Customer.objects.exists()


def test_an_answer_about_another_object_is_not_believed(client, fake_stripe):
    event = thin(fake_stripe, "v1.customer.updated", "cus_1", name="customer")
    fake_stripe.fail("/v1/customers", 200, body={"id": "cus_2", "object": "customer"}, times=None)
    assert post_event(client, event).status_code == 503
    assert not Customer.all_objects.exists()


# Objects that are read below others, or have no id: their parents are in the address that the event names.


def named(stripe, kind, name, url, stripe_id="", **fields):
    """A thin event about an object at an address; one without an id is the only one there."""
    related = {"id": stripe_id, "type": name, "url": url} if stripe_id else {"type": name, "url": url}
    return thin(stripe, f"v1.{kind}", stripe_id, related_object=related, **fields)


@pytest.mark.parametrize(
    ("model", "kind", "name", "stripe_id", "url", "parents"),
    [
        (Person, "person.created", "person", "person_1", "/v1/accounts/acct_1/persons/person_1", {"account": "acct_1"}),
        (TaxId, "customer.tax_id.created", "tax_id", "txi_1", "/v1/tax_ids/txi_1", {"customer": "cus_1"}),
        (
            TaxId,
            "customer.tax_id.created",
            "tax_id",
            "txi_1",
            "/v1/customers/cus_1/tax_ids/txi_1",
            {"customer": "cus_1"},
        ),
        (
            CustomerCashBalanceTransaction,
            "customer_cash_balance_transaction.created",
            "customer_cash_balance_transaction",
            "ccsbtxn_1",
            "/v1/customers/cus_1/cash_balance_transactions/ccsbtxn_1",
            {"customer": "cus_1"},
        ),
        (
            FeeRefund,
            "application_fee.refund.updated",
            "fee_refund",
            "fr_1",
            "/v1/application_fees/fee_1/refunds/fr_1",
            {"fee": "fee_1"},
        ),
        (
            Capability,
            "capability.updated",
            "capability",
            "card_payments",
            "/v1/accounts/acct_1/capabilities/card_payments",
            {"account": "acct_1"},
        ),
    ],
)
def test_an_object_below_another_is_read_below_the_one_that_its_address_names(
    client, fake_stripe, model, kind, name, stripe_id, url, parents
):
    fake_stripe.create("customer", id="cus_1", silent=True)
    fake_stripe.create("application_fee", id="fee_1", silent=True)
    fake_stripe.create(name, id=stripe_id, silent=True, **parents)
    event = named(fake_stripe, kind, name, url, stripe_id, context=parents.get("account"))
    assert post_event(client, event).status_code == 200
    row = model.objects.get()
    assert row.stripe_id == stripe_id
    assert Event.objects.get().mirrored_object == row


def test_what_is_gone_below_another_leaves_a_tombstone(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    url = "/v1/customers/cus_1/tax_ids/txi_1"
    assert post_event(client, named(fake_stripe, "customer.tax_id.deleted", "tax_id", url, "txi_1")).status_code == 200
    assert TaxId.all_objects.get().is_deleted


@pytest.mark.parametrize("account", ["", "acct_1"])
def test_the_balance_of_an_account_is_read(client, fake_stripe, account):
    available = [{"amount": 500, "currency": "eur"}]
    fake_stripe.create("balance", available=available, account=account, silent=True)
    event = named(fake_stripe, "balance.available", "balance", "/v1/balance", context=account or None)
    assert post_event(client, event).status_code == 200
    row = Balance.objects.get()
    assert (row.stripe_account, row.stripe_id, row.available) == (account, "test", {"eur": 500})
    assert Event.objects.get().mirrored_object == row


def test_the_cash_of_the_customer_in_the_address_is_read_and_the_event_counts_among_the_customers(client, fake_stripe):
    for number in (1, 2):
        fake_stripe.create("customer", id=f"cus_{number}", silent=True)
        fake_stripe.create("cash_balance", customer=f"cus_{number}", available={"eur": number}, silent=True)
    event = named(fake_stripe, "cash_balance.funds_available", "cash_balance", "/v1/customers/cus_2/cash_balance")
    assert post_event(client, event).status_code == 200
    assert [(row.pk, row.available) for row in CashBalance.objects.all()] == [("cus_2", {"eur": 2})]
    assert Event.objects.get().customer_id == "cus_2"


def test_with_a_discount_its_customer_is_read_which_shows_it(client, fake_stripe):
    """Stripe has no page of a discount: the address is where the customer's one is given or taken away."""
    fake_stripe.create("customer", id="cus_1", silent=True)
    fake_stripe.create("discount", id="di_1", customer="cus_1", silent=True)
    event = named(fake_stripe, "customer.discount.created", "discount", "/v1/customers/cus_1/discount")
    assert post_event(client, event).status_code == 200
    assert Discount.objects.get().customer == Customer.objects.get()
    assert Event.objects.get().customer_id == "cus_1"


def test_with_a_subscriptions_discount_the_subscription_is_read(client, fake_stripe):
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", silent=True)
    fake_stripe.create("discount", id="di_1", customer="cus_1", subscription="sub_1", silent=True)
    event = named(fake_stripe, "customer.discount.created", "discount", "/v1/subscriptions/sub_1/discount")
    assert post_event(client, event).status_code == 200
    assert Subscription.objects.get().discount_ids == ["di_1"]
    assert not Customer.all_objects.exists()


# What changes with another object's event changes with its thin twin, too.


def later(stripe):
    """Seconds pass; when that is, as thin events write it."""
    moment = datetime.datetime.fromtimestamp(stripe.advance(5), tz=datetime.timezone.utc)
    return {"created": moment.isoformat().replace("+00:00", "Z")}


def test_the_charge_of_a_refund_that_fails_is_read(client, fake_stripe):
    fake_stripe.create("charge", id="ch_1", amount=2000, amount_refunded=0, silent=True)
    fake_stripe.create("refund", id="re_1", charge="ch_1", status="pending", silent=True)
    event = named(fake_stripe, "refund.failed", "refund", "/v1/refunds/re_1", "re_1")
    assert post_event(client, event).status_code == 200
    assert {Refund.objects.get().charge_id, Charge.objects.get().pk} == {"ch_1"}


def test_the_subscriptions_of_a_deleted_customer_are_read(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", status="active")
    post_event(client, fake_stripe.events[-1])
    fake_stripe.delete("cus_1", silent=True)
    url = "/v1/customers/cus_1"
    event = named(fake_stripe, "customer.deleted", "customer", url, "cus_1", **later(fake_stripe))
    assert post_event(client, event).status_code == 200
    assert Subscription.objects.get().status == "canceled"


def test_a_card_that_is_detached_as_a_payment_method_gets_its_tombstone(client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    fake_stripe.create("card", id="card_1", customer="cus_1")
    post_event(client, fake_stripe.events[-1])
    assert Card.objects.get().customer_id == "cus_1"
    fake_stripe.detach("card_1", silent=True)
    url = "/v1/payment_methods/card_1"
    event = named(fake_stripe, "payment_method.detached", "payment_method", url, "card_1", **later(fake_stripe))
    assert post_event(client, event).status_code == 200
    assert Card.all_objects.get().is_deleted


@pytest.mark.parametrize("kind", ["completed", "async_payment_succeeded"])
def test_a_thin_event_of_a_completed_session_links_its_customer_to_the_user(
    client, fake_stripe, django_user_model, kind
):
    user = django_user_model.objects.create_user("jenny")
    fake_stripe.create("customer", id="cus_1", silent=True)
    session = {"customer": "cus_1", "client_reference_id": checkout_reference(user), "status": "complete"}
    fake_stripe.create("checkout.session", id="cs_1", silent=True, **session)
    event = thin(fake_stripe, f"v1.checkout.session.{kind}", "cs_1", name="checkout.session")
    assert post_event(client, event).status_code == 200
    assert Customer.objects.get().user == user
    assert CheckoutSession.objects.get().customer_id == "cus_1"


def test_no_endpoint_is_made_for_thin_types():
    assert not any(name.startswith("v1.") for name in types_of_interest())
    assert "checkout.session.completed" in types_of_interest()
