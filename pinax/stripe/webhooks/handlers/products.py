"""Products, prices, plans."""

from ..base import DeletedWebhook, MirrorWebhook
from ..registry import register


@register("product.created", "product.updated", "price.created", "price.updated", "plan.created", "plan.updated")
class ProductWebhook(MirrorWebhook):
    """The product, price or plan."""


@register("product.deleted", "price.deleted", "plan.deleted")
class ProductDeletedWebhook(DeletedWebhook):
    """A tombstone; an id that somebody chose may be created again later."""
