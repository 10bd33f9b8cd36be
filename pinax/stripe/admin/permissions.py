"""Who reads a page, and what of it they may see: the permissions of one table do not show what others hold."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model

from ..models import Customer, Event, EventProcessingException, EventStep
from ..stripe_values import dig, text
from ..sync.registry import MIRRORED
from ..upkeep.personal_data import KEPT_DETAILS

#: What the timeline says of who asked, where that was no person.
COMMANDS = frozenset({"stripe_process_events"})
#: Columns of an event with what it says.
MESSAGES = ("webhook_message", "validated_message")


def may_view(user: Any, model: type[Model]) -> bool:
    """Whether a user may see rows of a table."""
    label, name = model._meta.app_label, model._meta.model_name
    return user.has_perm(f"{label}.view_{name}") or user.has_perm(f"{label}.change_{name}")


def read_by(user: Any, row: Any) -> Any:
    """The row, which knows its reader from now on: columns of lists are functions of the row alone."""
    row.reader = user
    return row


def may_see(row: Any, model: type[Model]) -> bool:
    """Whether the reader of a row may see rows of another table; False for a row without a reader."""
    reader = getattr(row, "reader", None)
    return reader is not None and may_view(reader, model)


def may_see_users(row: Any) -> bool:
    return may_see(row, get_user_model())


def may_read(user: Any, event: Event | None) -> bool:
    """Whether a user may read what an event says: those who may see the objects that it is about.

    What is not mirrored (a Checkout Session, a body that is no event) may say anything about a customer.
    """
    return all(may_view(user, model) for model in ({Customer} if event is None else models_of(event)))


def models_of(event: Event) -> set[type[Model]]:
    """The tables whose rows an event could show.

    In a list, where messages are not read, one may have a whole customer in it.
    """
    types = {event.object_type}
    if not event.get_deferred_fields().isdisjoint(MESSAGES):
        types.add("customer")
    for message in loaded_messages(event):
        types.add(text(dig(message, "data", "object", "object")))
        if has_customer(dig(message, "data", "object")):
            types.add("customer")
    return {MIRRORED[name].model if name in MIRRORED else Customer for name in types}


def loaded_messages(event: Event) -> list[Any]:
    names = [name for name in MESSAGES if name not in event.get_deferred_fields()]
    return [message for message in (getattr(event, name) for name in names) if message is not None]


def has_customer(value: Any) -> bool:
    """Whether a whole customer is in an object at any depth."""
    if isinstance(value, list):
        return any(has_customer(entry) for entry in value)
    return isinstance(value, dict) and (value.get("object") == "customer" or any(map(has_customer, value.values())))


def kind_only(exception: EventProcessingException) -> EventProcessingException:
    """An exception, not to be saved, with its kind only: the rest may quote the event."""
    kind, colon, _said = exception.message.partition(":")
    exception.message = kind if colon and kind.isidentifier() else ""
    exception.traceback = ""
    return exception


def step_visible_to(user: Any, step: EventStep, *, is_told: bool) -> EventStep:
    """A step, not to be saved, with what a user may know: without names of users, and without what was said."""
    if not is_told:
        step.data = {name: value for name, value in step.data.items() if name in {*KEPT_DETAILS, "address"}}
    by = step.data.get("by")
    if by and by not in {*COMMANDS, user.get_username()} and not may_view(user, get_user_model()):
        step.data = {name: value for name, value in step.data.items() if name != "by"}
    return step
