"""Which handler class is responsible for which event type."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..catalogue.effects import FORMER_EVENT_TYPES, changes_own_tables
from ..catalogue.event_types import EVENT_TYPES
from ..exceptions import AlreadyRegistered
from ..signals import WEBHOOK_SIGNALS, every_event
from .base import UnknownWebhook, Webhook

W = TypeVar("W", bound=type[Webhook])

#: How types of thin events begin: no endpoint is sent them, only an event destination of their own.
#: https://docs.stripe.com/event-destinations
THIN = ("v1.", "v2.")


class Registry:
    """Event type -> handler class: one that was registered, else the default."""

    def __init__(self) -> None:
        self._handlers: dict[str, type[Webhook]] = {}
        self._defaults: dict[str, type[Webhook]] = {}

    def add_defaults(self, handlers: Mapping[str, type[Webhook]]) -> None:
        """Make classes responsible for types that nothing is registered for."""
        self._defaults.update(handlers)

    def register(self, handler: W, *names: str, replace: bool = False) -> W:
        """Make a class responsible for the types it names (`names`, else its own `name`).

        A type that is taken needs `replace=True`; otherwise AlreadyRegistered. A class defined twice under the same
        module and name (a module imported twice) replaces itself.
        """
        for name in names or (handler.name,):
            if not name:
                raise ValueError(f"{handler.__qualname__} names no event type: set its `name`.")
            taken = self._handlers.get(name) or self._defaults.get(name)
            if taken is not None and not replace and qualified_name(taken) != qualified_name(handler):
                raise AlreadyRegistered(
                    f"{name} is handled by {taken.__module__}.{taken.__qualname__}; "
                    f"to take its place, register {handler.__qualname__} with replace=True."
                )
            self._handlers[name] = handler
        return handler

    def get(self, name: str) -> type[Webhook]:
        """The class for a type; UnknownWebhook for types newer than this release."""
        return self._handlers.get(name) or self._defaults.get(name, UnknownWebhook)

    def default(self, name: str) -> type[Webhook]:
        """The class that a type has without any that was registered."""
        return self._defaults.get(name, UnknownWebhook)

    def registered(self, name: str) -> type[Webhook] | None:
        """The class that was registered for a type; None when it has the default, or none."""
        return self._handlers.get(name)

    def names(self) -> list[str]:
        """All types that have a class."""
        return sorted(self._handlers.keys() | self._defaults.keys())


def qualified_name(handler: type[Webhook]) -> tuple[str, str]:
    return handler.__module__, handler.__qualname__


registry = Registry()


def register(*names: str, replace: bool = False) -> Callable[[W], W]:
    """Class decorator: `@register("invoice.paid", replace=True)`; without names, the class's own `name`."""

    def decorate(handler: W) -> W:
        return registry.register(handler, *names, replace=replace)

    return decorate


def is_handled(name: str) -> bool:
    """Whether an event type has a handler that does something; most types are only recorded and announced."""
    handler = registry.get(name)
    return (handler.prepare, handler.process_webhook) != (Webhook.prepare, Webhook.process_webhook)


def is_needed(name: str) -> bool:
    """Whether the mirror, or a handler that was registered, needs to be sent a type."""
    return is_handled(name) if registry.registered(name) is not None else changes_own_tables(name)


def types_of_interest() -> list[str]:
    """The event types that this project should be sent, sorted.

    Those of objects that have a table of their own, those with a registered handler that does something, and those with
    a receiver. `["*"]`, which is every type, if there is a receiver of `every_event`.
    """
    if any(every_event.connected()):
        return ["*"]
    received = {name for name, signal in WEBHOOK_SIGNALS.items() if any(signal.connected())}
    return sorted(name for name in registry.names() if is_sent(name) and (is_needed(name) or name in received))


def is_sent(name: str) -> bool:
    """Whether Stripe still sends endpoints a type; of types newer than this release that is believed."""
    if name.startswith(THIN):
        return False
    return EVENT_TYPES[name].current if name in EVENT_TYPES else name not in FORMER_EVENT_TYPES
