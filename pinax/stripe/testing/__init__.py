"""Test your receivers offline: build events, sign and post them, and have a Stripe of your own to vouch for them."""

from ..webhooks.signatures import sign
from .events import build_event
from .fake_stripe import FakeStripe
from .objects import build_object
from .post import post_event

__all__ = ["FakeStripe", "build_event", "build_object", "post_event", "sign"]
