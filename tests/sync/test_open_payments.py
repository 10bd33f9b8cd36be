"""Payments towards invoices that are open, or were canceled: Stripe makes an event only of one that was made.

https://docs.stripe.com/api/invoice-payment
"""

import pytest

from pinax.stripe.models import Invoice, InvoicePayment
from pinax.stripe.testing import post_event

from .delivery import deliver

LIST = "/v1/invoice_payments"


@pytest.fixture
def failing(stripe):
    """An open invoice, and an attempt to pay it that failed; the event that tells of that."""

    def make(account=None):
        stripe.create("invoice", id="in_1", status="open", account=account, silent=True)
        intent = {"type": "payment_intent", "payment_intent": "pi_1"}
        stripe.create("invoice_payment", id="inpay_1", invoice="in_1", status="open", payment=intent, account=account)
        assert stripe.events == []
        return stripe.emit("invoice.payment_failed", "in_1", account=account)

    return make


def payments():
    return dict(InvoicePayment.objects.order_by("pk").values_list("pk", "status"))


@pytest.mark.parametrize("account", [None, "acct_1"])
def test_an_open_payment_is_read_when_an_attempt_fails(client, stripe, failing, account):
    assert post_event(client, failing(account)).status_code == 200
    row = InvoicePayment.objects.get()
    key = "acct_1/" if account else ""
    assert (row.pk, row.status) == (f"{key}inpay_1", "open")
    assert (row.invoice_id, row.payment_intent_id) == (f"{key}in_1", f"{key}pi_1")
    assert stripe.calls(LIST) == 1


def test_a_payment_of_an_invoice_that_is_void_is_canceled(client, stripe, failing):
    post_event(client, failing())
    stripe.advance(5)
    stripe.update("in_1", status="void")
    assert [event["type"] for event in stripe.events[1:]] == ["invoice.voided", "invoice.updated"]
    deliver(client, stripe)
    assert (Invoice.objects.get().status, payments()) == ("void", {"inpay_1": "canceled"})


def test_an_open_payment_is_canceled_when_another_one_pays(client, stripe, failing):
    post_event(client, failing())
    stripe.advance(5)
    stripe.create("invoice_payment", id="inpay_2", invoice="in_1", status="paid")
    stripe.update("in_1", status="paid")
    deliver(client, stripe)
    assert payments() == {"inpay_1": "canceled", "inpay_2": "paid"}


def test_an_open_payment_is_canceled_although_the_invoice_is_known_to_be_paid(client, stripe, failing):
    post_event(client, failing())
    stripe.advance(5)
    stripe.update("inpay_1", status="canceled", silent=True)
    stripe.update("in_1", status="paid", silent=True)
    stripe.emit("invoice.updated", "in_1")
    stripe.emit("invoice.paid", "in_1")
    updated, paid = stripe.events[-2:]
    assert updated["created"] == paid["created"]
    post_event(client, updated)
    assert (Invoice.objects.get().status, payments()) == ("paid", {"inpay_1": "open"})
    assert post_event(client, paid).status_code == 200
    assert payments() == {"inpay_1": "canceled"}


def test_an_invoice_without_an_open_payment_costs_no_reading(client, stripe):
    stripe.create("invoice", id="in_1", status="open")
    stripe.advance(5)
    stripe.create("invoice_payment", id="inpay_1", invoice="in_1", status="paid")
    stripe.update("in_1", status="paid")
    deliver(client, stripe)
    assert payments() == {"inpay_1": "paid"}
    assert stripe.calls(LIST) == 0


def test_in_versions_before_payments_nothing_is_read(client, stripe, failing):
    stripe.api_version = "2023-10-16"
    post_event(client, failing())
    assert Invoice.objects.get().payment_intent_id == "pi_1"
    assert (payments(), stripe.calls(LIST)) == ({}, 0)


def test_a_late_event_of_an_attempt_brings_no_canceled_payment_back(client, stripe, failing):
    of_attempt = failing()
    stripe.advance(5)
    stripe.update("in_1", status="void")
    deliver(client, stripe)
    assert post_event(client, of_attempt).status_code == 200
    assert payments() == {"inpay_1": "canceled"}
