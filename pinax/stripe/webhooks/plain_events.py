"""What makes an event plain: its handler is one of ours, and does nothing but write one object into the mirror."""

from ..sync.batch_writing import RowSnapshot, row_snapshot
from .base import MirrorWebhook, Webhook
from .registry import registry

#: Where the handlers are that only write the mirror.
OWN_PACKAGE = __name__.partition(".webhooks.")[0] + "."


def has_own_handler(kind: str) -> bool:
    """Whether the handler of a type is one of ours."""
    return registry.get(kind).__module__.startswith(OWN_PACKAGE)


def only_mirrors(handler: Webhook) -> bool:
    """Whether a handler does nothing but mirror the object of its event, or nothing at all."""
    return type(handler).process_webhook in (MirrorWebhook.process_webhook, Webhook.process_webhook)


def news_of(handler: Webhook) -> RowSnapshot | None:
    """What an event says of the object that its handler mirrors."""
    if not isinstance(handler, MirrorWebhook):
        return None
    return row_snapshot(handler.data(), handler.context, deleted=handler.deleted)
