"""A Stripe of your own: an API over HTTP that keeps objects, makes events, and delivers, delays or fails as told."""
