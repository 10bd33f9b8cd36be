"""The mirror converges: in any order, any number of times, every row ends as Stripe's object."""

import itertools
import time
from decimal import Decimal

import pytest
from django.test import override_settings

from pinax.stripe.models import (
    BankAccount,
    Card,
    Coupon,
    Customer,
    Invoice,
    InvoiceLineItem,
    PaymentIntent,
    PaymentMethod,
    Product,
    Refund,
    Source,
    Subscription,
    SubscriptionItem,
)
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.stripe_values import timestamp
from pinax.stripe.sync.registry import MIRRORED
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.webhooks import base
from tests.assertions import assert_row

NOW = 1_700_000_000


def deliver(client, stripe, *numbers):
    for number in numbers:
        assert post_event(client, stripe.events[number]).status_code == 200


def test_an_older_snapshot_does_not_overwrite_a_newer_one(client, stripe):
    stripe.create("subscription", id="sub_1", status="incomplete")
    stripe.advance(1)
    stripe.update("sub_1", status="active")
    deliver(client, stripe, 1, 0)
    assert Subscription.objects.get().status == "active"
    assert stripe.calls("/v1/subscriptions") == 0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_snapshot_of_the_same_second_is_settled_by_asking(client, stripe, order):
    stripe.create("subscription", id="sub_1", status="incomplete")
    stripe.update("sub_1", status="active")
    deliver(client, stripe, *order)
    assert Subscription.objects.get().status == "active"
    assert stripe.calls("/v1/subscriptions") == 1


def test_an_equal_snapshot_of_the_same_second_needs_no_asking(client, stripe):
    stripe.create("invoice", id="in_1")
    stripe.emit("invoice.finalized", stripe.get("in_1"))
    deliver(client, stripe, 0, 1)
    assert stripe.calls("/v1/invoices") == 0


def test_a_fetched_row_is_not_set_back_by_events_older_than_the_fetch(client, stripe, settings):
    stripe.now_offset = None
    base = stripe.now - 30
    for created, status in ((base, "incomplete"), (base, "active"), (base + 5, "past_due"), (base + 10, "canceled")):
        stripe.emit(
            "customer.subscription.updated", build_object("subscription", id="sub_1", status=status), created=created
        )
    deliver(client, stripe, 0, 1)
    assert Subscription.objects.get().status == "canceled"
    deliver(client, stripe, 2)
    assert Subscription.objects.get().status == "canceled"
    assert stripe.calls("/v1/subscriptions") == 1


def test_a_fetch_says_nothing_about_the_time_of_a_test_clock(client, stripe):
    """Its events are of the time that it shows, which may be years before the fetch."""
    real = int(time.time())
    stripe.now = real - 300_000_000
    stripe.create("subscription", id="sub_1", status="trialing", test_clock="clock_1")
    stripe.update("sub_1", status="active")
    stripe.now = real
    deliver(client, stripe, 0, 1)
    assert Subscription.objects.get().status == "active"
    for number, status in enumerate(("past_due", "canceled")):
        stripe.now = real - 200_000_000 + number
        stripe.update("sub_1", status=status)
    stripe.now = real
    deliver(client, stripe, 3, 2)
    assert Subscription.objects.get().status == "canceled"


def test_a_fetch_is_not_written_over_a_row_that_changed_meanwhile(client, stripe, monkeypatch):
    """Worker A fetched "active" and stalls; B saves "canceled"; A goes on."""
    stripe.create("subscription", id="sub_1", status="incomplete")
    stripe.update("sub_1", status="active")
    deliver(client, stripe, 0)
    original = base.resolve_need

    def stalling(need):
        resolution = original(need)
        if stripe.get("sub_1")["status"] == "active":
            stripe.advance(5)
            stripe.delete("sub_1")
            deliver(client, stripe, 2)
        return resolution

    monkeypatch.setattr(base, "resolve_need", stalling)
    deliver(client, stripe, 1)
    assert Subscription.objects.get().status == "canceled"


@pytest.mark.parametrize("model", [Customer, Product, Coupon])
def test_a_late_snapshot_does_not_bring_back_what_was_deleted(client, stripe, model):
    name = model.__name__.lower()
    stripe.create(name, id="x_1")
    stripe.advance(1)
    stripe.update("x_1", name="later")
    stripe.advance(1)
    stripe.delete("x_1")
    deliver(client, stripe, 2, 1, 0)
    assert not model.objects.exists()
    assert model.all_objects.get().is_deleted


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_created_and_deleted_within_a_second_is_deleted(client, stripe, order):
    stripe.create("customer", id="cus_1")
    stripe.delete("cus_1")
    deliver(client, stripe, *order)
    assert not Customer.objects.exists()


