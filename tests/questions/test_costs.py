"""Each question about rows is answered by an index, on tables that PostgreSQL would not read whole."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pinax.stripe import models
from tests.benchmarks.tables import fill
from tests.plans import captured, explained, rows_read_one_by_one

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL"),
]
ROWS = 25_000
TABLES = (
    *(models.BalanceTransaction, models.Card, models.Charge, models.CheckoutSession, models.Customer, models.Dispute),
    *(models.Invoice, models.PaymentMethod, models.Payout, models.Subscription),
)


def questions():
    """Every question that a page could ask: a name, and what asks it."""
    now = timezone.now()
    since, until = now - datetime.timedelta(days=20), now - datetime.timedelta(days=10)
    subscriptions, charges, customers = models.Subscription.objects, models.Charge.objects, models.Customer.objects
    yield "past due", lambda: list(subscriptions.past_due())
    yield "will cancel", lambda: list(subscriptions.will_cancel())
    yield "trials ending", lambda: list(subscriptions.trials_ending(7))
    yield "started", lambda: list(subscriptions.started(since, until))
    yield "ended", lambda: list(subscriptions.ended(since, until))
    yield "paid", lambda: list(charges.paid(since, until))
    yield "failed", lambda: list(charges.failed(since, until))
    yield "refunded", lambda: list(charges.refunded().order_by("-created_at", "-pk")[:50])
    yield "disputed", lambda: list(charges.disputed().order_by("-created_at", "-pk")[:50])
    yield "revenue", lambda: models.BalanceTransaction.objects.revenue(since, until)
    yield "open disputes", lambda: list(models.Dispute.objects.open())
    yield "under way", lambda: list(models.Payout.objects.under_way())
    yield "contents", models.Payout(id="po_1", stripe_id="po_1").contents
    yield "abandoned", lambda: list(models.CheckoutSession.objects.abandoned(since, until))
    yield "with a card about to expire", lambda: list(customers.with_card_expiring())
    yield "owing", lambda: list(customers.owing()[:50])
    yield "without a plan", lambda: list(customers.without_plan().order_by("-created_at", "-pk")[:50])
    yield "lifetime", models.Customer(id="cus_77").lifetime


@pytest.mark.django_db(transaction=True)
def test_no_question_about_rows_reads_a_large_table_row_by_row():
    fill(ROWS, tables=TABLES)
    found = {}
    for name, ask in questions():
        with CaptureQueriesContext(connection) as context:
            ask()
        scans = rows_read_one_by_one(captured(context))
        if any(rows >= ROWS for rows in scans.values()):
            found[name] = scans
    assert found == {}


@pytest.mark.django_db(transaction=True)
def test_what_a_customer_s_disputes_lost_is_added_up_without_a_look_at_those_that_were_not_lost():
    """An owner of thousands of charges is looked at in the admin as any customer is."""
    fill(ROWS, tables=(models.Charge, models.Dispute))
    with CaptureQueriesContext(connection) as context:
        models.Customer(id="cus_1").lifetime()
    [statement] = captured(context)
    [disputes] = [node for node in explained(statement) if node.get("Relation Name") == models.Dispute._meta.db_table]
    assert disputes["Index Name"] == "pinax_stripe_dispute_lost"
    assert disputes["Node Type"] == "Index Only Scan"
