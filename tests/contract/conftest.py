"""What the contract suite shares."""

import time

import pytest

from .specimen import Specimen


@pytest.fixture
def stripe(fake_stripe, transactional_db):
    """A Stripe whose clock stands still, near enough to ours to be believed."""
    fake_stripe.now = int(time.time()) - 10
    return fake_stripe


@pytest.fixture
def specimen(stripe, client):
    """Makes objects at that Stripe: `specimen("invoice", account="acct_1")`."""

    def make(name, **options):
        return Specimen(name, stripe, client, **options)

    return make
