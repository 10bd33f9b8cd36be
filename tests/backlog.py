"""A backlog: recorded events that could not be validated, and the sweeper that validates them."""

from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client

from pinax.stripe.testing import FakeStripe, post_event


def wait(client: Client, stripe: FakeStripe, events: Iterable[dict[str, Any]]) -> None:
    """Have events recorded while Stripe cannot be asked."""
    stripe.fail(times=None)
    for event in events:
        assert post_event(client, event).status_code == 503
    stripe.clear_faults()
    stripe.reset_requests()


def sweep(*args: str) -> str:
    """Run the sweeper; what it says of what it did."""
    out = StringIO()
    call_command("stripe_process_events", *args, stdout=out)
    return out.getvalue().strip()
