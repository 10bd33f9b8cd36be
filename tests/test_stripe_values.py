"""Single values: what each kind of them becomes, and that absent, null and nonsense are blank."""

from decimal import Context, Decimal, localcontext

import pytest

from pinax.stripe import stripe_values as values
from pinax.stripe.stripe_values import ID_LENGTH
from tests.sync.shapes import exact, utc

MOST = 2**63 - 1

VALUES = {
    "mapping": {"object": ({"a": 1}, {"a": 1}), "list": ([1], {}), "null": (None, {}), "text": ("a", {})},
    "text": {"text": ("a", "a"), "null": (None, ""), "number": (5, ""), "object": ({"a": "b"}, ""), "true": (True, "")},
    "flag": {
        "true": (True, True),
        "false": (False, False),
        "null": (None, None),
        "1": (1, None),
        "text": ("true", None),
    },
    "integer": {
        "integer": (2000, 2000),
        "zero": (0, 0),
        "negative": (-500, -500),
        "float without a fraction": (2000.0, 2000),
        "float with one": (20.5, None),
        "not a number": (float("nan"), None),
        "infinity": (float("inf"), None),
        "text": ("2000", None),
        "true": (True, None),
        "null": (None, None),
        "most": (MOST, MOST),
        "least": (-MOST, -MOST),
        "one more": (MOST + 1, None),
        "one less": (-MOST - 1, None),
    },
    "natural": {
        "zero": (0, 0),
        "negative": (-1, None),
        "most": (2**31 - 1, 2**31 - 1),
        "one more": (2**31, None),
        "null": (None, None),
    },
    "timestamp": {
        "epoch seconds": (1_700_000_000, utc("2023-11-14 22:13:20")),
        "float without a fraction": (1_700_000_000.0, utc("2023-11-14 22:13:20")),
        "after 2038": (4_102_444_800, utc("2100-01-01 00:00:00")),
        "before 1970": (-1, utc("1969-12-31 23:59:59")),
        "zero is no time": (0, None),
        "null": (None, None),
        "text": ("1700000000", None),
        "last day of the calendar": (253_402_300_799, utc("9999-12-30 23:59:59")),
        "first day of the calendar": (-62_135_596_800, utc("0001-01-02 00:00:00")),
        "year 10000": (253_402_300_800, None),
        "before year 1": (-62_135_596_801, None),
        "beyond any calendar": (10**15, None),
        "beyond any clock": (MOST, None),
    },
    "reference": {
        "id": ("cus_1", "cus_1"),
        "expanded": ({"id": "cus_1", "object": "customer", "email": "jenny@example.com"}, "cus_1"),
        "deleted stub": ({"id": "cus_1", "object": "customer", "deleted": True}, "cus_1"),
        "case matters": ("Gold Plan/EUR", "Gold Plan/EUR"),
        "shortest": ("x", "x"),
        "empty": ("", None),
        "null": (None, None),
        "number": (5, None),
        "object without id": ({"object": "customer"}, None),
        "object with a number": ({"id": 5}, None),
        "list": (["cus_1"], None),
        "longest": ("x" * ID_LENGTH, "x" * ID_LENGTH),
        "too long": ("x" * (ID_LENGTH + 1), None),
        "NUL": ("cus\x001", None),
        "lone surrogate": ("cus\ud800", None),
        "more than ASCII": ("Größe", "Größe"),
    },
    "identifier": {"id": ("pm_1", "pm_1"), "expanded": ({"id": "pm_1"}, "pm_1"), "null": (None, ""), "empty": ("", "")},
    "items": {
        "list object": ({"object": "list", "data": [{"id": "si_1"}]}, [{"id": "si_1"}]),
        "empty is empty": ({"object": "list", "data": []}, []),
        "absent is not": (None, None),
        "without data": ({"object": "list"}, None),
        "data that is no list": ({"data": {"id": "si_1"}}, None),
        "what is no object is left out": ({"data": ["si_1", None, {"id": "si_2"}]}, [{"id": "si_2"}]),
    },
    "storable": {
        "nested": ({"a\x00": [{"b": "c\ud800"}]}, {"a\ufffd": [{"b": "c\ufffd"}]}),
        "first and last surrogate": ("\ud800\ud7ff\udfff\ue000", "\ufffd\ud7ff\ufffd\ue000"),
        "infinity": (float("inf"), "inf"),
        "finite": (1.5, 1.5),
        "more than ASCII": ("Größe \U0001f600", "Größe \U0001f600"),
    },
}

CASES = {f"{kind}: {name}": (kind, *case) for kind, cases in VALUES.items() for name, case in cases.items()}


@pytest.mark.parametrize(("kind", "value", "expected"), CASES.values(), ids=CASES)
def test_values(kind, value, expected):
    assert exact({"": getattr(values, kind)(value)}) == exact({"": expected})


def test_times_are_aware_and_in_utc():
    assert str(values.timestamp(1_700_000_000)) == "2023-11-14 22:13:20+00:00"


DECIMALS = {
    "decimal string": ("0.000000000001", "0.000000000001"),
    "whole": ("1000", "1000.000000000000"),
    "float, as it was written": (8.1, "8.100000000000"),
    "integer": (5, "5.000000000000"),
    "negative": ("-2.5", "-2.500000000000"),
    "more places than fit": ("0.33333333333333", "0.333333333333"),
    "as many digits as fit": ("9" * 20, "9" * 20 + ".000000000000"),
    "more digits": ("1" + "0" * 20, None),
    "rounding that adds a digit": ("9" * 20 + ".9999999999999", None),
    "no number": ("ten", None),
    "empty": ("", None),
    "NaN": ("NaN", None),
    "infinity": ("Infinity", None),
    "true": (True, None),
    "null": (None, None),
    "object": ({}, None),
}


@pytest.mark.parametrize(("value", "expected"), DECIMALS.values(), ids=DECIMALS)
def test_decimals_are_exact_or_none(value, expected):
    number = values.decimal(value, digits=32, places=12)
    assert (None if number is None else f"{number:f}") == expected
    assert number is None or isinstance(number, Decimal)


def test_decimals_do_not_depend_on_the_context_of_the_thread():
    with localcontext(Context(prec=2)):
        assert values.decimal("12.3456", digits=7, places=4) == Decimal("12.3456")


def test_a_path_ends_where_a_key_is_missing():
    data = {"a": {"b": {"c": 1}}, "n": None}
    assert values.dig(data, "a", "b", "c") == 1
    assert values.dig(data, "a", "b") == {"c": 1}
    assert values.dig(data) is data
    assert values.dig(data, "a", "x", "c") is None
    assert values.dig(data, "n", "b") is None
    assert values.dig([], "a") is None
