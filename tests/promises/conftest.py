"""What the suites of the promises share: the shop, and a database for several processes."""

import pytest

from tests import databases
from tests.promises.processes import new_database, using
from tests.promises.shop import receivers


@pytest.fixture
def shop():
    """The shop's receivers are connected."""
    receivers.connect()
    yield
    receivers.disconnect()


@pytest.fixture(scope="session")
def address(tmp_path_factory, django_db_setup, django_db_blocker):
    """A database for tests and their worker processes."""
    with django_db_blocker.unblock(), new_database(tmp_path_factory.mktemp("promises")) as made:
        yield made


@pytest.fixture
def shared(address, db):
    """The same, empty, for one test."""
    with using(address):
        databases.empty()
        yield address
