"""Says what a mirrored row has to be, without the readers, the registry and the writer of the mirror.

A place is a path of names, such as `recurring.interval`; `{type}` is the hash that has the name of the object's type.
`[]` behind a name stands for each entry of a list, and then a word in front says which value counts: `first`, the
`only` one of a list of one, `min`, `max`, or the `sum`.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pinax.stripe.catalogue.objects import ROWS_BY_NAME

Data = dict[str, Any]


class Wrong(AssertionError):
    """A row is not what Stripe's object says."""


@dataclass(frozen=True)
class Kind:
    """What the values of a kind of column are."""

    #: The column of an object that has no value.
    absent: Any
    #: The column of a value, for an object of a connected account ("" for the platform).
    convert: Callable[[Any, str], Any]
    #: A value for JSON, another one for each small number.
    sample: Callable[[int], Any]


@dataclass(frozen=True)
class Column:
    """A kind, and the places of the value."""

    kind: Kind
    places: tuple[str, ...]

    @property
    def newest(self) -> "Column":
        """The same column with the newest of its places alone."""
        return Column(self.kind, self.places[:1])


Columns = dict[str, Column]


def _id_of(value: Any, account: str = "") -> Any:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _key_of(value: Any, account: str) -> str | None:
    found = _id_of(value)
    return f"{account}/{found}" if account and found and account != found else found


def _brand_of(value: str, account: str) -> str:
    """Charges show the brand as payment methods spell it."""
    return {"American Express": "amex", "MasterCard": "mastercard", "Visa": "visa"}.get(value, value)


def _time_of(value: int, account: str) -> datetime.datetime | None:
    return datetime.datetime.fromtimestamp(value, tz=datetime.timezone.utc)


def _ids_of(value: Any, account: str) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [found for found in map(_id_of, entries) if found]


def _as_it_is(value: Any, account: str) -> Any:
    return value


def _amounts_of(value: Any, account: str) -> dict[str, int]:
    return {entry["currency"]: entry["amount"] for entry in value}


def _whole(value: float, account: str) -> int:
    """A whole number, which some payloads have as 250.0."""
    return int(value)


def _kind(absent: Any, convert: Callable[[Any, str], Any], sample: Callable[[int], Any]) -> Callable[..., Column]:
    kind = Kind(absent, convert, sample)
    return lambda *places: Column(kind, places)


