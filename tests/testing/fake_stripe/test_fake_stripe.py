"""FakeStripe over real sockets: what it answers, and how it misbehaves."""

import http.client
import json
import re
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.testing import FakeStripe, build_event, build_object
from tests.assertions import assert_row

KEY = "sk_test_fake"
NOW = 1_700_000_000


@pytest.fixture
def stripe():
    with FakeStripe() as stripe:
        stripe.now = NOW
        yield stripe


@pytest.fixture
def get(stripe):
    """GET with parameters: status and JSON."""
    connection = connect(stripe)

    def get(path, params=None, *, key=KEY, method="GET", **headers):
        if key:
            headers["Authorization"] = f"Bearer {key}"
        address = path + ("?" + urllib.parse.urlencode(params) if params else "")
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, address, headers=names)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    yield get
    connection.close()


def connect(stripe):
    return http.client.HTTPConnection("127.0.0.1", int(stripe.url.rpartition(":")[2]), timeout=60)


def ids(answer):
    status, body = answer
    assert status == 200, body
    return [row["id"] for row in body["data"]]


def test_what_is_created_can_be_read_and_has_an_event(stripe, get):
    customer = stripe.create("customer", email="a@example.com")
    assert get(f"/v1/customers/{customer['id']}") == (200, customer)
    (event,) = stripe.events
    assert (event["type"], event["created"], event["data"]) == ("customer.created", NOW, {"object": customer})
    assert get(f"/v1/events/{event['id']}") == (200, event)


#: Parameter of a path or of a list -> the type of the object that it names, where that is another word.
OWNER_TYPES = {
    "fee": "application_fee",
    "financial_account": "treasury.financial_account",
    "meter": "billing.meter",
    "session": "checkout.session",
    "value_list": "radar.value_list",
    ("issuing.token", "card"): "issuing.card",
    ("financial_connections.transaction", "account"): "financial_connections.account",
}
NO_OBJECTS = {"start_time", "end_time", "scope"}
PATHS = [(row.name, path) for row in OBJECT_TYPES.values() for path in (row.path, *row.further_paths) if path]


def named_by_lists(name, path):
    """The parameters of a list that name objects -> the types of these."""
    row = OBJECT_TYPES[name]
    named = (*re.findall(r"{(\w+)}", path), *(row.list_demands if path == row.path else ()))
    return {
        each: OWNER_TYPES.get((name, each), OWNER_TYPES.get(each, each)) for each in named if each not in NO_OBJECTS
    }


def store_owner(stripe, name):
    """The id of a new object without parts; of accounts, of the one that there always is."""
    part = OBJECT_TYPES[name].part
    without_parts = {part.attribute: []} if part else {}
    return "acct_platform" if name == "account" else stripe.create(name, silent=True, **without_parts)["id"]


@pytest.mark.parametrize(("name", "path"), PATHS)
def test_every_object_is_listed_and_read_where_stripe_has_it(stripe, get, name, path):
    row = OBJECT_TYPES[name]
    types = named_by_lists(name, path)
    owners, others = ({each: store_owner(stripe, owner) for each, owner in types.items()} for _ in range(2))
    stored = build_object(name, created=NOW, **owners)
    stripe.emit("something.happened", stored)
    shown = {key: value for key, value in stored.items() if key not in row.unnamed}
    address = f"/v1/{path.format(**owners)}"
    demanded = {each: owners.get(each, "1") for each in row.list_demands}
    if not row.has_id:
        assert get(address) == (200, shown)
        return
    if row.is_listed or path != row.path:
        assert get(address, demanded)[1]["data"] == [shown]
    else:
        assert get(address)[1]["error"]["message"] == f"Unrecognized request URL (GET: {address})."
    status, body = get(f"{address}/{stored['id']}")
    assert (status, body) == (200, shown) if row.is_read else status == 404
    if owners != others:
        other = f"/v1/{path.format(**others)}"
        assert (
            get(other, {**demanded, **{each: others[each] for each in row.list_demands if each in others}})[1]["data"]
            == []
        )


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path in PATHS if named_by_lists(name, path)])
def test_a_list_of_an_object_that_is_not_there_is_refused(stripe, get, name, path):
    demanded = dict.fromkeys(OBJECT_TYPES[name].list_demands, "x_1")
    status, body = get(f"/v1/{path.format(**dict.fromkeys(named_by_lists(name, path), 'x_1'))}", demanded)
    assert (status, body["error"]["code"]) == (404, "resource_missing")


