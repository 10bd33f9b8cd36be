"""Decimals of any length, exact on every database."""

from decimal import Context, Decimal
from typing import Any

from django.db import models

#: Stands behind the digits of a text, below every digit: so SQLite does not take the text for a number, and a text of
#: fewer decimals sorts before one that goes on.
END = "!"
#: The same behind those of a negative number, which are complements: above every digit.
NEGATIVE_END = "~"
#: Precise enough for every column, and for sums of it.
WIDE = Context(prec=80)
COMPLEMENTS = str.maketrans("0123456789", "9876543210")


class ExactDecimalField(models.DecimalField):
    """A DecimalField that keeps all of its digits on SQLite, too, where Django's own keeps the first fifteen.

    SQLite has no decimals, only doubles. There the value is a text that sorts like the number (`as_text`), so that
    filters, order_by, Min and Max are exact. What SQLite computes with it (Sum, Avg, F expressions) has the precision
    of a double, as with a DecimalField; a comparison with another column needs `Cast(..., FloatField())` around it.
    Rows that were written by a DecimalField can be read. On other databases it is a DecimalField.
    """

    def get_internal_type(self) -> str:
        """Not that of a DecimalField, for whose values SQLite's backend has converters."""
        return "ExactDecimalField"

    def db_type(self, connection: Any) -> str:
        """The type of a DecimalField's column: none has to be altered."""
        kind, parameters = connection.data_types["DecimalField"], self.db_type_parameters(connection)
        # A function on PostgreSQL in newer versions of Django, where a decimal need have no number of digits.
        return str(kind(parameters) if callable(kind) else kind % parameters)

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)

    def cast_db_type(self, connection: Any) -> str:
        return self.db_type(connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """A decimal as the database keeps it; expressions as they are."""
        if value is None or hasattr(value, "as_sql"):
            return value
        number = self.to_python(value)
        if connection.vendor == "sqlite":
            return as_text(number, self.max_digits, self.decimal_places)
        return connection.ops.adapt_decimalfield_value(number, self.max_digits, self.decimal_places)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """The same, rounded to the column's decimals; decimal.InvalidOperation for a number that does not fit."""
        if value is not None and not hasattr(value, "as_sql"):
            value = self.to_python(value).quantize(self.unit, context=self.context)
        return self.get_db_prep_value(value, connection)

    @property
    def unit(self) -> Decimal:
        """The smallest number above 0 that the column holds."""
        return Decimal(1).scaleb(-self.decimal_places)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """The decimal of a text; of a number, which SQLite computed or a DecimalField wrote, to fifteen digits."""
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, str):
            return from_text(value)
        return Decimal(format(value, ".15g")).quantize(self.unit, context=WIDE)


def as_text(number: Decimal, digits: int, places: int) -> str:
    """A text that sorts like the number, for columns of `digits` digits of which `places` are decimals.

    Numbers that do not fit (only filters have them) sort where they belong, too.
    """
    whole, _, decimals = f"{number.copy_abs():f}".partition(".")
    width = digits - places
    text = f"{whole.zfill(width)}.{decimals.rstrip('0').ljust(places, '0')}"
    if len(whole.lstrip("0")) > width:
        text = ":"  # Behind all digits.
    if number < 0:
        return f"-{text.translate(COMPLEMENTS).replace(':', '!')}{NEGATIVE_END}"
    return text + END


def from_text(text: str) -> Decimal:
    """The number of a text."""
    if text.startswith("-"):
        return Decimal(text[1:].rstrip(NEGATIVE_END).translate(COMPLEMENTS)).copy_negate()
    return Decimal(text.rstrip(END))