text = _kind("", _as_it_is, lambda number: f"text {number}")
number = _kind(None, _whole, lambda number: number)
flag = _kind(None, _as_it_is, lambda number: number % 2 == 1)
moment = _kind(None, _time_of, lambda number: 1_600_000_000 + number)
decimal = _kind(None, lambda value, account: Decimal(str(value)), lambda number: f"{number}.25")
#: A list of texts; None is no list.
texts = _kind(None, _as_it_is, lambda number: [f"text {entry}" for entry in range(number)])
#: The id of another object, without a reference to its row.
identifier = _kind("", _id_of, lambda number: f"id_{number}")
#: The ids of several objects, or of one.
identifiers = _kind([], _ids_of, lambda number: [f"id_{number}", {"id": f"id_{number}_whole"}])
#: The ids of several objects, each at a place of its own.
each_identifier = _kind([], _ids_of, lambda number: f"id_{number}")
#: A reference to the row of another object.
reference = _kind(None, _key_of, lambda number: f"id_{number}")
#: Amounts by currency, in a hash or in a list.
amounts = _kind({}, _as_it_is, lambda number: {"eur": number, "usd": -number})
listed_amounts = _kind({}, _amounts_of, lambda number: [{"currency": "eur", "amount": number}])
#: The `object` string, where objects of several have one table.
destination = _kind("", _as_it_is, lambda number: ("bank_account", "card")[number // 2 % 2])
brand = _kind("", _brand_of, lambda number: ("Visa", "MasterCard", "American Express")[number % 3])

#: What is a secret in any object.
EVERYWHERE = frozenset({"client_secret", "secret", "signing_secret", "cvc", "account_number"})

CHOICES: dict[str, Callable[[list[Any]], Any]] = {
    "all": list,
    "first": lambda found: found[0],
    "only": lambda found: found[0] if len(found) == 1 else None,
    "min": min,
    "max": max,
    "sum": sum,
}


def value_at(data: Data, place: str) -> Any:
    """The value at a place; None without any."""
    choice, _, path = place.rpartition(" ")
    found = [value for value in _values(data, path.split(".")) if value not in (None, "")]
    if not found:
        return None
    return CHOICES[choice](found) if choice else found[0]


def _values(data: Any, path: list[str]) -> list[Any]:
    if not path:
        return [data]
    name, rest = name_in(data, path[0]), path[1:]
    value = data.get(name) if isinstance(data, dict) else None
    if not path[0].endswith("[]"):
        return _values(value, rest)
    return [each for entry in value or [] for each in _values(entry, rest)]


def name_in(data: Any, step: str) -> str:
    """The name of an attribute by a step of a path."""
    return str(data.get("type")) if step == "{type}" and isinstance(data, dict) else step.removesuffix("[]")


def column_values(columns: Columns, data: Data, account: str) -> Data:
    """What the columns of an object have to hold."""
    values = {}
    for name, column in columns.items():
        found = (value_at(data, place) for place in column.places)
        converted = (column.kind.convert(value, account) for value in found if value is not None)
        values[name] = next((value for value in converted if value is not None), column.kind.absent)
    return values


def name_of(data: Data) -> str:
    """The id of an object, or what stands for it."""
    row = ROWS_BY_NAME.get(data["object"])
    named_by = "" if row is None else row.named_by
    if named_by == "livemode":
        return "live" if data["livemode"] else "test"
    return data[named_by or "id"]


def common_values(data: Data, account: str, livemode: bool) -> Data:
    """What the columns of every mirrored row have to hold; `livemode` is that of the event."""
    row = ROWS_BY_NAME[data["object"]]
    created = data.get(row.created or "created", data.get("date"))
    own = data.get("livemode")
    return {
        "stripe_id": name_of(data),
        "stripe_account": account,
        "livemode": livemode if own is None else own,
        "created_at": None if created is None else _time_of(created, account),
        "metadata": data.get("metadata") or {},
        "stripe_data": without_secrets(data),
    }


def without_secrets(value: Any, secrets: frozenset[str] = EVERYWHERE) -> Any:
    """A value without the secrets of the objects in it, at any depth but in what projects put into metadata."""
    if isinstance(value, list):
        return [without_secrets(entry, secrets) for entry in value]
    if isinstance(value, str) and value.startswith("http"):
        return re.sub(r"_secret_\w+", "_secret_…", value)
    if not isinstance(value, dict):
        return value
    row = ROWS_BY_NAME.get(value["object"]) if isinstance(value.get("object"), str) else None
    secrets |= row.secrets if row is not None else frozenset()
    secrets |= {"number"} if "exp_month" in value else frozenset()
    found = {name: entry for name, entry in value.items() if name not in secrets}
    return {name: entry if name == "metadata" else without_secrets(entry, secrets) for name, entry in found.items()}


def check_values(row: Any, expected: Data) -> None:
    """A row holds these values, of exactly these types."""
    for name, value in expected.items():
        held = getattr(row, name)
        if type(held) is not type(value) or held != value:
            raise Wrong(f"{row.pk}.{name} is {held!r}, at Stripe {value!r}")


def sample(columns: Columns, round_: int) -> Data:
    """What an object has at the places of its columns: a value of its own for each, at another place in each round.

    Where several values come of one place, such as the id of an expanded object and an attribute of it, both are there.
    """
    data: Data = {}
    for number, column in enumerate(columns.values(), start=1):
        place = column.places[min(round_ // 2, len(column.places) - 1)]
        put(data, place.rpartition(" ")[2].split("."), column.kind.sample(number + round_))
    return data


def rounds(columns: Columns) -> range:
    """So many samples have every place, with both values of flags."""
    return range(2 * max(len(column.places) for column in columns.values()))


def put(data: Data, path: list[str], value: Any) -> None:
    """Set a value at a path, and what is missing on the way."""
    name, rest = name_in(data, path[0]), path[1:]
    is_list = path[0].endswith("[]")
    if not rest and not is_list:
        data[name] = {**data[name], "id": value} if isinstance(data.get(name), dict) else value
        return
    if is_list:
        entries = data.setdefault(name, [{"id": "entry_1"}])
        if rest:
            put(entries[0], rest, value)
        else:
            entries[0]["id"] = value
        return
    if isinstance(data.get(name), str):
        data[name] = {"id": data[name]}
    put(data.setdefault(name, {}), rest, value)
