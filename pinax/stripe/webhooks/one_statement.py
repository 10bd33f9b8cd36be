"""Verdict, mirror and mark of an event in one statement, which is one round trip to the database and one transaction.

PostgreSQL has such statements. This one writes the row of the event's object if that is plainly older, the event's row
if no other process was quicker, and the steps of its timeline; each only if the one before was written. Without any of
them nothing is decided here, and the caller takes the way of several statements.
"""

import json
from functools import partial
from typing import Any

from django.db import connections

from ..models.events import Event, EventStep, NewStep, database, step_insertion
from ..prepared_statements import Statement
from ..statements import (
    NONE_WRITTEN,
    Change,
    column_types,
    compile_change,
    compiled,
    fetched_last,
    takes_statements_together,
)
from ..sync.batch_writing import RowSnapshot
from ..sync.one_round_trip import Writing, keeping_of, writing_of
from ..sync.shown import remember
from ..sync.snapshots import Change as MadeChange
from ..sync.snapshots import Changes, note_change
from .base import Webhook
from .event_rows import IS_OPEN, has_values
from .mirroring import mirror_steps
from .plain_events import news_of, only_mirrors
from .reading_conditions import query_if_none_met

#: The event's row: what is set beside the values, and when; `mirrored` is the row of its object.
MARK = ", {attempts} = {attempts} + 1 FROM mirrored WHERE {id} = %s AND " + IS_OPEN + " RETURNING {id} AS marked_id"
#: What an attempt writes of a genuine event whose copy says the same, whatever it is about.
GENUINE: dict[str, Any] = {
    **{"valid": True, "reason": "", "explanation": "", "detail": None, "notes": [], "difference": []},
    **{"validated_message": None, "account_is_new": None, "processed": True, "gave_up_at": None},
}


def store_in_one_statement(event: Event, handler: Webhook, values: dict[str, Any]) -> bool:
    """Store a verdict with what its handler does, and with what marks the event; whether that was possible.

    If not, nothing of the event is stored. The row of its object may be: that is as true without the mark.
    """
    news = plain_news(handler)
    if news is None:
        return False
    condition = partial(query_if_none_met, handler.reading_conditions())
    writing = writing_of(news, condition)
    if writing is None:
        return False
    if store_with(event, handler, values, writing, [changes_of(news, change) for change in ("created", "updated")]):
        return True
    handler.fetched.not_older.add(news.key)
    # Mostly the row says the same: Stripe makes several events of one second, each with the object as it is by then.
    keeping = keeping_of(news, condition)
    return keeping is not None and store_with(event, handler, values, keeping, [changes_of(news, "kept")] * 2)


def store_with(
    event: Event, handler: Webhook, values: dict[str, Any], writing: Writing, variants: list[Changes]
) -> bool:
    """Store a verdict with what writes the object of its event, or leaves it as it is; whether that was possible.

    `variants` has the changes of the mirror where the row is of version 1, and where it is of another one.
    """
    version = written_version(event, values, writing, [mirror_steps(event, changes) for changes in variants])
    remember(writing.rows)
    if version is None:
        return False
    handler.changes += variants[0 if version == 1 else 1]
    return True


def plain_news(handler: Webhook) -> RowSnapshot | None:
    """What a handler writes, if that is one object, and the database can be told so in one round trip."""
    can_be = takes_statements_together(connections[database()]) and only_mirrors(handler)
    return news_of(handler) if can_be else None


def changes_of(news: RowSnapshot, change: MadeChange) -> Changes:
    """The changes of a sync that did this to the row of an object."""
    changes: Changes = []
    note_change(changes, news.mirrored.model, news.key, change)
    return changes


def written_version(
    event: Event, values: dict[str, Any], writing: Writing, variants: list[list[NewStep]]
) -> int | None:
    """Execute the statements; the version of the object's row, None if it or the event's row was not written.

    `variants` has the steps for a new row of the object, and for one that was there.
    """
    using, names = database(), tuple(values)
    usual = {name: value for name, value in GENUINE.items() if name in values}
    written = usual if has_values(values, usual) else NONE_WRITTEN
    key = (Event, "attempt with mirror", names, bool(written))
    mark: Change = compiled(using, key, partial(compile_change, Event, using, names, MARK, written))
    told = compiled(using, (EventStep, "insert of marked"), compile_told)
    text = (
        f"WITH mirrored AS ({writing.mirrored.text}), marked AS ({mark.text}), told AS ({told}) "  # noqa: S608
        f"SELECT version FROM mirrored, marked"
    )
    parameters = [*writing.mirrored.parameters, *mark.parameters(values), event.pk, told_as_json(*variants)]
    found = fetched_last([*writing.first, Statement(using=using, text=text, parameters=parameters)])
    return found[0][0] if found else None


def compile_told() -> str:
    """The INSERT of the steps of the event that is marked, which are one parameter: psycopg splits a statement of more
    than fifty anew each time.
    """
    insertion = step_insertion()
    types = column_types(EventStep, insertion.using)
    names = [field.attname for field in insertion.fields]
    values = {name: f"step.{name}" for name in names}
    values |= {"event_id": "marked_id", "data": "CASE WHEN version = 1 THEN step.data_if_new ELSE step.data END"}
    declared = ", ".join(f"{name} {types[name]}" for name in names if name != "event_id")
    return (
        f"{insertion.head} SELECT {', '.join(values[name] for name in names)} "  # noqa: S608
        f"FROM mirrored, marked, jsonb_to_recordset(%s) AS step ({declared}, data_if_new jsonb)"
    )


def told_as_json(if_new: list[NewStep], if_there: list[NewStep]) -> str:
    """The steps, with their details for a new row of the object and for one that was there."""
    steps = [
        {
            "kind": step.kind,
            "outcome": step.outcome,
            "at": step.at.isoformat(),
            "data": step.data,
            "data_if_new": new.data,
        }
        for new, step in zip(if_new, if_there, strict=True)
    ]
    return json.dumps(steps)
