"""A stand-in for Stripe: an API over HTTP that keeps objects, and creates, delivers and delays events."""