@pytest.mark.parametrize("name", [row.name for row in OBJECT_TYPES.values() if row.list_demands and not row.parents])
def test_a_list_without_a_parameter_that_it_demands_is_refused(stripe, get, name):
    status, body = get(f"/v1/{OBJECT_TYPES[name].path}")
    (missing, *_) = OBJECT_TYPES[name].list_demands
    assert (status, body["error"]["code"], body["error"]["param"]) == (400, "parameter_missing", missing)


def test_persons_and_capabilities_are_those_of_their_account(stripe, get):
    stripe.create("person", id="person_1", account="acct_1")
    stripe.create("capability", id="transfers", account="acct_1")
    stripe.create("capability", id="transfers", account="acct_2")
    assert ids(get("/v1/accounts/acct_1/persons")) == ["person_1"]
    assert get("/v1/accounts/acct_1/persons/person_1", Stripe_Account="acct_1")[1]["account"] == "acct_1"
    assert get("/v1/accounts/acct_2/capabilities/transfers")[1]["account"] == "acct_2"
    assert get("/v1/accounts/acct_2/persons/person_1")[0] == 404


def test_every_account_has_a_balance(stripe, get):
    assert get("/v1/balance")[1]["object"] == "balance"
    stripe.create("balance", livemode=False, available=[{"amount": 5, "currency": "usd"}], silent=True)
    stripe.update("balance", available=[{"amount": 7, "currency": "usd"}], silent=True)
    assert get("/v1/balance")[1]["available"] == [{"amount": 7, "currency": "usd"}]
    assert get("/v1/balance/x_1")[0] == 404


def test_a_checkout_has_its_line_items_only_when_they_are_asked_for(stripe, get):
    items = [build_object("item", id=f"li_{number}") for number in range(12)]
    stripe.create("checkout.session", id="cs_1", line_items=items)
    stripe.update("cs_1", status="complete")
    assert "line_items" not in stripe.events[0]["data"]["object"]
    assert "line_items" not in get("/v1/checkout/sessions/cs_1")[1]
    assert "line_items" not in get("/v1/checkout/sessions")[1]["data"][0]
    expanded = get("/v1/checkout/sessions/cs_1", {"expand[]": "line_items"})[1]["line_items"]
    assert (len(expanded["data"]), expanded["has_more"]) == (10, True)
    assert get("/v1/checkout/sessions", {"expand[]": "data.line_items"})[1]["data"][0]["line_items"] == expanded
    assert len(ids(get("/v1/checkout/sessions/cs_1/line_items", {"limit": 100}))) == 12
    assert get("/v1/checkout/sessions/cs_2/line_items")[0] == 404
    assert get("/v1/checkout/sessions/cs_1/lines")[0] == 404


def test_ids_are_expanded_to_the_objects_they_name(stripe, get):
    customer = stripe.create("customer", id="cus_1", default_source="card_1")
    card = stripe.create("card", id="card_1", customer="cus_1")
    stripe.create("invoice", id="in_1", customer="cus_1", lines=[build_object("line_item", id="il_1")])
    stripe.create("checkout.session", id="cs_1", customer="cus_1", invoice="in_1", line_items=[])
    wanted = {"expand[0]": "customer", "expand[1]": "invoice.customer.default_source", "expand[2]": "subscription"}
    _, session = get("/v1/checkout/sessions/cs_1", wanted)
    assert session["customer"] == customer
    assert session["invoice"]["customer"] == {**customer, "default_source": card}
    assert session["subscription"] is None
    assert "line_items" not in session
    _, listed = get("/v1/invoices", {"expand[0]": "data.customer", "expand[1]": "data.customer.default_source"})
    assert listed["data"][0]["customer"] == {**customer, "default_source": card}
    assert stripe.get("in_1")["customer"] == "cus_1"


