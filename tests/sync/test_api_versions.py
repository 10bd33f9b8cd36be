"""What is fetched because of an event comes in the API version that Stripe rendered the event in."""

import pytest
import stripe as sdk

from pinax.stripe.models import Charge, Customer, Invoice, PaymentIntent, Plan, Subscription
from pinax.stripe.models.customers import checkout_reference
from pinax.stripe.testing import build_event, build_object, post_event
from tests.assertions import assert_row

from .delivery import deliver

OLD = "2022-11-15"


def asked(stripe, path):
    """The versions in which a path was asked for; None for the account's default."""
    return [request.headers.get("stripe-version") for request in stripe.requests if request.path == path]


def tie(stripe, version, **event):
    """Two events of one second about an invoice, rendered in a version."""
    stripe.create("invoice", id="in_1", silent=True)
    for kind, status in (("invoice.finalized", "open"), ("invoice.paid", "paid")):
        invoice = stripe.update("in_1", silent=True, status=status)
        stripe.add_event(build_event(kind, invoice, created=stripe.now, api_version=version, **event))


@pytest.mark.parametrize(
    "version", [OLD, "2015-10-16", "2016-03-07; orders_beta=v3", "2026-10-28.endive", "2031-01-01.fennel"]
)
def test_a_tie_is_settled_in_the_version_of_the_event(client, stripe, version):
    tie(stripe, version)
    deliver(client, stripe)
    assert asked(stripe, "/v1/invoices/in_1") == [version]


@pytest.mark.parametrize("version", [None, "", "latest", "2022-11-15\r\nX-Evil: 1", "2022-11-15 ", "2022-11-15; é", 5])
@pytest.mark.parametrize("ours", [None, "2024-06-20"])
def test_the_version_asked_for_is_ours_or_the_accounts_if_the_event_names_none(client, stripe, settings, version, ours):
    """The account's is what Stripe renders its events in."""
    settings.PINAX_STRIPE_API_VERSION = ours
    tie(stripe, version)
    deliver(client, stripe)
    assert asked(stripe, "/v1/invoices/in_1") == [ours]


def test_a_version_that_stripe_refuses_costs_one_more_call_in_ours(client, stripe):
    tie(stripe, OLD)
    stripe.fail("/v1/invoices/in_1", 400)
    deliver(client, stripe)
    assert asked(stripe, "/v1/invoices/in_1") == [OLD, sdk.api_version]
    assert Invoice.objects.get().status == "paid"


def test_the_version_is_that_of_stripes_copy_not_of_the_posted_body(client, stripe):
    tie(stripe, OLD)
    for event in stripe.events:
        assert post_event(client, {**event, "api_version": "2026-10-28.endive"}).status_code == 200
    assert asked(stripe, "/v1/invoices/in_1") == [OLD]


def test_a_list_cut_short_is_completed_in_the_version_of_the_event(client, stripe):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(150)]
    stripe.create("invoice", id="in_1", lines=lines, silent=True)
    cut = stripe.get("in_1")
    cut["lines"] |= {"data": cut["lines"]["data"][:10], "has_more": True}
    stripe.add_event(build_event("invoice.created", cut, created=stripe.now, api_version=OLD))
    deliver(client, stripe)
    assert asked(stripe, "/v1/invoices/in_1/lines") == [OLD, OLD]


def test_a_thin_event_s_object_comes_in_the_version_of_the_account_s_snapshots(client, stripe):
    stripe.create("customer", id="cus_1", silent=True)
    event = build_event("v1.customer.updated", {}, created=stripe.now)
    thin = {name: event[name] for name in ("id", "type", "livemode")}
    thin |= {"object": "v2.core.event", "created": "2023-11-14T22:13:20.000Z"}
    stripe.add_event({**thin, "related_object": {"id": "cus_1", "type": "customer", "url": "/v1/customers/cus_1"}})
    deliver(client, stripe)
    assert asked(stripe, "/v1/customers/cus_1") == [None]


