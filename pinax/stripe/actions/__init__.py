"""Calls that change something at Stripe; no other code does. Never used while an event is handled."""
