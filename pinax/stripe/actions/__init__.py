"""What we want of Stripe: the only code that changes anything there. Never used while an event is handled."""
