"""Payouts, and the balance transactions that only a list of Stripe's says they contain."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pinax.stripe.models import BalanceTransaction, Event, EventStep, Payout
from pinax.stripe.sync import sync_from_stripe
from pinax.stripe.testing import build_object, post_event

from .delivery import deliver

LIST = "/v1/balance_transactions"


@pytest.fixture
def reconciled(stripe):
    """A payout of some transactions, at its end; the events are not delivered."""

    def make(number=3, account=None, **fields):
        stripe.create("payout", id="po_1", account=account, silent=True)
        for each in range(number):
            stripe.create(
                "balance_transaction", id=f"txn_{each}", payout="po_1", source=f"ch_{each}", account=account, **fields
            )
        stripe.create("balance_transaction", id="txn_other", account=account)
        stripe.advance(5)
        stripe.update("po_1", account=account, reconciliation_status="completed")
        return stripe.events[-1]

    return make


def contained(payout="po_1"):
    return set(BalanceTransaction.all_objects.filter(payout=payout).values_list("pk", flat=True))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_payout_ends_in_its_last_state_whatever_the_order(client, stripe, order):
    stripe.create("payout", id="po_1", status="pending")
    stripe.advance(5)
    stripe.update("po_1", status="paid")
    stripe.advance(5)
    stripe.update("po_1", status="failed", failure_code="account_closed")
    for number in order:
        assert post_event(client, stripe.events[number]).status_code == 200
    row = Payout.objects.get()
    assert (row.status, row.failure_code) == ("failed", "account_closed")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_payout_that_is_paid_in_the_second_of_its_creation_is_paid(client, stripe, order):
    stripe.create("payout", id="po_1", status="pending")
    stripe.update("po_1", status="paid")
    for number in order:
        assert post_event(client, stripe.events[number]).status_code == 200
    assert Payout.objects.get().status == "paid"


def test_stripe_tells_that_the_transactions_can_be_listed(stripe, reconciled):
    assert reconciled()["type"] == "payout.reconciliation_completed"
    assert [event["type"] for event in stripe.events] == ["payout.reconciliation_completed"]


@pytest.mark.parametrize("account", [None, "acct_1"])
def test_the_transactions_of_a_payout_are_read_when_it_is_reconciled(client, stripe, reconciled, account):
    event = reconciled(account=account)
    stripe.reset_requests()
    assert post_event(client, event).status_code == 200
    prefix = f"{account}/" if account else ""
    assert contained(f"{prefix}po_1") == {f"{prefix}txn_{number}" for number in range(3)}
    row = BalanceTransaction.objects.get(pk=f"{prefix}txn_0")
    assert (row.amount, row.fee, row.net, row.source, row.livemode) == (2000, 88, 1912, "ch_0", False)
    assert "payout" not in row.stripe_data
    assert (stripe.calls(LIST), stripe.calls()) == (1, 2)
    assert not BalanceTransaction.all_objects.filter(stripe_id="txn_other").exists()


def test_a_long_list_is_read_page_by_page_outside_of_a_transaction(client, stripe, reconciled):
    event = reconciled(250)
    stripe.reset_requests()
    with CaptureQueriesContext(connection) as context:
        assert post_event(client, event).status_code == 200
    assert len(contained()) == 250
    assert stripe.calls(LIST) == 3
    assert len(context.captured_queries) < 40
    # The timeline names the payout, not its hundreds of transactions.
    [step] = EventStep.objects.filter(kind="mirror")
    assert [row[:2] for row in step.data["rows"]] == [["payout", "po_1"]]


def test_while_the_list_cannot_be_read_the_event_is_not_done(client, stripe, reconciled):
    event = reconciled()
    stripe.fail(LIST, times=None)
    assert post_event(client, event).status_code == 503
    assert not BalanceTransaction.all_objects.exists()
    stripe.clear_faults()
    assert post_event(client, event).status_code == 200
    assert len(contained()) == 3


def test_a_key_that_may_not_list_them_does_not_keep_the_event_from_its_receivers(client, stripe, reconciled, caplog):
    event = reconciled()
    stripe.fail(LIST, 403, times=None)
    assert post_event(client, event).status_code == 200
    assert Event.objects.get().state == "done"
    assert not contained()
    assert f"unread path={LIST}" in caplog.text


def test_the_object_itself_never_clears_the_payout(client, stripe, reconciled):
    """Neither its own reading nor old news of it, nor the dispute that it rides along with, names the payout."""
    assert post_event(client, reconciled()).status_code == 200
    stripe.advance(5)
    stripe.update("txn_0", status="available", silent=True)
    assert BalanceTransaction.objects.fetch("txn_0").status == "available"
    assert sync_from_stripe(stripe.get("txn_1")).payout_id == "po_1"
    for type_, data in (("moon.landed", stripe.get("txn_2")), ("moon.gone", {**stripe.get("txn_2"), "fee": 90})):
        stripe.advance(5)
        assert post_event(client, stripe.emit(type_, data)).status_code == 200
    assert BalanceTransaction.objects.get(pk="txn_2").fee == 90
    assert contained() == {"txn_0", "txn_1", "txn_2"}


def test_a_transaction_that_the_payout_no_longer_contains_is_of_no_payout(client, stripe, reconciled):
    event = reconciled()
    assert post_event(client, event).status_code == 200
    stripe.update("txn_0", silent=True, payout="po_2")
    stripe.advance(5)
    stripe.emit("payout.reconciliation_completed", "po_1")
    deliver(client, stripe)
    assert contained() == {"txn_1", "txn_2"}
    assert BalanceTransaction.objects.get(pk="txn_0").payout_id is None


def test_other_events_of_a_payout_read_nothing(client, stripe, reconciled):
    reconciled()
    stripe.advance(5)
    stripe.update("po_1", status="paid")
    stripe.reset_requests()
    assert post_event(client, stripe.events[-1]).status_code == 200
    assert stripe.calls() == 1


def test_a_thin_event_reads_them_too(client, stripe, reconciled):
    reconciled()
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v1.payout.reconciliation_completed",
        "created": "2026-01-01T00:00:00.000Z",
        "livemode": False,
        "related_object": {"id": "po_1", "type": "payout", "url": "/v1/payouts/po_1"},
    }
    stripe.add_event(thin)
    assert post_event(client, thin).status_code == 200
    assert contained() == {"txn_0", "txn_1", "txn_2"}


def test_a_payout_without_a_list_is_mirrored_all_the_same(client, stripe):
    event = stripe.emit("payout.reconciliation_completed", build_object("payout", id="po_1"))
    assert post_event(client, event).status_code == 200
    assert Payout.objects.get().automatic is True
    assert not contained()


def test_the_transactions_of_a_dispute_come_with_it(client, stripe):
    """They are whole in the dispute, and cost no read."""
    taken = build_object("balance_transaction", id="txn_1", source="dp_1", amount=-2000, fee=1500)
    stripe.create("dispute", id="dp_1", charge=None, balance_transactions=[taken])
    stripe.reset_requests()
    deliver(client, stripe)
    row = BalanceTransaction.objects.get()
    assert (row.pk, row.net, row.source, row.livemode) == ("txn_1", -3500, "dp_1", False)
    assert stripe.calls() == stripe.calls("/v1/events")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_dispute_s_news_of_a_transaction_leaves_its_payout(client, stripe, order):
    taken = build_object("balance_transaction", id="txn_1", source="dp_1", amount=-2000, fee=1500)
    stripe.create("balance_transaction", silent=True, payout="po_1", **taken)
    stripe.create("payout", id="po_1", silent=True)
    stripe.emit("payout.reconciliation_completed", "po_1")
    stripe.advance(5)
    stripe.create("dispute", id="dp_1", charge=None, silent=True, balance_transactions=[taken])
    stripe.emit("charge.dispute.funds_withdrawn", "dp_1")
    for number in order:
        assert post_event(client, stripe.events[number]).status_code == 200
    assert contained() == {"txn_1"}
