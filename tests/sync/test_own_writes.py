"""What a project has from Stripe itself is in the mirror at once, and never sets it back."""

import datetime
from decimal import Decimal
from random import Random

import hypothesis
import pytest
import stripe as sdk
from django.db import connection, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from pinax.stripe import api
from pinax.stripe.exceptions import InTransaction, ObjectNotFound, TemporaryStripeError, UnusableObject
from pinax.stripe.models import (
    BankAccount,
    Card,
    Charge,
    Customer,
    Invoice,
    InvoiceLineItem,
    OtherObject,
    Price,
    Refund,
    Subscription,
    SubscriptionItem,
)
from pinax.stripe.sync import sync_from_stripe
from pinax.stripe.sync.snapshots import UNKNOWN_END
from pinax.stripe.testing import FakeStripe, build_object, post_event
from tests import databases

from .delivery import deliver

NOW = 1_700_000_000


def at(seconds):
    return datetime.datetime.fromtimestamp(seconds, tz=datetime.timezone.utc)


@pytest.fixture
def project(stripe):
    """The project's own client of Stripe's SDK."""
    return client_of(stripe)


def client_of(stripe, **options):
    return sdk.StripeClient("sk_test_1", base_addresses={"api": stripe.url}, max_network_retries=0, **options)


def read(client, path, **options):
    """An object of the SDK's, as its calls return them."""
    return client.deserialize(client.raw_request("get", path, **options).data, api_mode="V1")


def answer(client, kind, stripe_id, **params):
    """What `retrieve` of the SDK returns: an object with the answer it came in."""
    services = client.v1 if hasattr(client, "v1") else client
    return getattr(services, kind).retrieve(stripe_id, **params)


def test_an_object_of_the_sdk_is_a_row_as_of_the_date_of_its_answer(stripe, project):
    stripe.create("customer", id="cus_1", email="jenny@example.com", created=NOW - 1000, silent=True)
    row = sync_from_stripe(answer(project, "customers", "cus_1"))
    assert (type(row), row.pk, row.email) == (Customer, "cus_1", "jenny@example.com")
    assert at(NOW - 100) < row.as_of < row.as_of_end < at(NOW + 5)
    assert row == Customer.objects.get()


def test_a_dict_is_a_row_of_which_only_is_known_that_it_is_not_older_than_the_object(stripe):
    row = sync_from_stripe(build_object("customer", id="cus_1", created=NOW))
    assert (row.as_of, row.as_of_end) == (at(NOW), UNKNOWN_END)


def test_expanded_references_are_ids_and_get_no_rows(stripe):
    charge = build_object("charge", id="ch_1", customer=build_object("customer", id="cus_1"))
    row = Charge.sync_from_stripe_data(charge)
    assert row.customer_id == "cus_1"
    assert not Customer.all_objects.exists()


def test_objects_in_expanded_lists_get_rows(stripe):
    refunds = {"object": "list", "data": [build_object("refund", id="re_1", charge="ch_1")]}
    sync_from_stripe(build_object("charge", id="ch_1", refunds=refunds))
    assert Refund.objects.get().charge_id == "ch_1"


def test_the_event_of_an_object_with_expanded_references_costs_one_read(client, stripe):
    stripe.create("customer", id="cus_1", silent=True)
    stripe.create("charge", id="ch_1", customer="cus_1")
    sync_from_stripe({**stripe.rendered(stripe.get("ch_1")), "customer": stripe.rendered(stripe.get("cus_1"))})
    stripe.reset_requests()
    deliver(client, stripe)
    assert stripe.calls("/v1/charges/ch_1") == 1


def test_decimals_are_the_texts_that_stripe_sends(stripe):
    price = {**build_object("price", id="price_1"), "unit_amount_decimal": Decimal("12.50")}
    row = Price.sync_from_stripe_data(price)
    assert (row.unit_amount_decimal, row.stripe_data["unit_amount_decimal"]) == (Decimal("12.5"), "12.50")


