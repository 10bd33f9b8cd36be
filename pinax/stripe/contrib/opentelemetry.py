"""Spans around the processing of events, and gauges: `pip install pinax-stripe[opentelemetry]`.

    from pinax.stripe.contrib import opentelemetry

    opentelemetry.instrument()  # for example in AppConfig.ready(), after the SDK is set up

A span has the event's id, type and outcome, never what the event says. Calls to Stripe's API become spans below it with
opentelemetry-instrumentation-requests.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

from .. import __version__
from ..models.events import Event
from ..signals import failed_event
from ..upkeep.measurements import MEASUREMENTS, Measurement
from ..webhooks import checkpoints
from ..webhooks.checkpoints import Checkpoint
from ..webhooks.processing import Outcome

INSTRUMENTATION_NAME = "pinax.stripe"

#: The span of the event that is being processed.
_span: ContextVar[Span | None] = ContextVar("pinax_stripe_span", default=None)
#: What `instrument` put in place, to take it away again.
_installed: list[Callable[[], Any]] = []


def instrument(*, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None) -> None:
    """Make spans and gauges from now on, with the global providers unless others are given."""
    uninstrument()
    wrapper = partial(traced, trace.get_tracer(INSTRUMENTATION_NAME, __version__, tracer_provider))
    checkpoints.instrumentation.append(wrapper)
    checkpoints.observers.append(note_point)
    failed_event.connect(note_failure, dispatch_uid=INSTRUMENTATION_NAME)
    _installed[:] = [
        lambda: checkpoints.instrumentation.remove(wrapper),
        lambda: checkpoints.observers.remove(note_point),
        lambda: failed_event.disconnect(dispatch_uid=INSTRUMENTATION_NAME),
    ]
    meter = metrics.get_meter(INSTRUMENTATION_NAME, __version__, meter_provider)
    for measurement in MEASUREMENTS:
        meter.create_observable_gauge(
            f"pinax_stripe.{measurement.name}",
            callbacks=[partial(observe, measurement)],
            unit=measurement.unit,
            description=measurement.description,
        )


def uninstrument() -> None:
    """Make no more spans. Gauges stay until their provider is shut down, as OpenTelemetry has it."""
    while _installed:
        _installed.pop()()


def traced(tracer: Tracer, event: Event, attempt: Callable[[], Outcome]) -> Outcome:
    """One attempt to process an event, in a span."""
    attributes: dict[str, str | bool | int] = {
        "pinax_stripe.event.id": event.stripe_id,
        "pinax_stripe.event.type": event.kind,
        "pinax_stripe.event.account": event.stripe_account,
        "pinax_stripe.event.livemode": bool(event.livemode),
        "pinax_stripe.event.deliveries": event.deliveries,
    }
    # Errors are not recorded by themselves: their texts may quote the event.
    with tracer.start_as_current_span(
        f"process {event.kind}",
        kind=SpanKind.CONSUMER,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        token = _span.set(span)
        try:
            outcome = attempt()
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            _span.reset(token)
        describe_attempt(span, event, outcome)
    return outcome


def describe_attempt(span: Span, event: Event, outcome: Outcome) -> None:
    span.set_attribute("pinax_stripe.outcome", outcome.name.lower())
    if outcome in (Outcome.REFUSED, Outcome.UNDECIDED):
        span.set_attribute("pinax_stripe.reason", event.reason)
    if outcome is Outcome.FAILED:
        span.set_status(Status(StatusCode.ERROR))


def note_point(point: Checkpoint) -> None:
    """Each step of the pipeline is an event of the span."""
    span = _span.get()
    if span is not None:
        span.add_event(point.name.lower())


def note_failure(exceptions: Iterable[Any], **kwargs: Any) -> None:
    """Which handler or receiver raised, and what kind of error; the row in the database has the rest."""
    span = _span.get()
    for exception in exceptions if span is not None else ():
        kind = exception.message.partition(":")[0]
        span.add_event("failed", {"where": exception.data, "exception.type": kind, "exception.id": exception.pk})  # type: ignore[union-attr]


def observe(measurement: Measurement, options: CallbackOptions) -> list[Observation]:
    return [Observation(value, labels) for labels, value in measurement.read()]
