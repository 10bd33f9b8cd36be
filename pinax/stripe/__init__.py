"""Webhook receiver and local mirror of Stripe for Django projects."""

__version__ = "6.0.0.dev0"
