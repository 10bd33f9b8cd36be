"""The statements that every delivery costs: to add an event's row, to count a delivery, to say what became of it.

They are compiled once. Where a database lacks one of them, `is_quick` is False, and the ORM does the same in more of
them.
"""

import datetime
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connections, models
from django.db.models import DEFERRED
from django.utils import timezone

from ..models.events import CLAIM, GENUINE_ID, Event, NewStep, ReceiverCall, database, step_insertion
from ..statements import (
    NONE_WRITTEN,
    Change,
    Conflict,
    Insertion,
    column_types,
    compile_change,
    compile_insertion,
    compiled,
    constants,
    fetched,
    has_conditional_upsert,
    instance_of,
    is_postgresql,
    json_converters_of,
    prepared,
    quoted_names,
    rows_as_json,
    rows_changed,
    written_out,
)

#: Of a delivery that is counted, what the answer to it depends on.
COUNTED = ("id", "stripe_id", "kind", "valid", "reason", "processed", "deliveries")
#: The columns of an event's row that say what was posted, and when.
POSTED = frozenset(
    {
        *("stripe_id", "kind", "livemode", "stripe_account", "api_version", "created_at", "object_type", "object_id"),
        *("webhook_message", "fingerprint", "signed", "headers", "remote_address", "body_size"),
        *("recorded_at", "next_attempt_at"),
    }
)
#: What an attempt sets beside its values, and which rows it changes: those that no other process was quicker with.
IS_OPEN = "{valid} IS NOT TRUE AND NOT {processed}"
ATTEMPT = ", {attempts} = {attempts} + 1 WHERE {id} = %s AND " + IS_OPEN
UNDONE = " WHERE {id} = %s AND NOT {processed}"


def is_quick() -> bool:
    """Whether the database has the statements of this module."""
    return has_conditional_upsert(connections[database()])


def event_insertion() -> Insertion:
    """The INSERT of an event's row."""
    using = database()
    return compiled(using, (Event, "insert"), partial(compile_insertion, Event, using))


def unsaved_event(columns: Mapping[str, Any]) -> Event:
    """An event that is not stored yet, with these values and the defaults of the others.

    Values by position cost less than half of what those by name do.
    """
    model: Any = Event  # Of which a type checker knows no values by position.
    values = {"id": None, **event_insertion().complete(columns)}
    # What is left out is the column that the database makes.
    event: Event = model(*[values.get(field.attname, DEFERRED) for field in Event._meta.concrete_fields])
    return event


def add_row(event: Event) -> None:
    """Insert the row of an event, whatever others there are; IntegrityError if a unique index forbids it."""
    insertion = event_insertion()
    (row,) = fetched(insertion.using, f"{insertion.text()} RETURNING id, state", row_parameters(insertion, event))
    take_key(event, row)


def add_row_unless_known(event: Event) -> bool:
    """Insert the row of an event unless a row has the same claim, or a genuine one the same id; whether it did."""
    insertion = event_insertion()
    using, values = insertion.using, row_values(insertion, event)
    usual = compiled(using, (Event, "usual"), partial(usual_values, insertion))
    written = usual if has_values(values, usual) else NONE_WRITTEN
    compile_it = partial(compile_insertion_unless_known, insertion, written)
    new: Change = compiled(using, (Event, "insert unless known", bool(written)), compile_it)
    found = fetched(using, new.text, [*new.parameters(values), event.stripe_id])
    if found:
        take_key(event, found[0])
    return bool(found)


def usual_values(insertion: Insertion) -> dict[str, Any]:
    """What the row of an event that was just posted has in the columns that say nothing of what was posted."""
    return {name: value for name, value in row_values(insertion, Event()).items() if name not in POSTED}


