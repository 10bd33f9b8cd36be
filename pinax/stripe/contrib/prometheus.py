"""Figures for Prometheus, read from the database when it asks: `pip install pinax-stripe[prometheus]`.

from pinax.stripe.contrib import prometheus

prometheus.register()  # for example in AppConfig.ready()
"""

from collections.abc import Iterable

from django.db import DatabaseError, connections, router
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..models.events import Event
from ..upkeep.measurements import MEASUREMENTS, Measurement

METRIC_PREFIX = "pinax_stripe_"
METRIC_UNITS = {"s": "seconds", "": ""}


def family(measurement: Measurement) -> GaugeMetricFamily:
    """A gauge without values."""
    name, unit = METRIC_PREFIX + measurement.name, METRIC_UNITS[measurement.unit]
    return GaugeMetricFamily(name, measurement.description, labels=measurement.labels, unit=unit)


def up(value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(METRIC_PREFIX + "up", "Whether the database could be read.", value=value)


class EventsCollector(Collector):
    """Every scrape is five queries. A database that is away is `pinax_stripe_up 0`, and no error for other figures."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return [*(family(measurement) for measurement in MEASUREMENTS), up()]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        drop_old_connection()
        families = []
        try:
            for measurement in MEASUREMENTS:
                gauge = family(measurement)
                for labels, value in measurement.read():
                    gauge.add_metric([labels[name] for name in measurement.labels], value)
                families.append(gauge)
        except DatabaseError:
            return [up(0)]
        finally:
            drop_old_connection()
        return [*families, up(1)]


def drop_old_connection() -> None:
    """Close a connection that is old or broken: outside of requests Django does not do this.

    Not within a transaction, which Django would take for one that was never ended.
    """
    connection = connections[router.db_for_read(Event)]
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def register(registry: CollectorRegistry = REGISTRY) -> EventsCollector:
    """Add the figures to a registry; what is returned can be unregistered."""
    collector = EventsCollector()
    registry.register(collector)
    return collector
