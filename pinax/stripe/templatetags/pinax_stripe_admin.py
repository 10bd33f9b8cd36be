"""What the templates of the admin need: long names that may wrap, and cells that know the name of their column."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from ..admin.display.line_breaks import breakable

#: What the admin shows in a cell without a value.
NOTHING = ("-", "&nbsp;")

register = template.Library()
register.filter(breakable)


@register.filter
def labelled(rows: Iterable[list[SafeString]], headers: list[dict[str, Any]]) -> Iterator[list[SafeString]]:
    """Rows of cells as the admin renders them, each cell with the attribute `data-label`: a narrow screen shows it."""
    names = ["" if is_checkbox(header) else capfirst(str(header["text"])) for header in headers]
    for row in rows:
        yield [with_label(cell, name) for cell, name in zip(row, names, strict=True)]


def is_checkbox(header: dict[str, Any]) -> bool:
    return "action-checkbox-column" in header.get("class_attrib", "")


def with_label(cell: SafeString, name: str) -> SafeString:
    """A `<td …>…</td>` or `<th …>…</th>` with its label, and with its content in one element beside that."""
    if not name:
        return cell
    opening, _sign, rest = cell.partition(">")
    content, closing = rest[: -len("</td>")], rest[-len("</td>") :]
    mark = "data-nothing" if content in NOTHING else f'data-label="{escape(name)}"'
    return mark_safe(f"{opening} {mark}><div>{content}</div>{closing}")  # noqa: S308  the admin made the cell