def test_objects_of_any_depth_of_the_sdk_are_plain_json(stripe):
    items = {"object": "list", "data": [build_object("subscription_item", id="si_1", subscription="sub_1")]}
    data = build_object("subscription", id="sub_1", items=items)
    row = Subscription.sync_from_stripe_data(sdk.Subscription.construct_from(data, "sk_test_1"))
    assert row.stripe_data == data
    assert row.items.get().stripe_id == "si_1"


def test_an_object_of_a_connected_account_belongs_to_it(stripe, project):
    stripe.create("customer", id="cus_1", account="acct_1", silent=True)
    found = answer(project, "customers", "cus_1", options={"stripe_account": "acct_1"})
    assert sync_from_stripe(found).pk == "acct_1/cus_1"
    assert sync_from_stripe(api.plain(found), account="acct_2").pk == "acct_2/cus_1"


def test_an_object_without_a_table_of_its_own_is_a_row(stripe):
    assert sync_from_stripe(build_object("climate.order", id="climorder_1")).pk == "climate.order:climorder_1"
    row = OtherObject.sync_from_stripe_data(build_object("climate.order", id="climorder_2"))
    assert row.pk == "climate.order:climorder_2"


@pytest.mark.parametrize(
    "obj",
    [
        None,
        "cus_1",
        [],
        {},
        {"id": "cus_1"},
        {"object": "customer"},
        {"id": "evt_1", "object": "event"},
        {"id": "si_1", "object": "subscription_item"},
        {"object": "list", "data": []},
        {"id": "cus_1", "object": "customer", "metadata": {1}},
    ],
    ids=repr,
)
def test_what_has_no_row_is_an_error(stripe, obj):
    with pytest.raises(UnusableObject):
        sync_from_stripe(obj)


def test_an_object_of_another_model_is_an_error_that_names_the_right_one(stripe):
    with pytest.raises(UnusableObject, match="invoice in_1 is no object of Customer; it belongs in Invoice"):
        Customer.sync_from_stripe_data(build_object("invoice", id="in_1"))
    with pytest.raises(UnusableObject, match="no object of SubscriptionItem"):
        SubscriptionItem.sync_from_stripe_data({"id": "si_1", "object": "subscription_item"})


def test_an_object_that_a_setting_leaves_out_is_an_error_that_names_the_setting(stripe, settings):
    settings.PINAX_STRIPE_MIRROR_OTHER_OBJECTS = False
    order = build_object("climate.order", id="climorder_1")
    for write in (sync_from_stripe, OtherObject.sync_from_stripe_data):
        with pytest.raises(UnusableObject, match="PINAX_STRIPE_MIRROR_OTHER_OBJECTS"):
            write(order)
    with pytest.raises(UnusableObject, match="PINAX_STRIPE_MIRROR_OTHER_OBJECTS"):
        OtherObject.objects.fetch("climorder_1", object_type="climate.order")
    with pytest.raises(UnusableObject, match="items of a subscription"):
        sync_from_stripe({"id": "si_1", "object": "subscription_item"})


def test_an_object_without_an_id_is_an_error_that_says_so(stripe):
    for write in (sync_from_stripe, Customer.sync_from_stripe_data):
        with pytest.raises(UnusableObject, match="needs an id"):
            write({"id": "", "object": "customer"})
    for stripe_id in ("", None):
        with pytest.raises(UnusableObject, match="needs an id"):
            Customer.objects.fetch(stripe_id)


@pytest.mark.parametrize(
    ("key", "livemode", "message"),
    [
        ("sk_test_1", True, "of live mode, and .* of test mode"),
        ("rk_live_1", False, "of test mode, and .* of live mode"),
    ],
)
def test_an_object_of_the_other_mode_is_an_error(stripe, settings, key, livemode, message):
    settings.PINAX_STRIPE_SECRET_KEY = key
    customer = build_object("customer", id="cus_1", livemode=livemode)
    for write in (sync_from_stripe, Customer.sync_from_stripe_data):
        with pytest.raises(UnusableObject, match=f"customer cus_1 is {message}"):
            write(customer)
    assert not Customer.all_objects.exists()