@pytest.mark.parametrize(
    ("path", "expand", "words"),
    [
        ("/v1/customers", "data.metadata", "This property cannot be expanded (data.metadata)."),
        ("/v1/customers", "data.email", "This property cannot be expanded (data.email)."),
        ("/v1/customers", "data.nothing", "This property cannot be expanded (data.nothing)."),
        ("/v1/customers/cus_1", "default_source.nothing", "This property cannot be expanded (default_source.nothing)."),
        ("/v1/products", "data.features", "This property cannot be expanded (data.features)."),
        (
            "/v1/customers",
            "sources",
            "This property cannot be expanded (sources). You may want to try expanding 'data.sources' instead.",
        ),
        (
            "/v1/invoices",
            "data.customer.default_source.customer.default_source",
            "You cannot expand more than 4 levels of a property. "
            "Property: data.customer.default_source.customer.default_source",
        ),
    ],
)
def test_what_cannot_be_expanded_is_refused(stripe, get, path, expand, words):
    stripe.create("customer", id="cus_1", email="jenny@example.com", default_source="card_1")
    stripe.create("card", id="card_1", customer="cus_1")
    stripe.create("product", id="prod_1")
    status, body = get(path, {"expand[]": expand})
    assert (status, body["error"]["message"]) == (400, words)


def test_the_lists_below_a_customer_are_there_when_they_are_expanded(stripe, get):
    stripe.create("customer", id="cus_1")
    for number in range(12):
        stripe.create("card", id=f"card_{number}", customer="cus_1")
    tax_id = stripe.create("tax_id", id="txi_1", customer="cus_1")
    stripe.create("subscription", id="sub_1", customer="cus_1", items=[])
    stripe.create("subscription", id="sub_2", customer="cus_1", items=[], status="canceled")
    assert not {"sources", "tax_ids", "subscriptions"} & get("/v1/customers")[1]["data"][0].keys()
    names = ("sources", "tax_ids", "subscriptions")
    (found,) = get("/v1/customers", {f"expand[{place}]": f"data.{name}" for place, name in enumerate(names)})[1]["data"]
    assert (len(found["sources"]["data"]), found["sources"]["has_more"]) == (10, True)
    assert found["sources"]["url"] == "/v1/customers/cus_1/sources"
    assert (found["tax_ids"]["data"], found["tax_ids"]["has_more"]) == ([tax_id], False)
    assert ids((200, found["subscriptions"])) == ["sub_1"]


def test_the_payments_of_an_invoice_can_be_expanded_since_basil(stripe, get):
    stripe.create("invoice", id="in_1")
    payment = stripe.create("invoice_payment", id="inpay_1", invoice="in_1")
    asked = {"expand[]": "data.payments"}
    _, listed = get("/v1/invoices", asked)
    assert listed["data"][0]["payments"]["data"] == [payment]
    assert get("/v1/invoices", asked, stripe_version="2025-02-24.acacia")[0] == 400


def test_lists_below_an_object_have_what_belongs_to_it(stripe, get):
    for number in (1, 2):
        stripe.create("customer", id=f"cus_{number}")
        stripe.create("payment_method", id=f"pm_{number}", customer=f"cus_{number}")
        stripe.create("charge", id=f"ch_{number}")
        stripe.create("refund", id=f"re_{number}", charge=f"ch_{number}")
    assert ids(get("/v1/customers/cus_1/payment_methods")) == ["pm_1"]
    assert get("/v1/customers/cus_1/payment_methods/pm_1") == (200, stripe.get("pm_1"))
    assert get("/v1/customers/cus_1/payment_methods/pm_2")[0] == 404
    assert ids(get("/v1/charges/ch_2/refunds")) == ["re_2"]
    assert get("/v1/charges/ch_3/refunds")[0] == 404


