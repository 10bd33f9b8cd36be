"""How each type of object is mirrored: its row in the table of object types, with its model and its reader."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import Model

from ..api import quoted
from ..catalogue.objects import OBJECT_TYPES, ObjectType, OwnedList, Part, object_type
from ..models.fields import TimestampField
from ..models.mirror import MirroredObject, mirror_key
from ..stripe_values import identifier, reference, text
from .reader import History, Reader
from .readers import HISTORY
from .user_links import link_customer

Data = dict[str, Any]
#: From an object, path and parameters of the API's list of all that it has in one of its own lists.
ListPath = Callable[[Data], tuple[str, dict[str, str]]]


def own_key(data: Data, owner_key: str, account: str) -> str:
    """Key of a part whose id is unique."""
    return mirror_key(identifier(data), account)


def line_key(data: Data, owner_key: str, account: str) -> str:
    """Key of an invoice line: its `il_` id, which older versions send as `unique_id`; else the invoice in front."""
    unique = identifier(data.get("unique_id")) or identifier(data)
    return mirror_key(unique, account) if unique.startswith("il_") else f"{owner_key}/{unique}"


#: Object type of parts -> the key of one, made of its data, its owner's key and the account, where it is another.
PART_KEYS = {"line_item": line_key}
#: Object type -> what is called with key, data and account after a snapshot of an object was compared with its row,
#: whether the row changed or not, in the same transaction.
ON_WRITTEN = {"customer": link_customer}


@dataclass(frozen=True, kw_only=True)
class MirroredPart:
    """How parts of an object are mirrored."""

    part: Part
    model: type[MirroredObject]
    read: Reader
    key: Callable[[Data, str, str], str] = own_key

    @property
    def attribute(self) -> str:
        """The key of the list in the owner's JSON."""
        return self.part.attribute

    @property
    def owner(self) -> str:
        """The attribute of a part's row that names the owner."""
        return f"{self.part.owner}_id"

    @property
    def is_positioned(self) -> bool:
        """Whether rows keep their place in the list."""
        return self.part.is_positioned

    @property
    def path(self) -> ListPath:
        return partial(list_path, self.part)


@dataclass(frozen=True, kw_only=True)
class Mirrored:
    """How one type of object is mirrored."""

    object_type: ObjectType
    model: type[MirroredObject]
    read: Reader
    part: MirroredPart | None = None
    on_written: Callable[[str, Data, str], None] | None = None

    def path(self, data: Data) -> str:
        """Path of the current object, with its parents' ids from the object itself."""
        names = {name: quoted(identifier(data.get(name))) for name in self.object_type.parents}
        return f"/v1/{self.object_type.path.format(**names)}/{quoted(identifier(data))}"

    @property
    def lists(self) -> dict[str, ListPath]:
        """Every list that is read whole when it is cut short, by its name in the object."""
        part = self.object_type.part
        lists = {**({} if part is None else {part.attribute: part}), **self.object_type.lists}
        return {name: partial(list_path, listed) for name, listed in lists.items()}


def list_path(listed: OwnedList, data: Data) -> tuple[str, dict[str, str]]:
    """Path and parameters of the API's list of all that an object has in one of its own."""
    own = identifier(data)
    parameters = {name: value.format(id=own) for name, value in listed.parameters.items()}
    return f"/v1/{listed.path.format(id=quoted(own))}", parameters


def model_of(row: ObjectType) -> type[MirroredObject]:
    return apps.get_model("pinax_stripe", row.model)


def reader_of(row: ObjectType) -> Reader:
    """What reads the columns of a type's table, from objects that may have another name for `created`, too."""
    model = model_of(row)
    created: History = {"created_at": TimestampField(source=row.created).read} if row.created else {}
    return Reader(model, {**created, **HISTORY.get(model, {})})


def mirrored_part(part: Part) -> MirroredPart:
    model = model_of(OBJECT_TYPES[part.object_type])
    return MirroredPart(part=part, model=model, read=READERS[model], key=PART_KEYS.get(part.object_type, own_key))


def mirrored(row: ObjectType) -> Mirrored:
    model = model_of(row)
    return Mirrored(
        object_type=row,
        model=model,
        read=READERS[model],
        part=None if row.part is None else mirrored_part(row.part),
        on_written=ON_WRITTEN.get(row.name),
    )


ROWS = [row for row in OBJECT_TYPES.values() if row.model]
#: Object types that come as parts of others only.
PARTS = {row.part.object_type for row in ROWS if row.part is not None}
#: Model -> what reads its columns from Stripe's JSON.
READERS: dict[type[MirroredObject], Reader] = {reader.model: reader for reader in map(reader_of, ROWS)}
#: Stripe's `object` string -> how it is mirrored.
MIRRORED: dict[str, Mirrored] = {row.name: mirrored(row) for row in ROWS if row.name not in PARTS}


def mirrored_type(data: Data) -> Mirrored | None:
    """How to mirror an object; None when it is not mirrored or has no id to be found by."""
    mirrored = MIRRORED.get(data["object"]) if isinstance(data.get("object"), str) else None
    if mirrored is None or reference(data) is None:
        return None
    # Cards and bank accounts of connected accounts (payout destinations) are not what customers pay with.
    if mirrored.object_type.is_customer_owned and not data.get("customer") and data.get("account"):
        return None
    return mirrored


def types_of(model: type[Model]) -> list[ObjectType]:
    """The types of objects whose rows a table has: one, or all that have no table of their own."""
    rows = OBJECT_TYPES.values()
    return [row for row in rows if row.model == model.__name__] or [row for row in rows if not row.model]


def type_of(row: MirroredObject) -> ObjectType:
    """The type of the object that a row mirrors."""
    types = types_of(type(row))
    return types[0] if len(types) == 1 else object_type(text(row.stripe_data.get("object")))
