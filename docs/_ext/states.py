"""The states of an event and what leads from one to another, worked out from the code: a table and a drawing.

`python docs/_ext/states.py` draws `docs/explanation/event-states.svg` anew; a test says when that is needed.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    import django

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.db.models import Q  # noqa: E402

from pinax.stripe.models.events import Event, State  # noqa: E402
from pinax.stripe.upkeep.reprocessing import columns_as_new  # noqa: E402
from pinax.stripe.webhooks.validation import ValidationVerdict, verdict_columns  # noqa: E402

DRAWING = ROOT / "docs" / "explanation" / "event-states.svg"
Columns = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that happens to an event."""

    name: str
    #: Whether it can happen to an event with these columns.
    can_happen: Callable[[Columns], bool]
    #: The columns that it sets.
    columns: Callable[[], Columns]


def is_undecided(event: Columns) -> bool:
    return event["valid"] is None


def is_in_work(event: Columns) -> bool:
    return event["valid"] is True and not event["processed"]


def verdict(reason: str) -> Callable[[], Columns]:
    """What a validation with a reason writes."""
    return lambda: verdict_columns(Event(), ValidationVerdict(reason=reason))


CHANGES = (
    Change(name="Stripe confirms it", can_happen=is_undecided, columns=verdict("")),
    Change(name="Stripe cannot be asked", can_happen=is_undecided, columns=verdict("api_error")),
    Change(name="Stripe does not confirm it", can_happen=is_undecided, columns=verdict("not_found")),
    Change(name="it is of the other mode", can_happen=is_undecided, columns=verdict("other_mode")),
    Change(name="all receivers are done", can_happen=is_in_work, columns=lambda: {"processed": True}),
    Change(name="a handler or receiver raises", can_happen=is_in_work, columns=lambda: {"failures": 1}),
    Change(
        name="it is processed again",
        can_happen=lambda event: event["valid"] is True,
        columns=columns_as_new,
    ),
    # What was refused is an open question again.
    Change(
        name="it is processed again",
        can_happen=lambda event: event["valid"] is False,
        columns=lambda: {"valid": None, **columns_as_new()},
    ),
)


def cases() -> Iterator[tuple[Q, str]]:
    """The conditions of the generated column `state`, in their order, each with its state."""
    for case in Event._meta.get_field("state").expression.cases:
        yield case.condition, case.result.value
    yield Q(), Event._meta.get_field("state").expression.default.value


def holds(condition: Q, columns: Columns) -> bool:
    """Whether a condition of the column is true of these values."""
    answers = [holds(part, columns) if isinstance(part, Q) else compare(columns, *part) for part in condition.children]
    answer = any(answers) if condition.connector == Q.OR else all(answers)
    return answer is not condition.negated


def compare(columns: Columns, lookup: str, value: Any) -> bool:
    name, _, kind = lookup.partition("__")
    found = columns[name]
    return {"": found == value, "isnull": (found is None) is value, "gt": kind == "gt" and found > value}[kind]


def state_of(columns: Columns) -> State:
    """What the database computes for these values."""
    return State(next(state for condition, state in cases() if holds(condition, columns)))


def names_in(condition: Q) -> Iterator[str]:
    for part in condition.children:
        yield from names_in(part) if isinstance(part, Q) else [part[0].partition("__")[0]]


#: The columns that the state depends on.
DECIDING = sorted({name for condition, _state in cases() for name in names_in(condition)})


def transitions() -> dict[tuple[State, State], list[str]]:
    """State before and after -> what leads from the one to the other; everything that can happen to a new event."""
    new = {name: Event._meta.get_field(name).get_default() for name in DECIDING}
    waiting, seen = [new], []
    found: dict[tuple[State, State], list[str]] = {}
    while waiting:
        event = waiting.pop(0)
        if event in seen:
            continue
        seen.append(event)
        for change in CHANGES:
            if change.can_happen(event):
                after = {**event, **{name: value for name, value in change.columns().items() if name in DECIDING}}
                names = found.setdefault((state_of(event), state_of(after)), [])
                names += [change.name] if change.name not in names else []
                waiting.append(after)
    return found


def event_states() -> str:
    """The table of the transitions, as Markdown."""
    rows = [
        f"| `{before}` | {', or '.join(names)} | `{after}` |"
        for (before, after), names in sorted(transitions().items())
    ]
    return "\n".join(["| State | What happens | State then |", "| --- | --- | --- |", *rows])


#: Box of each state: the left upper corner. All are as wide and as high.
BOXES = {State.WAITING: (300, 76), State.REFUSED: (20, 300), State.FAILED: (300, 300), State.DONE: (580, 300)}
WIDTH, HEIGHT = 160, 56
#: How a transition is drawn, and where its words stand: x, y and the side from which they run.
ARROWS = {
    (State.WAITING, State.REFUSED): ("M300 92 H80 V298", (72, 180, "end")),
    (State.REFUSED, State.WAITING): ("M140 298 V118 H298", (148, 180, "start")),
    (State.WAITING, State.FAILED): ("M350 132 V298", (342, 260, "end")),
    (State.FAILED, State.WAITING): ("M410 298 V134", (418, 180, "start")),
    (State.WAITING, State.DONE): ("M460 92 H690 V298", (698, 180, "start")),
    (State.DONE, State.WAITING): ("M630 298 V118 H462", (622, 220, "end")),
    (State.FAILED, State.DONE): ("M460 328 H578", (519, 320, "middle")),
}


def drawing() -> str:
    """The transitions, as SVG; those that lead back to the same state stand at its box."""
    found = transitions()
    told = ", ".join(f"{before} to {after} when {' or '.join(names)}" for (before, after), names in found.items())
    parts = [
        '<svg role="img" aria-labelledby="states-title states-text" viewBox="-140 10 1040 400"'
        ' xmlns="http://www.w3.org/2000/svg" font-family="inherit, sans-serif" font-size="13" fill="none"'
        ' stroke="currentColor" stroke-width="1.3">',
        '  <title id="states-title">The states of an event</title>',
        f'  <desc id="states-text">{escape(told)}.</desc>',
        "  <defs>",
        '    <marker id="states-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
        ' orient="auto">',
        '      <path d="M0 0 L10 5 L0 10 z" fill="currentColor" stroke="none"/>',
        "    </marker>",
        "  </defs>",
    ]
    for state, (x, y) in BOXES.items():
        stays = found.get((state, state), [])
        parts.append(f'  <rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" stroke-width="2"/>')
        parts += words(x + WIDTH // 2, y + 33, "middle", [state.value], weight="600", size="15")
        first = y + HEIGHT + 20 if y > HEIGHT * 2 else y + 2 - 16 * len(stays)
        parts += words(x + WIDTH // 2, first, "middle", [f"stays so when {name}" for name in stays])
    for pair, names in found.items():
        if pair[0] is not pair[1]:
            path, place = ARROWS[pair]
            parts.append(f'  <path d="{path}" marker-end="url(#states-tip)"/>')
            parts += words(*place, names)
    return "\n".join([*parts, "</svg>", ""])


def words(
    x: int, y: int, anchor: str, lines: list[str], *, weight: str = "normal", size: str = "12.5"
) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield (
            f'  <text x="{x}" y="{y + 16 * number}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
            f' fill="currentColor" stroke="none">{escape(line)}</text>'
        )


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