def test_an_update_tells_the_old_values_and_events_are_snapshots(stripe):
    stripe.create("customer", id="cus_1", name="Ada", metadata={"a": "1", "b": "2"})
    stripe.advance(5)
    stripe.update("cus_1", name="Grace", metadata={"a": "1", "b": "3"})
    first, second = stripe.events
    assert first["data"]["object"]["name"] == "Ada"
    assert (second["type"], second["created"]) == ("customer.updated", NOW + 5)
    assert second["data"]["object"] == stripe.get("cus_1")
    assert second["data"]["previous_attributes"] == {"name": "Ada", "metadata": {"b": "2"}}


def test_what_it_returns_are_copies(stripe):
    stripe.create("customer", id="cus_1")["name"] = "x"
    stripe.update("cus_1", phone="1")["name"] = "x"
    stripe.get("cus_1")["name"] = "x"
    stripe.objects("customer")[0]["name"] = "x"
    given = {"a": "b"}
    stripe.update("cus_1", metadata=given)
    given["a"] = "x"
    assert (stripe.get("cus_1")["name"], stripe.get("cus_1")["metadata"]) == (None, {"a": "b"})


def test_deleted_customers_leave_a_stub_and_others_nothing(stripe, get):
    for name in ("customer", "product"):
        whole = stripe.create(name, id=f"{name}_1")
        assert stripe.delete(f"{name}_1") == {"id": f"{name}_1", "object": name, "deleted": True}
        assert stripe.events[-1]["type"] == f"{name}.deleted"
        assert stripe.events[-1]["data"]["object"] == whole
        assert ids(get(f"/v1/{name}s")) == []
    assert get("/v1/customers/customer_1") == (200, {"id": "customer_1", "object": "customer", "deleted": True})
    assert get("/v1/products/product_1")[0] == 404


def test_a_deleted_subscription_ends_and_stays(stripe, get):
    stripe.create("subscription", id="sub_1")
    stripe.advance(9)
    stripe.delete("sub_1")
    event, (status, body) = stripe.events[-1], get("/v1/subscriptions/sub_1")
    assert (event["type"], status) == ("customer.subscription.deleted", 200)
    assert event["data"] == {"object": body}
    assert (body["status"], body["canceled_at"], body["ended_at"]) == ("canceled", NOW + 9, NOW + 9)
    assert ids(get("/v1/subscriptions")) == []
    assert ids(get("/v1/subscriptions", {"status": "all"})) == ids(get("/v1/subscriptions", {"status": "canceled"}))


@pytest.mark.parametrize("how", ["detach", "delete"])
def test_a_detached_payment_method_stays_without_its_customer(stripe, how):
    stripe.create("payment_method", id="pm_1", customer="cus_1")
    getattr(stripe, how)("pm_1")
    assert [event["type"] for event in stripe.events] == ["payment_method.attached", "payment_method.detached"]
    assert stripe.events[1]["data"]["previous_attributes"] == {"customer": "cus_1"}
    assert stripe.get("pm_1")["customer"] is None


def test_any_event_can_be_emitted(stripe):
    stripe.emit("invoice.payment_failed", build_object("invoice", id="in_1", attempt_count=2), created=7)
    assert stripe.get("in_1")["attempt_count"] == 2
    stripe.emit("invoice.upcoming", "in_1", account=None)
    assert [(event["type"], event["created"]) for event in stripe.events] == [
        ("invoice.payment_failed", 7),
        ("invoice.upcoming", NOW),
    ]
    stripe.emit("balance.available", {"object": "balance"})
    stripe.create("customer", id="cus_1", silent=True)
    stripe.update("cus_1", name="x", silent=True)
    stripe.update("cus_1", name="y", type="customer.renamed")
    assert [event["type"] for event in stripe.events[2:]] == ["balance.available", "customer.renamed"]


