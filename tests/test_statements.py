"""Instances of rows of which only some columns are read."""

import pytest

from pinax.stripe.models import Event
from pinax.stripe.statements import instances
from pinax.stripe.testing import post_event

NAMES = ("processed", "id", "webhook_message", "created_at")


@pytest.mark.django_db
def test_instances_are_those_of_only(client, fake_stripe):
    for _ in range(2):
        fake_stripe.create("customer")
    for event in fake_stripe.events:
        post_event(client, event)
    events = Event.objects.order_by("-pk")
    usual, found = list(events.only(*NAMES)), list(instances(events, NAMES))
    assert len(found) == 2
    for one, other in zip(usual, found, strict=True):
        assert (one, one._state.adding, one._state.db) == (other, other._state.adding, other._state.db)
        assert one.get_deferred_fields() == other.get_deferred_fields()
        assert {name: getattr(one, name) for name in NAMES} == {name: getattr(other, name) for name in NAMES}
        assert other.kind == "customer.created"  # It is read when it is asked for.
