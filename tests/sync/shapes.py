"""Tables of shapes: the name of a case -> (what Stripe sends, or a part of it; the columns that must come of it).

A case is named after the API version in which the shape changed, and what it looked like on that side of the change.
"""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from pinax.stripe.models import MirroredObject

#: Columns that every row has, which the mirror fills itself.
COMMON = {field.name for field in MirroredObject._meta.get_fields()}

Data = dict[str, Any]
Cases = dict[str, tuple[Data, Data]]


def utc(text: str) -> datetime.datetime:
    """A time in UTC, written so that people can read it."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)


def each(cases: Cases) -> pytest.MarkDecorator:
    """One test for each case of a table."""
    return pytest.mark.parametrize(("data", "expected"), list(cases.values()), ids=list(cases))


def check(fields: Callable[[Data], Data], data: Data, expected: Data) -> None:
    """The columns that a case names are read as it says, and are of the same type: True is not 1, nor 1.0."""
    columns = fields(data)
    assert exact({name: columns[name] for name in expected}) == exact(expected)


def exact(columns: Data) -> Data:
    return {name: (type(value), value) for name, value in columns.items()}
