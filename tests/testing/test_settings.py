"""What a FakeStripe makes of a project's settings, whatever they were."""

import pytest
from django.conf import settings as current
from django.test import override_settings

from pinax.stripe.models import Event
from pinax.stripe.testing import FakeStripe, post_event

pytestmark = pytest.mark.django_db

#: Of a project that is in production.
PRODUCTION = {
    "PINAX_STRIPE_API_BASE": "https://api.stripe.com",
    "PINAX_STRIPE_SECRET_KEY": "sk_live_1",
    "PINAX_STRIPE_WEBHOOK_SECRETS": ["whsec_1"],
    "PINAX_STRIPE_VALIDATION": "signature",
    "PINAX_STRIPE_DISPATCH": "members.tasks.enqueue",
    "PINAX_STRIPE_API_TIMEOUT": 0.1,
    "PINAX_STRIPE_REQUEST_BUDGET": 0.1,
}


@pytest.fixture
def production(settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)


@pytest.fixture
def late_stripe(production, fake_stripe):
    """One that takes longer for an answer than the project would wait for it."""
    fake_stripe.slow(seconds=0.3, times=None)
    return fake_stripe


def test_the_fixture_is_for_any_project_and_any_machine(client, late_stripe):
    late_stripe.create("customer", id="cus_1")
    assert late_stripe.deliver_to(client) == [(late_stripe.events[0]["id"], 200)]
    assert Event.objects.get().state == "done"


def test_a_call_may_take_ten_seconds_and_a_post_longer(fake_stripe, settings):
    assert settings.PINAX_STRIPE_API_TIMEOUT == 10
    assert settings.PINAX_STRIPE_REQUEST_BUDGET > 10


def test_without_pytest_the_same_settings_are_to_be_had(client, production):
    with FakeStripe() as stripe:
        stripe.create("customer", id="cus_1")
        with override_settings(**stripe.settings):
            assert post_event(client, stripe.events[0]).status_code == 200
    assert {name: getattr(current, name) for name in PRODUCTION} == PRODUCTION
