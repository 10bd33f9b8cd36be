"""Disputes in every shape they have had since 2015-10-16."""

import pytest

from pinax.stripe.models import Dispute
from pinax.stripe.sync.registry import READERS
from tests.sync.shapes import each, exact, read, utc

TAKEN = {"id": "txn_1", "object": "balance_transaction", "amount": -2000, "fee": 1500, "net": -3500, "currency": "eur"}
GIVEN_BACK = {**TAKEN, "id": "txn_2", "amount": 2000, "fee": 0, "net": 2000}
NOT_KNOWN = {"balance_net": None, "balance_fee": None, "balance_currency": ""}

DISPUTES = {
    "before 2017, one balance transaction, named by its id": ({"balance_transaction": "txn_1"}, NOT_KNOWN),
    "an inquiry, which takes nothing": ({"balance_transactions": []}, NOT_KNOWN),
    "the money is taken": (
        {"currency": "usd", "balance_transactions": [TAKEN]},
        {"currency": "usd", "balance_net": -3500, "balance_fee": 1500, "balance_currency": "eur"},
    ),
    "the money is given back, but for the fee": (
        {"balance_transactions": [TAKEN, GIVEN_BACK]},
        {"balance_net": -1500, "balance_fee": 1500, "balance_currency": "eur"},
    ),
    "balance transactions by their ids": ({"balance_transactions": ["txn_1", None]}, NOT_KNOWN),
    "a sum of more than 64 bits": (
        {"balance_transactions": [{**TAKEN, "net": 2**62}, {**TAKEN, "net": 2**62}]},
        {"balance_net": None},
    ),
    "evidence": (
        {
            "evidence_details": {
                "due_by": 1767225600,
                "has_evidence": True,
                "past_due": False,
                "submission_count": 1,
            }
        },
        {
            "evidence_due_by": utc("2026-01-01T00:00:00"),
            "has_evidence": True,
            "evidence_past_due": False,
            "submission_count": 1,
        },
    ),
    "nothing is due": (
        {"evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0}},
        {"evidence_due_by": None, "submission_count": 0},
    ),
    "before 2019, no payment intent": ({"charge": "ch_1"}, {"charge_id": "ch_1", "payment_intent_id": None}),
    "2019, payment intent": ({"charge": "ch_1", "payment_intent": "pi_1"}, {"payment_intent_id": "pi_1"}),
    "charge expanded": ({"charge": {"id": "ch_1", "object": "charge"}}, {"charge_id": "ch_1"}),
    "before 2023-08, no payment method details": ({}, {"payment_method_type": "", "network_reason_code": ""}),
    "2023-08, payment method details": (
        {"payment_method_details": {"type": "card", "card": {"brand": "visa"}}, "network_reason_code": "10.4"},
        {"payment_method_type": "card", "network_reason_code": "10.4"},
    ),
    "a status of old versions": ({"status": "charge_refunded"}, {"status": "charge_refunded"}),
}


@each(DISPUTES)
def test_disputes(data, expected):
    assert read(READERS[Dispute], data, expected) == exact(expected)


@pytest.mark.parametrize("odd", [[], {}, "x", 7, None])
def test_odd_balance_transactions_are_none(odd):
    assert read(READERS[Dispute], {"balance_transactions": odd}, NOT_KNOWN) == exact(NOT_KNOWN)