def test_a_chosen_id_may_come_back(client, stripe):
    stripe.create("coupon", id="SUMMER", percent_off=10)
    stripe.advance(1)
    stripe.delete("SUMMER")
    stripe.advance(1)
    stripe.create("coupon", id="SUMMER", percent_off=20)
    deliver(client, stripe, 2, 0, 1)
    assert Coupon.objects.get().percent_off == 20


def test_a_deletion_that_a_fetch_found_is_not_undone_by_snapshots_from_before(client, stripe):
    stripe.create("product", id="prod_1")
    stripe.update("prod_1", description="1")
    stripe.advance(1)
    stripe.update("prod_1", description="2")
    stripe.delete("prod_1")
    deliver(client, stripe, 0, 1, 3, 2)
    assert Product.all_objects.get().is_deleted


def test_a_child_before_its_parent_is_stored_and_reads_none_until_it_arrives(client, stripe):
    stripe.create("invoice", id="in_1", customer="cus_1")
    deliver(client, stripe, 0)
    assert Invoice.objects.get().customer is None
    assert Invoice.objects.get().customer_id == "cus_1"
    assert Invoice.objects.select_related("customer").get().customer is None
    stripe.create("customer", id="cus_1")
    deliver(client, stripe, 1)
    assert Invoice.objects.get().customer == Customer.objects.get()
    assert Customer.objects.get().invoices.get().pk == "in_1"


def test_the_end_of_a_subscription_is_no_deletion(client, stripe):
    stripe.create("subscription", id="sub_1", status="active")
    stripe.advance(1)
    stripe.delete("sub_1")
    deliver(client, stripe, 0, 1)
    subscription = Subscription.objects.get()
    assert (stripe.events[1]["type"], subscription.status) == ("customer.subscription.deleted", "canceled")
    assert_row(subscription, is_deleted=False, is_canceled=True, is_active=False)


def test_a_subscription_of_several_items_has_neither_plan_nor_quantity(client, stripe):
    items = [
        {**build_object("subscription_item", id="si_1", subscription="sub_1"), "quantity": 3},
        {**build_object("subscription_item", id="si_2", subscription="sub_1"), "quantity": None},
    ]
    subscription = build_object("subscription", id="sub_1", items=items) | {"plan": None}
    del items[1]["quantity"]  # Metered.
    stripe.emit("customer.subscription.created", subscription)
    deliver(client, stripe, 0)
    row = Subscription.objects.get()
    assert (row.plan_id, row.quantity) == (None, None)
    assert sorted(row.items.values_list("pk", "quantity")) == [("si_1", 3), ("si_2", None)]


@pytest.mark.parametrize(
    ("object_type", "fields"),
    [
        ("charge", {"amount": 1, "currency": "jpy"}),
        ("charge", {"amount": 1230, "currency": "kwd"}),
        ("invoice", {"total": 1_000_000_000_00, "amount_due": 2**62, "currency": "idr"}),
        ("invoice", {"total": -500, "starting_balance": -(2**62)}),
        ("customer", {"balance": -1}),
        ("price", {"unit_amount": None, "unit_amount_decimal": "0.0025"}),
        ("price", {"unit_amount_decimal": "123456789012.25"}),
        ("plan", {"amount": None, "amount_decimal": "0.000000000001"}),
        ("coupon", {"percent_off": 12.5}),
        ("coupon", {"percent_off": 33.3333}),
    ],
)
def test_amounts_are_exact(client, stripe, object_type, fields):
    data = build_object(object_type, id="x_1", **fields)
    stripe.emit("mystery.updated", data)
    deliver(client, stripe, 0)
    row = MIRRORED[object_type].model.objects.get()
    for name, value in fields.items():
        found = getattr(row, name)
        assert found == (Decimal(str(value)) if isinstance(found, Decimal) else value)


