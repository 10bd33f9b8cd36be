"""What the benchmark does: all peers are up at once, and take turns at the same events, round after round."""

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pinax.stripe.testing.delivery import body_of
from tests.benchmarks.webhooks.checks import expected, mistakes
from tests.benchmarks.webhooks.load import Outcome
from tests.benchmarks.webhooks.peers import WEBHOOK_SECRET, Peer
from tests.benchmarks.webhooks.processes import THREADS, WORKERS, Database, Site, StandIn, busy_seconds, cpu_seconds
from tests.benchmarks.webhooks.results import Condition, Run
from tests.costs import commits

Event = dict[str, Any]
#: Lives whose statements and bytes are counted.
COUNTED_LIVES = 3
#: Lives that only wait, beside those of a round: what a process of the command loads at first counts among thousands.
BACKLOG_LIVES = 100


def say(text: str) -> None:
    """Tell what happens while the benchmark runs."""
    print(text, file=sys.stderr, flush=True)


@dataclass(kw_only=True)
class PerEvent:
    """Means over the events of some lives."""

    statements: float
    commits: float
    #: Bytes of write-ahead log; the median of the lives, as PostgreSQL's own upkeep writes now and then, too.
    wal: float


@dataclass(kw_only=True)
class Drained:
    """What one process of `stripe_process_events` took up in a round."""

    round: int
    events: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds


