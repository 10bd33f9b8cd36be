"""The signals a project connects to: one for every event type, and three that span them.

Receivers get `sender` (the handler class) and `event` (the `Event`, already mirrored).
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType

from asgiref.sync import async_to_sync
from django.dispatch import Signal
from django.dispatch.dispatcher import NONE_ID

from .catalogue.event_types import EVENT_TYPES

logger = logging.getLogger(__name__)

#: Characters of a receiver's name on record.
LONGEST_IDENTITY = 500


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A connected receiver."""

    #: `<signal>:<dispatch_uid>` or `<signal>:<module>.<function>`; "" for one that nothing identifies after a restart.
    identity: str
    #: What distinguishes it from all others of its signal in this process.
    key: Any
    function: Callable[..., Any]
    is_async: bool


class EventSignal(Signal):
    """A Django signal whose receivers have names that stay the same after a restart."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __repr__(self) -> str:
        return f"<EventSignal {self.name}>"

    def connected(self, sender: Any = None) -> Iterator[Receiver]:
        """The receivers, in the order in which they were connected; with `sender`, those that listen to it."""
        # Django has no public way to list receivers; the first two parts and the last of an entry are what 5.2, 6.0
        # and 6.1 have in common.
        with self.lock:
            entries = list(self.receivers)
        for (uid, listened_to), reference, *_rest, is_async in entries:
            if sender is not None and listened_to not in (NONE_ID, id(sender)):
                continue
            function = reference() if isinstance(reference, ReferenceType) else reference
            if function is not None:
                yield Receiver(identity=self.identity(uid, function), key=uid, function=function, is_async=is_async)

    def identity(self, uid: Any, function: Any) -> str:
        """The dispatch_uid, else module and name. Closures, lambdas and methods have no name of their own."""
        if isinstance(uid, str):
            return fitting(f"{self.name}:{uid}")
        name = getattr(function, "__qualname__", None)
        if not isinstance(name, str) or "<" in name or hasattr(function, "__self__"):
            return ""
        return fitting(f"{self.name}:{function.__module__}.{name}")


class Alarm(EventSignal):
    """A signal whose receivers can stop neither each other nor the sender."""

    def sound(self, sender: Any, **named: Any) -> None:
        """Call every receiver; what it raises is logged. KeyboardInterrupt and SystemExit are raised in the end."""
        ending: BaseException | None = None
        for receiver in self.connected(sender):
            function = async_to_sync(receiver.function) if receiver.is_async else receiver.function
            try:
                function(signal=self, sender=sender, **named)
            except BaseException as error:
                logger.exception("alarm failed signal=%s error=%s", self.name, type(error).__name__)
                if isinstance(error, (KeyboardInterrupt, SystemExit)):
                    ending = error
        if ending is not None:
            raise ending


def fitting(identity: str) -> str:
    """A name as long as its column is; of one that is longer, the beginning and a digest."""
    if len(identity) <= LONGEST_IDENTITY:
        return identity
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{identity[: LONGEST_IDENTITY - len(digest) - 1]}…{digest}"


class WebhookSignals(dict[str, EventSignal]):
    """`WEBHOOK_SIGNALS[type]`; KeyError with a hint for a name that is no event type."""

    def __missing__(self, kind: str) -> EventSignal:
        raise KeyError(f"{kind!r} is no event type this release knows; connect to every_event for types newer than it.")


#: Event type -> its signal.
WEBHOOK_SIGNALS: dict[str, EventSignal] = WebhookSignals((name, EventSignal(name)) for name in EVENT_TYPES)
#: Sent for every valid event, of known and unknown types, after the signal of its type.
every_event = EventSignal("every_event")
#: Sent when a POST was refused (`Event.valid` became False); for alarms, never for acting on the event.
invalid_event = Alarm("invalid_event")
#: Sent with `event` and `exceptions` when a handler or receivers failed; the event will be tried again.
failed_event = Alarm("failed_event")
