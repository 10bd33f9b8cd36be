"""Objects without a table of their own: the table of object types says where they have what the columns hold."""

import datetime

from ...catalogue.objects import ObjectType, object_type
from ...stripe_values import first_reference, text, timestamp
from ..reader import History, JsonObject


def other_type_of(data: JsonObject) -> ObjectType:
    """What the table of object types says of an object."""
    return object_type(text(data.get("object")))


def present_name(data: JsonObject) -> str:
    """The type's present name: rows of one object have one key in every API version."""
    return other_type_of(data).name


def created_at(data: JsonObject) -> datetime.datetime | None:
    return timestamp(data.get(other_type_of(data).created or "created"))


def customer(data: JsonObject) -> str | None:
    """The first of the attributes that name the object's customer."""
    return first_reference(data, other_type_of(data).customer)


OTHER_OBJECT: History = {"object_type": present_name, "created_at": created_at, "customer": customer}
