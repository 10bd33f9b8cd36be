"""Tables of shapes: the name of a case -> (what Stripe sends, or a part of it; the columns that must come of it).

A case is named after the API version in which the shape changed, and what it looked like on that side of the change.
"""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

Data = dict[str, Any]
Cases = dict[str, tuple[Data, Data]]


def utc(text: str) -> datetime.datetime:
    """A time in UTC, written so that people can read it."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)


def each(cases: Cases) -> pytest.MarkDecorator:
    """One test for each case of a table."""
    return pytest.mark.parametrize(("data", "expected"), list(cases.values()), ids=list(cases))


def read(fields: Callable[[Data], Data], data: Data, expected: Data) -> Data:
    """What is read of the columns that a case names, to be held against `exact(expected)`."""
    columns = fields(data)
    return exact({name: columns[name] for name in expected})


def exact(columns: Data) -> Data:
    """Columns with their types: True is not 1, nor 1.0."""
    return {name: (type(value), value) for name, value in columns.items()}
