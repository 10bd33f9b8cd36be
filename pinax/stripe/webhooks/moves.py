"""Which other objects an event moves: those that the table of object types says change with it."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import router
from django.db.models import Q, QuerySet

from ..catalogue.objects import OBJECT_TYPES, Move, ObjectType, naming
from ..models.events import Event
from ..models.fields import SoftForeignKey
from ..models.mirror import mirror_key
from ..statements import compiled_select, fetched, prepared
from ..stripe_values import dig, identifier, is_stub, mapping, text
from ..sync.registry import MIRRORED, mirrored_type

MOVED = [row for row in OBJECT_TYPES.values() if row.moved_by]
#: Rules of which the row of the other object shows later that they applied.
LEAVING = [move for row in MOVED for move in row.moved_by if move.leaves]


def moved_objects(event: Event, data: dict[str, Any]) -> Iterator[tuple[ObjectType, str]]:
    """Type and id of each object that an event moves and that is to be read, once.

    `data` is the object that the event is about.
    """
    seen: set[tuple[str, str]] = set()
    for row in MOVED:
        for move in row.moved_by:
            is_read = not move.is_gone and applies(move, event, data)
            for stripe_id in moved_ids(row, move, event, data) if is_read else ():
                if (row.name, stripe_id) not in seen:
                    seen.add((row.name, stripe_id))
                    yield row, stripe_id


def moves_what_names_it(event: Event, data: dict[str, Any]) -> bool:
    """Whether an event moves objects that name its own, those included that have no row yet."""
    return any(applies(move, event, data) for move in LEAVING)


def overtaken_objects(event: Event, data: dict[str, Any], as_of: datetime) -> Iterator[tuple[ObjectType, str]]:
    """Type and id of the object that an event is about, if what it names moved it since: then it is to be read itself.

    When that was told, there may have been no row yet that names it. `as_of` is when the event's object was so.
    """
    mirrored = mirrored_type(data)
    if mirrored is None or is_stub(data):
        return
    row, account = mirrored.object_type, event.object_account
    if any(has_moved_since(row, move, data, account, as_of) for move in row.moved_by if move.leaves):
        yield row, event.object_id


def has_moved_since(row: ObjectType, move: Move, data: dict[str, Any], account: str, as_of: datetime) -> bool:
    """Whether the row that an object names by a rule says that it moved the object at this moment or later."""
    column: Any = MIRRORED[row.name].model._meta.get_field(move.named_in)
    named = column.read(data)
    if not named or any(text(data.get(name)) in values for name, values in move.settled.items()):
        return False
    model = MIRRORED[move.by].model
    using, key = router.db_for_read(model), mirror_key(named, account)

    def moved() -> QuerySet[Any]:
        rows = model.all_objects.filter(pk=key).filter(as_of_end__gte=as_of)
        return rows.filter(**move.leaves).order_by().values("pk")

    query = compiled_select(using, (model, "moved", *move.leaves), moved)
    return bool(fetched(using, query, prepared(model, using, ("id", "as_of_end"), {"id": key, "as_of_end": as_of})))


def whole_objects(event: Event, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects that an event moves and has whole."""
    for row in MOVED:
        for move in row.moved_by:
            found = whole_object(row, move, data)
            if found and applies(move, event, data):
                yield found


def whole_object(row: ObjectType, move: Move, data: dict[str, Any]) -> dict[str, Any]:
    """The object that a rule is about, where the other object has it whole; {} where it does not."""
    found = mapping(data.get(move.whole)) if move.whole else {}
    return found if found.get("object") == row.name else {}


def gone_objects(event: Event, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The stubs of the objects that an event says are gone, with what they were read below."""
    for row in MOVED:
        for move in row.moved_by:
            if move.is_gone and applies(move, event, data) and (stripe_id := named_id(row, move, event, data)):
                parents = {name: before(event, name) or data.get(name) for name in row.parents}
                yield {**naming(row.name, stripe_id), "deleted": True, **parents}


def before(event: Event, name: str) -> Any:
    """What an attribute was before the event, if the event says so."""
    return dig(event.message, "data", "previous_attributes", name)


def applies(move: Move, event: Event, data: dict[str, Any]) -> bool:
    """Whether an event is one of those that a rule is about."""
    is_always = not (move.event_types or move.statuses)
    kind = event.kind.removeprefix("v1.")  # Thin events have the names of the others, and this in front.
    return (
        move.by in ("", event.object_type)
        and (is_always or kind in move.event_types or text(data.get("status")) in move.statuses)
        and (not move.when_set or bool(data.get(move.when_set)))
        and (not move.when_unset or not data.get(move.when_unset))
    )


def moved_ids(row: ObjectType, move: Move, event: Event, data: dict[str, Any]) -> list[str]:
    """Ids of the objects of a type that an event moves by a rule."""
    if move.named_in:
        return naming_ids(row, move, event) if event.object_id else []
    stripe_id = named_id(row, move, event, data)
    if not stripe_id or whole_object(row, move, data):
        return []
    known = MIRRORED[row.name].model.all_objects.filter(pk=mirror_key(stripe_id, event.object_account))
    if move.only_missing and known.exists():
        return []
    if move.settled and known.filter(is_settled(move)).exists():
        return []
    return [stripe_id]


def naming_ids(row: ObjectType, move: Move, event: Event) -> list[str]:
    """Ids of the objects of a type whose rows name the object that an event is about."""
    model = MIRRORED[row.name].model
    named = event.object_id
    if isinstance(model._meta.get_field(move.named_in), SoftForeignKey):
        named = mirror_key(named, event.object_account)
    naming = model.all_objects.filter(**{move.named_in: named}).order_by("pk")
    if not row.account_named_in:
        naming = naming.filter(stripe_account=event.object_account)
    if move.settled:
        naming = naming.exclude(is_settled(move))
    return list(naming.values_list("stripe_id", flat=True))


def named_id(row: ObjectType, move: Move, event: Event, data: dict[str, Any]) -> str:
    """The id by which the object that an event is about names the one that a rule is about; "" for none."""
    # A thin event names the object that it is about, and carries none.
    is_itself = move.reference == "id"
    stripe_id = event.object_id if is_itself else identifier(dig(data, *move.reference.split(".")))
    return stripe_id if not move.is_prefixed or stripe_id.startswith(row.id_prefixes) else ""


def is_settled(move: Move) -> Q:
    """For rows that do not change by a rule any more."""
    return reduce(or_, (Q(**{f"{column}__in": sorted(values)}) for column, values in move.settled.items()))
