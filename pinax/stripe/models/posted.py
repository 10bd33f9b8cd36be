"""What was POSTed, kept once: the exact bytes are the evidence, and the message is read from them."""

import json
from typing import Any

import jsonfield
from django.db import models
from django.db.models.query_utils import DeferredAttribute

#: Reasons why a body holds no message, whatever a parser would make of it.
NO_MESSAGE = frozenset({"compressed", "not_json", "too_large", "unreadable"})
READ = "_message_of_body"


class PostedMessage(DeferredAttribute):
    """Reads the message from the bytes, unless the row has one of its own: a redacted one, or an earlier release's."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        return message_of(instance) if value is None else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


def message_of(row: Any) -> Any:
    """The message in the body of an event; None without one. Parsed once for each body."""
    body = row.body
    known = row.__dict__.get(READ)
    if known is None or known[0] is not body:
        known = row.__dict__[READ] = (body, parsed(bytes(body)) if row.reason not in NO_MESSAGE else None)
    return known[1]


def parsed(body: bytes) -> Any:
    """The JSON in a body; None if there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


class PostedMessageField(jsonfield.JSONField):
    """A column for messages that are not in the body. With a body nothing is written into it."""

    descriptor_class = PostedMessage

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        return None if len(instance.body) else instance.__dict__.get(self.attname)  # type: ignore[attr-defined]

    def deconstruct(self) -> Any:
        """As the field that it is to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "jsonfield.fields.JSONField", args, kwargs
