"""What an event of each type says about its object, from the table of event types and that of object types."""

import enum
from collections.abc import Mapping
from types import MappingProxyType

from .event_types import EVENT_TYPES
from .objects import MOVERS, OBJECT_TYPES, ObjectType

#: Event types of old API versions that Stripe lists no more -> the type of object they are about.
FORMER_EVENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        f"{prefix}.{change}": row.name
        for row in OBJECT_TYPES.values()
        for prefix in row.former_events
        for change in ("created", "deleted", "updated")
    }
)


class Effect(enum.Enum):
    """What an event type says about the object that its events carry."""

    #: This is the object now.
    CHANGED = "changed"
    #: The object is gone.
    DELETED = "deleted"
    #: Nothing that a table could keep: it carries no object, a preview of one, or one that is none of the table's.
    NOTHING = "nothing"


def object_types_of(event_type: str) -> list[ObjectType]:
    """The types of object that events of a type are about, the most common one first; [] for types not known here."""
    former = FORMER_EVENT_TYPES.get(event_type)
    known = EVENT_TYPES.get(event_type)
    names = known.object_types if known else (former,) if former else ()
    return [OBJECT_TYPES[name] for name in names]


def effect_of(event_type: str) -> Effect:
    """What a type says about its object; NOTHING for types not known here."""
    rows = object_types_of(event_type)
    if not rows or any(event_type in row.previewed_by for row in rows):
        return Effect.NOTHING
    is_deletion = event_type.endswith(".deleted") and not any(event_type in row.not_deleted_by for row in rows)
    return Effect.DELETED if is_deletion else Effect.CHANGED


def changes_own_tables(event_type: str) -> bool:
    """Whether events of a type change rows of objects that have a table of their own: their object, or one it moves."""
    rows = object_types_of(event_type)
    return effect_of(event_type) is not Effect.NOTHING and all(row.model or row.name in MOVERS for row in rows)


def is_ever_deleted(row: ObjectType) -> bool:
    """Whether Stripe deletes objects of a type, so that one it does not have may have been there."""
    types = {f"{prefix}.deleted" for prefix in row.event_prefixes}
    return bool((types & EVENT_TYPES.keys()) - row.not_deleted_by)