def test_values_that_are_newer_and_longer_than_all_we_know_are_stored(client, stripe):
    long = "a_value_that_is_longer_than_any_that_there_was_" * 10
    stripe.create("payment_intent", id="pi_1", status=long, capture_method=long, currency="xyz")
    stripe.create("subscription", id="sub_1", status=long, collection_method=long)
    stripe.create("invoice", id="in_1", status=long, billing_reason=long)
    stripe.create("payment_method", id="pm_1", type=long)
    deliver(client, stripe, 0, 1, 2, 3)
    assert PaymentIntent.objects.get().capture_method == Subscription.objects.get().status == long
    assert Invoice.objects.get().billing_reason == PaymentMethod.objects.get().type == long


def test_removed_items_leave_the_list_but_stay_readable(client, stripe):
    items = [build_object("subscription_item", id=f"si_{n}", subscription="sub_1") for n in range(3)]
    stripe.create("subscription", id="sub_1", items=items)
    stripe.advance(1)
    stripe.update("sub_1", items=items[1:])
    deliver(client, stripe, 0, 1)
    assert {item.pk for item in Subscription.objects.get().items.all()} == {"si_1", "si_2"}
    assert SubscriptionItem.all_objects.count() == 3


def test_a_list_cut_short_is_completed(client, stripe):
    lines = [build_object("line_item", id=f"il_{n}", amount=n) for n in range(25)]
    stripe.create("invoice", id="in_1", lines=lines)
    deliver(client, stripe, 0)
    assert [line.amount for line in Invoice.objects.get().lines.all()] == list(range(25))


def parts(number, change=0):
    """Items of a subscription; a change shows in the last one."""
    quantities = [1] * (number - 1) + [1 + change]
    same = {"subscription": "sub_1", "price": "price_1", "created": NOW}
    return [
        build_object("subscription_item", id=f"si_{n}", quantity=quantity, **same)
        for n, quantity in enumerate(quantities)
    ]


def test_a_change_that_a_cut_list_does_not_show_is_not_taken_for_none(client, stripe):
    """Both events look the same: Stripe embeds ten items, and it is the twelfth that changed within the second."""
    stripe.create("subscription", id="sub_1", items=parts(12))
    deliver(client, stripe, 0)
    stripe.update("sub_1", items=parts(12, change=5))
    deliver(client, stripe, 1)
    assert SubscriptionItem.objects.get(pk="si_11").quantity == 6


def test_parts_that_were_completed_later_are_not_set_back_by_events_from_before(client, stripe):
    stripe.now_offset = None
    base = stripe.now - 30
    stripe.create("subscription", id="sub_1", silent=True)
    for created, number in ((base, 12), (base + 5, 9), (base + 10, 13)):
        stripe.update("sub_1", silent=True, items=parts(number))
        stripe.emit("customer.subscription.updated", "sub_1", created=created)
    for number in (0, 1, 2):
        deliver(client, stripe, number)
        assert SubscriptionItem.objects.count() == 13


def test_half_a_subscription_inside_a_customer_does_not_keep_the_whole_one_out(client, stripe):
    """Versions before 2020-08-27 embed subscriptions, and cut their lists of items too."""
    stripe.create("subscription", id="sub_1", customer="cus_1", items=parts(12))
    shown = stripe.events[0]["data"]["object"]
    stripe.advance(1)
    stripe.create("customer", id="cus_1", subscriptions={"object": "list", "data": [shown], "has_more": False})
    deliver(client, stripe, 1, 0)
    assert Subscription.objects.get().items.count() == 12


def test_absent_lists_leave_the_rows_alone(client, stripe):
    card = build_object("card", id="card_1", customer="cus_1")
    stripe.create("customer", id="cus_1", sources={"object": "list", "data": [card], "has_more": False})
    stripe.advance(1)
    stripe.emit("customer.updated", build_object("customer", id="cus_1"))
    deliver(client, stripe, 0, 1)
    assert [listed.stripe_id for listed in Customer.objects.get().cards] == ["card_1"]


