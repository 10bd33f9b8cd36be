"""Staff read on a payout's page when it arrives and what it contains, and on a transaction's what it did."""

import datetime

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.display.pages import day

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z", "created_at": "2026-01-01T00:00Z"}


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **{**TIMES, **columns})


def payout(**columns):
    known = {"amount": 200000, "currency": "usd", "status": "in_transit", "automatic": True}
    return mirror(models.Payout, "po_1", **{**known, **columns})


def transaction(key, **columns):
    known = {"amount": 2000, "fee": 88, "net": 1912, "currency": "usd", "type": "charge", "source": "ch_1"}
    return mirror(models.BalanceTransaction, key, **{**known, "payout_id": "po_1", **columns})


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def panels(client, row):
    return {panel.title: panel for panel in page(client, row).panels}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "pending"}, "are to be sent to the bank"),
        ({"status": "in_transit"}, "on their way to the bank"),
        ({"status": "paid"}, "The bank can still return them"),
        ({"status": "paid", "arrival_date": timezone.now() - datetime.timedelta(days=30)}, "arrived at the bank on"),
        ({"status": "paid", "reversed_by_id": "po_2"}, "another payout reverses this one"),
        ({"status": "failed", "failure_message": "The account is closed."}, "Reason: The account is closed."),
        ({"status": "canceled"}, "stay in the balance"),
        ({"status": "adjudicated"}, ""),
    ],
)
def test_a_payout_says_where_the_money_is(admin_client, columns, expected):
    arrival = timezone.now() + datetime.timedelta(days=1)
    found = str(page(admin_client, payout(**{"arrival_date": arrival, **columns})).summary)
    assert expected in found
    assert bool(found) == bool(expected)
    assert not expected or "2,000.00 USD" in found


def test_a_payout_says_when_it_should_arrive(admin_client):
    arrival = timezone.now() + datetime.timedelta(days=1)
    assert f"they should arrive on {day(arrival)}." in str(page(admin_client, payout(arrival_date=arrival)).summary)


def test_a_payout_says_what_it_contains_without_its_own_transaction(admin_client):
    row = payout(reconciliation_status="completed")
    for number in range(12):
        transaction(f"txn_{number}")
    transaction("txn_own", type="payout", source="po_1", amount=-200000, fee=0, net=-200000)
    transaction("txn_other", payout_id="po_2")
    with CaptureQueriesContext(connection) as context:
        found = page(admin_client, row)
    assert "It contains 12 transactions of together 240.00 USD, less 10.56 USD in fees." in str(found.summary)
    [panel] = [each for each in found.panels if each.title == "Balance transactions"]
    assert len(panel.rows) == 10
    assert "payout" in panel.more_url
    assert {"20.00 USD", "0.88 USD", "19.12 USD"} <= set(map(str, panel.rows[-1]))
    assert len(context.captured_queries) <= 10


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"automatic": False}, "Stripe does not say what it contains"),
        ({"reconciliation_status": "in_progress"}, "Stripe is still listing what it contains"),
        ({"reconciliation_status": "completed"}, ""),
    ],
)
def test_a_payout_says_why_its_contents_are_not_known(admin_client, columns, expected):
    found = str(page(admin_client, payout(**columns)).summary)
    assert expected in found
    assert "It contains" not in found


@pytest.mark.parametrize(("days", "expected"), [(2, "on."), (-2, "since")])
def test_a_transaction_says_how_the_balance_changes(admin_client, days, expected):
    available_on = timezone.now() + datetime.timedelta(days=days)
    found = str(page(admin_client, transaction("txn_1", available_on=available_on)).summary)
    assert "20.00 USD, less 0.88 USD in fees, change the balance by 19.12 USD" in found
    assert expected in found


def test_a_transaction_leads_to_its_source_and_that_to_it(admin_client):
    rows = [
        mirror(models.Charge, "ch_1", amount=2000, currency="usd"),
        mirror(models.Refund, "re_1", amount=2000, currency="usd"),
        mirror(models.Dispute, "dp_1", amount=2000, currency="usd"),
    ]
    for number, row in enumerate(rows):
        about = transaction(f"txn_{number}", source=row.pk)
        assert row.pk in str(panels(admin_client, about)["What it is about"].rows)
        with CaptureQueriesContext(connection) as context:
            assert about.pk in str(panels(admin_client, row)["Balance transactions"].rows)
        assert len(context.captured_queries) <= 10


def test_transactions_of_another_account_are_not_shown(admin_client):
    row = mirror(models.Charge, "ch_1", amount=2000, currency="usd")
    transaction("txn_1", stripe_account="acct_1")
    assert "Balance transactions" not in panels(admin_client, row)


def test_the_list_shows_when_a_payout_arrives_and_why_one_failed(admin_client):
    payout(status="failed", failure_code="account_closed", arrival_date=timezone.now())
    text = admin_client.get(reverse("admin:pinax_stripe_payout_changelist"), {"status": "failed"}).text
    assert "account_" in text
    assert day(timezone.now()) in text
