"""Brings what happened at a FakeStripe to the mirror."""


def deliver(client, stripe):
    """Deliver every event that was not delivered yet, and see each done."""
    assert {status for _, status in stripe.deliver_to(client)} <= {200}