def test_what_an_invoice_was_paid_with_is_told_by_its_payments(client, stripe):
    """Since 2025-03-31.basil neither an invoice nor its payment names the other."""
    stripe.create("payment_intent", id="pi_1")
    stripe.create("invoice", id="in_1", total=3000)
    opened = stripe.create("invoice_payment", id="inpay_1", invoice="in_1", status="open", amount_requested=2000)
    assert [event["type"] for event in stripe.events] == ["payment_intent.created", "invoice.created"]
    paid = {"status": "paid", "amount_paid": 2000, "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}
    stripe.update(opened["id"], **paid)
    stripe.create("invoice_payment", id="inpay_2", invoice="in_1", payment={"type": "charge", "charge": "ch_late"})
    deliver(client, stripe, *range(len(stripe.events)))
    invoice = Invoice.objects.get()
    first, second = invoice.payments.order_by("pk")
    assert_row(first, status="paid", amount_paid=2000, amount_requested=2000, currency="usd")
    assert (first.payment_intent, first.charge_id) == (PaymentIntent.objects.get(), None)
    assert_row(second, payment_type="charge", charge_id="ch_late", charge=None)
    assert PaymentIntent.objects.get().invoice_payments.get().invoice == invoice


def test_cards_are_one_list_whatever_they_are_at_stripe(client, stripe):
    stripe.create("customer", id="cus_1")
    for name, stripe_id in (("payment_method", "pm_1"), ("card", "card_1"), ("source", "src_1")):
        stripe.advance(1)
        stripe.create(name, id=stripe_id, customer="cus_1")
    stripe.create("payment_method", id="card_1", customer="cus_1")
    deliver(client, stripe, 0, 1, 2, 3, 4)
    cards = Customer.objects.get().cards
    assert sorted(card.stripe_id for card in cards) == ["card_1", "pm_1", "src_1"]
    assert {(card.brand, card.last4) for card in cards} == {("visa", "4242")}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_detached_and_deleted_cards_leave_every_list(client, stripe, order):
    stripe.create("payment_method", id="pm_1", customer="cus_1")
    stripe.create("card", id="card_1", customer="cus_1")
    stripe.advance(1)
    stripe.detach("pm_1")
    stripe.delete("card_1")
    deliver(client, stripe, *order)
    stripe.create("customer", id="cus_1")
    deliver(client, stripe, 4)
    assert Customer.objects.get().cards == []
    assert PaymentMethod.objects.get().customer is None
    assert not Card.objects.exists()


def test_a_deleted_customer_takes_its_cards_and_subscriptions_out_of_the_lists(client, stripe, django_user_model):
    user = django_user_model.objects.create(username="u")
    stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: user_reference(user)})
    stripe.create("payment_method", id="pm_1", customer="cus_1")
    stripe.create("subscription", id="sub_1", customer="cus_1")
    deliver(client, stripe, 0, 1, 2)
    assert Customer.objects.for_user(user).get().pk == "cus_1"
    assert Subscription.objects.active().exists()
    stripe.advance(1)
    stripe.delete("cus_1")
    deliver(client, stripe, 4)
    assert not Customer.objects.for_user(user).exists()
    assert not PaymentMethod.objects.exists()
    assert not Subscription.objects.active().exists()
    assert Customer.all_objects.get().user == user


def test_billing_rows_survive_their_user(client, stripe, django_user_model):
    user = django_user_model.objects.create(username="u")
    stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: user_reference(user)})
    deliver(client, stripe, 0)
    user.delete()
    assert Customer.objects.get().user is None


STATUSES = {
    "active": True,
    "trialing": True,
    "past_due": False,
    "unpaid": False,
    "paused": False,
    "incomplete": False,
    "incomplete_expired": False,
    "canceled": False,
    "some_new_status": False,
    "": False,
}


@pytest.mark.parametrize(("status", "active"), STATUSES.items())
def test_is_active_and_active_agree_for_every_status(client, stripe, status, active):
    stripe.create("subscription", id="sub_1", status=status)
    deliver(client, stripe, 0)
    assert Subscription.objects.get().is_active is active
    assert Subscription.objects.active().exists() is active
    with override_settings(PINAX_STRIPE_ACTIVE_STATUSES=("past_due",)):
        assert Subscription.objects.get().is_active is (status == "past_due")


def test_the_lines_of_a_deleted_invoice_leave_the_lists_with_it(client, stripe):
    stripe.create("invoice", id="in_1")
    stripe.create("invoice", id="in_2")
    stripe.advance(1)
    stripe.delete("in_1")
    deliver(client, stripe, 0, 1, 2)
    assert [line.invoice_id for line in InvoiceLineItem.objects.all()] == ["in_2"]
    assert InvoiceLineItem.all_objects.get(invoice_id="in_1").is_deleted


def test_secrets_are_not_mirrored(client, stripe):
    stripe.create("payment_intent", id="pi_1", client_secret="pi_1_secret_2")
    stripe.create("invoice", id="in_1", confirmation_secret={"client_secret": "pi_2_secret_3", "type": "x"})
    deliver(client, stripe, 0, 1)
    assert Invoice.objects.get().stripe_data["confirmation_secret"] == {"type": "x"}
    from pinax.stripe.models import PaymentIntent

    assert "client_secret" not in PaymentIntent.objects.get().stripe_data


