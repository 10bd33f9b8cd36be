"""Money: exact in every currency, whatever its minor unit is."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.currencies import (
    NO_DECIMALS,
    NO_DECIMALS_BUT_TWO_IN_THE_API,
    THREE_DECIMALS,
    exponent,
    format_amount,
    to_decimal,
)

CURRENCIES = sorted({"usd", "eur", "huf", "twd", "xxx"} | NO_DECIMALS | THREE_DECIMALS | NO_DECIMALS_BUT_TWO_IN_THE_API)
BIGINT = 2**63 - 1


@pytest.mark.parametrize(
    ("minor_units", "currency", "text"),
    [
        (1999, "usd", "19.99 USD"),
        (0, "usd", "0.00 USD"),
        (5, "eur", "0.05 EUR"),
        (-2050, "eur", "-20.50 EUR"),
        (123_456_789_012, "usd", "1,234,567,890.12 USD"),
        (BIGINT, "usd", "92,233,720,368,547,758.07 USD"),
        (500, "jpy", "500 JPY"),
        (1_000_000, "vnd", "1,000,000 VND"),
        (1_234_560, "kwd", "1,234.560 KWD"),
        (50_000, "isk", "500 ISK"),
        (50_050, "isk", "500.50 ISK"),
        (370_000, "ugx", "3,700 UGX"),
        (99_900, "huf", "999.00 HUF"),
        (100, "USD", "1.00 USD"),
        (100, "zzz", "1.00 ZZZ"),
        (1234, "", "1,234"),
        (None, "usd", ""),
        (Decimal("0.0025"), "usd", "0.000025 USD"),
        (Decimal("1000"), "usd", "10.00 USD"),
        (Decimal("1000.000000000000"), "usd", "10.00 USD"),
        (Decimal("2.5"), "jpy", "2.5 JPY"),
    ],
)
def test_amounts_are_shown_with_the_decimals_of_their_currency(minor_units, currency, text):
    assert format_amount(minor_units, currency) == text


def test_amounts_are_shown_in_the_reader_s_language():
    with translation.override("de"):
        assert format_amount(123_450, "eur") == "1.234,50 EUR"


@given(st.integers(-BIGINT, BIGINT), st.sampled_from(CURRENCIES))
def test_no_amount_ever_loses_a_digit(minor_units, currency):
    assert int(to_decimal(minor_units, currency).scaleb(exponent(currency))) == minor_units
    shown = format_amount(minor_units, currency)
    number, code = shown.split(" ")
    assert code == currency.upper()
    assert Decimal(number.replace(",", "")) == to_decimal(minor_units, currency)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=12))
def test_no_fraction_of_a_cent_is_lost(minor_units):
    number = format_amount(minor_units, "usd").split(" ")[0]
    assert Decimal(number.replace(",", "")) == to_decimal(minor_units, "usd")
