"""A FakeStripe shows objects in the API version that is asked for, as Stripe does."""

import json
import urllib.error
import urllib.request

import pytest

from pinax.stripe.testing import FakeStripe, build_event, build_object
from pinax.stripe.testing.fake_stripe.versions import MOVED_ATTRIBUTES

ENDIVE = "2026-10-28.endive"


@pytest.fixture
def stripe():
    with FakeStripe() as stripe:
        stripe.now = 1_700_000_000
        yield stripe


@pytest.fixture
def get(stripe):
    """get(path, version): the status and the body of an answer."""

    def get(path, version=None):
        headers = {"Authorization": "Bearer sk_test_x", **({"Stripe-Version": version} if version else {})}
        try:
            with urllib.request.urlopen(urllib.request.Request(stripe.url + path, headers=headers)) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return get


def paid(stripe):
    """An invoice of a subscription, paid by a charge, and everything about it."""
    stripe.create("product", id="prod_1", name="Gold")
    stripe.create("price", id="price_1", product="prod_1", nickname="monthly")
    stripe.create("plan", id="gold", product="prod_1")
    coupon = stripe.create("coupon", id="SUMMER", percent_off=12.5)
    source = {"coupon": coupon["id"], "type": "coupon"}
    stripe.create("customer", id="cus_1", balance=-500)
    stripe.create("discount", id="di_cus", customer="cus_1", source=source)
    stripe.create("promotion_code", id="promo_1", promotion=source)
    stripe.create("card", id="card_1", customer="cus_1")
    stripe.create("subscription", id="sub_1", customer="cus_1")
    stripe.create("discount", id="di_sub", customer="cus_1", subscription="sub_1", source=source)
    stripe.create("payment_intent", id="pi_1", status="requires_payment_method", latest_charge="ch_1")
    stripe.create("charge", id="ch_1", payment_intent="pi_1")
    stripe.create("refund", id="re_1", charge="ch_1", amount=500)
    details = {"subscription": "sub_1", "subscription_item": "si_1", "proration": True, "invoice_item": None}
    line = build_object(
        "line_item",
        id="il_1",
        parent={"type": "subscription_item_details", "subscription_item_details": details},
        pricing={"type": "price_details", "price_details": {"price": "price_1", "product": "prod_1"}},
    )
    stripe.create(
        "invoice", id="in_1", status="paid", subscription="sub_1", lines=[line], total_taxes=[{"amount": 190}]
    )
    stripe.create("invoice_payment", invoice="in_1", payment={"type": "payment_intent", "payment_intent": "pi_1"})
    stripe.create("dispute", id="dp_1", charge="ch_1")
    phase = {"start_date": stripe.now, "end_date": None, "items": [{"price": "price_1", "quantity": 2}]}
    stripe.create(
        "subscription_schedule",
        id="sub_sched_1",
        phases=[phase],
        end_behavior="release",
        default_settings={"collection_method": "send_invoice"},
    )
    stripe.create("file", id="file_1")


def connected(stripe):
    """An account of which something is due."""
    stripe.create(
        "account",
        id="acct_1",
        type="custom",
        payouts_enabled=True,
        business_type="company",
        business_profile={"name": "Shop"},
        settings={"dashboard": {"display_name": "The shop"}},
        requirements={"currently_due": ["external_account"], "current_deadline": 1_800_000_000},
    )


