"""Receivers of the workers: found by autodiscovery, as a project's are. Each call leaves a user on record."""

import uuid

from django.contrib.auth import get_user_model
from django.dispatch import receiver

from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event


def note(name: str, event) -> None:
    get_user_model().objects.create(username=str(uuid.uuid4()), first_name=name, last_name=event.stripe_id)


@receiver(every_event, dispatch_uid="counted")
def counted(event, **kwargs):
    note("counted", event)


@receiver(WEBHOOK_SIGNALS["customer.created"], dispatch_uid="recovers")
def recovers(event, **kwargs):
    """Works at the second attempt."""
    if event.object["description"] == "recovers" and not event.exceptions.exists():
        raise ValueError("not yet")
    note("recovers", event)


@receiver(WEBHOOK_SIGNALS["customer.created"], dispatch_uid="fails")
def fails(event, **kwargs):
    """Never works for some."""
    if event.object["description"] == "fails":
        raise ValueError("never")