def test_connected_accounts_are_worlds_of_their_own(stripe, get):
    for account in ("acct_1", "acct_2", None):
        stripe.create("plan", id="gold", nickname=account, account=account)
    assert get("/v1/plans/gold", Stripe_Account="acct_2")[1]["nickname"] == "acct_2"
    assert get("/v1/plans/gold")[1]["nickname"] is None
    first = stripe.events[0]
    assert first["account"] == "acct_1"
    assert get(f"/v1/events/{first['id']}")[0] == 404
    assert get(f"/v1/events/{first['id']}", Stripe_Account="acct_1") == (200, first)
    assert get("/v1/account", Stripe_Account="acct_1")[1]["id"] == "acct_1"
    assert get("/v1/account")[1]["object"] == "account"


def test_thin_events_are_read_at_their_own_address(stripe, get):
    thin = {"id": "evt_thin", "object": "v2.core.event", "created": "2026-10-01T10:00:00.123Z", "livemode": False}
    stripe.add_event(thin, account="acct_1")
    assert get("/v2/core/events/evt_thin", Stripe_Context="acct_0/acct_1") == (200, thin)
    assert get("/v1/events/evt_thin", Stripe_Account="acct_1")[0] == 404
    assert ids(get("/v1/events", Stripe_Account="acct_1")) == []


def test_events_are_listed_newest_first_in_pages(stripe, get):
    for _ in range(25):
        stripe.create("customer")
    made = [event["id"] for event in reversed(stripe.events)]
    status, first = get("/v1/events")
    assert (status, first["object"], first["url"], first["has_more"]) == (200, "list", "/v1/events", True)
    assert [event["id"] for event in first["data"]] == made[:10]
    assert ids(get("/v1/events", {"limit": 100})) == made
    assert ids(get("/v1/events", {"limit": 5, "starting_after": made[9]})) == made[10:15]
    assert ids(get("/v1/events", {"limit": 5, "ending_before": made[9]})) == made[4:9]
    assert get("/v1/events", {"limit": 5, "ending_before": made[9]})[1]["has_more"]
    assert not get("/v1/events", {"starting_after": made[-11]})[1]["has_more"]
    assert not get("/v1/events", {"ending_before": made[5]})[1]["has_more"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"created[gt]": NOW + 1}, [3, 2]),
        ({"created[gte]": NOW + 1, "created[lt]": NOW + 3}, [2, 1]),
        ({"created[lte]": NOW}, [0]),
        ({"created": NOW + 2}, [2]),
        ({"type": "customer.*"}, [3, 1, 0]),
        ({"type": "customer.created"}, [0]),
        ({"types[0]": "customer.created", "types[1]": "product.created"}, [2, 0]),
        ([("types[]", "customer.created"), ("types[]", "product.created")], [2, 0]),
        ({"type": "nothing"}, []),
    ],
)
def test_events_are_filtered(stripe, get, params, found):
    stripe.create("customer", id="cus_1")
    for change in (
        lambda: stripe.update("cus_1", name="x"),
        lambda: stripe.create("product"),
        lambda: stripe.create("subscription"),
    ):
        stripe.advance(1)
        change()
    assert ids(get("/v1/events", params)) == [stripe.events[number]["id"] for number in found]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"starting_after": "evt_unknown"}, "starting_after"),
        ({"starting_after": "evt_1", "ending_before": "evt_2"}, "ending_before"),
        ({"created[gt]": "yesterday"}, "created[gt]"),
        ({"type": "a", "types[0]": "b"}, "types"),
        ({f"types[{n}]": str(n) for n in range(21)}, "types"),
    ],
)
def test_bad_parameters_are_refused(stripe, get, params, param):
    stripe.create("customer")
    status, body = get("/v1/events", params)
    assert (status, body["error"]["type"], body["error"]["param"]) == (400, "invalid_request_error", param)