@pytest.mark.parametrize(
    ("key", "livemode"), [("sk_test_1", False), ("sk_live_1", True), ("sk_test_1", None), ("stand-in", True)]
)
def test_an_object_of_the_mode_of_the_key_or_of_one_that_is_not_known_is_a_row(stripe, settings, key, livemode):
    settings.PINAX_STRIPE_SECRET_KEY = key
    customer = build_object("customer", id="cus_1", livemode=livemode)
    assert sync_from_stripe({name: value for name, value in customer.items() if value is not None}).pk == "cus_1"


def test_an_answer_to_an_earlier_request_says_nothing_of_the_time(stripe, project):
    stripe.create("customer", id="cus_1", silent=True)
    found = answer(project, "customers", "cus_1")
    found.last_response.headers["Idempotent-Replayed"] = "true"
    assert sync_from_stripe(found).as_of_end == UNKNOWN_END


def test_an_older_object_does_not_set_a_newer_row_back(client, stripe, project):
    stripe.create("customer", id="cus_1", email="old@example.com", silent=True)
    old = answer(project, "customers", "cus_1")
    stripe.advance(600)
    stripe.update("cus_1", email="new@example.com")
    deliver(client, stripe)
    stripe.reset_requests()
    assert sync_from_stripe(old).email == "new@example.com"
    assert stripe.calls() == 0


def test_an_object_that_cannot_be_ordered_is_read_again(client, stripe, project):
    stripe.create("customer", id="cus_1", email="old@example.com", silent=True)
    old = answer(project, "customers", "cus_1")
    stripe.update("cus_1", email="new@example.com")
    deliver(client, stripe)
    stripe.reset_requests()
    assert sync_from_stripe(old).email == "new@example.com"
    assert stripe.calls("/v1/customers/cus_1") == 1


def test_the_event_of_what_was_written_costs_no_call(client, stripe, project):
    stripe.create("customer", id="cus_1")
    sync_from_stripe(answer(project, "customers", "cus_1"))
    stripe.reset_requests()
    deliver(client, stripe)
    assert stripe.calls() == stripe.calls("/v1/events")
    assert Customer.objects.get().version == 1


def test_the_stub_of_a_deleted_object_is_its_tombstone(client, stripe, project):
    stripe.create("customer", id="cus_1")
    deliver(client, stripe)
    stripe.advance(5)
    stripe.delete("cus_1", silent=True)
    assert sync_from_stripe(answer(project, "customers", "cus_1")).is_deleted
    assert sync_from_stripe({"id": "cus_1", "object": "customer", "deleted": True}).is_deleted
    assert not Customer.objects.exists()


def test_lists_that_are_cut_short_are_completed(stripe):
    lines = [build_object("line_item", id=f"il_{number}", invoice="in_1") for number in range(12)]
    stripe.create("invoice", id="in_1", lines=lines, silent=True)
    row = sync_from_stripe(stripe.rendered(stripe.get("in_1")))
    assert row.lines.count() == 12


# Reading


def test_fetch_reads_an_object_now(stripe):
    stripe.create("customer", id="cus_1", email="jenny@example.com", silent=True)
    assert Customer.objects.fetch("cus_1").email == "jenny@example.com"


def test_fetch_reads_from_a_connected_account(stripe):
    stripe.create("customer", id="cus_1", account="acct_1", silent=True)
    assert Customer.objects.fetch("cus_1", account="acct_1").pk == "acct_1/cus_1"


