"""Staff read what changed a customer's balance, and what a top-up comes to."""

import datetime

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pinax.stripe import models

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.timezone.utc)
TIMES = {"as_of": NOON, "as_of_end": NOON, "created_at": NOON, "currency": "usd"}
CREDIT, CASH = models.CustomerBalanceTransaction, models.CustomerCashBalanceTransaction


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **{**TIMES, **columns})


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


@pytest.mark.parametrize(
    ("model", "columns", "expected"),
    [
        (
            CREDIT,
            {"amount": -500, "ending_balance": -500, "type": "adjustment"},
            "The customer owes 5.00 USD less. Reason: adjusted by hand. Afterwards the customer has a credit of "
            "5.00 USD, which the next invoice uses.",
        ),
        (
            CREDIT,
            {"amount": 500, "ending_balance": 0, "type": "applied_to_invoice"},
            "The customer owes 5.00 USD more. Reason: applied to an invoice. Afterwards nothing is left.",
        ),
        (CREDIT, {"amount": 500, "ending_balance": 700}, "Afterwards the customer owes 7.00 USD, which the next"),
        (CREDIT, {"amount": 500}, "The customer owes 5.00 USD more. Reason: unknown."),
        (CREDIT, {}, ""),
        (CASH, {"net_amount": 500, "ending_balance": 900, "type": "funded"}, "came into the customer's cash balance."),
        (CASH, {"net_amount": -500, "ending_balance": 0}, "left the customer's cash balance."),
        (CASH, {}, ""),
        (
            models.TopUp,
            {"amount": 2000, "status": "pending", "expected_availability_date": NOON},
            "20.00 USD are on their way from your bank; they should be in the balance on March 4, 2026.",
        ),
        (models.TopUp, {"amount": 2000, "status": "failed", "failure_code": "no_money"}, "Reason: no_money."),
        (models.TopUp, {"amount": 2000, "status": "reversed"}, "20.00 USD went back to your bank."),
        (models.TopUp, {"status": "adjudicated"}, ""),
    ],
)
def test_a_page_says_what_happened_and_what_comes_next(admin_client, model, columns, expected):
    found = str(page(admin_client, mirror(model, "x_1", **columns)).summary)
    assert expected in found
    assert bool(found) == bool(expected)


def test_the_page_of_a_customer_shows_both(admin_client):
    customer = models.Customer.all_objects.create(id="cus_1", stripe_id="cus_1", as_of=NOON, as_of_end=NOON)
    mirror(CREDIT, "cbtxn_1", customer_id="cus_1", amount=-500, ending_balance=-500)
    mirror(CASH, "ccsbtxn_1", customer_id="cus_1", net_amount=700, ending_balance=700)
    with CaptureQueriesContext(connection) as context:
        panels = {panel.title: str(panel.rows) for panel in page(admin_client, customer).panels}
    assert "-5.00 USD" in panels["Customer balance transactions"]
    assert "7.00 USD" in panels["Cash balance transactions"]
    assert len(context.captured_queries) <= 10


def test_the_page_of_a_top_up_shows_its_balance_transaction(admin_client):
    row = mirror(models.TopUp, "tu_1", amount=2000, status="succeeded")
    mirror(models.BalanceTransaction, "txn_1", source="tu_1", amount=2000, fee=0, net=2000)
    assert "txn_1" in str([panel.rows for panel in page(admin_client, row).panels])
