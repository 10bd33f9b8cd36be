"""What the tests of the pipeline share."""

import pytest


@pytest.fixture
def created(fake_stripe):
    """A genuine customer.created event."""
    fake_stripe.create("customer", id="cus_1", email="a@example.com")
    return fake_stripe.events[-1]
