"""What runs on a schedule fails when a command did not do its work, and not for what a key may not read."""

import pytest
from django.core.management import CommandError

from pinax.stripe.backfill.scheduled import read_what_is_new, verify_sample
from pinax.stripe.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings, capsys):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.create("customer", silent=True, id="cus_1", email="a@example.com")
    return fake_stripe


def test_lists_that_a_key_may_not_read_are_logged(stripe, caplog):
    stripe.fail("/v1/charges", 403, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    read_what_is_new()
    assert Customer.objects.count() == 1
    assert "command=stripe_sync" in caplog.text
    verify_sample(5)


def test_differences_are_a_failure(stripe):
    read_what_is_new()
    Customer.objects.update(email="b@example.com")
    with pytest.raises(CommandError, match="differs"):
        verify_sample(5)


def test_tasks_do_the_same(stripe):
    tasks = pytest.importorskip("pinax.stripe.tasks")
    tasks.sync.enqueue()
    tasks.verify.enqueue(5)
    assert Customer.objects.count() == 1
