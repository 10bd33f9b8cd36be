"""Objects without ids, of which there is one each: the balance of an account in a mode, and the cash of a customer."""

import time

import pytest
from django.contrib.admin.utils import quote
from django.test import override_settings
from django.urls import reverse

from pinax.stripe.exceptions import UnusableObject
from pinax.stripe.models import Balance, CashBalance, Event, OtherObject
from pinax.stripe.testing import build_object, post_event
from tests.assertions import assert_row

from .delivery import deliver

CASH = "/v1/customers/cus_1/cash_balance"
REFUSAL = {"type": "invalid_request_error", "code": "resource_missing", "param": "customer"}


def funds(**amounts):
    """Amounts by currency, as a balance has them."""
    return [{"amount": amount, "currency": currency} for currency, amount in amounts.items()]


def tell_balance(stripe, *, account=None, **amounts):
    stripe.advance(2)
    balance = build_object("balance", available=funds(**amounts), pending=funds(eur=7), connect_reserved=None)
    return stripe.emit("balance.available", balance, account=account)


def pay_in(stripe, amount, left):
    """Cash of a customer comes in: of the balance itself Stripe makes no event."""
    stripe.advance(4)
    stripe.create(
        "customer_cash_balance_transaction", customer="cus_1", currency="eur", net_amount=amount, ending_balance=left
    )
    return stripe.events[-1]


def test_an_account_has_one_balance_in_each_mode(client, stripe):
    tell_balance(stripe, eur=500, usd=-1)
    tell_balance(stripe, account="acct_1", eur=20)
    deliver(client, stripe)
    own, connected = Balance.objects.order_by("stripe_account")
    assert_row(own, pk="test", stripe_id="test", available={"eur": 500, "usd": -1}, pending={"eur": 7}, livemode=False)
    assert_row(connected, pk="acct_1/test", stripe_account="acct_1", available={"eur": 20}, connect_reserved={})
    assert Balance.objects.get(available__eur__gt=100) == own
    assert "id" not in own.stripe_data
    assert Event.objects.earliest("pk").mirrored_object == own
    assert not OtherObject.all_objects.exists()


def test_the_live_balance_is_another_one(client, stripe):
    tell_balance(stripe, eur=1)
    live = build_object("balance", available=funds(eur=2), livemode=True)
    event = stripe.emit("balance.available", live)
    stripe.events[-1]["livemode"] = event["livemode"] = True
    with override_settings(PINAX_STRIPE_SECRET_KEY="sk_test_fake"):
        assert post_event(client, stripe.events[0]).status_code == 200
    with override_settings(PINAX_STRIPE_SECRET_KEY="sk_live_fake"):
        assert post_event(client, event).status_code == 200
    assert {row.pk: row.available for row in Balance.objects.all()} == {"test": {"eur": 1}, "live": {"eur": 2}}


def test_late_news_of_a_balance_is_dropped(client, stripe):
    events = [tell_balance(stripe, eur=number) for number in (1, 2, 3)]
    for number in (0, 2, 1):
        assert post_event(client, events[number]).status_code == 200
    assert_row(Balance.objects.get(), available={"eur": 3}, version=2)


def test_a_balance_can_be_read_now(client, stripe):
    tell_balance(stripe, eur=1)
    deliver(client, stripe)
    stripe.advance(2)
    stripe.update("balance", silent=True, available=funds(eur=9))
    assert Balance.objects.get().refresh_from_stripe().available == {"eur": 9}
    stripe.update("balance", silent=True, available=funds(eur=10))
    assert Balance.objects.fetch("test").available == {"eur": 10}
    with pytest.raises(UnusableObject):
        Balance.objects.fetch("bal_1")


def test_the_cash_of_a_customer_is_read_with_each_transaction(client, stripe):
    stripe.now = int(time.time()) - 20  # A clock that is believed: no reading has to be settled by another.
    stripe.create("customer", id="cus_1", silent=True)
    stripe.create("cash_balance", customer="cus_1", available={"usd": 5}, silent=True)
    assert post_event(client, pay_in(stripe, 500, 500)).status_code == 200
    row = CashBalance.objects.get()
    assert_row(row, pk="cus_1", stripe_id="cus_1", customer_id="cus_1", available={"eur": 500, "usd": 5})
    assert_row(row, reconciliation_mode="automatic", using_merchant_default=True)
    assert post_event(client, pay_in(stripe, -200, 300)).status_code == 200
    assert CashBalance.objects.get().available == {"eur": 300, "usd": 5}
    assert sum(request.path == CASH for request in stripe.requests) == 2


def test_an_event_of_a_cash_balance_has_it_whole(client, stripe):
    data = build_object("cash_balance", customer="cus_1", available={"eur": 300})
    event = stripe.emit("cash_balance.funds_available", data, account="acct_1")
    assert post_event(client, event).status_code == 200
    row = CashBalance.objects.get()
    assert_row(row, pk="acct_1/cus_1", customer_id="acct_1/cus_1", available={"eur": 300})
    assert stripe.calls(CASH) == 0
    assert Event.objects.get().mirrored_object == row
    assert CashBalance.objects.fetch("cus_1", account="acct_1") == row


def test_a_cash_balance_that_stripe_does_not_have_any_more_leaves_a_tombstone(client, stripe):
    stripe.create("customer", id="cus_1", silent=True)
    assert post_event(client, pay_in(stripe, 500, 500)).status_code == 200
    stripe.fail(CASH, 404, times=None, body={"error": {**REFUSAL, "message": "No such customer: 'cus_1'"}})
    row = CashBalance.objects.get().refresh_from_stripe()
    assert (row.is_deleted, row.customer_id) == (True, "cus_1")
    assert row.stripe_data["object"] == "cash_balance"


@pytest.mark.parametrize("data", [{"object": "balance"}, {"object": "cash_balance"}, {"object": "tax.settings"}])
def test_what_nothing_names_has_no_row(client, stripe, data):
    assert post_event(client, stripe.emit("balance.available", data, keep=False)).status_code == 200
    assert [model.all_objects.count() for model in (Balance, CashBalance, OtherObject)] == [0, 0, 0]


def test_the_pages_lead_from_the_event_to_the_row_and_back(client, stripe, admin_client):
    tell_balance(stripe, eur=500)
    tell_balance(stripe, account="acct_1", eur=500)
    pay_in(stripe, 500, 500)
    deliver(client, stripe)
    balance, _ = Balance.objects.order_by("stripe_account")
    event = Event.objects.get(kind="balance.available", stripe_account="")
    page = reverse("admin:pinax_stripe_balance_change", args=[quote(balance.pk)])
    event_page = reverse("admin:pinax_stripe_event_change", args=[event.pk])
    assert page in admin_client.get(event_page).content.decode()
    shown = admin_client.get(page).content.decode()
    assert event_page in shown
    assert reverse("admin:pinax_stripe_event_change", args=[event.pk + 1]) not in shown
    assert "5.00 EUR could be paid out, and 0.07 EUR were to become available later." in shown