def test_fetch_reads_what_is_below_another_object_and_what_has_no_table_of_its_own(stripe):
    stripe.create("customer", id="cus_1", silent=True)
    stripe.create("card", id="card_1", customer="cus_1", silent=True)
    stripe.create("climate.order", id="climorder_1", status="paid", silent=True)
    assert Card.objects.fetch("card_1", customer="cus_1").customer_id == "cus_1"
    assert OtherObject.objects.fetch("climorder_1", object_type="climate.order").status == "paid"
    with pytest.raises(UnusableObject, match="object_type"):
        OtherObject.objects.fetch("climorder_1")
    with pytest.raises(UnusableObject, match="cannot be read by itself"):
        Card.objects.fetch("card_1")
    with pytest.raises(UnusableObject, match="cannot be read by itself"):
        InvoiceLineItem.objects.fetch("il_1")


def test_fetch_of_a_type_with_another_table_is_an_error_that_names_its_model(stripe):
    with pytest.raises(UnusableObject, match="customer are not in OtherObject: they belong in Customer"):
        OtherObject.objects.fetch("cus_1", object_type="customer")
    assert stripe.calls() == 0


def test_fetch_of_an_object_of_another_type_is_an_error_and_writes_nothing(stripe):
    stripe.create("customer", id="cus_1", silent=True)
    stripe.create("bank_account", id="ba_1", customer="cus_1", silent=True)
    with pytest.raises(UnusableObject, match="answered with bank_account ba_1, which is no card"):
        Card.objects.fetch("ba_1", customer="cus_1")
    assert not BankAccount.all_objects.exists()
    assert BankAccount.objects.fetch("ba_1", customer="cus_1").pk == "ba_1"


def test_an_object_that_stripe_does_not_have_is_an_error_or_a_tombstone(stripe):
    with pytest.raises(ObjectNotFound):
        Customer.objects.fetch("cus_1")
    assert not Customer.all_objects.exists()
    sync_from_stripe(build_object("customer", id="cus_1", created=NOW))
    row = Customer.objects.fetch("cus_1")
    assert (row.is_deleted, row.stripe_data["object"]) == (True, "customer")


def test_a_row_is_refreshed(client, stripe):
    stripe.create("subscription", id="sub_1", status="incomplete")
    deliver(client, stripe)
    row = Subscription.objects.get()
    stripe.advance(100)
    stripe.update("sub_1", status="active", silent=True)
    assert row.refresh_from_stripe() is row
    assert row.status == "active"
    stripe.delete("sub_1", silent=True)


def test_an_error_of_stripe_s_leaves_the_row(stripe):
    row = sync_from_stripe(build_object("customer", id="cus_1", email="a@example.com"))
    stripe.fail(status=500, times=None)
    with pytest.raises(TemporaryStripeError):
        row.refresh_from_stripe()
    assert Customer.objects.get().email == "a@example.com"


# Transactions


def test_no_call_is_made_in_a_transaction(stripe):
    stripe.create("customer", id="cus_1", silent=True)
    with transaction.atomic():
        with pytest.raises(InTransaction):
            Customer.objects.fetch("cus_1")
        row = sync_from_stripe(stripe.get("cus_1"))
        with pytest.raises(InTransaction):
            row.refresh_from_stripe()
        assert stripe.calls() == 0
    assert Customer.objects.get() == row


def test_what_cannot_be_ordered_in_a_transaction_is_read_after_it(client, stripe, project):
    stripe.create("customer", id="cus_1", email="old@example.com", silent=True)
    old = answer(project, "customers", "cus_1")
    stripe.update("cus_1", email="new@example.com")
    deliver(client, stripe)
    stripe.update("cus_1", email="newest@example.com", silent=True)
    stripe.reset_requests()
    with transaction.atomic():
        assert sync_from_stripe(old).email == "new@example.com"
        assert stripe.calls() == 0
    assert Customer.objects.get().email == "newest@example.com"


