"""Test your receivers offline: build events, sign and post them, and confirm them with a FakeStripe."""

from ..webhooks.signatures import sign
from .builders.events import build_event
from .builders.objects import build_object
from .fake_stripe.stripe import FakeStripe
from .post import post_event

__all__ = ["FakeStripe", "build_event", "build_object", "post_event", "sign"]
