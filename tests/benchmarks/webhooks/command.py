"""The options of the benchmark, and its tables."""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.webhooks import peers
from tests.benchmarks.webhooks.environments import NotInstalled, python_of
from tests.benchmarks.webhooks.processes import (
    HERE,
    THREADS,
    WORKERS,
    Site,
    StandIn,
    database,
    flush_seconds,
    run_module,
)
from tests.benchmarks.webhooks.results import COLUMNS, Condition, rows_of_condition, summary
from tests.benchmarks.webhooks.rounds import Benchmark, lives_needed, say
from tests.benchmarks.webhooks.screen import show

EXPLANATION = (
    "Floor a verifies the signature and inserts one row; floor b also fetches the event, compares it and upserts a",
    "customer in the same transaction. Ratios are to the floor in that column, within rounds: median (least to most).",
    "CPU is that of the application server and of PostgreSQL, per event.",
)
#: Events of one life, about.
EVENTS_OF_A_LIFE = 21


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tox -e benchmark --", description="Compare what takes Stripe's webhooks.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=150, help="for each peer in each round and table, about")
    parser.add_argument(
        "--warm-up", type=int, default=80, help="lives before anything is measured: PostgreSQL keeps plans by then"
    )
    parser.add_argument("--peers", default="", help=f"of {', '.join(peer.name for peer in peers.PEERS)}: default all")
    parser.add_argument("--at-once", default="1,8", help="deliveries that wait for an answer at the same time")
    parser.add_argument("--latency", default="0,50", help="milliseconds that an answer of Stripe's API takes")
    parser.add_argument("--quick", action="store_true", help="one round of few events: whether it works")
    parser.add_argument("--plain", action="store_true", help="tables as Markdown")
    parser.add_argument("--hot-path", action="store_true", help="only count what one event costs, by kind")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.events, options.warm_up = 1, EVENTS_OF_A_LIFE * 2, 2
    return options


def main(arguments: Sequence[str]) -> int:
    options = options_of(arguments)
    return count_hot_path(options) if options.hot_path else compare(options)


def count_hot_path(options: argparse.Namespace) -> int:
    """Print the counts of one event by kind."""
    with database() as server:
        address = server.address("postgres")
        settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PINAX_STRIPE_TEST_DATABASE": address}
        counted = json.loads(run_module(f"{HERE}.hot_path", **settings))
    rows = [(name, *map(str, numbers)) for name, numbers in counted.items()]
    show(
        "One event, pinax-stripe with re-fetch",
        ("delivery", "statements", "commits", "calls"),
        rows,
        plain=options.plain,
    )
    return 0


def compare(options: argparse.Namespace) -> int:
    """Run the peers beside each other and print the tables; 1 if a row of pinax-stripe is wrong."""
    began = time.monotonic()
    at_once, latencies = (list(map(int, value.split(","))) for value in (options.at_once, options.latency))
    conditions = [Condition(number, latency) for latency in latencies for number in at_once]
    lives = max(options.events // EVENTS_OF_A_LIFE, 1)
    pythons, left_out = environments(peers.chosen([name for name in options.peers.split(",") if name]))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pinax-stripe-benchmark-")))
        server = stack.enter_context(database())
        say("Stripe's history is made.")
        needed = lives_needed(options.rounds, len(conditions), lives, options.warm_up)
        stand_in = stack.enter_context(closing(StandIn(needed, folder / "history.json")))
        sites = [Site(peer, server, stand_in.url, python, folder) for peer, python in pythons]
        for site in sites:
            say(f"{site.peer.title} is started.")
            site.prepare()
            stack.enter_context(site.running())
        benchmark = Benchmark(server, stand_in, sites, conditions, options.rounds, lives, options.warm_up)
        benchmark.measure()
        print_machine(benchmark, left_out, time.monotonic() - began)
        print_speed(benchmark, plain=options.plain)
        return print_counts(benchmark, plain=options.plain)


def environments(wanted: list[peers.Peer]) -> tuple[list[tuple[peers.Peer, str]], list[str]]:
    """The peers with their Python, and a sentence for each that cannot be installed."""
    found, left_out = [], []
    for peer in wanted:
        try:
            found.append((peer, python_of(peer.environment)))
        except NotInstalled as error:
            left_out.append(f"Without {peer.title}, which could not be installed: {error}")
    return found, left_out


def print_machine(benchmark: Benchmark, left_out: list[str], seconds: float) -> None:
    """Say what was measured on what."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    others = statistics.median([run.others for run in benchmark.runs] or [0.0])
    software = ", ".join(f"{name} {version(name)}" for name in ("Django", "stripe", "psycopg", "gunicorn"))
    print(f"\n{cores} cores ({platform.machine()}), of which other programs kept {others:.2f} busy (median).")
    flush = flush_seconds(Path(benchmark.database.server.folder)) * 1000
    print(f"A block of 8 kB is on the disk in {flush:.2f} ms (median), which each commit waits for.")
    print(f"PostgreSQL {benchmark.database.version()}, Python {platform.python_version()}, {software}.")
    print(
        f"{WORKERS} gunicorn processes of {THREADS} threads. {benchmark.rounds} rounds in {seconds / 60:.1f} minutes."
    )
    print(*(["", *EXPLANATION]), sep="\n")
    for sentence in left_out:
        print(sentence)


def print_speed(benchmark: Benchmark, *, plain: bool) -> None:
    """A table for each condition, and that of the backlog."""
    titles = {site.peer.name: (site.peer.title, site.peer.floor) for site in benchmark.sites}
    for condition in benchmark.conditions:
        runs = [run for run in benchmark.runs if run.condition == condition]
        if runs:
            show(str(condition), COLUMNS, rows_of_condition(runs, titles), plain=plain)
    if benchmark.drained:
        show(
            "A backlog, drained by one process",
            ("events", "events/s", "ratio to floor a"),
            [drained(benchmark)],
            plain=plain,
        )


def drained(benchmark: Benchmark) -> tuple[str, str, str]:
    """How quick a backlog was drained, compared with floor a, one at a time, in the same rounds."""
    floors = {
        run.round: run.rate for run in benchmark.runs if run.peer == "floor_a" and run.condition == Condition(1, 0)
    }
    ratios = [each.rate / floors[each.round] for each in benchmark.drained if each.round in floors]
    rate = statistics.median(each.rate for each in benchmark.drained)
    return str(sum(each.events for each in benchmark.drained)), f"{rate:.0f}", str(summary(ratios) or "")


def print_counts(benchmark: Benchmark, *, plain: bool) -> int:
    """What an event costs that can be counted, and whether the rows are right; 1 if one of pinax-stripe is not."""
    rows, is_right = [], True
    for site in benchmark.sites:
        counted = benchmark.per_event[site.peer.name]
        total, mistakes = benchmark.mistakes(site.peer)
        is_right = is_right and not (mistakes and site.peer.is_ours)
        for mistake in mistakes[:5]:
            say(f"{site.peer.title}: {mistake}")
        rows.append(
            (
                site.peer.title,
                f"{counted.statements:.1f}",
                f"{counted.commits:.1f}",
                f"{counted.wal / 1000:.1f}",
                *(f"{size / 1000:.1f}" for size in benchmark.disk_per_event(site)),
                f"{total - len(mistakes)} of {total}",
            )
        )
    columns = ("peer", "statements", "commits", "WAL kB", "events kB", "database kB", "values right at the end")
    show("One event", columns, rows, plain=plain)
    return 0 if is_right else 1
