"""What changes a customer's balance has no events: it is read when the balance changes."""

import itertools

import pytest

from pinax.stripe.models import Customer, CustomerBalanceTransaction, CustomerCashBalanceTransaction
from pinax.stripe.testing import build_event, post_event

LIST = "/v1/customers/cus_1/balance_transactions"


@pytest.fixture
def credit(client, stripe):
    """The customer gets credits; the event that tells of the new balance."""
    stripe.create("customer", id="cus_1", silent=True)
    numbers = itertools.count()

    def give(number=1, **changes):
        for _ in range(number):
            stripe.advance(1)
            stripe.create(
                "customer_balance_transaction", id=f"cbtxn_{next(numbers)}", customer="cus_1", amount=-500, silent=True
            )
        stripe.advance(1)
        stripe.update("cus_1", **{"balance": -500 * next(numbers), **changes})
        stripe.reset_requests()
        return stripe.events[-1]

    return give


def test_transactions_are_read_when_the_balance_changes(client, stripe, credit):
    event = credit()
    assert event["data"]["previous_attributes"].keys() == {"balance"}
    assert post_event(client, event).status_code == 200
    row = CustomerBalanceTransaction.objects.get()
    assert (row.pk, row.amount, row.customer_id) == ("cbtxn_0", -500, "cus_1")
    assert list(Customer.objects.get().balance_transactions.all()) == [row]
    assert (stripe.calls(LIST), stripe.calls()) == (1, 2)


def test_other_changes_of_a_customer_read_nothing(client, stripe, credit):
    credit()
    stripe.advance(1)
    stripe.update("cus_1", name="Jenny")
    stripe.reset_requests()
    assert post_event(client, stripe.events[-1]).status_code == 200
    assert stripe.calls(LIST) == 0


def test_of_a_long_list_no_more_is_read_than_what_is_new(client, stripe, credit):
    assert post_event(client, credit(150)).status_code == 200
    assert (CustomerBalanceTransaction.objects.count(), stripe.calls(LIST)) == (150, 2)
    event = credit(2)
    assert post_event(client, event).status_code == 200
    assert (CustomerBalanceTransaction.objects.count(), stripe.calls(LIST)) == (152, 1)


def test_the_old_name_of_the_balance_counts(client, stripe, credit):
    credit()
    event = build_event(
        "customer.updated",
        {"id": "cus_1", "object": "customer", "account_balance": -500},
        previous_attributes={"account_balance": 0},
        api_version="2015-10-16",
        created=stripe.now,
    )
    stripe.add_event(event)
    assert post_event(client, event).status_code == 200
    assert CustomerBalanceTransaction.objects.count() == 1


def test_the_transactions_of_a_connected_account_are_read_there(client, stripe):
    stripe.create("customer", id="cus_1", account="acct_1", silent=True)
    stripe.create("customer_balance_transaction", id="cbtxn_1", customer="cus_1", account="acct_1", silent=True)
    stripe.advance(1)
    stripe.update("cus_1", account="acct_1", balance=-500)
    assert post_event(client, stripe.events[-1]).status_code == 200
    assert CustomerBalanceTransaction.objects.get().customer_id == "acct_1/cus_1"


def test_a_cash_balance_transaction_names_the_payment_that_it_pays(client, stripe):
    stripe.create(
        "customer_cash_balance_transaction",
        id="ccsbtxn_1",
        customer="cus_1",
        net_amount=-2000,
        ending_balance=500,
        type="applied_to_payment",
        applied_to_payment={"payment_intent": "pi_1"},
    )
    assert [event["type"] for event in stripe.events] == ["customer_cash_balance_transaction.created"]
    assert post_event(client, stripe.events[-1]).status_code == 200
    row = CustomerCashBalanceTransaction.objects.get()
    assert (row.net_amount, row.ending_balance, row.payment_intent_id, row.refund_id) == (-2000, 500, "pi_1", None)
