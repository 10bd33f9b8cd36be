"""Customers."""

from ..base import DeletedWebhook, MirrorWebhook
from ..registry import register


@register("customer.created", "customer.updated")
class CustomerWebhook(MirrorWebhook):
    """The customer, and the cards and subscriptions that versions before 2020-08-27 embed."""


@register("customer.deleted")
class CustomerDeletedWebhook(DeletedWebhook):
    """The customer leaves every list, and with it what it paid with; the row and its user stay for the records."""
