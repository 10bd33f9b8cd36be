"""How statements and commits are counted."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from pinax.stripe.models import Event
from pinax.stripe.signals import WEBHOOK_SIGNALS
from tests.costs import commits, cost_with_receivers, receivers, statements


@pytest.mark.django_db(transaction=True)
def test_begin_commit_and_savepoints_are_statements():
    def write():
        with transaction.atomic(), transaction.atomic():
            Group.objects.create(name="staff")

    words = [statement.split()[0] for statement in statements(write)]
    assert words == ["BEGIN", "SAVEPOINT", "INSERT", "RELEASE", "COMMIT"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], 0),
        (["SELECT 1"], 0),
        (["INSERT INTO a"], 1),
        (["BEGIN", "INSERT INTO a", "UPDATE a", "COMMIT"], 1),
        (["BEGIN", "SELECT 1", "COMMIT"], 0),
        (["BEGIN", "UPDATE a", "ROLLBACK"], 0),
        (["BEGIN", "SAVEPOINT s", "UPDATE a", "ROLLBACK TO SAVEPOINT s", "DELETE FROM a", "COMMIT"], 1),
        (["UPDATE a", "BEGIN", "UPDATE a", "COMMIT", "SELECT 1"], 2),
    ],
)
def test_a_commit_is_a_transaction_that_wrote(sent, expected):
    assert commits(sent) == expected


def test_receivers_are_connected_only_inside():
    signal = WEBHOOK_SIGNALS["customer.created"]
    before = len(signal.receivers)
    with receivers("customer.created", 2):
        assert len(signal.receivers) == before + 2
    assert len(signal.receivers) == before


@pytest.mark.django_db(transaction=True)
def test_a_cost_has_the_calls_to_stripe_and_the_answer(client, fake_stripe):
    cost = cost_with_receivers(client, fake_stripe, 1)
    assert (cost.calls, cost.status, Event.objects.get().state) == (1, 200, "done")
    assert any(statement.startswith("INSERT") for statement in cost.statements)