def test_a_read_after_the_transaction_that_fails_is_logged_and_leaves_the_row(client, stripe, project, caplog):
    stripe.create("customer", id="cus_1", email="old@example.com", silent=True)
    old = answer(project, "customers", "cus_1")
    stripe.update("cus_1", email="new@example.com")
    deliver(client, stripe)
    stripe.update("cus_1", email="newest@example.com", silent=True)
    with transaction.atomic():
        sync_from_stripe(old)
        stripe.fail(status=500, times=None)
    assert Customer.objects.get().email == "new@example.com"
    [record] = [record for record in caplog.records if record.name == "django.db.backends.base"]
    assert "customer cus_1" in record.getMessage()
    assert "example.com" not in caplog.text


def test_lists_are_completed_after_the_transaction(stripe):
    lines = [build_object("line_item", id=f"il_{number}", invoice="in_1") for number in range(12)]
    stripe.create("invoice", id="in_1", lines=lines, silent=True)
    with transaction.atomic():
        row = sync_from_stripe(stripe.rendered(stripe.get("in_1")))
        assert row.lines.count() == 10
    assert Invoice.objects.get().lines.count() == 12


@pytest.mark.django_db(transaction=False)
def test_the_transaction_around_a_test_is_none(fake_stripe):
    fake_stripe.create("customer", id="cus_1", silent=True)
    assert connection.in_atomic_block
    assert Customer.objects.fetch("cus_1").pk == "cus_1"


# In any order


class Shop:
    """A customer at Stripe whom a project and its customer change, and what the project hears of it, in any order."""

    def __init__(self, stripe, client):
        self.stripe, self.client, self.project = stripe, client, client_of(stripe)
        self.changes = 0
        stripe.create("customer", id="cus_1", description="0")
        self.redirects = [self.read()]

    def read(self):
        return answer(self.project, "customers", "cus_1")

    def change(self):
        self.changes += 1
        self.stripe.update("cus_1", description=str(self.changes))

    def write(self):
        """The project changes the customer, and keeps what its call returned."""
        self.change()
        self.redirects.append(self.read())

    def wait(self):
        self.stripe.advance(1)

    def redirect(self, number, as_dict):
        """The page after a change: it shows that change, or a later one."""
        obj = self.redirects[number % len(self.redirects)]
        row = sync_from_stripe(api.plain(obj) if as_dict else obj)
        assert int(row.description) >= int(obj["description"])

    def webhook(self, number):
        events = self.stripe.events
        assert post_event(self.client, events[number % len(events)]).status_code == 200

    def fetch(self):
        assert Customer.objects.fetch("cus_1").description == str(self.changes)

    def play(self, moves):
        """Go through moves; the row never goes back."""
        shown = -1
        for name, *arguments in moves:
            getattr(self, name)(*arguments)
            row = Customer.all_objects.first()
            before, shown = shown, shown if row is None else int(row.description)
            assert shown >= before


MOVES = st.one_of(
    st.sampled_from([("change",), ("write",), ("wait",), ("fetch",)]),
    st.tuples(st.just("redirect"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("webhook"), st.integers(0, 9)),
)


@pytest.mark.parametrize("is_clock_right", [True, False])
def test_redirect_webhook_and_fetch_in_any_order_give_one_row_the_newest(
    client, settings, transactional_db, is_clock_right
):
    @hypothesis.settings(max_examples=30, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    @example([("wait",), ("change",), ("wait",), ("write",), ("redirect", 1, False), ("webhook", 1)], Random(0))
    @given(st.lists(MOVES, max_size=14), st.randoms(use_true_random=False))
    def run(moves, random):
        databases.empty()
        with FakeStripe() as stripe:
            if not is_clock_right:
                stripe.now = NOW
            settings.PINAX_STRIPE_API_BASE = stripe.url
            shop = Shop(stripe, client)
            shop.play(moves)
            rest = [("webhook", number) for number in range(len(stripe.events))]
            rest += [("redirect", number, number % 2 == 0) for number in range(len(shop.redirects))]
            random.shuffle(rest)
            shop.play(rest)
        assert Customer.all_objects.get().description == str(shop.changes)

    run()
