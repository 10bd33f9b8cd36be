"""Copies of JSON data, of which a FakeStripe makes many."""

import copy
from typing import TypeVar

T = TypeVar("T")
SCALARS = frozenset({str, int, float, bool, type(None)})


def copied(value: T) -> T:
    """What `copy.deepcopy` gives for JSON data, in a fraction of the time; anything else in it goes there."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is dict:
        return {key: each if type(each) in SCALARS else copied(each) for key, each in value.items()}  # type: ignore[attr-defined,return-value]
    if kind is list:
        return [copied(each) for each in value]  # type: ignore[attr-defined,return-value]
    return copy.deepcopy(value)