def has_values(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a row has the wanted values, in the columns of which some are wanted."""
    return all(values[name] == value for name, value in wanted.items())


def compile_insertion_unless_known(insertion: Insertion, written: Mapping[str, Any]) -> Change:
    """An INSERT that does nothing where a genuine event has the id of the last parameter, or a row the claim.

    Some values are written into it: for each parameter the driver writes out, and PostgreSQL reads, a value anew.
    """
    using = insertion.using
    names, known = quoted_names(Event, using), constants(Event, using, written)
    values = ", ".join(known.get(field.attname, "%s") for field in insertion.fields)
    genuine = f"SELECT 1 FROM {names['table']} WHERE {written_out(Event, using, GENUINE_ID)} = %s"  # noqa: S608
    text = (
        f"{insertion.head} SELECT {values} WHERE NOT EXISTS ({genuine}) "
        f"ON CONFLICT DO NOTHING RETURNING {names['id']}, {names['state']}"
    )
    return Change(
        using=using, text=text, fields=tuple(field for field in insertion.fields if field.attname not in known)
    )


def add_rows_unless_known(events: Sequence[Event]) -> None:
    """Insert the rows of events in one statement, each unless a row has the same claim: then it stays without a key."""
    using = database()
    conflict = Conflict(further=" RETURNING {stripe_id}, {fingerprint}, {id}, {state}")
    compile_it = partial(compile_insertion, Event, using, conflict)
    insertion: Insertion = compiled(using, (Event, "insert many unless known"), compile_it)
    returned = insertion.execute([row_values(insertion, event) for event in events])
    keys = {(stripe_id, fingerprint): row for stripe_id, fingerprint, *row in returned}
    for event in events:
        row = keys.pop((event.stripe_id, event.fingerprint), None)
        if row is not None:
            take_key(event, row)


def row_parameters(insertion: Insertion, event: Event) -> list[Any]:
    """The parameters of the INSERT of an event's row."""
    return insertion.parameters(row_values(insertion, event))


def row_values(insertion: Insertion, event: Event) -> dict[str, Any]:
    """The values of an event's row, by the names of its attributes."""
    pre_saved = compiled(insertion.using, (Event, "pre-saved"), partial(pre_saved_fields, insertion))
    stored = event.__dict__
    return {
        **{field.attname: stored[field.attname] for field in insertion.fields},
        **{field.attname: field.pre_save(event, add=True) for field in pre_saved},
    }


def pre_saved_fields(insertion: Insertion) -> list[Any]:
    """The fields of which a new row may have another value than its instance: documents, and the time of recording."""
    plain = (models.Field.pre_save, models.DateTimeField.pre_save)
    return [
        field
        for field in insertion.fields
        if type(field).pre_save not in plain or getattr(field, "auto_now_add", False)
    ]


def take_key(event: Event, row: Sequence[Any]) -> None:
    """Make an instance that of the row that was inserted."""
    event.pk, event.__dict__["state"] = row
    event._state.adding, event._state.db = False, database()


def count_delivery_of(claim: Event, step: NewStep, *, most_steps: int) -> Event | None:
    """Count a delivery on the row that has the claim of an event, with a step if it is among the first.

    The row, with what `COUNTED` names; None if there is none, or if another process has it locked.
    """
    using = database()
    compile_it = partial(compile_count, using, most_steps=most_steps)
    text = compiled(using, (Event, "count", most_steps), compile_it)
    parameters = [claim.stripe_id, claim.fingerprint]
    if is_postgresql(using):
        parameters += step_parameters(step)
    found = fetched(using, text, parameters)
    if not found:
        return None
    row = instance_of(Event, using, COUNTED, found[0])
    if not is_postgresql(using) and row.deliveries <= most_steps:
        step_insertion().execute([{**step.values(), "event_id": row.pk}])
    return row


def compile_count(using: str, *, most_steps: int) -> str:
    """The statement that counts a delivery on the row of a claim; on PostgreSQL it adds the step, too."""
    names = quoted_names(Event, using)
    columns = ", ".join(names[name] for name in COUNTED)
    is_claim = f"{names['stripe_id']} = %s AND {written_out(Event, using, CLAIM)} = %s"
    update = f"UPDATE {names['table']} SET {names['deliveries']} = {names['deliveries']} + 1"  # noqa: S608
    if not is_postgresql(using):
        return f"{update} WHERE {is_claim} RETURNING {columns}"
    steps = step_insertion()
    values = ", ".join("id" if field.attname == "event_id" else "%s" for field in steps.fields)
    # A row that a receiver has locked is not waited for.
    free = f"SELECT id FROM {names['table']} WHERE {is_claim} FOR NO KEY UPDATE SKIP LOCKED"  # noqa: S608
    return (
        f"WITH counted AS ({update} WHERE id IN ({free}) RETURNING {columns}), "  # noqa: S608
        f"told AS ({steps.head} SELECT {values} FROM counted WHERE deliveries <= {most_steps}) "
        f"SELECT {columns} FROM counted"
    )


def step_parameters(step: NewStep) -> list[Any]:
    """The parameters of a step but that of the event."""
    insertion = step_insertion()
    values = insertion.parameters(step.values())
    return [value for field, value in zip(insertion.fields, values, strict=True) if field.attname != "event_id"]


def store_attempt(event: Event, values: dict[str, Any], steps: list[NewStep]) -> bool:
    """Write what an attempt found out about an undecided event, and its steps.

    False if another process was quicker: then the caller's transaction has to be rolled back.
    """
    using = database()
    names = tuple(values)
    change: Change = compiled(using, (Event, "attempt", names), partial(compile_change, Event, using, names, ATTEMPT))
    text, parameters = change.text, [*change.parameters(values), event.pk]
    rows = [step.values() for step in steps]
    insertion = step_insertion()
    if rows and is_postgresql(using):
        told = insertion.statement(rows)
        text, parameters = f"WITH told AS ({told.text}) {text}", [*told.parameters, *parameters]
    elif rows:
        insertion.execute(rows)
    return rows_changed(using, text, parameters) == 1


def store_attempts(attempts: Sequence[tuple[Event, dict[str, Any]]]) -> list[int]:
    """Write what attempts found out about undecided events, each with values of the same names; the keys of those.

    Left out are events that another process was quicker with, or whose rows it has locked.
    """
    using, (_event, first) = database(), attempts[0]
    assert all(values.keys() == first.keys() for _event, values in attempts)
    varying = tuple(name for name in first if any(values[name] != first[name] for _event, values in attempts))
    common = tuple(name for name in first if name not in varying)
    compile_it = partial(compile_attempts, using, common, varying)
    rows = [{"id": event.pk, **values} for event, values in attempts]
    text: str = compiled(using, (Event, "attempts", common, varying), compile_it)
    if is_postgresql(using):
        # One parameter, for the driver and the database would have to take hundreds out of the text.
        convert_it = partial(json_converters_of, Event, using, attempt_names(varying))
        parameters = [rows_as_json(rows, compiled(using, (Event, "attempts as JSON", varying), convert_it))]
    else:
        parameters = [value for row in rows for value in prepared(Event, using, ("id", *varying), row)]
        text = text.format(rows=", ".join([f"(%s{', %s' * len(varying)})"] * len(rows)))
    return [key for (key,) in fetched(using, text, [*parameters, *prepared(Event, using, common, first)])]


def attempt_names(varying: Sequence[str]) -> dict[str, str]:
    """What the statement that stores attempts calls the key, and the attributes that vary: not as the table does."""
    return {"id": "chosen", **{name: f"column_{number}" for number, name in enumerate(varying)}}


def compile_attempts(using: str, common: Sequence[str], varying: Sequence[str]) -> str:
    """The statement that stores attempts: their keys and what varies come first, then what they have in common.

    It is an UPDATE of as many rows, under the condition of `ATTEMPT`. PostgreSQL takes the rows out of JSON; for other
    databases `{rows}` stands for them.
    """
    names, types = quoted_names(Event, using), column_types(Event, using)
    columns = attempt_names(varying)
    sets = [f"{names[name]} = %s" for name in common] + [f"{names[name]} = {columns[name]}" for name in varying]
    is_open = f"{names['valid']} IS NOT TRUE AND NOT {names['processed']}"
    attempt, chosen = f"attempt ({', '.join(columns.values())}) AS (VALUES {{rows}})", "SELECT chosen FROM attempt"
    if is_postgresql(using):
        declared = ", ".join(f"{column} {types[name]}" for name, column in columns.items())
        attempt = f"attempt AS (SELECT * FROM jsonb_to_recordset(%s) AS new ({declared}))"  # noqa: S608
        # A row that another transaction has locked is not waited for.
        own = f"SELECT id FROM {names['table']} WHERE id IN ({chosen})"  # noqa: S608
        chosen = f"{own} AND {is_open} ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
    return (
        f"WITH {attempt} UPDATE {names['table']} SET {', '.join(sets)}, "  # noqa: S608
        f"{names['attempts']} = {names['attempts']} + 1 "
        f"FROM attempt WHERE id = chosen AND id IN ({chosen}) AND {is_open} RETURNING id"
    )


def add_receiver_call(event_pk: int, receiver: str) -> bool:
    """Store that a receiver is done with an event; False if that is stored already."""
    using = database()
    compile_it = partial(compile_insertion, ReceiverCall, using, Conflict())
    insertion: Insertion = compiled(using, (ReceiverCall, "insert"), compile_it)
    values = {"event_id": event_pk, "receiver": receiver, "called_at": timezone.now()}
    return rows_changed(using, insertion.text(), insertion.parameters(values)) == 1


def done_columns(moment: datetime.datetime) -> dict[str, Any]:
    """The columns of an event that say that it is done, since a time."""
    return {"processed": True, "processed_at": moment, "gave_up_at": None}


def mark_done(event_pk: int, moment: datetime.datetime) -> bool:
    """Mark an event as done at a time; False if it is marked already, or its row is gone."""
    using = database()
    values = done_columns(moment)
    compile_it = partial(compile_change, Event, using, tuple(values), UNDONE)
    change: Change = compiled(using, (Event, "done"), compile_it)
    return rows_changed(using, change.text, [*change.parameters(values), event_pk]) == 1
