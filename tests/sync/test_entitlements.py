"""Entitlements of a customer: a summary says all of them, so what it does not name is revoked."""

import itertools

import pytest
from django.urls import reverse

from pinax.stripe.models import ActiveEntitlement, Customer, EntitlementState, EventProcessingException, ProductFeature
from pinax.stripe.testing import post_event

SUMMARY = "entitlements.active_entitlement_summary"
ADDRESS = "/v1/entitlements/active_entitlements"


@pytest.fixture
def customer(stripe, client):
    stripe.create("customer", id="cus_1")
    assert post_event(client, stripe.events[-1]).status_code == 200
    return Customer.objects.get()


def entitle(stripe, *features, account=None, wait=2, customer="cus_1", is_told=True):
    """The customer is entitled to these features, and no others; the event that tells of it."""
    stripe.advance(wait)
    for data in stripe.objects("entitlements.active_entitlement", account=account):
        stripe.delete(data["id"], account=account, silent=True)
    fields = [{"id": f"ent_{name}", "lookup_key": name, "feature": f"feat_{name}"} for name in features]
    entries = [
        stripe.create("entitlements.active_entitlement", customer=customer, account=account, silent=True, **each)
        for each in fields
    ]
    shown = [{name: value for name, value in entry.items() if name != "customer"} for entry in entries]
    listed = {"object": "list", "data": shown[:10], "has_more": len(shown) > 10, "url": f"/v1/customer/{customer}"}
    summary = {"object": SUMMARY, "customer": customer, "entitlements": listed, "livemode": False}
    return stripe.emit(f"{SUMMARY}.updated", summary, account=account, keep=False) if is_told else None


def deliver(client, *events):
    for event in events:
        assert post_event(client, event).status_code == 200


def lookup_keys(**which):
    return sorted(ActiveEntitlement.objects.filter(**which).values_list("lookup_key", flat=True))


def test_a_customer_has_what_the_last_summary_names(client, stripe, customer):
    deliver(client, entitle(stripe, "export", "api"))
    assert sorted(customer.entitlements.values_list("lookup_key", flat=True)) == ["api", "export"]
    assert (customer.has_feature("api"), customer.has_feature("sso")) == (True, False)
    row = ActiveEntitlement.objects.get(lookup_key="api")
    assert (row.pk, row.customer, row.feature_id, row.stripe_account) == ("ent_api", customer, "feat_api", "")
    deliver(client, entitle(stripe, "api", "sso"))
    assert lookup_keys() == ["api", "sso"]
    assert not customer.has_feature("export")
    revoked = ActiveEntitlement.all_objects.get(lookup_key="export")
    assert (revoked.is_deleted, revoked.customer) == (True, customer)
    deliver(client, entitle(stripe))
    assert lookup_keys() == []
    assert stripe.calls(ADDRESS) == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_an_old_summary_never_brings_back_what_was_revoked(client, stripe, customer, order):
    events = [entitle(stripe, "a"), entitle(stripe, "a", "b"), entitle(stripe, "b", "c"), entitle(stripe, "c")]
    deliver(client, *(events[number] for number in order))
    assert lookup_keys() == ["c"]


def test_an_empty_summary_is_remembered(client, stripe, customer):
    """Also when it is the first that arrives: there is no row then to remember it by."""
    old, last = entitle(stripe, "a"), entitle(stripe)
    deliver(client, last, old)
    assert lookup_keys() == []
    assert not ActiveEntitlement.all_objects.exists()


def test_what_was_revoked_may_come_back(client, stripe, customer):
    deliver(client, entitle(stripe, "a"), entitle(stripe), entitle(stripe, "a"))
    assert customer.has_feature("a")


def test_a_summary_of_more_than_ten_is_read_whole(client, stripe, customer):
    names = [f"feature_{number:02}" for number in range(25)]
    deliver(client, entitle(stripe, *names))
    assert lookup_keys() == names
    assert all(row.customer_id == "cus_1" for row in ActiveEntitlement.objects.all())
    assert stripe.calls(ADDRESS) == 1
    deliver(client, entitle(stripe, *names[:11]))
    assert lookup_keys() == names[:11]


