"""Figures for Prometheus, read from the database when it asks: `pip install pinax-stripe[prometheus]`.

from pinax.stripe.contrib import prometheus

prometheus.register()  # for example in AppConfig.ready()
"""

from collections.abc import Iterable

from django.db import DatabaseError, close_old_connections
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .measurements import MEASUREMENTS, Measurement

PREFIX = "pinax_stripe_"
UNITS = {"s": "seconds", "": ""}


def family(measurement: Measurement) -> GaugeMetricFamily:
    """A gauge without values."""
    name, unit = PREFIX + measurement.name, UNITS[measurement.unit]
    return GaugeMetricFamily(name, measurement.description, labels=measurement.labels, unit=unit)


def up(value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + "up", "Whether the database could be read.", value=value)


class EventsCollector(Collector):
    """Every scrape is five queries. A database that is away is `pinax_stripe_up 0`, and no error for other figures."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return [*(family(measurement) for measurement in MEASUREMENTS), up()]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        # Outside of a request nobody else looks after connections that the server has closed.
        close_old_connections()
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
            close_old_connections()
        return [*families, up(1)]


def register(registry: CollectorRegistry = REGISTRY) -> EventsCollector:
    """Add the figures to a registry; what is returned can be unregistered."""
    collector = EventsCollector()
    registry.register(collector)
    return collector
