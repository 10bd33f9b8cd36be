"""What all tests share: which are slow, what is not waited for, and what Hypothesis draws.

Hypothesis draws the same in every run, but for the long form of the suites of the promises: chance is what the
long form is for; what has to pass before a change is merged does not depend on luck. Nor does it depend on how busy the
machine is: no example has a time limit.
"""

import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from pinax.stripe import prepared_statements
from pinax.stripe.signals import WEBHOOK_SIGNALS
from tests import databases, templates

pytest.register_assert_rewrite("tests.assertions")

pytest_plugins = ["tests.figures", "tests.leaks"]

TESTS = Path(__file__).parent
#: Folders and modules whose tests run projects of their own, browsers, thousands of payloads or many processes. Tests
#: that walk migrations back are marked one by one.
SLOW = ("promises", "test_corpus.py", "test_demo.py", "test_docs.py", "test_localstripe.py", "test_migrations.py")
SLOW += ("servers", "test_recipe.py", "test_screenshots.py")
#: Of those, the ones whose subject depends neither on the database nor on versions.
ONCE = ("test_demo.py", "test_localstripe.py", "test_recipe.py")
#: Of how many tests of a function that is marked `sampled` the short form runs one.
SAMPLED = 4


def pytest_configure(config):
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("repeatable", settings.get_profile("patient"), derandomize=True)
    settings.load_profile("patient" if config.getoption("size") == "long" else "repeatable")


def pytest_collection_modifyitems(config, items):
    if config.getoption("size") == "short":
        leave_out(config, items, unsampled(items))
    for item in items:
        name = item.path.relative_to(TESTS).parts[0]
        if name in SLOW:
            item.add_marker(pytest.mark.slow)
        if name in ONCE:
            item.add_marker(pytest.mark.once)


def unsampled(items):
    """The tests that are left out of those that are marked `sampled`: of each function's, all but every fourth."""
    alike = {}
    for item in sorted(items, key=lambda item: item.nodeid):
        if item.get_closest_marker("sampled"):
            alike.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return {item for some in alike.values() for number, item in enumerate(some) if number % SAMPLED}


def leave_out(config, items, left_out):
    """Take tests out of those that are run, and say so."""
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def connect():
    """Connect receivers for one test: `connect(receiver)`, or `connect(receiver, signal, uid="name")`."""
    connected = []

    def add(receiver, signal=WEBHOOK_SIGNALS["customer.created"], uid=None):
        signal.connect(receiver, weak=False, dispatch_uid=uid)
        connected.append((signal, receiver, uid))

    yield add
    for signal, receiver, uid in connected:
        signal.disconnect(receiver, dispatch_uid=uid)


#: OPTIONS of a database with which PostgreSQL binds parameters and, after a few times, keeps the plan of a statement.
BOUND_BY_SERVER = {"server_side_binding": True, "prepare_threshold": 2}


@pytest.fixture(autouse=True, scope="session")
def unprepared_statements():
    """PostgreSQL sees statements as they are: what a test counts does not depend on those that ran before it."""
    with patch.object(prepared_statements, "EXECUTIONS", sys.maxsize):
        yield


@pytest.fixture
def statements_prepared_at_once(monkeypatch):
    """For one test every statement is prepared before it is executed for the first time."""
    monkeypatch.setattr(prepared_statements, "EXECUTIONS", 1)
    monkeypatch.setattr(prepared_statements, "does_not_keep", set())
    connection.close()
    yield
    connection.close()


@pytest.fixture
def statements_bound_by_server():
    """For one test PostgreSQL binds parameters, and psycopg prepares statements."""
    usual = connection.settings_dict["OPTIONS"]
    try:
        use_options({**usual, **BOUND_BY_SERVER})
        yield
    finally:
        use_options(usual)


def use_options(options):
    connection.close()
    connection.settings_dict["OPTIONS"] = options
    vars(connection.features).pop("uses_server_side_binding", None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker, request):
    """Test databases begin as copies of one that is migrated."""
    folder = request.config.cache.mkdir("databases")
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = templates.of_postgresql(connection, folder)
    with templates.of_sqlite(folder):
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_ends():
    """Tests whose transactions are real end with empty tables, in a hundredth of the time that `flush` takes."""

    def end(test_case):
        for alias in test_case._databases_names(include_mirrors=False):
            databases.empty_all(alias)

    with patch.object(TransactionTestCase, "_fixture_teardown", end):
        yield


@pytest.fixture(autouse=True, scope="session")
def no_telemetry():
    """Stripe's SDK, as tests use it, writes no id below the home directory, which fails where there is none."""
    import stripe

    with patch.object(stripe, "enable_telemetry", False):
        yield


@pytest.fixture(autouse=True, scope="session")
def no_pauses():
    """Calls to Stripe are repeated at once. tests/test_api.py says how long the pauses are elsewhere."""
    from pinax.stripe.api import pace

    with patch.object(pace, "sleep", lambda seconds: None):
        yield
