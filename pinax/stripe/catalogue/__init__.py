"""What this release knows of Stripe, as pure data: no database, no network."""
