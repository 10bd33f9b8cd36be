"""Money at the edge: Stripe's minor units as decimals, and as text for people. Pure but for the language.

https://docs.stripe.com/currencies
"""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import number_format

#: The minor unit is the whole unit.
NO_DECIMALS = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMALS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
#: Have no decimals in the real world, but Stripe's API keeps two for them: 500 krónur are 50000.
NO_DECIMALS_BUT_TWO_IN_THE_API = frozenset({"isk", "ugx"})


def exponent(currency: str) -> int:
    """How many decimals Stripe's minor unit stands for: 2 for a currency we do not know."""
    currency = currency.lower()
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def to_decimal(minor_units: int | Decimal, currency: str) -> Decimal:
    """The exact amount in whole units: `to_decimal(1999, "usd")` is `Decimal("19.99")`."""
    # By its digits, because arithmetic would round what is longer than the context's precision.
    sign, digits, places = Decimal(minor_units).as_tuple()
    assert isinstance(places, int), "an amount is finite"
    return Decimal((sign, digits, places - exponent(currency)))


def format_amount(minor_units: int | Decimal | None, currency: str) -> str:
    """The amount in the active language, `1,234.50 USD`; "" for None.

    Fractions of a minor unit (`unit_amount_decimal`) show as many decimals as they need. Without a currency the minor
    unit is unknown, so the amount is shown as it came.
    """
    if minor_units is None:
        return ""
    if not currency:
        return number_format(minor_units, force_grouping=True)
    amount = to_decimal(minor_units, currency)
    return f"{number_format(amount, decimals(amount, currency), force_grouping=True)} {currency.upper()}"


def format_amounts(minor_units: Mapping[str, int]) -> str:
    """Amounts by currency in the active language, `5.00 EUR, 1.00 USD`; "" for none."""
    return ", ".join(format_amount(amount, currency) for currency, amount in sorted(minor_units.items()))


def decimals(amount: Decimal, currency: str) -> int:
    """How many decimals to show: the currency's, and more if the amount has more."""
    needed = places_needed(amount)
    if currency.lower() in NO_DECIMALS_BUT_TWO_IN_THE_API and needed == 0:
        return 0
    return max(exponent(currency), needed)


def places_needed(amount: Decimal) -> int:
    """Decimals up to the last one that is not 0."""
    _sign, digits, places = amount.as_tuple()
    assert isinstance(places, int)
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -places - zeros) if any(digits) else 0
