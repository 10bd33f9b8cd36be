"""What an event costs: the table that ends the run has it, so that a change that costs shows in a review."""

import pytest

from tests.costs import costs

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_cost_of_each_kind_of_delivery_is_counted(client, fake_stripe, figure):
    counted = costs(client, fake_stripe)
    for name, cost in counted.items():
        value = f"{len(cost.statements)} statements, {cost.commits} commits, {cost.calls} calls"
        figure("hot path", name, value)
    statuses = {name: cost.status for name, cost in counted.items()}
    assert statuses == dict.fromkeys(counted, 200) | {"junk": 400}
