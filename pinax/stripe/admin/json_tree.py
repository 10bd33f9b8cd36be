"""JSON as a tree that folds, in HTML alone: `<details>` needs no script."""

import datetime
import json
from collections.abc import Iterable
from html import escape
from typing import Any

import pytz
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from .secrets import masked_text, masked_value

#: Values of one document that are shown; a message of the size limit has more than anybody reads.
MOST_VALUES = 10_000
#: Up to this many values a document is shown unfolded.
SMALL = 60
#: Levels of a larger document that are unfolded.
OPEN_LEVELS = 2
#: Lists and objects with more entries are folded on every level but the first.
LONG = 25
#: Epoch seconds are told as a date below keys like these.
TIMES = ("created", "date", "_at", "_date", "_end", "_start", "_before", "_by", "start", "end", "_anchor", "_attempt")
EARLIEST, LATEST = 1_000_000_000, 10_000_000_000


def json_tree(value: Any, *, differing: Iterable[str] = (), most: int = MOST_VALUES) -> SafeString:
    """The value as nested lists, secrets masked, and no more than `most` values of it.

    Places whose path (`data.object.email`) is in `differing` stand out.
    """
    tree = Tree(differing=frozenset(differing), most=most, is_small=size(value, SMALL + 1) <= SMALL)
    tree.entry("", value, path="", level=0)
    if tree.left_out:
        text = ngettext("%(count)d more value is left out.", "%(count)d more values are left out.", tree.left_out)
        tree.parts.append(f'<p class="stripe-muted">{escape(text % {"count": tree.left_out})}</p>')
    return mark_safe(f'<div class="stripe-json">{"".join(tree.parts)}</div>')  # noqa: S308  every part is escaped


def size(value: Any, most: int) -> int:
    """How many values there are, counted up to about `most`."""
    count = 1
    for entry in entries(value):
        if count >= most:
            break
        count += size(entry[1], most - count)
    return count


def entries(value: Any) -> Iterable[tuple[Any, Any]]:
    """Keys and values of an object, positions and values of a list."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


class Tree:
    """Collects the HTML of one document."""

    def __init__(self, *, differing: frozenset[str], most: int, is_small: bool) -> None:
        self.differing = differing
        self.most = most
        #: Paths on the way to something that stands out.
        self.leading = {path[:end] for path in differing for end in range(len(path)) if path[end] == "."}
        self.is_small = is_small
        self.parts: list[str] = []
        self.shown = 0
        self.left_out = 0

    def entry(self, name: str, value: Any, *, path: str, level: int) -> None:
        """One value, with the key it has in its object or list."""
        if self.shown >= self.most:
            self.left_out += size(value, MOST_VALUES)
            return
        self.shown += 1
        if isinstance(value, (dict, list)) and value:
            self.branch(name, value, path=path, level=level)
        else:
            self.parts.append(f"<div{self.mark(path)}>{key(name)}{leaf(name, value)}</div>")

    def branch(self, name: str, value: Any, *, path: str, level: int) -> None:
        """An object or a list, unfolded or not."""
        unfolds = level == 0 or self.is_small or (level < OPEN_LEVELS and len(value) <= LONG)
        is_open = " open" if unfolds or path in self.leading or path in self.differing else ""
        self.parts.append(f"<details{is_open}{self.mark(path)}><summary>{key(name)}{brief(value)}</summary>")
        for child, entry in entries(value):
            self.entry(str(child), entry, path=f"{path}.{child}" if path else str(child), level=level + 1)
        self.parts.append("</details>")

    def mark(self, path: str) -> str:
        return ' class="stripe-differs"' if path in self.differing else ""


def span(kind: str, text: str) -> str:
    return f'<span class="stripe-{kind}">{escape(text)}</span>'


def key(name: str) -> str:
    return span("key", masked_text(name)) + " " if name else ""


def brief(value: Any) -> str:
    """What a folded object or list says of itself: what it is, or how many entries it has."""
    if isinstance(value, list):
        return span("muted", ngettext("list of %(count)d", "list of %(count)d", len(value)) % {"count": len(value)})
    named = " ".join(value[name] for name in ("object", "id") if isinstance(value.get(name), str))
    return span("muted", masked_text(named) or "{ }")


def leaf(name: str, value: Any) -> str:
    """A text, number, true, false or null, or an empty object or list."""
    if isinstance(value, str):
        return span("text", masked_value(name, value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return span("number", str(value)) + moment(name, value)
    return span("word", json.dumps(value))


def moment(name: str, value: float) -> str:
    """The date that a number stands for; "" for other numbers."""
    if not EARLIEST <= value < LATEST or not name.endswith(TIMES):
        return ""
    local = timezone.localtime(datetime.datetime.fromtimestamp(value, tz=pytz.utc))
    return " " + span("muted", date_format(local, "DATETIME_FORMAT"))
