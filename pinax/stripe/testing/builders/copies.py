"""Copies of JSON data, of which a FakeStripe makes many."""

import copy
from typing import TypeVar

CopiedValue = TypeVar("CopiedValue")
SCALAR_TYPES = frozenset({str, int, float, bool, type(None)})


def copied_json(value: CopiedValue) -> CopiedValue:
    """What `copy.deepcopy` gives for JSON data, in a fraction of the time; anything else in it goes there."""
    kind = type(value)
    if kind in SCALAR_TYPES:
        return value
    if kind is dict:
        return {key: each if type(each) in SCALAR_TYPES else copied_json(each) for key, each in value.items()}  # type: ignore[attr-defined,return-value]
    if kind is list:
        return [copied_json(each) for each in value]  # type: ignore[attr-defined,return-value]
    return copy.deepcopy(value)
