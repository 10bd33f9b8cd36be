"""Keeps each document of events once that were recorded before migration 0015.

Nothing depends on it: such rows are read as they are. They only take more room, and `filter` and `values` do not find
their posted message.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections, models, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length

from ..models.documents import NO_MESSAGE, PostedText, is_same_message, parsed
from ..models.events import Event, database
from .redaction import portions

#: Rows of one transaction at most; fewer if they are long.
BATCH_ROWS = 200


def compact_events() -> Iterator[tuple[int, int]]:
    """Compact batch by batch, oldest first, each in a transaction of its own.

    Yields the key that is reached, and how many rows of the batch changed. What is broken off leaves whole batches
    behind, and another run does the rest. A row that another process has locked is left to another run.
    """
    last = 0
    while sizes := list(loose_events().filter(pk__gt=last).order_by("pk").values_list("pk", "body_size")[:BATCH_ROWS]):
        for keys in portions(sizes):
            last = keys[-1]
            yield last, compact_rows(keys)


def compact_rows(keys: list[int]) -> int:
    """Compact events in one transaction; how many changed."""
    with transaction.atomic(using=database()):
        rows = loose_events().select_for_update(skip_locked=can_skip_locked()).filter(pk__in=keys).order_by("pk")
        return sum([compact(row) for row in rows])


def last_key() -> int:
    """The highest key of an event; 0 without any."""
    return Event.objects.aggregate(Max("pk"))["pk__max"] or 0


def loose_events() -> QuerySet[Event]:
    """The events whose documents may take less room, with the columns as they are stored."""
    events = Event.objects.only("valid", "reason").annotate(
        stored_body=stored("body", models.BinaryField()),
        stored_text=stored("webhook_message", models.TextField()),
        stored_copy=stored("validated_message", models.TextField()),
    )
    has_message_in_body = Q(stored_text=None, stored_bytes__gt=0) & ~Q(reason__in=NO_MESSAGE)
    return events.alias(stored_bytes=Length("stored_body")).filter(has_message_in_body | Q(stored_copy__isnull=False))


def stored(name: str, field: "models.Field[Any, Any]") -> RawSQL:
    """A column of an event, and not what is read in its place."""
    quote = connections[database()].ops.quote_name
    return RawSQL(f"{quote(Event._meta.db_table)}.{quote(name)}", [], output_field=field)  # noqa: S611  our own column


def can_skip_locked() -> bool:
    """Whether a database can leave locked rows out; one that cannot waits for them."""
    return bool(connections[database()].features.has_select_for_update_skip_locked)


def compact(row: Any) -> bool:
    """Store the documents of a locked row in their present form; whether anything changed."""
    values = compact_documents(row)
    if values:
        Event.objects.filter(pk=row.pk).update(**values)
    return bool(values)


def compact_documents(row: Any) -> dict[str, Any]:
    """The columns of a row that change: its posted text, and Stripe's copy if that says the same."""
    values: dict[str, Any] = {}
    body, text = bytes(row.stored_body), row.stored_text
    if text is None and row.reason not in NO_MESSAGE and parsed(body) is not None and is_utf8(body):
        text = PostedText(body.decode())
        values = {"webhook_message": text, "body": b""}
    has_same_copy = row.valid and text is not None and row.stored_copy is not None
    if has_same_copy and is_same_message(parsed(row.stored_copy.encode()), parsed(text.encode())):
        values["validated_message"] = None
    return values


def is_utf8(body: bytes) -> bool:
    """Whether bytes are UTF-8; JSON may be in other encodings, which no column for text gives back."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return not body.startswith(b"\xef\xbb\xbf")