def test_a_late_summary_of_more_than_ten_says_what_is_so_now(client, stripe, customer):
    many = entitle(stripe, *(f"feature_{number:02}" for number in range(12)))
    few = entitle(stripe, "feature_00")
    deliver(client, few, many)
    assert lookup_keys() == ["feature_00"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_summaries_of_one_second_are_settled_by_one_read(client, stripe, customer, order):
    events = [entitle(stripe, "a"), entitle(stripe, "b", wait=0)]
    deliver(client, *(events[number] for number in order))
    assert lookup_keys() == ["b"]
    assert stripe.calls(ADDRESS) == 1


def test_the_same_summary_twice_changes_nothing(client, stripe, customer):
    event = entitle(stripe, "a")
    deliver(client, event, {**event}, entitle(stripe, "a", wait=0))
    assert (ActiveEntitlement.objects.get().version, EntitlementState.objects.get().version) == (1, 1)
    assert stripe.calls(ADDRESS) == 0


def test_customers_and_accounts_do_not_mix(client, stripe, customer):
    deliver(client, entitle(stripe, "a"), entitle(stripe, "a", account="acct_1"))
    assert lookup_keys(customer="cus_1") == lookup_keys(customer="acct_1/cus_1") == ["a"]
    deliver(client, entitle(stripe, account="acct_1"))
    assert (lookup_keys(customer="cus_1"), lookup_keys(customer="acct_1/cus_1")) == (["a"], [])
    stripe.create("customer", id="cus_2", silent=True)
    deliver(client, entitle(stripe, "z", customer="cus_2"))
    assert (lookup_keys(customer="cus_1"), lookup_keys(customer="cus_2")) == (["a"], ["z"])


def test_a_deleted_customer_has_no_feature(client, stripe, customer):
    deliver(client, entitle(stripe, "a"))
    stripe.advance(2)
    stripe.delete("cus_1")
    deliver(client, stripe.events[-1])
    assert not Customer.all_objects.get().has_feature("a")


def test_a_customer_that_stripe_does_not_have_is_entitled_to_nothing(client, stripe):
    deliver(client, entitle(stripe, "a"), entitle(stripe, *(f"feature_{number:02}" for number in range(12))))
    assert lookup_keys() == []
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize("change", [{"entitlements": None}, {"entitlements": {}}, {"customer": None}])
def test_a_summary_that_says_nothing_changes_nothing(client, stripe, customer, change):
    deliver(client, entitle(stripe, "a"))
    stripe.advance(2)
    summary = {"object": SUMMARY, "customer": "cus_1", "entitlements": {"data": [], "has_more": False}, **change}
    deliver(client, stripe.emit(f"{SUMMARY}.updated", summary, keep=False))
    assert lookup_keys() == ["a"]


def test_a_read_of_one_keeps_the_customer_that_stripes_object_does_not_name(client, stripe, customer):
    deliver(client, entitle(stripe, "a"))
    ActiveEntitlement.objects.get().refresh_from_stripe()
    assert ActiveEntitlement.objects.get().customer == customer


def test_a_summary_that_is_older_than_what_was_read_is_settled_by_one_read(client, stripe, customer):
    late = entitle(stripe, "a")
    stripe.advance(20)
    entitle(stripe, "a", "b", is_told=False)
    for data in stripe.objects("entitlements.active_entitlement"):
        ActiveEntitlement.objects.fetch(data["id"])
    ActiveEntitlement.objects.update(customer="cus_1")
    stripe.reset_requests()
    deliver(client, late)
    assert lookup_keys() == ["a", "b"]
    assert stripe.calls(ADDRESS) == 1


def test_the_product_of_a_feature_is_the_one_below_which_it_was_read(client, stripe):
    stripe.create("product", id="prod_1", silent=True)
    feature = {"id": "feat_1", "object": "entitlements.feature", "lookup_key": "api", "name": "API"}
    stripe.create("product_feature", id="prodft_1", product="prod_1", entitlement_feature=feature, silent=True)
    row = ProductFeature.objects.fetch("prodft_1", product="prod_1")
    assert (row.product_id, row.feature_id, row.lookup_key) == ("prod_1", "feat_1", "api")
    row.refresh_from_stripe()
    assert row.product_id == "prod_1"


def test_the_pages_say_whether_the_customer_may_use_the_feature(client, stripe, customer, admin_client):
    deliver(client, entitle(stripe, "api", "sso"), entitle(stripe, "sso"))
    for name, sentence in (("api", "Revoked on "), ("sso", "The customer may use the feature, until Stripe")):
        address = reverse("admin:pinax_stripe_activeentitlement_change", args=[f"ent_5F{name}"])
        assert sentence in admin_client.get(address).content.decode()
    page = admin_client.get(reverse("admin:pinax_stripe_customer_change", args=["cus_5F1"])).content.decode()
    assert "Entitlements" in page
    assert admin_client.get(reverse("admin:pinax_stripe_activeentitlement_changelist")).status_code == 200
