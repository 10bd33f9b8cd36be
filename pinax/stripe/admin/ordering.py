"""Orders of lists that an index has, so that a page of a million rows needs no sort."""

from typing import Any

from django.db.models import OrderBy
from django.db.models.functions import Upper


class ByCharacters(OrderBy):
    """Texts in the order of their characters, in any case: PostgreSQL's index of their beginnings has them so.

    A dictionary has another order where there are accents: `Ö` comes after `Z`. Other databases have no such index, and
    sort as they do.
    """

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """With the operator of the index, which no collation is part of; Django looks for the word of a direction."""
        operator = "~>~" if self.descending else "~<~"
        return self.as_sql(compiler, connection, template=f"%(expression)s USING {operator} /* %(ordering)s */")


def by_characters(column: str) -> ByCharacters:
    """The order of a column of texts, upwards."""
    return ByCharacters(Upper(column))


def is_descending(order: Any) -> bool:
    """Whether an entry of an ordering, a name or an expression, goes downwards."""
    return order.descending if isinstance(order, OrderBy) else str(order).startswith("-")


def column_of(order: Any) -> Any:
    """The name in an entry of an ordering; an expression has none, and is returned."""
    return order if isinstance(order, OrderBy) else str(order).removeprefix("-")
