"""From Stripe's JSON to our rows: pure readers a family, and the one writer that keeps rows fresh."""

from .own_writes import sync_from_stripe

__all__ = ["sync_from_stripe"]
