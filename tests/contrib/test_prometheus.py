"""Figures for Prometheus, through its own library."""

import datetime

import pytest
from django.db import DatabaseError
from django.utils import timezone

from pinax.stripe.models import Event
from pinax.stripe.upkeep import statistics

prometheus_client = pytest.importorskip("prometheus_client")
prometheus = pytest.importorskip("pinax.stripe.contrib.prometheus")


@pytest.fixture
def registry():
    registry = prometheus_client.CollectorRegistry()
    prometheus.register(registry)
    return registry


def make(number, minutes=0, **columns):
    for _ in range(number):
        position = Event.objects.count()
        event = Event.objects.create(stripe_id=f"evt_{position}", fingerprint=str(position), **columns)
        Event.objects.filter(pk=event.pk).update(recorded_at=timezone.now() - datetime.timedelta(minutes=minutes))


def value(registry, name, **labels):
    return registry.get_sample_value(f"pinax_stripe_{name}", labels)


def test_registering_asks_the_database_nothing():
    """Without the django_db mark pytest-django refuses any query."""
    registry = prometheus_client.CollectorRegistry(auto_describe=True)
    collector = prometheus.register(registry)
    with pytest.raises(ValueError, match="Duplicated"):
        prometheus.register(registry)
    registry.unregister(collector)


@pytest.mark.django_db
def test_the_figures_are_those_of_the_database(registry, django_assert_max_num_queries):
    make(1, minutes=30, valid=True, failures=1)
    make(2, minutes=10)
    make(1, minutes=20, valid=True, failures=16, gave_up_at=timezone.now())
    make(3, valid=True, processed=True)
    make(4, valid=False)
    with django_assert_max_num_queries(5):
        text = prometheus_client.generate_latest(registry).decode()
    assert value(registry, "events_undone") == 3
    assert value(registry, "events_given_up") == 1
    assert 1800 <= value(registry, "oldest_undone_age_seconds") < 1860
    assert 0 <= value(registry, "last_event_age_seconds") < 60
    states = {
        state: value(registry, "recent_events", state=state) for state in ("done", "waiting", "failed", "refused")
    }
    assert states == {"done": 3, "waiting": 2, "failed": 2, "refused": 4}
    assert value(registry, "up") == 1
    assert "# HELP pinax_stripe_events_undone Events that still have to be processed." in text
    assert "# TYPE pinax_stripe_oldest_undone_age_seconds gauge" in text


@pytest.mark.django_db
def test_an_empty_table_claims_no_age_of_the_last_event(registry):
    assert value(registry, "last_event_age_seconds") is None
    assert value(registry, "oldest_undone_age_seconds") == 0


@pytest.mark.django_db
def test_a_database_that_is_away_is_a_figure_too(registry, monkeypatch):
    other = prometheus_client.Gauge("other", "Of another application.", registry=registry)
    other.set(7)

    def away():
        raise DatabaseError

    monkeypatch.setattr(statistics, "count_given_up", away)
    assert value(registry, "up") == 0
    assert value(registry, "events_undone") is None
    assert registry.get_sample_value("other") == 7


@pytest.mark.django_db
def test_figures_are_served_by_the_librarys_own_application(registry):
    make(2)
    answer = []
    environment = {"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "QUERY_STRING": ""}
    app = prometheus_client.make_wsgi_app(registry)
    body = b"".join(app(environment, lambda status, headers: answer.append(status)))
    assert answer == ["200 OK"]
    assert b"pinax_stripe_events_undone 2.0" in body
