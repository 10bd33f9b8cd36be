"""Lists as CSV, row by row as the database gives them: for spreadsheets, and for programs.

Values are the same in every language: amounts in whole units with a point, times in UTC (ISO 8601), Stripe's own words.
"""

import csv
import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytz
from django.db.models import JSONField, Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from ..currencies import to_decimal
from ..models.fields import AmountColumn, IdListField, LinkField, TextsField
from .display.masking import masked_value

#: Rows that the database gives at once.
CHUNK = 2_000
#: With these a spreadsheet takes a text for a formula (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Lists of texts in one cell are separated by this.
SEPARATOR = " "
#: What a spreadsheet needs to read UTF-8.
BYTE_ORDER_MARK = "\ufeff"


class Echo:
    """A file whose lines are handed on."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def exported_columns(model: type[Model]) -> list[str]:
    """The columns of a table, without documents, links that open a page without a login, and bookkeeping."""
    return [column.name for column in model._meta.concrete_fields if is_exported(column)]


def is_exported(column: Any) -> bool:
    is_document = isinstance(column, JSONField) and not isinstance(column, (IdListField, TextsField))
    is_bookkeeping = column.name in ("as_of", "as_of_end", "version", "synced_at")
    return not (is_document or is_bookkeeping or isinstance(column, LinkField))


def csv_response(rows: QuerySet[Any], names: Sequence[str]) -> StreamingHttpResponse:
    """All rows of a queryset as a file, of which no more than some thousand are in memory."""
    name = f"{rows.model._meta.model_name}-{timezone.localdate().isoformat()}.csv"
    response = StreamingHttpResponse(lines(rows, names), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def lines(rows: QuerySet[Any], names: Sequence[str]) -> Iterator[str]:
    """The lines of the file; first the names of the columns."""
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + str(writer.writerow(names))
    fields: list[Any] = [rows.model._meta.get_field(name) for name in names]
    currencies = sorted({field.currency for field in fields if isinstance(field, AmountColumn)})
    cells = [cell_of(field, currencies) for field in fields]
    wanted = [*(field.attname for field in fields), *(path_of(rows.model, name) for name in currencies)]
    plain = rows.prefetch_related(None).select_related(None).defer(None).values_list(*wanted)
    for row in plain.iterator(chunk_size=CHUNK):
        extra = row[len(fields) :]
        yield str(writer.writerow([cell(value, extra) for cell, value in zip(cells, row, strict=False)]))


def path_of(model: type[Model], currency: str) -> str:
    """Where the currency of amounts is: in a column, or in that of what the row is part of."""
    columns = model._meta.concrete_fields
    if currency in {column.name for column in columns}:
        return currency
    owner = next(column for column in columns if has_column(column.related_model, currency))
    return f"{owner.name}__{currency}"


def has_column(model: Any, name: str) -> bool:
    return model is not None and name in {column.name for column in model._meta.concrete_fields}


def cell_of(field: Any, currencies: Sequence[str]) -> Callable[[Any, Sequence[Any]], Any]:
    """What makes a cell of a column's value; the second argument are the row's currencies."""
    if not isinstance(field, AmountColumn):
        return lambda value, _currencies: cell_text(field.name, value)
    place = currencies.index(field.currency)
    return lambda value, found: amount_text(value, found[place])


def amount_text(value: Any, currency: str) -> str:
    """An amount in whole units, with all of its decimals; in minor units where the currency is not known."""
    if value is None:
        return ""
    return f"{to_decimal(value, currency):f}" if currency else str(value)


def cell_text(name: str, value: Any) -> Any:
    """A value that is no amount; texts have no secrets in them, and are no formulas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.astimezone(pytz.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):
        value = SEPARATOR.join(map(str, value))
    return harmless(masked_value(name, value)) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """A text that no spreadsheet carries out; a lone surrogate, which JSON allows, has no bytes."""
    text = text.replace("\x00", "").encode(errors="backslashreplace").decode()
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text
