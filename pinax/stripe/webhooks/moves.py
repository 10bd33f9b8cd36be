"""Which other objects an event moves: those that the table of object types says change with it."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from ..catalogue.objects import OBJECT_TYPES, Move, ObjectType, naming
from ..models.events import Event
from ..models.fields import SoftForeignKey
from ..models.mirror import MirroredObject, mirror_key
from ..stripe_values import dig, identifier, is_stub, mapping, text
from ..sync.registry import MIRRORED, mirrored_type
from .reading_conditions import ReadingCondition

MOVED = [row for row in OBJECT_TYPES.values() if row.moved_by]
#: Rules of which the row of the other object shows later that they applied.
LEAVING = [move for row in MOVED for move in row.moved_by if move.leaves]


#: A rule, and the type of the objects that are moved by it.
Rule = tuple[ObjectType, Move]


def rules_for(event: Event, data: dict[str, Any]) -> list[Rule]:
    """The rules by which an event moves objects; `data` is the object that the event is about."""
    return [(row, move) for row in MOVED for move in row.moved_by if applies(move, event, data)]


def moved_objects(event: Event, data: dict[str, Any], rules: list[Rule]) -> Iterator[tuple[ObjectType, str]]:
    """Type and id of each object that an event moves by these rules and that is to be read, once."""
    seen: set[tuple[str, str]] = set()
    for row, move in rules:
        for stripe_id in [] if move.is_gone else moved_ids(row, move, event, data):
            if (row.name, stripe_id) not in seen:
                seen.add((row.name, stripe_id))
                yield row, stripe_id


def moves_what_names_it(event: Event, data: dict[str, Any]) -> bool:
    """Whether an event moves objects that name its own, those included that have no row yet."""
    return any(applies(move, event, data) for move in LEAVING)


@dataclass(frozen=True, kw_only=True)
class Mover(ReadingCondition):
    """Whether an object that another one names has moved that one since it was told of.

    When it did, there may have been no row yet that names it.
    """

    move: Move
    #: The key of the row of the object that moves.
    key: str
    #: When the object that names it was so.
    as_of: datetime

    @property
    def model(self) -> type[MirroredObject]:
        return MIRRORED[self.move.by].model

    @property
    def kind(self) -> Hashable:
        return tuple(self.move.leaves.items())

    @property
    def values(self) -> dict[str, Any]:
        return {"id": self.key, "as_of_end": self.as_of}

    def rows(self) -> QuerySet[Any]:
        rows = self.model.all_objects.filter(pk=self.key).filter(as_of_end__gte=self.as_of)
        return rows.filter(**self.move.leaves).order_by().values("pk")

    @staticmethod
    def are_met(conditions: Sequence["Mover"]) -> list[bool]:
        first = conditions[0]
        rows = first.model.all_objects.filter(pk__in={mover.key for mover in conditions}, **first.move.leaves)
        ends = dict(rows.order_by().values_list("pk", "as_of_end"))
        return [mover.key in ends and mover.as_of <= ends[mover.key] for mover in conditions]


def movers_of(data: dict[str, Any], account: str, as_of: datetime) -> list[Mover]:
    """What may have moved an object since; `as_of` is when it was so."""
    mirrored = mirrored_type(data)
    if mirrored is None or is_stub(data):
        return []
    row = mirrored.object_type
    found = ((move, named_mover(row, move, data)) for move in row.moved_by if move.leaves)
    return [Mover(move=move, key=mirror_key(named, account), as_of=as_of) for move, named in found if named]


def named_mover(row: ObjectType, move: Move, data: dict[str, Any]) -> str:
    """The id of the object that one of a type names by a rule; "" for none, or if that one moves it no more."""
    if any(text(data.get(name)) in values for name, values in move.settled.items()):
        return ""
    column: Any = MIRRORED[row.name].model._meta.get_field(move.named_in)
    return column.read(data) or ""


def whole_objects(data: dict[str, Any], rules: list[Rule]) -> Iterator[dict[str, Any]]:
    """The objects that an event moves by these rules, and has whole."""
    for row, move in rules:
        if found := whole_object(row, move, data):
            yield found


def whole_object(row: ObjectType, move: Move, data: dict[str, Any]) -> dict[str, Any]:
    """The object that a rule is about, where the other object has it whole; {} where it does not."""
    found = mapping(data.get(move.whole)) if move.whole else {}
    return found if found.get("object") == row.name else {}


def gone_objects(event: Event, data: dict[str, Any], rules: list[Rule]) -> Iterator[dict[str, Any]]:
    """The stubs of the objects that an event says are gone by these rules, with what they were read below."""
    for row, move in rules:
        if move.is_gone and (stripe_id := named_id(row, move, event, data)):
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