def test_unknown_ids_addresses_and_methods_are_refused_in_stripes_words(stripe, get):
    stripe.create("product", id="x_1")
    assert get("/v1/events/evt_x") == (
        404,
        {
            "error": {
                "code": "resource_missing",
                "message": "No such event: 'evt_x'",
                "param": "id",
                "type": "invalid_request_error",
            }
        },
    )
    assert get("/v1/customers/x_1")[1]["error"]["message"] == "No such customer: 'x_1'"
    for path in ("/", "/v1", "/v1/nothing", "/v1/nothing/x_1", "/v1/customers/x_1/a/b", "/v2/core/events"):
        assert get(path)[0] == 404
    assert get("/v1/products/x_1", method="POST")[0] == 404
    assert get("/v1/products/x_1", method="DELETE")[1]["error"]["message"].startswith("Unrecognized request URL")
    assert stripe.get("x_1")


def test_keys_are_checked(stripe, get):
    stripe.create("customer", id="cus_test")
    stripe.create("customer", id="cus_live", livemode=True)
    assert get("/v1/customers/cus_test", key="")[0] == 401
    assert get("/v1/customers/cus_test", key="pk_test_1234567")[0] == 401
    assert get("/v1/customers/cus_test", key="rk_test_1234567")[0] == 200
    assert ids(get("/v1/customers", key="sk_live_1234567")) == ["cus_live"]
    assert ids(get("/v1/customers")) == ["cus_test"]
    status, body = get("/v1/customers/cus_live")
    assert status == 404
    assert "a similar object exists in live mode, but a test mode key" in body["error"]["message"]
    assert get(f"/v1/events/{stripe.events[0]['id']}", key="sk_live_1234567")[0] == 404
    stripe.keys = {"sk_test_this"}
    status, body = get("/v1/customers/cus_test")
    assert (status, body["error"]["message"]) == (401, "Invalid API Key provided: sk_test_***fake")
    assert get("/v1/customers/cus_test", key="sk_test_this")[0] == 200


def test_a_revoked_account_is_named_in_the_refusal(stripe, get):
    stripe.create("customer", id="cus_1", account="acct_1")
    stripe.revoked_accounts.add("acct_1")
    status, body = get("/v1/customers/cus_1", Stripe_Account="acct_1")
    assert status == 403
    assert "'acct_1'" in body["error"]["message"]
    assert "sk_test_***fake" in body["error"]["message"]
    assert KEY not in body["error"]["message"]


def test_long_lists_are_cut_and_can_be_paged(stripe, get):
    items = [build_object("subscription_item", id=f"si_{n}", subscription="sub_1") for n in range(12)]
    lines = [build_object("line_item", id=f"il_{n}") for n in range(25)]
    stripe.create("subscription", id="sub_1", items=items)
    stripe.create("invoice", id="in_1", lines=lines)
    for rendered in (get("/v1/subscriptions/sub_1")[1], stripe.events[0]["data"]["object"]):
        assert rendered["items"]["has_more"]
        assert [item["id"] for item in rendered["items"]["data"]] == [f"si_{n}" for n in range(10)]
    assert len(get("/v1/invoices")[1]["data"][0]["lines"]["data"]) == 10
    assert len(stripe.get("in_1")["lines"]["data"]) == 25
    assert len(ids(get("/v1/subscription_items", {"subscription": "sub_1", "limit": 100}))) == 12
    assert get("/v1/subscription_items")[0] == 400
    assert get("/v1/subscription_items/si_11") == (200, items[11])
    assert get("/v1/subscription_items/si_12")[0] == 404
    assert ids(get("/v1/invoices/in_1/lines", {"starting_after": "il_19"})) == [f"il_{n}" for n in range(20, 25)]
    assert get("/v1/invoices/in_2/lines")[0] == 404


