"""Assertions that name what they compare."""

from typing import Any


def assert_row(row: Any, **values: Any) -> None:
    """Hold columns and properties of a row against values: `assert_row(card, brand="visa", last4="4242")`."""
    assert {name: getattr(row, name) for name in values} == values


def assert_event(event: Any, **values: Any) -> None:
    """The same of an event: `assert_event(event, valid=True, attempts=1)`."""
    assert_row(event, **values)
