"""JSON as a tree that folds, in HTML alone: `<details>` needs no script.

Bounded and linear whatever the JSON is: a sender chooses it. What does not fit is in the plain text (`plain_text`).
"""

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import pytz
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ...webhooks.comparison import shorten
from .masking import masked_text, masked_value, name_of

#: Up to this many values a document is shown unfolded.
UNFOLDED_VALUES = 60
#: Levels of a larger document that are unfolded.
OPEN_LEVELS = 2
#: Lists and objects with more entries are folded on every level but the first.
FOLDED_ENTRIES = 25
#: Characters that are shown of one text, and of one key.
LONGEST_TEXT = 2_000
LONGEST_KEY = 200
#: Epoch seconds are shown as a date below keys like these.
TIMES = ("created", "date", "_at", "_date", "_end", "_start", "_before", "_by", "start", "end", "_anchor", "_attempt")
EARLIEST, LATEST = 1_000_000_000, 10_000_000_000

#: A path in `differing`, and where in it the next key begins.
Candidate = tuple[str, int]


@dataclass
class Budget:
    """How much may still be shown, in one tree or in several together."""

    values: int = 5_000
    #: Characters of texts and keys.
    characters: int = 100_000

    def take(self, text: str, most: int) -> str:
        """As much of the beginning of a text as may be shown, and no more than `most` characters."""
        shown = text[: min(most, self.characters)]
        self.characters -= len(shown)
        return shown


def json_tree(
    value: Any, *, differing: Iterable[str] = (), budget: Budget | None = None, text_url: str = ""
) -> SafeString:
    """The value as nested lists, secrets masked, and no more of it than the budget has.

    Places whose path (`data.object.email`) is in `differing` stand out. Where something is left out, the tree ends with
    a link to `text_url`.
    """
    total = size(value)
    tree = Tree(budget=budget or Budget(), is_small=total <= UNFOLDED_VALUES)
    tree.entry("", value, candidates=[(path, 0) for path in differing], level=0)
    return mark_safe(f'<div class="stripe-json">{"".join(tree.parts)}{tree.rest(total, text_url)}</div>')  # noqa: S308  every part is escaped


def size(value: Any) -> int:
    """How many values there are."""
    count, todo = 0, [value]
    while todo:
        count += 1
        todo.extend(child for _key, child in entries(todo.pop()))
    return count


def entries(value: Any) -> Iterable[tuple[Any, Any]]:
    """Keys and values of an object, positions and values of a list."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def plain_text(value: Any) -> str:
    """The whole value, secrets masked: JSON indented, in bytes too; a text, and other bytes as far as they are text."""
    if isinstance(value, (bytes, memoryview)):
        return text_of_bytes(bytes(value))
    if isinstance(value, str):
        return masked_text(value)
    return json.dumps(masked("", value), indent=2, ensure_ascii=False)


def text_of_bytes(content: bytes) -> str:
    """A body as plain text; in JSON that can be read, the names tell secrets as well."""
    try:
        return plain_text(json.loads(content))
    except (ValueError, RecursionError):
        return masked_text(content.decode(errors="replace"))


def masked(name: str, value: Any) -> Any:
    """The value with every secret in it masked."""
    if isinstance(value, dict):
        return {masked_text(str(key)): masked(name_of(str(key), value), entry) for key, entry in value.items()}
    return [masked("", entry) for entry in value] if isinstance(value, list) else masked_value(name, value)


class Tree:
    """Collects the HTML of one document."""

    def __init__(self, *, budget: Budget, is_small: bool) -> None:
        self.budget = budget
        self.is_small = is_small
        self.parts: list[str] = []
        self.shown = 0
        self.is_cut = False

    def entry(self, name: str, value: Any, *, candidates: list[Candidate], level: int) -> None:
        """One value, with the key it has in its object or list."""
        self.shown += 1
        self.budget.values -= 1
        if isinstance(value, (dict, list)) and value:
            self.branch(name, value, candidates=candidates, level=level)
        else:
            self.parts.append(f"<div{mark(candidates)}>{self.key(name)}{self.leaf(name, value)}</div>")

    def branch(self, name: str, value: Any, *, candidates: list[Candidate], level: int) -> None:
        """An object or a list, unfolded or not."""
        unfolds = level == 0 or self.is_small or (level < OPEN_LEVELS and len(value) <= FOLDED_ENTRIES)
        is_open = " open" if unfolds or candidates else ""
        self.parts.append(f"<details{is_open}{mark(candidates)}><summary>{self.key(name)}{self.brief(value)}</summary>")
        for child, entry in entries(value):
            if self.budget.values <= 0:
                break
            self.entry(str(child), entry, candidates=below(candidates, str(child)), level=level + 1)
        self.parts.append("</details>")

    def key(self, name: str) -> str:
        return self.text("key", masked_text(name), LONGEST_KEY) + " " if name else ""

    def text(self, kind: str, text: str, most: int) -> str:
        """The beginning of a masked text, and how much more of it there is."""
        shown = self.budget.take(text, most)
        more = len(text) - len(shown)
        if not more:
            return span(kind, shown)
        self.is_cut = True
        said = ngettext("%(count)d more character", "%(count)d more characters", more) % {"count": more}
        return f"{span(kind, shown + '…')} {span('muted', f'({said})')}"

    def brief(self, value: Any) -> str:
        """What a folded object or list says of itself: what it is, or how many entries it has."""
        if isinstance(value, list):
            count = len(value)
            return span("muted", ngettext("list of %(count)d", "list of %(count)d", count) % {"count": count})
        named = [masked_text(value[name]) for name in ("object", "id") if isinstance(value.get(name), str)]
        return span("muted", " ".join(self.budget.take(text, LONGEST_KEY) for text in named) or "{ }")

    def leaf(self, name: str, value: Any) -> str:
        """A text, number, true, false or null, or an empty object or list."""
        if isinstance(value, str):
            return self.text("text", masked_value(name, value), LONGEST_TEXT)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return span("number", str(value)) + moment(name, value)
        return span("word", json.dumps(value))

    def rest(self, total: int, text_url: str) -> str:
        """The sentence about everything that is not shown."""
        left_out = total - self.shown
        if not left_out and not self.is_cut:
            return ""
        said = ngettext("%(count)d more value is left out.", "%(count)d more values are left out.", left_out)
        parts = [escape(said % {"count": left_out})] if left_out else []
        parts += [format_html('<a href="{}">{}</a>', text_url, _("Show the whole text"))] if text_url else []
        return f'<p class="stripe-muted">{" ".join(parts)}</p>' if parts else ""


def below(candidates: list[Candidate], key: str) -> list[Candidate]:
    """Those of the paths that go on with a key."""
    if not candidates:
        return candidates
    step = shorten(key)
    starting = ((path, at + len(step)) for path, at in candidates if path.startswith(step, at))
    return [(path, end + 1) for path, end in starting if end == len(path) or path[end] == "."]


def mark(candidates: list[Candidate]) -> str:
    """The attribute of a place at which one of the paths ends."""
    return ' class="stripe-differs"' if any(at > len(path) for path, at in candidates) else ""


def span(kind: str, text: str) -> str:
    return f'<span class="stripe-{kind}">{escape(text)}</span>'


def moment(name: str, value: float) -> str:
    """The date that a number stands for; "" for other numbers."""
    if not EARLIEST <= value < LATEST or not name.endswith(TIMES):
        return ""
    local = timezone.localtime(datetime.datetime.fromtimestamp(value, tz=pytz.utc))
    return " " + span("muted", date_format(local, "DATETIME_FORMAT"))
