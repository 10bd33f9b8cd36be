"""The built-in handlers. Importing this package registers one for every event type.

Most are made from the tables of event types and of object types, a class for each type of object, and can be imported
from here: `CustomerWebhook` mirrors customers, `CustomerDeletedWebhook` leaves their tombstones. The few that do more
are written, in the modules of this package.
"""

from collections import defaultdict
from typing import Any

from ...catalogue.effects import FORMER_EVENT_TYPES, Effect, effect_of, object_types_of
from ...catalogue.event_types import EVENT_TYPES
from ..base import DeletedWebhook, MirrorWebhook, Webhook
from ..registry import registry
from . import accounts, checkout, entitlements, payment_methods  # noqa: F401

BASES = {Effect.CHANGED: MirrorWebhook, Effect.DELETED: DeletedWebhook, Effect.NOTHING: Webhook}
SUFFIXES = {Effect.CHANGED: "", Effect.DELETED: "Deleted", Effect.NOTHING: "Unmirrored"}


def class_name(event_type: str) -> str:
    """Name of the class for a type: that of the model, or of the type of object, and what the type says about it.

    It is the same whether the object has a table of its own or not: `InvoiceWebhook`, `PayoutWebhook`,
    `PersonDeletedWebhook`, `InvoiceUnmirroredWebhook` for previews of invoices.
    """
    rows = object_types_of(event_type)
    if not rows:
        return f"{camel_case(event_type)}Webhook"
    return f"{rows[0].model or camel_case(rows[0].name)}{SUFFIXES[effect_of(event_type)]}Webhook"


def camel_case(name: str) -> str:
    """`checkout.session` as `CheckoutSession`."""
    return "".join(part.capitalize() for part in name.replace("_", ".").split("."))


def make_handler(name: str, event_types: list[str]) -> type[Webhook]:
    """The class of a name, for the event types that share it."""
    first = event_types[0]
    base = BASES[effect_of(first)]
    does = {MirrorWebhook: "Mirrors", DeletedWebhook: "Leaves a tombstone for", Webhook: "Writes nothing for"}[base]
    doc = f"{does} the object of {', '.join(event_types)}."
    only_name = first if len(event_types) == 1 else ""
    return type(name, (base,), {"__module__": __name__, "__doc__": doc, "name": only_name})


def make_handlers() -> dict[str, type[Webhook]]:
    """The class for every event type of the catalogue, and for those of old API versions."""
    sharing: dict[str, list[str]] = defaultdict(list)
    for event_type in sorted({*EVENT_TYPES, *FORMER_EVENT_TYPES}):
        sharing[class_name(event_type)].append(event_type)
    classes = {name: make_handler(name, event_types) for name, event_types in sharing.items()}
    return {event_type: classes[name] for name, event_types in sharing.items() for event_type in event_types}


#: Event type -> the class that is made for it.
HANDLERS: dict[str, type[Webhook]] = make_handlers()
globals().update({handler.__name__: handler for handler in HANDLERS.values()})
registry.add_defaults(HANDLERS)


def __getattr__(name: str) -> Any:
    """For type checkers, which cannot see the classes that are made."""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
