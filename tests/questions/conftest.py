"""The test account, taken in once for all tests of this folder, and the clock that stands still at its moment."""

import datetime

import pytest
from django.utils import timezone

from tests.questions.account import NOW, drawn, load
from tests.questions.oracle import Oracle

SEED = 20260318


@pytest.fixture(scope="session")
def account():
    return drawn(SEED)


@pytest.fixture(scope="session")
def oracle(account):
    return Oracle(account)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, account):
    """The rows, for all tests of a module, in a transaction that is rolled back."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        load(account)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture(params=[(30, 0), (90, 60), (400, 0)], ids=["month", "past", "year"])
def period(request):
    """Since when, and until when."""
    midnight = NOW.replace(hour=0, minute=0)
    return tuple(midnight - datetime.timedelta(days=days) for days in request.param)
