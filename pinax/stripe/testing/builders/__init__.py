"""Builds objects and events in the shape of Stripe's."""
