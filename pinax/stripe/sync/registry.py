"""How each type of object is mirrored: its row in the table of object types, with its model and its reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.apps import apps
from django.db.models import Model

from ..api import quoted
from ..catalogue.objects import (
    OBJECT_TYPES,
    ROWS_BY_NAME,
    ObjectType,
    OwnedList,
    Part,
    name_of,
    object_type,
    type_of_object,
)
from ..conf import setting
from ..models.fields import TimestampField
from ..models.mirror import MirroredObject, mirror_key
from ..models.other_objects import OTHER_ID_LENGTH, TYPE_LENGTH, OtherObject, other_key
from ..stripe_values import JsonObject, identifier
from .reader import History, Reader
from .readers import HISTORY
from .user_links import claims_account_user, claims_user, link_account, link_customer

#: What an `object` string looks like; what looks otherwise gets no row.
TYPE = re.compile(rf"[a-z0-9_.]{{1,{TYPE_LENGTH}}}")
#: Events have a table of their own, which is not part of the mirror.
EVENTS = frozenset({"event", "v2.core.event"})
#: From an object, path and parameters of the API's list of all that it has in one of its own lists.
ListPath = Callable[[JsonObject], tuple[str, dict[str, str]]]


def own_key(data: JsonObject, owner_key: str, account: str) -> str:
    """Key of a part whose id is unique."""
    return mirror_key(identifier(data), account)


def line_key(data: JsonObject, owner_key: str, account: str) -> str:
    """Key of an invoice line: its `il_` id, which older versions send as `unique_id`; else the invoice in front."""
    unique = identifier(data.get("unique_id")) or identifier(data)
    return mirror_key(unique, account) if unique.startswith("il_") else f"{owner_key}/{unique}"


#: Object type of parts -> the key of one, made of its data, its owner's key and the account, where it is another.
PART_KEYS = {"line_item": line_key}


@dataclass(frozen=True, kw_only=True)
class Hook:
    """What follows when a snapshot of an object was compared with its row, whether the row changed or not."""

    #: Called with key, data and account, in the same transaction.
    follow_up: Callable[[str, JsonObject, str], None]
    #: Whether that has something to do for an object of these data and this account.
    concerns: Callable[[JsonObject, str], bool]


#: Object type -> its hook.
HOOKS = {
    "account": Hook(follow_up=link_account, concerns=claims_account_user),
    "customer": Hook(follow_up=link_customer, concerns=claims_user),
}


@dataclass(frozen=True, kw_only=True)
class MirroredPart:
    """How parts of an object are mirrored."""

    part: Part
    model: type[MirroredObject]
    read: Reader
    key: Callable[[JsonObject, str, str], str] = own_key

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
class MirroredType:
    """How one type of object is mirrored."""

    object_type: ObjectType
    model: type[MirroredObject]
    read: Reader
    part: MirroredPart | None = None
    hook: Hook | None = None

    @property
    def is_general(self) -> bool:
        """Whether its rows are those of the general table, because it has none of its own."""
        return self.model is OtherObject

    def key(self, stripe_id: str, account: str) -> str:
        """Primary key of the row of an object."""
        return mirror_key(other_key(self.object_type.name, stripe_id) if self.is_general else stripe_id, account)

    def account_of(self, data: JsonObject, account: str) -> str:
        """The account that an object belongs to; `account` is the one that was asked for it, or that told of it."""
        return self.object_type.account_of(data, account)

    def asked_account(self, account: str) -> str:
        """The account in whose name an object of `account` is read: the platform reads accounts in its own."""
        return "" if self.object_type.account_named_in else account

    def path(self, data: JsonObject) -> str:
        """Path of the current object, with its parents' ids from the object itself; "" when it cannot be read."""
        row = self.object_type
        names = {name: quoted(identifier(data.get(name))) for name in row.parents}
        if not (row.path and row.is_read and (row.has_id or row.named_by) and all(names.values())):
            return ""
        # In a version in which it had the name of another type it is read among those.
        named = OBJECT_TYPES.get(data.get("object", ""), row) if data.get("object") in row.formerly else row
        address = f"/v1/{named.path.format(**names)}"
        return f"{address}/{quoted(identifier(data))}" if row.has_id else address

    @property
    def lists(self) -> dict[str, ListPath]:
        """Every list that is read whole when it is cut short, by its name in the object."""
        part = self.object_type.part
        lists = {**({} if part is None or part.is_array else {part.attribute: part}), **self.object_type.lists}
        return {name: partial(list_path, listed) for name, listed in lists.items()}


def list_path(listed: OwnedList, data: JsonObject) -> tuple[str, dict[str, str]]:
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


def as_mirrored_type(row: ObjectType) -> MirroredType:
    model = model_of(row)
    return MirroredType(
        object_type=row,
        model=model,
        read=READERS[model],
        part=None if row.part is None else mirrored_part(row.part),
        hook=HOOKS.get(row.name),
    )


ROWS_WITH_MODELS = [row for row in ROWS_BY_NAME.values() if row.model]
#: Object types that come as parts of others only.
TYPES_OF_PARTS = {row.part.object_type for row in ROWS_WITH_MODELS if row.part is not None}
#: Model -> what reads its columns from Stripe's JSON.
READERS: dict[type[MirroredObject], Reader] = {
    **{reader.model: reader for reader in map(reader_of, ROWS_WITH_MODELS)},
    OtherObject: Reader(OtherObject, HISTORY[OtherObject]),
}
#: Stripe's `object` string -> how it is mirrored, of those that have a table of their own.
MIRRORED: dict[str, MirroredType] = {
    row.name: as_mirrored_type(row) for row in ROWS_WITH_MODELS if row.name not in TYPES_OF_PARTS
}


def mirrored_type(data: JsonObject) -> MirroredType | None:
    """How to mirror an object; None when it is not mirrored, or has no id to be found by and nothing in its place."""
    stripe_id = name_of(data)
    return mirrored_as(type_of_object(data).name, stripe_id) if stripe_id else None


def mirrored_as(name: str, stripe_id: str) -> MirroredType | None:
    """How an object of a type is mirrored that has a usable id: in the type's table, else in the general one.

    None for parts of others, for events, for what is nothing but a secret, for what is too long for a key or looks like
    no type of Stripe's, and without PINAX_STRIPE_MIRROR_OTHER_OBJECTS for all that has no table of its own.
    """
    row = object_type(name)
    if row.name in MIRRORED:
        return MIRRORED[row.name]
    if not has_place_in_general_table(name, stripe_id) or not setting("MIRROR_OTHER_OBJECTS"):
        return None
    return MirroredType(object_type=row, model=OtherObject, read=READERS[OtherObject])


def has_place_in_general_table(name: str, stripe_id: str) -> bool:
    """Whether an object of a type is mirrored in the general table, unless PINAX_STRIPE_MIRROR_OTHER_OBJECTS is off."""
    row = object_type(name)
    is_left_out = row.model or not row.is_kept or row.name in EVENTS
    return bool(not is_left_out and TYPE.fullmatch(row.name) and len(stripe_id) <= OTHER_ID_LENGTH)


def types_mirrored_by(model: type[Model]) -> list[ObjectType]:
    """The types of objects whose rows a table has: one, or all that have no table of their own."""
    named = [row for row in ROWS_WITH_MODELS if row.model == model.__name__]
    return named or [row for row in OBJECT_TYPES.values() if not row.model]


def type_of(row: MirroredObject) -> ObjectType:
    """The type of the object that a row mirrors."""
    return object_type(row.object_type) if isinstance(row, OtherObject) else types_mirrored_by(type(row))[0]
