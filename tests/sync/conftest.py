"""What the tests of the mirror share."""

import pytest


@pytest.fixture
def stripe(fake_stripe, transactional_db):
    """A Stripe whose clock begins at a time that people recognise."""
    fake_stripe.now = 1_700_000_000
    return fake_stripe
