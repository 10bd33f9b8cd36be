"""Figures that suites count: how much of a suite to run, what it found, and the table that ends the run.

A pytest plugin. Three sizes: "quick" is part of every run of the tests, "short" is for CI, "long" (`tox -e promises`)
is for figures that mean something. Suites put their figures into `figure`.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SIZES = ("quick", "short", "long")


class Figure(NamedTuple):
    """One line of the table."""

    suite: str
    name: str
    value: str


def pytest_addoption(parser):
    group = parser.getgroup("promises")
    group.addoption("--size", choices=SIZES, default="quick", help="How much of the suites of the promises to run.")
    group.addoption("--short", dest="size", action="store_const", const="short", help="The same as --size=short.")
    group.addoption("--first-seed", type=int, default=None, help="Seed of the first of the seeded runs.")
    group.addoption("--figures", type=Path, default=None, help="Append the figures to this file, a line of JSON each.")


def pytest_terminal_summary(terminalreporter):
    """Print the figures of all suites in one table."""
    figures = [
        Figure(*value)
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == "figure" and getattr(report, "when", "") == "call"
    ]
    if figures:
        terminalreporter.section("the promises")
        for line in table(figures):
            terminalreporter.write_line(line)
        keep(figures, terminalreporter.config.getoption("figures"))


def table(figures: list[Figure]) -> Iterator[str]:
    """The lines of a table: suites in the order of the alphabet, their figures in the order they came in."""
    widths = [max(len(figure[column]) for figure in figures) for column in range(2)]
    previous = None
    for figure in sorted(figures, key=lambda figure: figure.suite):
        shown = figure.suite if figure.suite != previous else ""
        yield f"{shown:<{widths[0]}}  {figure.name:<{widths[1]}}  {figure.value}"
        previous = figure.suite


def keep(figures: list[Figure], path: Path | None) -> None:
    """Append figures to a file, if there is one."""
    if path is not None:
        with path.open("a") as file:
            file.writelines(f"{json.dumps(figure)}\n" for figure in figures)


def kept(path: Path) -> list[Figure]:
    """The figures of a file, none if it was never written."""
    return [Figure(*json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def figure(request) -> Callable[[str, str, object], None]:
    """Put a figure into the table: `figure("crashes", "killed", 12)`."""

    def put(suite, name, value):
        request.node.user_properties.append(("figure", [suite, name, str(value)]))

    return put


@pytest.fixture(scope="session")
def size(pytestconfig) -> str:
    """One of `SIZES`."""
    return pytestconfig.getoption("size")


@pytest.fixture
def by_size(size) -> Callable[..., int]:
    """The value for this run: `by_size(quick=10, short=100, long=1000)`."""
    return lambda **values: values[size]


@pytest.fixture(scope="session")
def seed(pytestconfig, size) -> int:
    """Seed of the first of the seeded runs: `--first-seed`; else, in the long form, any."""
    given = pytestconfig.getoption("first_seed")
    if given is not None:
        return given
    return random.SystemRandom().randrange(10**6) if size == "long" else 1
