"""Every answer of the querysets equals the one that plain Python finds in the objects' JSON."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pinax.stripe.models import (
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Customer,
    Dispute,
    Payout,
    Subscription,
)
from tests.questions.account import ACCOUNTS, NOW
from tests.questions.oracle import key

pytestmark = [pytest.mark.usefixtures("loaded", "clock"), pytest.mark.django_db]


def keys(rows):
    """The keys of rows, of which none is there twice."""
    found = list(rows.values_list("pk", flat=True))
    assert len(found) == len(set(found))
    return set(found)


def statements(ask):
    """How many statements a question takes."""
    with CaptureQueriesContext(connection) as context:
        ask()
    return len(context)


def test_the_account_has_thousands_of_objects(account):
    assert len(account.objects) > 3_000


#: Question without a period -> rows, and what the oracle says.
ROWS = {
    "active": lambda oracle: (Subscription.objects.active(), oracle.active()),
    "past due": lambda oracle: (Subscription.objects.past_due(), oracle.past_due()),
    "will cancel": lambda oracle: (Subscription.objects.will_cancel(), oracle.will_cancel()),
    "trials ending": lambda oracle: (Subscription.objects.trials_ending(7), oracle.trials_ending(7)),
    "refunded": lambda oracle: (Charge.objects.refunded(), oracle.refunded()),
    "disputed": lambda oracle: (Charge.objects.disputed(), oracle.disputed()),
    "open disputes": lambda oracle: (Dispute.objects.open(), oracle.disputes("needs_response", "under_review")),
    "won disputes": lambda oracle: (Dispute.objects.won(), oracle.disputes("won")),
    "lost disputes": lambda oracle: (Dispute.objects.lost(), oracle.disputes("lost")),
    "payouts under way": lambda oracle: (Payout.objects.under_way(), oracle.under_way()),
    "with a coupon": lambda oracle: (Customer.objects.with_coupon(), oracle.with_coupon()),
    "with one coupon": lambda oracle: (Customer.objects.with_coupon("coupon_1"), oracle.with_coupon("coupon_1")),
    "with a card about to expire": lambda oracle: (
        Customer.objects.with_card_expiring(),
        oracle.with_card_expiring(30),
    ),
    "with a card that expires this winter": lambda oracle: (
        Customer.objects.with_card_expiring(100),
        oracle.with_card_expiring(100),
    ),
    "owing": lambda oracle: (Customer.objects.owing(), oracle.owing()),
    "without a plan": lambda oracle: (Customer.objects.without_plan(), oracle.without_plan()),
}
#: Question about a period -> the same.
ROWS_OF_A_PERIOD = {
    "started": lambda oracle, *period: (Subscription.objects.started(*period), oracle.started(*period)),
    "ended": lambda oracle, *period: (Subscription.objects.ended(*period), oracle.ended(*period)),
    "paid": lambda oracle, *period: (Charge.objects.paid(*period), oracle.paid(*period)),
    "failed": lambda oracle, *period: (Charge.objects.failed(*period), oracle.failed(*period)),
    "abandoned": lambda oracle, *period: (CheckoutSession.objects.abandoned(*period), oracle.abandoned(*period)),
}


@pytest.mark.parametrize("question", ROWS)
def test_rows_are_those_that_their_json_says(oracle, question):
    rows, expected = ROWS[question](oracle)
    assert keys(rows) == expected
    assert expected
    assert statements(lambda: list(rows)) == 1


@pytest.mark.parametrize("question", ROWS_OF_A_PERIOD)
def test_rows_of_a_period_are_those_that_their_json_says(oracle, period, question):
    rows, expected = ROWS_OF_A_PERIOD[question](oracle, *period)
    assert keys(rows) == expected
    assert expected
    assert statements(lambda: list(rows)) == 1


@pytest.mark.parametrize("question", ["started", "ended", "paid", "failed", "abandoned"])
def test_a_period_without_an_end_goes_on(oracle, question):
    model = {"paid": Charge, "failed": Charge, "abandoned": CheckoutSession}.get(question, Subscription)
    since = NOW.replace(month=2)
    assert keys(getattr(model.objects, question)(since)) == getattr(oracle, question)(since, NOW.replace(year=2027))


def test_a_question_may_be_asked_of_some_rows_only(oracle):
    rows = Subscription.objects.filter(stripe_account="acct_2").past_due()
    expected = {name for name in oracle.past_due() if name.startswith("acct_2/")}
    assert keys(rows) == expected
    assert expected
    customer = Customer.objects.get(pk=rows[0].customer_id)
    assert keys(customer.subscriptions.past_due()) <= expected


def test_churn_is_of_those_that_ran_at_the_beginning(oracle, period):
    found = Subscription.objects.churn(*period)
    assert (found.at_start, found.ended) == oracle.churn(*period)
    assert found.rate is None if not found.at_start else found.rate == round(found.rate, 4)
    assert statements(lambda: Subscription.objects.churn(*period)) == 1


def as_mrr(found):
    return {
        (each.account, each.currency): (each.amount, each.counted, each.not_counted, each.unknown_discounts)
        for each in found
    }


def test_recurring_revenue_has_quantities_intervals_and_discounts(oracle):
    expected = oracle.mrr()
    assert as_mrr(Subscription.objects.mrr()) == expected
    assert len(expected) == 6
    assert all(amount > 0 and min(rest) > 0 for amount, *rest in expected.values())


def test_recurring_revenue_is_never_added_up_over_accounts(oracle):
    own = as_mrr(Subscription.objects.filter(stripe_account="").mrr())
    assert own == {where: values for where, values in oracle.mrr().items() if where[0] == ""}


def test_recurring_revenue_takes_three_statements():
    """However many subscriptions there are: items by their terms, items with a discount, discounts."""
    assert statements(Subscription.objects.mrr) == 3


def test_revenue_is_what_changed_the_balance(oracle, period):
    found = {
        (each.account, each.currency): (each.gross, each.refunds, each.disputes, each.fees, each.other, each.net)
        for each in BalanceTransaction.objects.revenue(*period)
    }
    assert found == oracle.revenue(*period)
    assert len(found) == 6
    assert statements(lambda: BalanceTransaction.objects.revenue(*period)) == 1


@pytest.mark.parametrize("owner", ACCOUNTS)
def test_payouts_say_what_they_contain(account, oracle, owner):
    payouts = Payout.objects.filter(stripe_account=owner)
    assert len(payouts) == 30
    for payout in payouts:
        found = {each.type: (each.count, each.amount, each.fee, each.net) for each in payout.contents()}
        assert found == oracle.contents(owner, payout.stripe_id)
    assert statements(payouts[0].contents) == 1


def test_customers_say_what_they_paid_in_all(account, oracle):
    lost = 0
    for owner, data in account.of("customer"):
        customer = Customer.objects.get(pk=key(owner, data["id"]))
        found = customer.lifetime()
        lost += sum(each.lost for each in found)
        assert oracle.lifetime(owner, data["id"]) == {
            each.currency: (
                *(each.payments, each.paid, each.refunded, each.lost),
                *(int(moment.timestamp()) for moment in (each.first_paid_at, each.last_paid_at)),
            )
            for each in found
        }
        assert all(each.net == each.paid - each.refunded - each.lost for each in found)
    assert lost
    assert statements(customer.lifetime) == 1


def test_what_was_lost_counts_where_the_charge_says_nothing_of_a_dispute():
    """A key that may not read charges leaves them as they were before their disputes."""

    def lost():
        customers = {*Dispute.objects.lost().values_list("charge__customer", flat=True)} - {None}
        return [each.lost for pk in sorted(customers) for each in Customer.objects.get(pk=pk).lifetime()]

    before = lost()
    assert Charge.objects.disputed().update(disputed=False)
    assert any(before)
    assert lost() == before
