"""Money between a platform and its connected accounts."""

import pytest
from django.urls import reverse

from pinax.stripe.models import ApplicationFee, FeeRefund, OtherObject, Transfer, TransferReversal
from pinax.stripe.testing import build_object

from .delivery import deliver


def reversals(count, **fields):
    return [build_object("transfer_reversal", transfer="tr_1", amount=10, **fields) for _ in range(count)]


def test_a_transfer_goes_to_an_account_and_its_event_brings_the_reversals(client, stripe):
    stripe.create("account", id="acct_1", account="acct_1", silent=True)
    stripe.update("acct_1", account="acct_1", email="seller@example.com")
    stripe.create("transfer", id="tr_1", amount=1000, destination="acct_1")
    stripe.advance(2)
    stripe.update("tr_1", amount_reversed=120, reversals=reversals(12))
    deliver(client, stripe)
    row = Transfer.objects.get()
    assert (row.destination.email, row.amount_reversed) == ("seller@example.com", 120)
    assert row.reversals.count() == TransferReversal.objects.count() == 12
    assert stripe.calls("/v1/transfers/tr_1/reversals") == 1
    assert not OtherObject.objects.exists()


@pytest.mark.parametrize(
    ("change", "event_type"),
    [
        ({"amount_reversed": 400}, "transfer.reversed"),
        ({"amount_reversed": 1000, "reversed": True}, "transfer.reversed"),
        ({"description": "October"}, "transfer.updated"),
    ],
)
def test_stripe_tells_of_reversals_in_part_too(stripe, change, event_type):
    stripe.create("transfer", id="tr_1", amount=1000)
    stripe.update("tr_1", **change)
    assert [event["type"] for event in stripe.events] == ["transfer.created", event_type]


def test_a_refund_of_a_fee_comes_with_the_fee_and_changes_by_its_own_event(client, stripe):
    stripe.create("application_fee", id="fee_1", amount=100)
    refund = build_object("fee_refund", id="fr_1", fee="fee_1", amount=40, currency="usd")
    stripe.advance(2)
    stripe.update("fee_1", amount_refunded=40, refunds=[refund])
    assert stripe.events[-1]["type"] == "application_fee.refunded"
    stripe.advance(2)
    stripe.emit("application_fee.refund.updated", {**refund, "metadata": {"reason": "returned"}})
    deliver(client, stripe)
    row = FeeRefund.objects.get()
    assert (row.fee.amount_refunded, row.amount, row.metadata) == (40, 40, {"reason": "returned"})
    assert list(ApplicationFee.objects.get().refunds.all()) == [row]


def test_an_application_fee_names_the_account_that_paid_it(client, stripe):
    stripe.emit("application_fee.created", build_object("application_fee", id="fee_1", amount=100, account="acct_1"))
    stripe.advance(2)
    stripe.update("fee_1", amount_refunded=40)
    deliver(client, stripe)
    row = ApplicationFee.objects.get()
    assert (row.pk, row.account_id, row.amount, row.amount_refunded) == ("fee_1", "acct_1", 100, 40)


@pytest.mark.parametrize(
    ("reversed_", "sentence"),
    [(0, "10.00 USD went to the balance of acct_1."), (400, "4.00 USD of 10.00 USD came back from acct_1.")],
)
def test_the_page_of_a_transfer_says_where_the_money_is(client, stripe, admin_client, reversed_, sentence):
    stripe.create("transfer", id="tr_1", amount=1000, currency="usd", destination="acct_1", amount_reversed=reversed_)
    deliver(client, stripe)
    page = admin_client.get(reverse("admin:pinax_stripe_transfer_change", args=["tr_5F1"])).content.decode()
    assert sentence in page
    assert admin_client.get(reverse("admin:pinax_stripe_transfer_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("refunded", "sentence"),
    [(0, "1.00 USD were kept of a payment to acct_1."), (40, "0.40 USD of 1.00 USD were given back to acct_1.")],
)
def test_the_page_of_an_application_fee_says_what_was_kept(client, stripe, admin_client, refunded, sentence):
    fields = {"id": "fee_1", "amount": 100, "currency": "usd", "amount_refunded": refunded}
    stripe.emit("application_fee.created", build_object("application_fee", account="acct_1", **fields))
    deliver(client, stripe)
    page = admin_client.get(reverse("admin:pinax_stripe_applicationfee_change", args=["fee_5F1"])).content.decode()
    assert sentence in page


def test_the_pages_of_what_came_back_say_how_much(client, stripe, admin_client):
    stripe.create("transfer", id="tr_1", reversals=reversals(1, id="trr_1", currency="usd"))
    stripe.create(
        "application_fee", id="fee_1", refunds=[build_object("fee_refund", id="fr_1", fee="fee_1", amount=40)]
    )
    deliver(client, stripe)
    for name, key, sentence in (
        ("transferreversal", "trr_5F1", "0.10 USD of the transfer came back."),
        ("feerefund", "fr_5F1", "0.40 USD of the fee were given back to the account."),
    ):
        page = admin_client.get(reverse(f"admin:pinax_stripe_{name}_change", args=[key])).content.decode()
        assert sentence in page