@dataclass
class Benchmark:
    """The peers that are up, and what was measured."""

    database: Database
    stand_in: StandIn
    sites: list[Site]
    conditions: list[Condition]
    rounds: int
    lives_per_run: int
    #: Before anything is measured.
    warm_up_lives: int
    runs: list[Run] = field(default_factory=list)
    per_event: dict[str, PerEvent] = field(default_factory=dict)
    drained: list[Drained] = field(default_factory=list)
    #: Name of a peer -> number of events, bytes of their tables, and bytes of the database, before the rounds.
    sizes: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    #: Name of a peer -> everything it was sent, by id.
    posted: dict[str, dict[str, Event]] = field(default_factory=dict)
    #: Name of a peer -> what it answered with anything but 2xx.
    failed: dict[str, list[Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lives = iter(self.stand_in.history["lives"])

    def measure(self) -> None:
        """Everything, in order."""
        self.warm_up()
        self.count()
        for number in range(self.rounds):
            for condition in self.conditions:
                self.take_turns(number, condition)
            self.drain(number)
        for site in self.sites:
            # As Stripe does, later.
            self.post(site, self.failed.pop(site.peer.name), 1)

    def next_events(self, lives: int) -> list[Event]:
        """The events of the next lives, in their order."""
        return [event for _ in range(lives) for event in next(self._lives)]

    def post(self, site: Site, events: list[Event], at_once: int, **options: Any) -> Outcome:
        """Post events to a peer, and remember them, and which of them it has not taken."""
        outcome = site.post([body_of(event).decode() for event in events], at_once, WEBHOOK_SECRET, **options)
        self.posted.setdefault(site.peer.name, {}).update((event["id"], event) for event in events)
        refused = [event for event, status in zip(events, outcome.statuses, strict=True) if not is_success(status)]
        self.failed.setdefault(site.peer.name, []).extend(refused)
        return outcome

    def warm_up(self) -> None:
        """Let every thread of every peer have seen events: those of the catalogue first, as customers need it."""
        first = self.next_events(self.warm_up_lives)
        for site in self.sites:
            self.post(site, self.stand_in.history["shop"], 1)
            self.post(site, first, WORKERS * THREADS)

    def count(self) -> None:
        """What an event costs that can be counted, one at a time."""
        lives = [self.next_events(1) for _ in range(COUNTED_LIVES)]
        for site in self.sites:
            self.per_event[site.peer.name] = self.count_lives(site, lives)
        self.drain(None)
        for site in self.sites:
            self.sizes[site.peer.name] = len(self.posted[site.peer.name]), *self.sizes_of(site)

    def count_lives(self, site: Site, lives: list[list[Event]]) -> PerEvent:
        """What the events of some lives cost one peer."""
        statements, bytes_of_log = [], []
        for events in lives:
            before = self.database.wal_position()
            statements += self.post(site, events, 1, counts=True).statements
            bytes_of_log.append((self.database.wal_position() - before) / len(events))
        return PerEvent(
            statements=statistics.mean(len(sent) for sent in statements),
            commits=statistics.mean(commits(sent) for sent in statements),
            wal=statistics.median(bytes_of_log),
        )

    def sizes_of(self, site: Site) -> tuple[int, int]:
        """Bytes of the tables with the events, and of the whole database."""
        name = site.peer.name
        return self.database.size_of_tables(name, site.peer.event_tables), self.database.size(name)

    def disk_per_event(self, site: Site) -> tuple[float, float]:
        """Bytes that the tables with the events, and the whole database, have grown for each event since the counts."""
        events, *before = self.sizes[site.peer.name]
        posted = max(len(self.posted[site.peer.name]) - events, 1)
        table, whole = (after - earlier for after, earlier in zip(self.sizes_of(site), before, strict=True))
        return table / posted, whole / posted

    def take_turns(self, number: int, condition: Condition) -> None:
        """One round: each peer gets the same events; another one begins each time."""
        events = self.next_events(self.lives_per_run)
        self.stand_in.ask(f"latency/{condition.latency}")
        first = number % len(self.sites)
        for site in [*self.sites[first:], *self.sites[:first]]:
            if condition.latency and not site.peer.asks_api:
                continue
            run = self.run(site, events, number, condition)
            say(f"round {number + 1} of {self.rounds}, {condition}: {site.peer.title}: {run.rate:.0f} events/s")
            self.runs.append(run)
        self.stand_in.ask("latency/0")

    def run(self, site: Site, events: list[Event], number: int, condition: Condition) -> Run:
        """One peer's turn."""
        with self.measured(site) as measured:
            outcome = self.post(site, events, condition.at_once)
        return Run(
            peer=site.peer.name,
            round=number,
            condition=condition,
            events=len(events),
            seconds=outcome.seconds,
            cpu_seconds=measured["cpu"],
            waits=outcome.waits,
            calls=int(measured["calls"]),
            failures=sum(not is_success(status) for status in outcome.statuses),
            others=measured["others"],
        )

    @contextlib.contextmanager
    def measured(self, site: Site) -> Iterator[dict[str, float]]:
        """CPU of the peer and of the database, what others took of the machine, and calls, during a block."""
        measured: dict[str, float] = {}
        before = self.clocks(site)
        yield measured
        differences = {name: value - before[name] for name, value in self.clocks(site).items()}
        measured["cpu"] = differences["peer"] + differences["database"]
        measured["calls"] = differences["calls"]
        # The load ends meanwhile; its time is among that of the children of this process.
        ours = measured["cpu"] + differences["stand-in"] + differences["benchmark"]
        measured["others"] = max(differences["machine"] - ours, 0) / differences["seconds"]

    def clocks(self, site: Site) -> dict[str, float]:
        """All that runs on: seconds of CPU, of the clock, and calls."""
        times = own_times()
        return {
            "peer": cpu_seconds(site.process.pid),
            "database": cpu_seconds(self.database.pid),
            "stand-in": cpu_seconds(self.stand_in.process.pid),
            "machine": busy_seconds(),
            "calls": self.stand_in.ask("calls")["calls"],
            **times,
        }

    def drain(self, number: int | None) -> None:
        """Let one process take up what the peer that only records left; of no round when it is not to be measured."""
        site = next((site for site in self.sites if site.peer.name == "recorded"), None)
        if site is None:
            return
        if number is not None:
            self.post(site, self.next_events(BACKLOG_LIVES), WORKERS * THREADS)
        [[waiting]] = self.database.query("SELECT count(*) FROM pinax_stripe_event WHERE state <> 'done'", "recorded")
        drained = Drained(round=number or 0, events=waiting, seconds=site.process_backlog())
        if number is not None:
            self.drained.append(drained)
            say(f"round {number + 1} of {self.rounds}: a backlog is drained with {drained.rate:.0f} events/s")

    def mistakes(self, peer: Peer) -> tuple[int, list[str]]:
        """How many values a peer's rows were compared in, and what is wrong with them."""
        wanted = expected(list(self.posted[peer.name].values()), self.stand_in.history["objects"])
        found = {name: dict(self.database.query(sql, peer.name)) for name, sql in peer.checks.items()}
        wrong = [f"{name}: {text}" for name, values in found.items() for text in mistakes(wanted[name], values)]
        return sum(len(wanted[name]) for name in found), wrong


def is_success(status: int) -> bool:
    return 200 <= status < 300


def own_times() -> dict[str, float]:
    """Seconds of CPU of this process and of children that ended, and of the clock."""
    times = os.times()
    return {
        "benchmark": times.user + times.system + times.children_user + times.children_system,
        "seconds": time.perf_counter(),
    }


def lives_needed(rounds: int, conditions: int, lives_per_run: int, warm_up_lives: int) -> int:
    """How long a history has to be."""
    return warm_up_lives + COUNTED_LIVES + rounds * (conditions * lives_per_run + BACKLOG_LIVES)
