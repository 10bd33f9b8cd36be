"""What the exporters measure: one table, each line one quick query."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils import timezone

from ..models.events import Event
from . import statistics

#: Labels and a value.
Value = tuple[dict[str, str], float]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A value that goes up and down."""

    name: str
    description: str
    #: "s" for seconds, "" for a number of things.
    unit: str = ""
    labels: tuple[str, ...] = ()
    read: Callable[[], Iterable[Value]]


def seconds_since(event: Event | None) -> float:
    return (timezone.now() - event.recorded_at).total_seconds() if event is not None else 0.0


def last_event_age() -> list[Value]:
    """Nothing at all before the first event: an age of 0 would say that all is well."""
    event = statistics.last_seen()
    return [({}, seconds_since(event))] if event is not None else []


def recent_events() -> list[Value]:
    counts = statistics.by_state(timezone.now() - statistics.LAST_HOUR)
    return [({"state": state}, float(number)) for state, number in counts.items()]


MEASUREMENTS = (
    Measurement(
        name="events_undone",
        description="Events that still have to be processed.",
        read=lambda: [({}, float(statistics.count_undone()))],
    ),
    Measurement(
        name="events_given_up",
        description="Events that failed too often and were given up.",
        read=lambda: [({}, float(statistics.count_given_up()))],
    ),
    Measurement(
        name="oldest_undone_age",
        description="How long the oldest undone event waits; 0 when none does.",
        unit="s",
        read=lambda: [({}, seconds_since(statistics.oldest_undone()))],
    ),
    Measurement(
        name="last_event_age", description="Time since an event was last recorded.", unit="s", read=last_event_age
    ),
    Measurement(
        name="recent_events",
        description="Events and refused POSTs recorded in the last hour, by what became of them.",
        labels=("state",),
        read=recent_events,
    ),
)