def test_what_accounts_are_paid_out_to_is_no_card_of_a_customer(client, stripe):
    for object_type in ("card", "bank_account"):
        data = build_object(object_type, customer=None, account="acct_1")
        stripe.emit("mystery.updated", data)
    deliver(client, stripe, 0, 1)
    assert (Card.all_objects.count(), BankAccount.all_objects.count()) == (0, 0)


def test_an_object_that_does_not_tell_its_mode_is_of_its_event_s(client, stripe):
    stripe.create("refund", id="re_1")
    assert "livemode" not in stripe.events[0]["data"]["object"]
    deliver(client, stripe, 0)
    assert Refund.objects.get().livemode is False


def test_an_invoice_of_before_2019_tells_its_time_as_date(client, stripe):
    data = build_object("invoice", id="in_1")
    data["date"] = data.pop("created")
    stripe.api_version = "2019-02-19"
    stripe.emit("invoice.created", data)
    deliver(client, stripe, 0)
    assert Invoice.objects.get().created_at.timestamp() == data["date"]


def test_a_subscription_without_a_list_of_items_leaves_them_alone(client, stripe):
    stripe.create("subscription", id="sub_1")
    stripe.advance(1)
    data = stripe.get("sub_1")
    del data["items"]
    stripe.emit("customer.subscription.updated", data)
    deliver(client, stripe, 0, 1)
    assert Subscription.objects.get().items.count() == 1


def test_a_cut_list_that_cannot_be_completed_takes_nothing_away(client, stripe):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(25)]
    stripe.create("invoice", id="in_1", lines=lines)
    stripe.advance(1)
    stripe.update("in_1", number="1")
    deliver(client, stripe, 0)
    stripe.fail("/v1/invoices/in_1/lines", 404, times=None)
    deliver(client, stripe, 1)
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.lines.count()) == ("1", 25)


def test_what_is_found_gone_keeps_what_was_known_of_it(client, stripe):
    stripe.create("product", id="gold", name="Gold")
    stripe.delete("gold")
    deliver(client, stripe, 0, 1)
    assert stripe.calls("/v1/products/gold") == 1
    row = Product.all_objects.get()
    assert (row.is_deleted, row.name) == (True, "Gold")


@pytest.mark.parametrize("object_type", ["customer", "source"])
@pytest.mark.parametrize(("later", "calls"), [(0, 0), (5, 1)])
def test_no_snapshot_of_the_same_object_brings_back_what_was_deleted(client, stripe, object_type, later, calls):
    """What is newer than the deletion is asked about, once."""
    gone = stripe.create(object_type, id="x_1", customer="cus_9")
    stripe.advance(1)
    stripe.delete("x_1")
    stripe.advance(later)
    stripe.emit("source.canceled", {**gone, "name": "late"}, keep=False)
    stripe.emit("source.failed", {**gone, "name": "later"}, keep=False)
    deliver(client, stripe, *range(len(stripe.events)))
    row = MIRRORED[object_type].model.all_objects.get()
    assert (row.is_deleted, row.deleted_at) == (True, timestamp(stripe.events[1]["created"]))
    assert stripe.calls(f"/v1/{object_type}s") == calls


def two_lives(stripe, *, made=None, object_type="customer"):
    """Events of an object that was deleted and came back under its id, as copies from another account do."""
    stripe.create(object_type, id="x_1", customer="cus_9", metadata={"life": "1"})
    stripe.advance(5)
    stripe.update("x_1", metadata={"life": "1", "more": "1"})
    stripe.advance(5)
    stripe.delete("x_1")
    stripe.advance(5)
    stripe.create(
        object_type, id="x_1", customer="cus_9", metadata={"life": "2"}, **({} if made is None else {"created": made})
    )
    stripe.advance(5)
    stripe.update("x_1", metadata={"life": "2", "more": "1"})


ORDERS = list(itertools.permutations(range(5)))


