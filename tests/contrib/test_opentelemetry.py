"""Spans and gauges, through OpenTelemetry's own SDK."""

import pytest
from django.db import DatabaseError, connection

from pinax.stripe.models import Event, EventProcessingException
from pinax.stripe.signals import every_event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.webhooks import checkpoints, processing

pytest.importorskip("opentelemetry.sdk")
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pinax.stripe.contrib import opentelemetry

pytestmark = pytest.mark.django_db(transaction=True)
PERSON = "jo@example.com"


@pytest.fixture
def spans():
    """The spans that were finished."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    opentelemetry.instrument(tracer_provider=provider, meter_provider=MeterProvider())
    yield exporter.get_finished_spans
    opentelemetry.uninstrument()
    provider.shutdown()


def attributes(span):
    return {name.removeprefix("pinax_stripe."): value for name, value in span.attributes.items()}


def test_an_attempt_is_a_span_with_the_steps_of_the_pipeline(client, fake_stripe, spans):
    fake_stripe.create("customer", id="cus_1", email=PERSON)
    event = fake_stripe.events[-1]
    for _ in range(2):
        post_event(client, event)
    (span,) = spans()
    assert span.name == "process customer.created"
    found = attributes(span)
    assert (found["event.id"], found["event.type"], found["outcome"]) == (event["id"], "customer.created", "done")
    # Verdict, mirror and mark are committed together, and where the database can, they are one statement.
    is_one_statement = connection.vendor == "postgresql"
    assert [note.name for note in span.events] == [
        "validating",
        *(() if is_one_statement else ("mirroring", "marking")),
        *("validated", "mirrored", "marked"),
    ]
    assert PERSON not in span.to_json()
    assert span.status.is_ok


def test_a_refusal_has_its_reason(client, fake_stripe, spans):
    post_event(client, build_event("customer.created", build_object("customer")))
    (span,) = spans()
    assert (attributes(span)["outcome"], attributes(span)["reason"]) == ("refused", "not_found")
    assert span.status.is_ok


def test_a_failure_names_the_receiver_and_quotes_nothing(client, fake_stripe, spans):
    def raising(event, **kwargs):
        raise ValueError(event.object["email"])

    every_event.connect(raising, weak=False, dispatch_uid="raising")
    try:
        fake_stripe.create("customer", email=PERSON)
        post_event(client, fake_stripe.events[-1])
    finally:
        every_event.disconnect(dispatch_uid="raising")
    (span,) = spans()
    (note,) = [note for note in span.events if note.name == "failed"]
    assert dict(note.attributes) == {
        "where": "every_event:raising",
        "exception.type": "ValueError",
        "exception.id": EventProcessingException.objects.get().pk,
    }
    assert (attributes(span)["outcome"], span.status.is_ok) == ("failed", False)
    assert PERSON not in span.to_json()


def test_what_breaks_the_attempt_breaks_the_span_and_gets_through(client, fake_stripe, spans, monkeypatch):
    def broken(event, fetch=None):
        raise DatabaseError(PERSON)

    fake_stripe.create("customer")
    monkeypatch.setattr(processing, "find_verdict", broken)
    with pytest.raises(DatabaseError):
        post_event(client, fake_stripe.events[-1])
    (span,) = spans()
    assert (span.status.is_ok, span.status.description) == (False, "DatabaseError")
    assert PERSON not in span.to_json()


def test_instrumenting_twice_makes_one_span_and_can_be_undone(client, fake_stripe, spans):
    before = len(checkpoints.instrumentation), len(checkpoints.observers)
    opentelemetry.instrument(meter_provider=MeterProvider())
    assert (len(checkpoints.instrumentation), len(checkpoints.observers)) == before
    opentelemetry.uninstrument()
    fake_stripe.create("customer")
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    assert spans() == ()


def test_the_gauges_are_those_of_the_database():
    reader = InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    opentelemetry.instrument(meter_provider=provider)
    opentelemetry.uninstrument()
    Event.objects.create(stripe_id="evt_1")
    (scope,) = reader.get_metrics_data().resource_metrics[0].scope_metrics
    found = {
        (metric.name, *point.attributes.values()): point.value
        for metric in scope.metrics
        for point in metric.data.data_points
    }
    assert found["pinax_stripe.events_undone",] == 1
    assert found["pinax_stripe.recent_events", "waiting"] == 1
    assert 0 <= found["pinax_stripe.oldest_undone_age",] < 60
    provider.shutdown()
