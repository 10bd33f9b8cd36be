"""Which handler is responsible, and which types are worth being sent."""

import pytest

from pinax.stripe.webhooks import registry as module
from pinax.stripe.webhooks.base import MirrorWebhook, Webhook
from pinax.stripe.webhooks.registry import Registry, is_handled, types_of_interest


@pytest.fixture
def registry(monkeypatch):
    fresh = Registry()
    monkeypatch.setattr(module, "registry", fresh)
    return fresh


def test_only_handlers_that_do_something_count(registry):
    class Mirrors(MirrorWebhook):
        """Does something."""

    class Fetches(Webhook):
        """Does something too."""

        def prepare(self):
            """Fetch."""

    class Announces(Webhook):
        """Does nothing."""

    registry.register(Mirrors, "charge.failed")
    registry.register(Fetches, "charge.captured")
    registry.register(Announces, "payout.paid")
    assert is_handled("charge.failed")
    assert is_handled("charge.captured")
    assert not is_handled("payout.paid")
    assert types_of_interest() == ["charge.captured", "charge.failed"]


def test_a_type_newer_than_this_release_is_wanted_if_the_project_handles_it(registry):
    class Newer(MirrorWebhook):
        """The project's."""

    registry.register(Newer, "moon.landed")
    assert types_of_interest() == ["moon.landed"]


def test_types_that_stripe_no_longer_sends_are_not_asked_for():
    assert is_handled("customer.card.created")
    assert not {"customer.card.created", "customer.bank_account.updated", "ping"} & set(types_of_interest())
