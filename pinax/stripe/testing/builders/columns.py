"""Values for objects whose type has a table: each column says where Stripe's object has what kind of value."""

from collections.abc import Callable
from typing import Any

from django.apps import apps

from ...catalogue.objects import OBJECT_TYPES, ObjectType
from ...models import fields
from ...stripe_values import JsonObject
from ...sync.reader import SHARED, stripe_columns
from .ids import new_id

Column = fields.StripeColumn


def new_reference(column: Column, data: JsonObject) -> str:
    """An id of the type of object that a column names: by the table it refers to, or by the end of its own name."""
    model = getattr(column, "related_model", None)
    rows = OBJECT_TYPES.values()
    names = [row.name for row in rows if model is not None and row.model == model.__name__]
    names += [row.name for row in rows if f"_{column.name}".endswith(f"_{row.name}")]
    return new_id(names[0] if names else column.name)


#: Columns whose attributes most objects have as null: few customers are accounts.
NULL = frozenset({"customer_account"})
#: Class of a column -> a value in Stripe's JSON, made of the column and what the object has already.
PLAUSIBLE_VALUES: dict[type[Column], Callable[[Any, JsonObject], Any]] = {
    fields.AmountField: lambda column, data: 2000,
    fields.AmountsField: lambda column, data: {"usd": 2000},
    fields.CountColumn: lambda column, data: 1,
    fields.CurrencyField: lambda column, data: "usd",
    fields.ExactAmountField: lambda column, data: "2000",
    fields.FlagField: lambda column, data: False,
    fields.IdListField: lambda column, data: [],
    fields.LinkField: lambda column, data: "https://example.com/",
    fields.NumberField: lambda column, data: 1,
    fields.PercentField: lambda column, data: 12.5,
    fields.RateField: lambda column, data: 1.25,
    fields.SoftForeignKey: new_reference,
    fields.StatusField: lambda column, data: data.get("status") or "active",
    fields.StringField: lambda column, data: column.name.replace("_", " ").capitalize(),
    fields.StripeIdField: new_reference,
    fields.TextsField: lambda column, data: [],
    fields.TimestampField: lambda column, data: data.get("created"),
}


def plausible_columns(row: ObjectType, data: JsonObject) -> JsonObject:
    """What an object of a type says at the places of its columns; {} for a type without a table of its own.

    `data` has what is settled of the object: its id, when it was made, its status.
    """
    if not row.model:
        return {}
    values: JsonObject = {}
    for column in stripe_columns(apps.get_model("pinax_stripe", row.model)):
        if column.name not in SHARED:
            put_value(values, column.paths[0].split("."), value_of_column(column, data))
    return values


def value_of_column(column: Column, data: JsonObject) -> Any:
    """A plausible value: that of the nearest class of the column."""
    if column.name in NULL:
        return None
    makes = (PLAUSIBLE_VALUES[each] for each in type(column).__mro__ if each in PLAUSIBLE_VALUES)
    return next(makes, lambda column, data: None)(column, data)


def put_value(data: JsonObject, path: list[str], value: Any) -> None:
    """Set a value at a path, with the hashes on the way; an object of which an attribute is known is there in full."""
    for name in path[:-1]:
        if isinstance(data.get(name), str):
            data[name] = {"id": data[name]}
        data = data.setdefault(name, {})
    if isinstance(data.get(path[-1]), dict):
        data[path[-1]].setdefault("id", value)
    else:
        data.setdefault(path[-1], value)