def test_a_customers_things_are_found_below_it(stripe, get):
    stripe.create("customer", id="cus_1")
    stripe.create("card", id="card_1", customer="cus_1")
    stripe.create("bank_account", id="ba_1", customer="cus_1")
    stripe.create("card", id="card_2", customer="cus_2")
    stripe.create("source", id="src_1", customer="cus_1")
    stripe.create("payment_method", id="pm_1", customer="cus_1")
    assert get("/v1/customers/cus_1/sources/card_1")[1]["object"] == "card"
    assert get("/v1/customers/cus_1/sources/card_2")[0] == 404
    assert sorted(ids(get("/v1/customers/cus_1/sources"))) == ["ba_1", "card_1", "src_1"]
    assert ids(get("/v1/customers/cus_1/sources", {"object": "card"})) == ["card_1"]
    assert get("/v1/sources/src_1")[1]["id"] == "src_1"
    assert get("/v1/payment_methods/card_1")[0] == 200
    assert ids(get("/v1/customers/cus_1/payment_methods")) == ["pm_1"]
    assert ids(get("/v1/payment_methods", {"customer": "cus_1", "type": "card"})) == ["pm_1"]
    assert ids(get("/v1/payment_methods", {"customer": "cus_2"})) == []


def test_delivery_success_follows_the_deliveries(stripe, get):
    stripe.create("customer")
    event = stripe.events[0]
    assert ids(get("/v1/events", {"delivery_success": "false"})) == [event["id"]]
    stripe._acknowledge(event["id"])
    assert ids(get("/v1/events", {"delivery_success": "false"})) == []
    assert ids(get("/v1/events", {"delivery_success": "true"})) == [event["id"]]
    assert get(f"/v1/events/{event['id']}")[1]["pending_webhooks"] == 0


def test_requests_are_kept(stripe, get):
    get("/v1/events", {"limit": 3, "types[]": "a"}, Stripe_Account="acct_1")
    get("/v1/customers/cus_1")
    first = stripe.requests[0]
    assert_row(first, method="GET", path="/v1/events", query={"limit": "3", "types[0]": "a"})
    assert first.headers["stripe-account"] == "acct_1"
    assert [stripe.calls(prefix) for prefix in ("", "/v1/events", "/v1/customers", "/v2")] == [2, 1, 1, 0]
    stripe.reset_requests()
    assert stripe.requests == []


