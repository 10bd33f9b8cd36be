"""Figures about events that stay quick on millions of rows: each reads the end of an index, or what is not done yet."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery

from ..models.events import Event, State

#: States of events that are, or may yet turn out to be, Stripe's.
NOT_REFUSED = (State.DONE, State.WAITING, State.FAILED)
UNDONE = (State.WAITING, State.FAILED)


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of what was recorded since a moment went wrong."""

    #: Events that Stripe vouched for ...
    genuine: int
    #: ... and those among them whose handler or a receiver raised, even if a later attempt got through.
    failed: int
    #: POSTs that were refused ...
    refused: int
    #: ... and those among them that a wrong secret, or an altered body, explains.
    mismatched: int

    @property
    def value(self) -> float:
        """Failed to genuine, 0 to 1."""
        return self.failed / self.genuine if self.genuine else 0.0


def undone(*, before: datetime.datetime | None = None) -> int:
    """Events that somebody will still try; with `before`, only those recorded by then. Given-up ones do not count."""
    events = Event.objects.undone().filter(gave_up_at__isnull=True)
    return (events if before is None else events.filter(recorded_at__lt=before)).count()


def oldest_undone() -> Event | None:
    """The event that has waited longest for somebody to process it; None when nothing waits."""
    waiting = Event.objects.filter(gave_up_at__isnull=True)
    return at_end_of_index(waiting, UNDONE, "pk").order_by("pk").first()


def given_up() -> int:
    """Events that failed so often that nobody tries any more."""
    return Event.objects.failed().filter(gave_up_at__isnull=False).count()


def last_seen() -> Event | None:
    """The event that was recorded last, POSTs that were refused left out."""
    return at_end_of_index(Event.objects.all(), NOT_REFUSED, "-pk").order_by("-pk").first()


def failure_share(since: datetime.datetime) -> Share:
    """What was recorded since, in one pass over the index of that time."""
    return Share(
        **Event.objects.filter(recorded_at__gte=since).aggregate(
            genuine=Count("pk", filter=Q(valid=True)),
            failed=Count("pk", filter=Q(valid=True, failures__gt=0)),
            refused=Count("pk", filter=Q(valid=False)),
            mismatched=Count("pk", filter=Q(valid=False, reason="signature_mismatch")),
        )
    )


def by_state(since: datetime.datetime) -> dict[str, int]:
    """How many events of each state were recorded since; every state is there."""
    rows = Event.objects.filter(recorded_at__gte=since).order_by().values_list("state").annotate(Count("pk"))
    return {**dict.fromkeys(State.values, 0), **dict(rows)}


def at_end_of_index(events: QuerySet[Event], states: tuple[State, ...], order: str) -> QuerySet[Event]:
    """The first event of each state in an order of keys; the index on state and key finds each without a sort."""
    ends: list[Any] = [Subquery(events.filter(state=state).order_by(order).values("pk")[:1]) for state in states]
    # Messages and bodies are large, and nobody asks for them here.
    return Event.objects.filter(pk__in=ends).only("pk", "stripe_id", "kind", "state", "recorded_at", "created_at")
