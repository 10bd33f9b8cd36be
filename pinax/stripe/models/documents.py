"""The documents of an event, each kept once: what was posted, and Stripe's own copy where it says something else.

The column of the posted message has the exact text of the body. The body is read from there, and so is Stripe's copy of
a genuine event whose column is empty. All three are fields like any other: in `filter`, `values`, `defer`. A body that
holds no message (junk, one that is cut) is kept as bytes, as all bodies were before migration 0015: until such a row is
compacted, `filter` and `values` find no posted message, and only an instance reads it.
"""

import json
import marshal
from typing import Any

import jsonfield
from django.db import models
from django.db.models.expressions import Col
from django.db.models.query_utils import DeferredAttribute

#: Reasons why a body holds no message, whatever a parser would make of it.
NO_MESSAGE = frozenset({"compressed", "not_json", "too_large", "unreadable"})
READ = "_message_of_body"
#: Database -> how it says the bytes of a text; UTF-8 on all of them.
BYTES_OF_TEXT = {"postgresql": "convert_to({text}, 'UTF8')", "sqlite": "CAST({text} AS BLOB)"}
#: Counts down while endpoints acknowledge an event: differs between deliveries of one, and in Stripe's copy.
VOLATILE = frozenset({"pending_webhooks"})


class PostedText(str):
    """The text of a body, which goes into a column as it is."""


class PostedMessage(DeferredAttribute):
    """Reads the message from the bytes of a row whose column has none: one from before migration 0015."""

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


def has_text(row: Any) -> bool:
    """Whether the column of the posted message is filled: that of a row from before migration 0015 is empty."""
    if "webhook_message" not in row.__dict__:
        row.refresh_from_db(fields=["webhook_message"])
    return row.__dict__["webhook_message"] is not None


def posted_text(row: Any) -> PostedText | None:
    """The text of a row's body if it holds a message; else None."""
    body = bytes(row.body)
    if not body or row.reason in NO_MESSAGE or row.webhook_message is None:
        return None
    try:
        return PostedText(body.decode())
    except UnicodeDecodeError:
        return None


def is_same_message(copy: Any, posted: Any) -> bool:
    """Whether two messages are the same but for what changes between deliveries: names, values and their order."""
    messages = [without_volatile(copy), without_volatile(posted)]
    try:
        # Half of what JSON costs. Later versions than 0 have references, which depend on what else is in memory.
        one, other = [marshal.dumps(message, 0) for message in messages]
    except ValueError:  # It takes no subclasses of dict or str, which a project may have assigned.
        one, other = [json.dumps(message).encode() for message in messages]
    return one == other


def without_volatile(message: Any) -> Any:
    """A message without what changes between its deliveries."""
    if not isinstance(message, dict):
        return message
    return {name: value for name, value in message.items() if name not in VOLATILE}


class DerivedColumn(Col):
    """A column whose value another one has where its own is empty.

    `expression` is SQL: `{own}` stands for the column itself, `{bytes}` for the bytes of the posted text, and the names
    of other attributes for their columns.
    """

    expression: str

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        own, parameters = super().as_sql(compiler, connection)
        names = {
            field.attname: compiler.compile(Col(self.alias, field))[0]
            for field in self.target.model._meta.concrete_fields
            if f"{{{field.attname}}}" in self.expression
        }
        encoded = BYTES_OF_TEXT.get(connection.vendor, "CAST({text} AS BINARY)")
        names["bytes"] = encoded.format(text=names["webhook_message"])
        return self.expression.format(own=own, **names), parameters


class BodyColumn(DerivedColumn):
    """The exact bytes; those of what was redacted or pruned are gone."""

    expression = (
        "CASE WHEN length({own}) = 0 AND {body_size} > 0 AND {redacted_at} IS NULL AND {webhook_message} IS NOT NULL "
        "THEN {bytes} ELSE {own} END"
    )


class ValidatedMessageColumn(DerivedColumn):
    """Stripe's copy of a genuine event; what was posted if the two say the same."""

    expression = "CASE WHEN {own} IS NULL AND {valid} THEN {webhook_message} ELSE {own} END"


class DerivedField(models.Field):
    """A field whose column is read through a DerivedColumn."""

    column_class: type[DerivedColumn]

    def get_col(self, alias: str, output_field: Any = None) -> Col:
        return self.column_class(alias, self, output_field)

    @property
    def cached_col(self) -> Col:
        return self.column_class(self.model._meta.db_table, self)


class BodyField(DerivedField, models.BinaryField):
    """The body of an event: bytes, of which only those that hold no message have a column of their own."""

    column_class = BodyColumn

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        return b"" if posted_text(instance) is not None else instance.body  # type: ignore[attr-defined]

    def deconstruct(self) -> Any:
        """As the field that it is to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs


def is_told_by_text(row: Any, copy: Any) -> bool:
    """Whether Stripe's copy is read from the posted text, so that its own column can be empty."""
    return bool(row.valid) and has_text(row) and is_same_message(copy, row.webhook_message)


class PostedMessageField(jsonfield.JSONField):
    """The message of an event as it was posted; its column has the exact text of the body."""

    descriptor_class = PostedMessage

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        text = posted_text(instance)
        return instance.__dict__.get(self.attname) if text is None else text

    def get_prep_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, PostedText) else super().get_prep_value(value)

    def deconstruct(self) -> Any:
        """As the field that it is to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "jsonfield.fields.JSONField", args, kwargs


class ValidatedMessageField(DerivedField, jsonfield.JSONField):
    """Stripe's copy of an event; its column is empty where it is the same as what was posted."""

    column_class = ValidatedMessageColumn

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = getattr(instance, self.attname)
        return None if value is None or is_told_by_text(instance, value) else value

    def deconstruct(self) -> Any:
        """As the field that it is to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "jsonfield.fields.JSONField", args, kwargs