def test_the_date_is_the_clocks(stripe):
    connection = connect(stripe)
    connection.request("GET", "/v1/account")
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.headers["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    before, fresh = int(time.time()), FakeStripe()
    assert before <= fresh.now <= time.time()


def test_a_connection_is_used_again(stripe):
    connection = connect(stripe)
    ports = set()
    for _ in range(3):
        connection.request("POST", "/v1/customers", body=b"name=x", headers={"Authorization": f"Bearer {KEY}"})
        connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1
    assert stripe.requests[0].body == b"name=x"


def test_faults_come_in_their_order_to_the_paths_they_concern(stripe, get):
    stripe.fail("/v1/events", 503, body=b"<html>")
    stripe.fail("/v1/customers", 402, 2, body={"error": {"message": "no"}}, headers={"X-Y": "z"})
    stripe.rate_limit(should_retry=False)
    assert [get("/v1/customers")[0] for _ in range(4)] == [402, 402, 429, 200]
    stripe.fail(times=None)
    with pytest.raises(json.JSONDecodeError):
        get("/v1/events")
    assert [get("/v1/events")[0] for _ in range(3)] == [500] * 3
    stripe.clear_faults()
    assert get("/v1/events")[0] == 200
    stripe.fail(times=0)
    assert get("/v1/events")[0] == 200


def test_the_connection_can_break(stripe):
    stripe.drop("/v1/", 1)
    stripe.half("/v1/", 1)
    for error in (http.client.RemoteDisconnected, http.client.IncompleteRead):
        connection = connect(stripe)
        connection.request("GET", "/v1/events", headers={"Authorization": f"Bearer {KEY}"})
        with pytest.raises(error):
            connection.getresponse().read()
        connection.close()


def test_answers_can_be_late_and_stopping_does_not_wait_for_them():
    stripe = FakeStripe().start()
    stripe.slow("/v1/", 0.2)
    stripe.slow("/v1/", 3600)
    connection = connect(stripe)
    began = time.monotonic()
    connection.request("GET", "/v1/events")
    assert connection.getresponse().read()
    assert time.monotonic() - began >= 0.2
    connection.request("GET", "/v1/events")
    while stripe.calls() < 2:
        time.sleep(0.01)
    stopping = threading.Thread(target=stripe.stop, daemon=True)
    stopping.start()
    stopping.join(timeout=120)
    assert not stopping.is_alive()
    connection.close()


def test_stopping_leaves_no_thread_behind_and_starting_again_keeps_the_memory(get, stripe):
    stripe.create("customer", id="cus_1")
    before = set(threading.enumerate())
    with FakeStripe() as other:
        connection = connect(other)
        connection.request("GET", "/v1/events")
        connection.getresponse().read()
    connection.close()
    assert set(threading.enumerate()) <= before
    stripe.stop()
    stripe.stop()
    with pytest.raises(RuntimeError, match="not started"):
        _ = stripe.url
    assert stripe.start().url
    assert stripe.start().get("cus_1")


def test_many_threads_may_use_a_fake_stripe_at_once(stripe):
    def work(number):
        connection = connect(stripe)
        for turn in range(10):
            stripe.create("customer", id=f"cus_{number}_{turn}")
            connection.request("GET", f"/v1/customers/cus_{number}_{turn}", headers={"Authorization": f"Bearer {KEY}"})
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()

    statuses = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 100
    assert len(stripe.events) == len(stripe.requests) == 100


def test_a_mistake_in_what_was_stored_is_shown_and_not_hung_on(stripe, get):
    stripe.add_event(build_event("customer.created", id="evt_1", extra={1, 2}))
    status, body = get("/v1/events/evt_1")
    assert status == 500
    assert "not JSON serializable" in body["error"]["message"]


def test_the_official_library_gets_along_with_it(stripe):
    sdk = pytest.importorskip("stripe")
    stripe.create("customer", id="cus_1")
    client = sdk.StripeClient(KEY, base_addresses={"api": stripe.url}, http_client=sdk.RequestsClient(timeout=60))
    telemetry, sdk.enable_telemetry = sdk.enable_telemetry, False
    try:
        event = stripe.events[0]
        assert client.raw_request("get", f"/v1/events/{event['id']}").data == event
        listed = client.raw_request("get", "/v1/events", types=["customer.created", "x"], created={"gte": NOW}).data
        assert listed["data"] == [event]
        with pytest.raises(sdk.InvalidRequestError, match="No such event: 'evt_x'") as raised:
            client.raw_request("get", "/v1/events/evt_x")
        assert raised.value.code == "resource_missing"
        stripe.rate_limit()
        with pytest.raises(sdk.RateLimitError):
            client.raw_request("get", "/v1/events")
        stripe.revoked_accounts.add("acct_1")
        with pytest.raises(sdk.PermissionError, match="acct_1"):
            client.raw_request("get", "/v1/events", stripe_account="acct_1")
        stripe.drop()
        with pytest.raises(sdk.APIConnectionError):
            client.raw_request("get", "/v1/events")
    finally:
        sdk.enable_telemetry = telemetry
        client._requestor._get_http_client().close()


def test_importing_the_testing_kit_needs_neither_django_nor_the_library():
    modules = "pinax.stripe.testing, pinax.stripe.testing.pytest_plugin"
    code = f"import sys, {modules}; print({{'django', 'stripe'}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