def test_the_customer_of_a_checkout_is_fetched_in_its_version(client, stripe, django_user_model):
    user = django_user_model.objects.create(username="u")
    stripe.create("customer", id="cus_1", silent=True)
    session = build_object("checkout.session", customer="cus_1", client_reference_id=checkout_reference(user))
    stripe.add_event(build_event("checkout.session.completed", session, created=stripe.now, api_version=OLD))
    deliver(client, stripe)
    assert asked(stripe, "/v1/customers/cus_1") == [OLD]
    assert Customer.objects.get().user == user


class TestAnAccountOnAnOlderVersion:
    """Whether two events share a second makes no difference to what is known."""

    def twice(self, client, stripe, version, stripe_id, **change):
        """An object changes within the second of its creation."""
        stripe.update(stripe_id, type="mystery.updated", **change)
        deliver(client, stripe)
        assert version in {request.headers.get("stripe-version") for request in stripe.requests}

    @pytest.mark.parametrize("version", ["2015-10-16", OLD, "2025-02-24.acacia"])
    def test_an_invoice_keeps_what_paid_it_and_its_subscription_and_tax(self, client, stripe, version):
        stripe.api_version = version
        stripe.create(
            "invoice", id="in_1", subscription="sub_1", charge="ch_1", payment_intent="pi_1", tax=190, status="open"
        )
        self.twice(client, stripe, version, "in_1", status="paid", paid=True)
        row = Invoice.objects.get()
        assert_row(row, charge_id="ch_1", payment_intent_id="pi_1", subscription_id="sub_1")
        assert (row.tax, row.status) == (190, "paid")

    def test_a_charge_and_a_payment_intent_keep_their_invoice(self, client, stripe):
        stripe.api_version = OLD
        stripe.create("charge", id="ch_1", invoice="in_1")
        self.twice(client, stripe, OLD, "ch_1", description="later")
        stripe.create("payment_intent", id="pi_1", invoice="in_1")
        self.twice(client, stripe, OLD, "pi_1", description="later")
        assert Charge.objects.get().invoice_id == PaymentIntent.objects.get().invoice_id == "in_1"

    def test_a_plan_keeps_its_name(self, client, stripe):
        stripe.api_version = "2017-08-15"
        stripe.create("plan", id="gold", name="Gold")
        self.twice(client, stripe, "2017-08-15", "gold", amount=3000)
        assert (Plan.objects.get().name, Plan.objects.get().amount) == ("Gold", 3000)

    def test_a_customer_keeps_its_balance_and_a_subscription_its_period(self, client, stripe):
        stripe.api_version = "2019-03-14"
        stripe.create("customer", id="cus_1", balance=-500)
        self.twice(client, stripe, "2019-03-14", "cus_1", description="later")
        stripe.create("subscription", id="sub_1")
        self.twice(client, stripe, "2019-03-14", "sub_1", status="past_due")
        assert Customer.objects.get().balance == -500
        row = Subscription.objects.get()
        assert row.current_period_end.timestamp() == stripe.now + 30 * 24 * 3600
        assert row.collection_method == "charge_automatically"

    @pytest.mark.parametrize("version", ["2017-08-15", "2019-03-14", OLD])
    def test_the_lines_of_a_long_invoice_keep_their_plan(self, client, stripe, version):
        stripe.api_version = version
        pricing = {"type": "price_details", "price_details": {"price": "gold", "product": "prod_1"}}
        lines = [build_object("line_item", id=f"il_{number}", pricing=pricing) for number in range(250)]
        stripe.create("invoice", id="in_1", lines=lines)
        deliver(client, stripe)
        plans = Invoice.objects.get().lines.values_list("stripe_data__unique_id", "id", "plan_id")
        assert {plan for _, _, plan in plans} == {"gold"}
        assert {key for _, key, _ in plans} == {f"il_{number}" for number in range(250)}
        assert set(asked(stripe, "/v1/invoices/in_1/lines")) == {version}


def test_an_upgrade_of_the_account_changes_where_facts_are_read_and_not_what_they_say(client, stripe):
    stripe.api_version = OLD
    stripe.create("subscription", id="sub_1")
    deliver(client, stripe)
    stripe.advance(1)
    stripe.api_version = "2026-10-28.endive"
    stripe.update("sub_1", description="later")
    deliver(client, stripe)
    row = Subscription.objects.get()
    assert "current_period_end" not in row.stripe_data
    assert row.current_period_end.timestamp() == stripe.now - 1 + 30 * 24 * 3600
