"""What was measured, and what follows from it: ratios within rounds, their medians and ranges. Pure."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """How events came."""

    #: Deliveries that wait for an answer at the same time.
    at_once: int
    #: Milliseconds that an answer of Stripe's API takes.
    latency: int

    def __str__(self) -> str:
        api = f"Stripe's API {self.latency} ms away" if self.latency else "Stripe's API at once"
        return f"{self.at_once} at a time, {api}"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One peer under one condition in one round."""

    peer: str
    round: int
    condition: Condition
    events: int
    seconds: float
    #: Of the application server and of PostgreSQL together.
    cpu_seconds: float
    #: Seconds until the answer, of each event.
    waits: list[float]
    #: Requests to Stripe.
    calls: int
    #: Answers other than 2xx.
    failures: int
    #: Cores that other programs kept busy meanwhile.
    others: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU an event."""
        return self.cpu_seconds / self.events * 1000


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Of several rounds."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        if self.least == self.most:
            return f"{self.median:.2f}"
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def ratio(runs: Iterable[Run], floors: Iterable[Run], value: Callable[[Run], float]) -> Ratio | None:
    """How a value compares with the floor's of the same round; None if they have no round in common."""
    below = {run.round: value(run) for run in floors}
    ratios = [value(run) / below[run.round] for run in runs if below.get(run.round)]
    return summary(ratios)


def summary(values: list[float]) -> Ratio | None:
    """Median and range; None for nothing."""
    if not values:
        return None
    return Ratio(median=statistics.median(values), least=min(values), most=max(values))


def percentile(values: list[float], share: float) -> float:
    """The value below which that share (0 to 1) of them is."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


COLUMNS = ("peer", "floor", "events/s", "ratio", "CPU ms", "ratio", "p50 ms", "p95 ms", "calls", "failed")


def rows_of_condition(runs: list[Run], peers: dict[str, tuple[str, str]]) -> list[tuple[str, ...]]:
    """The table of one condition, with `COLUMNS`. `peers` has the title of each name, and the name of its floor."""
    rows = []
    for name, (title, floor) in peers.items():
        of_peer = [run for run in runs if run.peer == name]
        of_floor = [run for run in runs if run.peer == floor]
        if of_peer:
            rows.append((title, floor.removeprefix("floor_").replace("_", ", "), *measured(of_peer, of_floor)))
    return rows


def measured(runs: list[Run], floors: list[Run]) -> tuple[str, ...]:
    """The cells of one peer."""
    waits = [wait * 1000 for run in runs for wait in run.waits]
    return (
        f"{statistics.median(run.rate for run in runs):.0f}",
        str(ratio(runs, floors, lambda run: run.rate) or ""),
        f"{statistics.median(run.cpu for run in runs):.2f}",
        str(ratio(runs, floors, lambda run: run.cpu) or ""),
        f"{statistics.median(waits):.1f}",
        f"{percentile(waits, 0.95):.1f}",
        f"{sum(run.calls for run in runs) / sum(run.events for run in runs):.2f}",
        str(sum(run.failures for run in runs)),
    )
