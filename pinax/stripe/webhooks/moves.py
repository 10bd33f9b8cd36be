"""Which other objects an event moves: those that the table of object types says change with it."""

from collections.abc import Iterator
from typing import Any

from ..catalogue.objects import OBJECT_TYPES, Move, ObjectType
from ..models.events import Event
from ..models.mirror import mirror_key
from ..stripe_values import dig, identifier, mapping, text
from ..sync.registry import MIRRORED

MOVED = [row for row in OBJECT_TYPES.values() if row.moved_by]


def moved_objects(event: Event, data: dict[str, Any]) -> Iterator[tuple[ObjectType, str]]:
    """Type and id of each object that an event moves, once; `data` is the object that the event is about."""
    seen: set[tuple[str, str]] = set()
    for row in MOVED:
        for move in row.moved_by:
            for stripe_id in moved_ids(row, move, event, data) if applies(move, event, data) else ():
                if (row.name, stripe_id) not in seen:
                    seen.add((row.name, stripe_id))
                    yield row, stripe_id


def whole_objects(event: Event, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects that an event moves and has whole."""
    for row in MOVED:
        for move in row.moved_by:
            found = whole_object(move, data)
            if found and applies(move, event, data):
                yield found


def whole_object(move: Move, data: dict[str, Any]) -> dict[str, Any]:
    """The object that a rule is about, where the other object has it whole; {} where it does not."""
    found = mapping(data.get(move.whole)) if move.whole else {}
    return found if "object" in found else {}


def applies(move: Move, event: Event, data: dict[str, Any]) -> bool:
    """Whether an event is one of those that a rule is about."""
    is_always = not (move.event_types or move.statuses)
    return (
        move.by in ("", event.object_type)
        and (is_always or event.kind in move.event_types or text(data.get("status")) in move.statuses)
        and (not move.when_set or bool(data.get(move.when_set)))
        and (not move.when_unset or not data.get(move.when_unset))
    )


def moved_ids(row: ObjectType, move: Move, event: Event, data: dict[str, Any]) -> list[str]:
    """Ids of the objects of a type that an event moves by a rule."""
    rows = MIRRORED[row.name].model.all_objects.all()
    if move.named_in:
        naming = rows.filter(**{move.named_in: event.object_id})
        if not row.account_named_in:
            naming = naming.filter(stripe_account=event.object_account)
        return list(naming.values_list("stripe_id", flat=True)) if event.object_id else []
    # A thin event names the object that it is about, and carries none.
    named = dig(data, *move.reference.split("."))
    stripe_id = event.object_id if move.reference == "id" else identifier(named)
    if not stripe_id or whole_object(move, data):
        return []
    if move.only_missing and rows.filter(pk=mirror_key(stripe_id, event.object_account)).exists():
        return []
    return [stripe_id]
