"""The suites under fire: correctness that can be demonstrated.

Three sizes: "quick" is part of every run of the tests, "short" is for CI, "long" (`tox -e fire`) is for figures that
mean something. Suites put their figures into `figure`; a table of them ends the run.
"""

import pytest

from . import databases
from .processes import new_database, using
from .shop import receivers

SIZES = ("quick", "short", "long")


def pytest_addoption(parser):
    group = parser.getgroup("fire")
    group.addoption("--fire", choices=SIZES, default="quick", help="How much of the suites under fire to run.")
    group.addoption("--short", dest="fire", action="store_const", const="short", help="The same as --fire=short.")
    group.addoption("--fire-seed", type=int, default=None, help="Seed of the first of the seeded runs.")


def pytest_terminal_summary(terminalreporter):
    """Print the figures of all suites in one table."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == "figure" and getattr(report, "when", "") == "call"
    ]
    if not rows:
        return
    terminalreporter.section("under fire")
    widths = [max(len(str(row[column])) for row in rows) for column in range(2)]
    previous = None
    for suite, name, value in sorted(rows, key=lambda row: row[0]):
        shown = suite if suite != previous else ""
        terminalreporter.write_line(f"{shown:<{widths[0]}}  {name:<{widths[1]}}  {value}")
        previous = suite


@pytest.fixture
def figure(request):
    """Put a figure into the table: `figure("crashes", "killed", 12)`."""

    def put(suite, name, value):
        request.node.user_properties.append(("figure", [suite, name, str(value)]))

    return put


@pytest.fixture(scope="session")
def size(pytestconfig):
    """One of `SIZES`."""
    return pytestconfig.getoption("fire", "quick")


@pytest.fixture
def by_size(size):
    """The value for this run: `by_size(quick=10, short=100, long=1000)`."""
    return lambda **values: values[size]


@pytest.fixture
def shop():
    """The shop's receivers are connected."""
    receivers.connect()
    yield
    receivers.disconnect()


@pytest.fixture(scope="session")
def address(tmp_path_factory, django_db_setup, django_db_blocker):
    """A database for tests and their worker processes."""
    with django_db_blocker.unblock(), new_database(tmp_path_factory.mktemp("fire")) as made:
        yield made


@pytest.fixture
def shared(address, db):
    """The same, empty, for one test."""
    with using(address):
        databases.empty()
        yield address