@pytest.mark.parametrize("order", ORDERS[::7])
@pytest.mark.parametrize("made", [None, NOW - 500], ids=["made again", "with the time of its first life"])
@pytest.mark.parametrize("object_type", ["customer", "source"])
def test_an_object_whose_id_comes_back_is_mirrored_whatever_the_order(client, stripe, object_type, made, order):
    two_lives(stripe, made=made, object_type=object_type)
    deliver(client, stripe, *order)
    row = MIRRORED[object_type].model.objects.get()
    assert row.metadata == {"life": "2", "more": "1"}


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 4, 0, 1, 3)])
def test_an_object_that_was_made_after_the_deletion_needs_no_asking(client, stripe, order):
    two_lives(stripe)
    deliver(client, stripe, *order)
    assert Customer.objects.get().metadata["life"] == "2"
    assert stripe.calls("/v1/customers") == 0


def test_an_object_whose_time_does_not_tell_is_asked_about_once(client, stripe):
    two_lives(stripe, made=NOW - 500)
    deliver(client, stripe, 0, 2)
    assert Customer.all_objects.get().is_deleted
    deliver(client, stripe, 3, 4, 1)
    assert Customer.objects.get().metadata == {"life": "2", "more": "1"}
    assert stripe.calls("/v1/customers") == 1


@pytest.mark.parametrize("order", ORDERS[::11])
def test_two_lives_that_ended_have_ended_whatever_the_order(client, stripe, order):
    two_lives(stripe)
    stripe.advance(5)
    stripe.delete("x_1")
    deliver(client, stripe, *order[:3], 5, *order[3:])
    assert Customer.all_objects.get().is_deleted


def test_what_a_fetch_found_gone_comes_back(client, stripe):
    """The tombstone is of the time of the answer, which may have been written before the object was made again."""
    stripe.create("customer", id="cus_1")
    stripe.update("cus_1", name="of the same second")
    stripe.delete("cus_1", silent=True)
    deliver(client, stripe, 0, 1)
    assert Customer.all_objects.get().is_deleted
    stripe.advance(1)
    stripe.create("customer", id="cus_1", name="again")
    deliver(client, stripe, 2)
    assert Customer.objects.get().name == "again"
    assert stripe.calls("/v1/customers") == 2


def test_an_embedded_object_that_was_made_after_its_deletion_lives(client, stripe):
    stripe.create("source", id="src_1", customer="cus_1")
    stripe.advance(5)
    stripe.delete("src_1")
    stripe.advance(5)
    again = build_object("source", id="src_1", customer="cus_1", created=stripe.now)
    stripe.advance(5)
    shown = {"object": "list", "data": [again], "has_more": False}
    stripe.emit("customer.updated", {**build_object("customer", id="cus_1"), "sources": shown})
    deliver(client, stripe, 0, 1, 2)
    assert Source.objects.get().created_at == timestamp(again["created"])


def test_the_parts_and_the_user_of_what_comes_back_are_there_again(client, stripe, django_user_model):
    user = django_user_model.objects.create(username="x")
    reference = {USER_METADATA_KEY: user_reference(user)}
    line = build_object("line_item", id="il_1")
    stripe.create("customer", id="cus_1", metadata=reference)
    stripe.create("invoice", id="in_1", lines=[line])
    stripe.advance(5)
    stripe.delete("cus_1")
    stripe.delete("in_1")
    stripe.advance(5)
    stripe.create("customer", id="cus_1")
    stripe.create("invoice", id="in_1", lines=[line])
    deliver(client, stripe, *range(len(stripe.events)))
    assert Customer.objects.get().user == user
    assert [part.pk for part in Invoice.objects.get().lines.all()] == ["il_1"]


def test_a_test_clock_s_time_revives_nothing(client, stripe):
    """It may be years ahead of the answer by which the object was found gone."""
    stripe.now_offset = None
    real = stripe.now
    stripe.now = real + 10_000_000
    stripe.create("customer", id="cus_1", test_clock="clock_1")
    stripe.update("cus_1", name="of the same second")
    stripe.advance(60)
    late = {**stripe.get("cus_1"), "name": "late"}
    stripe.emit("customer.updated", late)
    stripe.delete("cus_1")
    stripe.now = real
    deliver(client, stripe, 0, 1, 2, 3)
    assert Customer.all_objects.get().is_deleted


def test_a_deletion_of_the_same_second_needs_no_asking(client, stripe):
    stripe.create("customer", id="cus_1")
    stripe.delete("cus_1")
    deliver(client, stripe, 0, 1)
    assert Customer.all_objects.get().is_deleted
    assert stripe.calls("/v1/customers") == 0
