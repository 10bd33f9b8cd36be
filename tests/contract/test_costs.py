"""What the event of a change costs is the same for every type, but for what the table of object types says is read."""

import pytest
from django.db import connection

from tests.costs import cost_of_posting

from .tables import MODELS

#: Statements to SQLite, round trips to PostgreSQL where several statements are one, and calls: the one for the event.
PLAIN = (6, 2, 1)
#: Types that cost more, and why.
DEARER = {
    # Parts that the event shows are compared with their rows: one or two statements, in the same round trip.
    **dict.fromkeys(("credit_note", "invoice", "subscription_schedule"), (8, 2, 1)),
    "transfer": (7, 2, 1),
    # So is the price of an item, which has no row yet; and of the customer it is asked whether a deletion ended it,
    # which is a condition where several statements are one.
    "subscription": (10, 2, 1),
    # No event shows its lines, or the balance that the transaction changes: each is read.
    "payment_link": (12, 12, 2),
    "customer_cash_balance_transaction": (12, 12, 2),
}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_event_of_any_type_costs_what_one_of_a_customer_costs(specimen, client, stripe, name):
    one = specimen(name)
    one.deliver(one.emit(1))
    cost = cost_of_posting(client, stripe, one.emit(2))
    on_sqlite, on_postgresql, calls = DEARER.get(name, PLAIN)
    assert len(cost.statements) == (on_postgresql if connection.vendor == "postgresql" else on_sqlite)
    assert (cost.calls, one.change) == (calls, 2)
