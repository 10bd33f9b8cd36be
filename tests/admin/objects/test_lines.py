"""The line at the top of a page: what an object is now, and what comes next, in the words of staff."""

import datetime

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from pinax.stripe import models

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.timezone.utc)
LATER = datetime.datetime(2999, 3, 4, 12, tzinfo=datetime.timezone.utc)
TIMES = {"as_of": NOON, "as_of_end": NOON, "created_at": NOON}
AMOUNT = {"amount": 500, "currency": "usd"}
REPEATING = {"duration": "repeating", "duration_in_months": 3}


def line_of(client, model, columns):
    row = model.all_objects.create(id="x_1", stripe_id="x_1", **{**TIMES, **columns})
    page = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quote(row.pk)])
    return str(client.get(page).context["page"].summary)


@pytest.mark.parametrize(
    ("model", "columns", "line"),
    [
        (models.Charge, {**AMOUNT, "status": "succeeded", "captured": True}, "5.00 USD were paid."),
        (models.Charge, {**AMOUNT, "status": "succeeded", "captured": False}, "5.00 USD are reserved, and are taken"),
        (models.Charge, {**AMOUNT, "status": "succeeded", "disputed": True}, "The payment was disputed: the dispute"),
        (models.Charge, {**AMOUNT, "status": "failed"}, "The payment failed: nothing was taken."),
        (models.Charge, {**AMOUNT, "status": "failed", "failure_message": "No money."}, "No money."),
        (models.Charge, {**AMOUNT, "status": "amazed"}, ""),
        (models.PaymentIntent, {**AMOUNT, "status": "requires_action"}, "the customer has to approve the payment."),
        (models.PaymentIntent, {**AMOUNT, "status": "succeeded", "amount_received": 400}, "4.00 USD were paid."),
        (models.Refund, {**AMOUNT, "status": "pending"}, "5.00 USD are on their way back to the customer."),
        (models.Refund, {**AMOUNT, "status": "failed"}, "Pay them back in another way."),
        (models.InvoicePayment, {"amount_paid": 500, "currency": "usd", "status": "paid"}, "5.00 USD of the invoice"),
        (models.InvoiceLineItem, AMOUNT, "The invoice asks for 5.00 USD."),
        (models.InvoiceLineItem, {**AMOUNT, "amount": -500, "proration": True}, "5.00 USD are given back, because"),
        (models.InvoiceLineItem, {**AMOUNT, "proration": True}, "asks for 5.00 USD, because the subscription changed"),
        (
            models.InvoiceLineItem,
            {**AMOUNT, "period_start": NOON, "period_end": LATER},
            "asks for 5.00 USD for the time from March 4, 2026 to March 4, 2999.",
        ),
        (models.Customer, {"delinquent": True}, "The last invoice was not paid when it was due."),
        (models.Customer, {"delinquent": False}, "No payment of the customer's is overdue."),
        (
            models.Customer,
            {"delinquent": False, "balance": -500, "currency": "usd"},
            "overdue. The customer has a credit of 5.00 USD, which the next invoice uses.",
        ),
        (
            models.Customer,
            {"balance": 500, "currency": "usd"},
            "The next invoice adds 5.00 USD that the customer owes.",
        ),
        (models.PaymentMethod, {}, "No customer has it: it cannot be charged."),
        (models.PaymentMethod, {"customer_id": "cus_1"}, "The customer can pay with it."),
        (models.Card, {"customer_id": "cus_1", "exp_month": 8, "exp_year": 2999}, "until the end of 08/2999."),
        (models.Card, {"customer_id": "cus_1", "exp_month": 8, "exp_year": 2020}, "It has expired: most attempts"),
        (models.Source, {"customer_id": "cus_1", "status": "consumed"}, "A payment has used it up"),
        (models.BankAccount, {"customer_id": "cus_1", "status": "new"}, "It has to be verified"),
        (models.Product, {"active": True}, "Customers can buy it."),
        (
            models.Price,
            {"nickname": "Gold", "active": False, "unit_amount": 500, "currency": "usd"},
            "5.00 USD. It is archived: new customers cannot buy it",
        ),
        (models.Coupon, {"percent_off": 10, "duration": "forever", "valid": True}, "10% off every invoice. It can be"),
        (models.Coupon, {"percent_off": 10, **REPEATING, "valid": False}, "months: 3. It can no longer be redeemed"),
        (models.PromotionCode, {"code": "X"}, "Customers enter this code to get a discount."),
        (models.TaxId, {}, "Stripe has not said yet whether the authority knows this tax id."),
        (models.CreditNoteLineItem, {"amount": 500}, "of no line of the invoice in particular."),
        (models.SubscriptionSchedulePhase, {"start_date": LATER}, "It begins on March 4, 2999."),
        (models.SubscriptionSchedulePhase, {"start_date": NOON}, "It runs, and has no end yet."),
        (models.SubscriptionSchedulePhase, {"start_date": NOON, "end_date": LATER}, "It runs until March 4, 2999."),
        (models.SubscriptionSchedulePhase, {"start_date": NOON, "end_date": NOON}, "It ended on March 4, 2026."),
        (models.SubscriptionItem, {}, "It is billed with its subscription."),
        (models.SubscriptionItem, {"current_period_end": NOON}, "Its period ends on March 4, 2026; then it is billed"),
        (models.CheckoutLineItem, {"amount_total": 500, "currency": "usd"}, "The customer was asked for 5.00 USD."),
        (models.CheckoutLineItem, {"amount_total": 500, "currency": "usd", "quote_id": "qt_1"}, "The quote offers it"),
        (models.Person, {"currently_due": []}, "Stripe waits for nothing from this person."),
        (models.CashBalance, {"available": {"eur": 0}}, "The customer has sent no cash that is still to be used."),
        (
            models.CashBalance,
            {"available": {"eur": 500, "usd": 100}, "reconciliation_mode": "manual"},
            "The customer has 5.00 EUR, 1.00 USD in cash. Stripe uses it for no payment until you say for which.",
        ),
    ],
)
def test_a_page_begins_with_a_line(admin_client, model, columns, line):
    found = line_of(admin_client, model, columns)
    assert line in found
    assert bool(found) == bool(line)


def test_what_a_deleted_customer_had_cannot_be_charged(admin_client):
    models.Customer.all_objects.create(id="cus_1", stripe_id="cus_1", **TIMES, deleted_at=NOON)
    assert line_of(admin_client, models.Card, {"customer_id": "cus_1"}) == (
        "Its customer is deleted: it cannot be charged."
    )
