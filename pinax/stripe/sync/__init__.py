"""From Stripe's JSON to our rows: pure readers a family, and the one writer that keeps rows fresh."""
