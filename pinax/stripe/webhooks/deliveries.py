"""Deliveries: what was posted, or read from the API because no POST came, and the columns that an event gets of it."""

import json
from dataclasses import dataclass, field
from typing import Any

from ..catalogue.details import DetailOrText
from ..models.events import EventSource
from ..stripe_values import storable_text
from .envelopes import Envelope, fit_column


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One POST, or one event that was fetched because no POST came."""

    # Neither is shown where the local variables of an error are.
    body: bytes = field(repr=False)
    size: int
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    remote_address: str = ""
    #: Code of `REASONS` if the body could not be read or is too long.
    problem: str = ""
    #: What is said beside that, or "".
    explanation: DetailOrText = ""
    source: EventSource = EventSource.WEBHOOK

    def columns(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "body_size": self.size,
            "headers": {name: storable_text(value) for name, value in self.headers.items()},
            "remote_address": fit_column(self.remote_address)[:64],
            "source": self.source,
        }


def delivery_of_payload(payload: dict[str, Any]) -> Delivery:
    """A delivery made of an event that was read from the API."""
    body = json.dumps(payload).encode()
    return Delivery(body=body, size=len(body), source=EventSource.CATCH_UP)


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


def malformed_columns(payload: Any) -> dict[str, Any]:
    """The columns of a malformed event by which it can be found."""
    if not isinstance(payload, dict):
        return {}
    return {
        name: fit_column(value)
        for name, value in (("stripe_id", payload.get("id")), ("kind", payload.get("type")))
        if isinstance(value, str)
    }
