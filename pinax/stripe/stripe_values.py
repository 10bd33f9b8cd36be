"""Single values of Stripe's JSON, read so that no shape of any API version, and no nonsense, raises.

Absent, null and unreadable are None for numbers and times, "" for text: pure functions, one a kind of value.
Columns (`models/fields.py`) read theirs with them.
"""

import datetime
import math
from collections.abc import Iterable
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pytz

#: An object, or a hash in one, as JSON.
JsonObject = dict[str, Any]

#: Characters that a Stripe id has at most.
ID_LENGTH = 255
#: The largest number that a database's 64-bit integer holds ...
BIGINT = 2**63 - 1
#: ... a 32-bit one ...
INT = 2**31 - 1
#: ... and a 16-bit one.
SMALLINT = 2**15 - 1
#: The first and the last moment that have a local time in every time zone, which are a day at most from UTC.
EARLIEST = datetime.datetime(1, 1, 2, tzinfo=pytz.utc)
LATEST = datetime.datetime(9999, 12, 30, 23, 59, 59, tzinfo=pytz.utc)
UNSTORABLE = "�"


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else {}."""
    return value if isinstance(value, dict) else {}


def dig(data: Any, *path: str) -> Any:
    """The value at a path of keys; None as soon as one is missing."""
    for key in path:
        data = mapping(data).get(key)
    return data


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def integer(value: Any) -> int | None:
    """A 64-bit integer; floats only without a fraction."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > BIGINT:
        return None
    return value


def natural(value: Any, *, most: int = INT) -> int | None:
    """An integer from 0 to `most`."""
    number = integer(value)
    return number if number is not None and 0 <= number <= most else None


def decimal(value: Any, *, digits: int, places: int) -> Decimal | None:
    """An exact decimal from Stripe's decimal strings or JSON numbers; None when it does not fit."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = Decimal(str(value))
        if not number.is_finite():
            return None
        # A context of our own: the thread's may have less precision than the column, or whatever a project set.
        return number.quantize(Decimal(1).scaleb(-places), context=Context(prec=digits))
    except (InvalidOperation, ValueError):
        return None


def timestamp(value: Any) -> datetime.datetime | None:
    """An aware datetime in UTC from Stripe's epoch seconds; None when it is in no year from 1 to 9999.

    The first and the last day of the calendar are taken for their neighbours (see `clamp_time`).
    """
    seconds = integer(value)
    if not seconds:
        return None
    try:
        return clamp_time(datetime.datetime.fromtimestamp(seconds, tz=pytz.utc))
    except (OverflowError, OSError, ValueError):
        return None


def clamp_time(moment: datetime.datetime) -> datetime.datetime:
    """The moment, or the nearest one that can be shown in every time zone: Python has no year 0 and no year 10000."""
    return min(max(moment, EARLIEST), LATEST)


def reference(value: Any) -> str | None:
    """The id of an expandable field: the string itself, or the id of the expanded object; None for no usable one."""
    if isinstance(value, dict):
        value = value.get("id")
    is_usable = isinstance(value, str) and 0 < len(value) <= ID_LENGTH and storable_text(value) == value
    return value if is_usable else None


def identifier(value: Any) -> str:
    """Like `reference`, for columns that hold an id without being a foreign key: "" instead of None."""
    return reference(value) or ""


def first_reference(data: Any, paths: Iterable[str]) -> str | None:
    """The id at the first of several dotted paths that leads to a usable one; None when none does."""
    found = (reference(dig(data, *path.split("."))) for path in paths)
    return next((stripe_id for stripe_id in found if stripe_id is not None), None)


def items(value: Any) -> list[dict[str, Any]] | None:
    """The objects of an embedded list; None when the list is absent, which is not the same as empty."""
    data = mapping(value).get("data")
    return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else None


def not_deleted(value: Any) -> list[dict[str, Any]]:
    """The objects of an embedded list that still exist: it may have the stubs of deleted ones, too."""
    return [entry for entry in items(value) or [] if not is_stub(entry)]


def is_stub(data: dict[str, Any]) -> bool:
    """Whether this is what is left of a deleted object."""
    return data.get("deleted") is True


def storable(value: Any) -> Any:
    """The same JSON without what databases do not store: NUL, lone surrogates, numbers that no double holds."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [storable(entry) for entry in value]
    if isinstance(value, dict):
        return {storable_text(key): storable(entry) for key, entry in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def storable_text(value: str) -> str:
    """The text without NUL and lone surrogates."""
    if value.isascii() and "\x00" not in value:
        return value
    return "".join(UNSTORABLE if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in value)