#: Path, last version of the old shape, what is at which place of it, the first version of the new one, and the same.
CASES = [
    (
        "/v1/invoices/in_1",
        "2025-02-24.acacia",
        {"subscription": "sub_1", "charge": "ch_1", "payment_intent": "pi_1", "paid": True, "tax": 190},
        "2025-03-31.basil",
        {"parent.subscription_details.subscription": "sub_1", "total_taxes.0.amount": 190},
    ),
    (
        "/v1/invoices/in_1/lines",
        "2025-02-24.acacia",
        {
            **{"data.0.type": "subscription", "data.0.proration": True, "data.0.subscription": "sub_1"},
            **{"data.0.price.nickname": "monthly", "data.0.plan.id": "price_1", "data.0.subscription_item": "si_1"},
        },
        "2025-03-31.basil",
        {
            "data.0.pricing.price_details.price": "price_1",
            "data.0.parent.subscription_item_details.subscription": "sub_1",
        },
    ),
    (
        "/v1/subscriptions/sub_1",
        "2025-02-24.acacia",
        {"current_period_start": 1_700_000_000, "current_period_end": 1_700_000_000 + 30 * 86400},
        "2025-03-31.basil",
        {"items.data.0.current_period_start": 1_700_000_000},
    ),
    ("/v1/charges/ch_1", "2024-06-20", {"invoice": "in_1"}, "2025-03-31.basil", {}),
    ("/v1/payment_intents/pi_1", "2024-06-20", {"invoice": "in_1"}, "2025-03-31.basil", {}),
    ("/v1/customers/cus_1", "2025-08-27.basil", {"discount.coupon.percent_off": 12.5}, "2025-09-30.clover",
     {"discount.source.coupon": "SUMMER"}),
    ("/v1/promotion_codes/promo_1", "2025-08-27.basil", {"coupon.percent_off": 12.5}, "2025-09-30.clover",
     {"promotion.coupon": "SUMMER"}),
    ("/v1/subscriptions/sub_1", "2025-02-24.acacia", {"discount.coupon.percent_off": 12.5}, "2025-03-31.basil",
     {"discounts.0": "di_sub"}),
    ("/v1/subscriptions/sub_1", "2023-10-16", {"discount.id": "di_sub"}, "2024-04-10", {"discounts.0": "di_sub"}),
    ("/v1/customers/cus_1", "2020-03-02", {"discount.coupon.id": "SUMMER"}, "2020-08-27", {"discount.id": "di_cus"}),
    ("/v1/charges/ch_1", "2022-08-01", {"refunds.data.0.id": "re_1"}, "2022-11-15", {}),
    ("/v1/payment_intents/pi_1", "2022-08-01", {"charges.data.0.refunds.data.0.id": "re_1"}, "2022-11-15",
     {"latest_charge": "ch_1"}),
    ("/v1/customers/cus_1", "2020-03-02", {"sources.data.0.id": "card_1", "subscriptions.data.0.id": "sub_1",
                                           "subscriptions.data.0.quantity": 1}, "2020-08-27", {}),
    ("/v1/subscriptions/sub_1", "2020-03-02", {"quantity": 1, "plan.amount": 2000}, "2020-08-27", {}),
    ("/v1/invoices/in_1/lines", "2019-11-05", {"data.0.id": "sub_1", "data.0.unique_id": "il_1"}, "2019-12-03",
     {"data.0.id": "il_1"}),
    ("/v1/charges/ch_1", "2019-10-17", {"dispute": "dp_1"}, "2019-11-05", {"disputed": True}),
    ("/v1/customers/cus_1", "2019-10-08", {"account_balance": -500}, "2019-10-17", {"balance": -500}),
    ("/v1/invoices/in_1", "2019-10-08", {"billing": "charge_automatically"}, "2019-10-17",
     {"collection_method": "charge_automatically"}),
    ("/v1/subscriptions/sub_1", "2019-10-08", {"billing": "charge_automatically", "start": 1_700_000_000},
     "2019-10-17", {"collection_method": "charge_automatically", "start_date": 1_700_000_000}),
    ("/v1/invoices/in_1", "2019-02-19", {"date": 1_700_000_000, "finalized_at": 1_700_000_000}, "2019-03-14",
     {"created": 1_700_000_000, "status_transitions.finalized_at": 1_700_000_000}),
    ("/v1/payment_intents/pi_1", "2018-11-08", {"status": "requires_source"}, "2019-02-11",
     {"status": "requires_payment_method"}),
    ("/v1/invoices/in_1", "2018-10-31", {"closed": True, "forgiven": False, "paid": True}, "2018-11-08",
     {"status": "paid"}),
    ("/v1/coupons/SUMMER", "2018-05-21", {"percent_off": 12, "percent_off_precise": 12.5}, "2018-07-27",
     {"percent_off": 12.5}),
    ("/v1/plans/gold", "2018-01-23", {"name": "Gold"}, "2018-02-05", {"product": "prod_1"}),
    ("/v1/subscription_schedules/sub_sched_1", "2020-03-02", {"phases.0.plans.0.plan": "price_1"}, "2020-08-27",
     {"phases.0.items.0.price": "price_1"}),
    ("/v1/subscription_schedules/sub_sched_1", "2019-10-17", {"collection_method": "send_invoice"}, "2019-11-05",
     {"default_settings.collection_method": "send_invoice"}),
    ("/v1/subscription_schedules/sub_sched_1", "2019-10-08",
     {"billing": "send_invoice", "renewal_behavior": "release"}, "2019-10-17",
     {"collection_method": "send_invoice", "end_behavior": "release"}),
    ("/v1/files/file_1", "2018-09-24", {"object": "file_upload"}, "2018-10-31", {"object": "file"}),
    ("/v1/accounts/acct_1", "2019-02-11",
     {"business_name": "Shop", "display_name": "The shop", "legal_entity.type": "company",
      "verification.fields_needed": ["external_account"], "verification.due_by": 1_800_000_000}, "2019-02-19",
     {"business_profile.name": "Shop", "requirements.currently_due": ["external_account"]}),
    ("/v1/accounts/acct_1", "2017-04-06", {"managed": True}, "2017-05-25", {"type": "custom"}),
    ("/v1/accounts/acct_1", "2017-02-14", {"transfers_enabled": True}, "2017-04-06", {"payouts_enabled": True}),
]  # fmt: skip


