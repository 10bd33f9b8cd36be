"""Puts what was posted on record, before anybody thinks about it."""

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connections, router, transaction
from django.db.models import F

from ..models.events import Event
from .comparison import compare
from .envelopes import Envelope, NotAnEvent, column, parse_body, parse_envelope
from .reasons import REASONS


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One POST, or one event that was fetched because no POST came."""

    body: bytes
    size: int
    headers: dict[str, str] = field(default_factory=dict)
    remote_address: str = ""
    #: Code of `REASONS` if the body could not be read or is too long.
    problem: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "body_size": self.size,
            "headers": self.headers,
            "remote_address": column(self.remote_address)[:64],
        }


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The row of a delivery, and whether anything is left to do about it."""

    event: Event
    is_new: bool

    @property
    def is_settled(self) -> bool:
        """Whether the event is done, or refused."""
        return self.event.processed or self.event.valid is False


def record(delivery: Delivery) -> Recorded:
    """Store a delivery: as a row of its own, or counted on the row of the event it repeats. Never raises for a body."""
    if delivery.problem:
        return refuse(delivery, delivery.problem, "")
    try:
        envelope = parse_envelope(parse_body(delivery.body))
    except NotAnEvent as error:
        return refuse(delivery, error.code, str(error), payload=error.payload)
    if envelope.is_sample:
        return refuse(delivery, "dashboard_test", "", payload=envelope.payload, envelope=envelope)
    return repeated(delivery, envelope) or first(delivery, envelope)


def refuse(
    delivery: Delivery, reason: str, explanation: str, *, payload: Any = None, envelope: Envelope | None = None
) -> Recorded:
    """A row for a POST that is no event, or none that could ever be validated."""
    event = Event(
        **delivery.columns(),
        **(envelope_columns(envelope) if envelope else loose_columns(payload)),
        webhook_message=payload,
        valid=REASONS[reason].valid,
        reason=reason,
        explanation=explanation,
    )
    event.save(force_insert=True)
    return Recorded(event=event, is_new=True)


def loose_columns(payload: Any) -> dict[str, Any]:
    """What of a malformed event can be searched for."""
    if not isinstance(payload, dict):
        return {}
    return {
        name: column(value)
        for name, value in (("stripe_id", payload.get("id")), ("kind", payload.get("type")))
        if isinstance(value, str)
    }


def envelope_columns(envelope: Envelope) -> dict[str, Any]:
    return {
        "stripe_id": envelope.stripe_id,
        "kind": envelope.kind,
        "livemode": envelope.livemode,
        "stripe_account": envelope.account,
        "api_version": envelope.api_version,
        "created_at": envelope.created_at,
        "object_type": envelope.object_type,
        "object_id": envelope.object_id,
        "fingerprint": envelope.fingerprint,
    }


def repeated(delivery: Delivery, envelope: Envelope) -> Recorded | None:
    """The row that a delivery repeats, with one more counted on it; None when it says something new."""
    rows = list(Event.objects.filter(stripe_id=envelope.stripe_id).exclude(valid=False).order_by("id"))
    same = next((row for row in rows if row.fingerprint == envelope.fingerprint), None)
    genuine = next((row for row in rows if row.valid), None)
    if genuine is not None and same is None:
        # Stripe's copy is here already, so another body under the same id is judged without asking again.
        outcome = compare(envelope, parse_envelope(genuine.validated_message))
        if outcome.reason:
            recorded = refuse(
                delivery, outcome.reason, outcome.explanation, payload=envelope.payload, envelope=envelope
            )
            Event.objects.filter(pk=recorded.event.pk).update(difference=outcome.difference)
            return recorded
    row = same or genuine
    if row is None:
        return None
    Event.objects.filter(pk=row.pk).update(deliveries=F("deliveries") + 1)
    row.deliveries += 1
    return Recorded(event=row, is_new=False)


def first(delivery: Delivery, envelope: Envelope) -> Recorded:
    """A new row; or, if another worker records the same delivery at this moment, its row."""
    event = Event(**delivery.columns(), **envelope_columns(envelope), webhook_message=envelope.payload)
    try:
        with single_statement():
            event.save(force_insert=True)
    except IntegrityError:
        found = repeated(delivery, envelope)
        if found is None:
            raise
        return found
    return Recorded(event=event, is_new=True)


def single_statement() -> AbstractContextManager[Any]:
    """For one statement that may fail: a savepoint where a caller's transaction would be lost with it, else nothing."""
    using = router.db_for_write(Event)
    return transaction.atomic(using=using) if connections[using].in_atomic_block else nullcontext()


def delivery_of(payload: dict[str, Any]) -> Delivery:
    """A delivery made of an event that was read from the API."""
    body = json.dumps(payload).encode()
    return Delivery(body=body, size=len(body))
