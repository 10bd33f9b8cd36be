"""Fills the mirror from Stripe's lists of objects: what is older than every event, and what no event brings.

A run goes through the lists of `catalogue.lists`, page by page. What a page says is written by the rules of every other
snapshot, and in the same transaction the position in the list moves. See docs/how-to/backfill.md.
"""