def places(data, paths):
    """The values at paths of names and numbers."""

    def value(path):
        found = data
        for name in path.split("."):
            found = found[int(name) if name.isdigit() else name]
        return found

    return {path: value(path) for path in paths}


@pytest.mark.parametrize(("path", "before", "old", "since", "new"), CASES)
def test_a_fact_that_moved_is_where_the_version_has_it(stripe, get, path, before, old, since, new):
    paid(stripe)
    connected(stripe)
    shown = get(path, before)[1]
    assert places(shown, old) == old
    shown_later = get(path, since)[1]
    assert places(shown_later, new) == new
    whole = (shown, shown_later) if "data" not in shown else (shown["data"][0], shown_later["data"][0])
    assert whole[0].keys() - whole[1].keys() <= {name for moved in MOVED_ATTRIBUTES for name in moved.old}
    assert whole[1].keys() - whole[0].keys() <= {name for moved in MOVED_ATTRIBUTES for name in moved.new}


def test_every_fact_of_the_table_is_tried():
    assert {moved.since for moved in MOVED_ATTRIBUTES} == {since[:10] for _, _, _, since, _ in CASES}


def test_without_a_version_it_is_the_account_s(stripe, get):
    paid(stripe)
    assert "subscription" not in get("/v1/invoices/in_1")[1]
    stripe.api_version = "2022-11-15"
    assert get("/v1/invoices/in_1")[1]["subscription"] == "sub_1"


@pytest.mark.parametrize("version", ["latest", "2022", "2022-11-15.", "x2022-11-15"])
def test_what_is_no_version_is_refused(stripe, get, version):
    assert get("/v1/customers", version) == (
        400,
        {"error": {"message": f"Invalid Stripe API version: {version}", "type": "invalid_request_error"}},
    )


def test_events_are_rendered_once_in_the_version_of_the_account(stripe, get):
    stripe.api_version = "2022-11-15"
    stripe.create("subscription", id="sub_1")
    event = stripe.events[0]
    assert event["api_version"] == "2022-11-15"
    assert event["data"]["object"]["current_period_start"] == stripe.now
    stripe.api_version = ENDIVE
    assert get(f"/v1/events/{event['id']}", ENDIVE)[1] == event
    assert get("/v1/events", ENDIVE)[1]["data"] == [event]


def test_previous_attributes_are_where_the_version_has_them(stripe):
    stripe.api_version = "2019-03-14"
    stripe.create("customer", id="cus_1", balance=0)
    stripe.update("cus_1", balance=-500)
    assert stripe.events[1]["data"]["previous_attributes"] == {"account_balance": 0}


def test_what_is_given_in_an_older_shape_is_shown_in_every_version(stripe, get):
    stripe.create("invoice", id="in_1", subscription="sub_1", charge="ch_1", billing="send_invoice")
    assert places(get("/v1/invoices/in_1", "2019-08-14")[1], ["subscription", "charge", "billing"]) == {
        "subscription": "sub_1",
        "charge": "ch_1",
        "billing": "send_invoice",
    }
    today = get("/v1/invoices/in_1", ENDIVE)[1]
    assert today["parent"]["subscription_details"]["subscription"] == "sub_1"
    assert (today["collection_method"], "charge" in today) == ("send_invoice", False)


def test_what_an_added_event_says_in_an_older_shape_is_known_in_answers_of_that_version(stripe, get):
    stripe.create("invoice", id="in_1", silent=True)
    old = {**stripe.get("in_1"), "charge": "ch_1", "paid": False}
    stripe.add_event(build_event("invoice.updated", old, api_version="2022-11-15"))
    stripe.update("in_1", silent=True, status="paid")
    shown = get("/v1/invoices/in_1", "2022-11-15")[1]
    assert (shown["charge"], shown["paid"]) == ("ch_1", True)
    assert "charge" not in get("/v1/invoices/in_1", ENDIVE)[1]


def test_the_stub_of_a_deleted_object_has_no_shape(stripe, get):
    stripe.create("customer", id="cus_1")
    stripe.delete("cus_1")
    assert get("/v1/customers/cus_1", "2015-10-16")[1] == {"id": "cus_1", "object": "customer", "deleted": True}
