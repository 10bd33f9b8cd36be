"""Puts what was posted on record, before anybody thinks about it."""

import datetime
import json
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Q
from django.utils import timezone

from ..catalogue.details import Detail, DetailOrText
from ..catalogue.reasons import REASONS
from ..conf import setting, webhook_secrets
from ..exceptions import Secret, SignatureError
from ..models.events import Event, EventStep, Source
from ..signals import invalid_event
from ..stripe_values import storable, storable_text
from . import locks
from .accounts import is_known
from .checkpoints import Point, reach
from .comparison import IDENTITY, Comparison, compare, compare_identity, identity
from .database_errors import persist
from .envelopes import Envelope, NotAnEvent, column, parse_body, parse_envelope
from .refusals import single_statement, trim_new_accounts, trim_unasked
from .signatures import verify

logger = logging.getLogger(__name__)

#: Deliveries of one event that its timeline tells one by one; later ones are only counted.
TOLD_DELIVERIES = 50
#: Attribute of an envelope -> column of an event, where the names differ.
COLUMNS = {"account": "stripe_account"}
#: Attempts to add a row that others add and take away at the same time.
TURNS = 3


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
    source: Source = Source.WEBHOOK

    def columns(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "body_size": self.size,
            "headers": {name: storable_text(value) for name, value in self.headers.items()},
            "remote_address": column(self.remote_address)[:64],
            "source": self.source,
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
    """Store a delivery: as a row of its own, or counted on the row of the event it repeats. Never raises for a body.

    What fails the cheap checks (shape, signature) is stored as refused; it costs one query, and one more now and then.
    """
    if delivery.problem:
        return refuse(delivery, delivery.problem, delivery.explanation)
    try:
        envelope = parse_envelope(parse_body(delivery.body), is_asked_for=delivery.source != Source.WEBHOOK)
    except NotAnEvent as error:
        return refuse(delivery, error.code, error.explanation, payload=error.payload)
    try:
        signed = check_signature(delivery)
    except SignatureError as error:
        return refuse(
            delivery, error.code, error.explanation, payload=envelope.payload, envelope=envelope, signed=False
        )
    if envelope.is_sample:
        return refuse(delivery, "dashboard_test", "", payload=envelope.payload, envelope=envelope, signed=signed)
    recorded = repeated(delivery, envelope, signed=signed) or first(delivery, envelope, signed=signed)
    reach(Point.RECORDED)
    return recorded


def check_signature(delivery: Delivery) -> bool | None:
    """True if a secret signed the body, None if signatures are not asked for; SignatureError otherwise."""
    if delivery.source != Source.WEBHOOK:
        return None  # It came from Stripe's API itself.
    return check_signed(delivery.body, signature_in(delivery.headers), now=timezone.now())


def signature_in(headers: dict[str, str]) -> Secret:
    """The Stripe-Signature header, "" without one. While it is fresh it can be sent again, so errors do not show it."""
    return Secret(headers.get("Stripe-Signature", ""))


def check_signed(body: bytes, header: Secret, *, now: datetime.datetime) -> bool | None:
    """True if one of PINAX_STRIPE_WEBHOOK_SECRETS signed the body about the time `now`.

    None if signatures are not asked for; SignatureError otherwise.
    """
    secrets = [Secret(secret) for secret in webhook_secrets()]
    if not secrets and setting("VALIDATION") == "signature":
        raise SignatureError(Detail("secrets_are_needed"), code="no_secret")
    if not secrets:
        return None
    verify(body, header, secrets, now=now.timestamp(), tolerance=setting("SIGNATURE_TOLERANCE"))
    return True


def refuse(
    delivery: Delivery,
    reason: str,
    explanation: DetailOrText,
    *,
    payload: Any = None,
    envelope: Envelope | None = None,
    **columns: Any,
) -> Recorded:
    """A row for a POST that is no event, or none that could ever be validated."""
    event = Event(
        **delivery.columns(),
        **(envelope_columns(envelope) if envelope else loose_columns(payload)),
        webhook_message=payload,
        valid=REASONS[reason].valid,
        reason=reason,
        **explanation_columns(explanation),
        **columns,
    )
    event.save(force_insert=True)
    # The id is whatever somebody wrote, line breaks included, so the row's own is logged.
    logger.warning("refused event_pk=%s reason=%s", event.pk, reason)
    trim_unasked(event)
    invalid_event.sound(sender=Event, event=event)
    return Recorded(event=event, is_new=True)


def explanation_columns(explanation: DetailOrText) -> dict[str, Any]:
    """The columns of an event that hold what is said beside its reason."""
    return {
        "explanation": storable_text(str(explanation)),
        "detail": storable(explanation.stored()) if isinstance(explanation, Detail) else None,
    }


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


def repeated(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> Recorded | None:
    """The row that a delivery repeats, with one more counted on it; None when it says something new."""
    # Two rows at most, however many claims on the id somebody made up.
    telling = Q(fingerprint=envelope.fingerprint) | Q(valid=True)
    rows = list(Event.objects.filter(telling, stripe_id=envelope.stripe_id).exclude(valid=False).order_by("id"))
    same = next((row for row in rows if row.fingerprint == envelope.fingerprint), None)
    genuine = next((row for row in rows if row.valid), None)
    if genuine is not None and same is None:
        # Stripe's copy is here already, so another body under the same id is judged without asking again.
        outcome = compare_with_record(envelope, genuine, signed=bool(signed))
        if outcome.reason:
            return refuse(
                delivery,
                outcome.reason,
                outcome.explanation,
                payload=envelope.payload,
                envelope=envelope,
                difference=outcome.difference,
                signed=signed,
            )
    row = same or genuine
    if row is None:
        return None
    if not count_delivery(row, delivery):
        return repeated(delivery, envelope, signed=signed)  # The row gave way to another meanwhile.
    return Recorded(event=row, is_new=False)


def compare_with_record(envelope: Envelope, genuine: Event, *, signed: bool) -> Comparison:
    """Hold a posted event against the genuine one; when its messages are pruned, against what the row still tells."""
    if genuine.validated_message is not None and genuine.redacted_at is None:
        return compare(envelope, parse_envelope(genuine.validated_message, is_asked_for=True), signed=signed)
    known = {name: getattr(genuine, COLUMNS.get(name, name)) for name in IDENTITY}
    return compare_identity(identity(envelope), known)


def count_delivery(row: Event, delivery: Delivery) -> bool:
    """One more delivery of an event that is on record; False if its row is gone."""
    try:
        if not persist(partial(locks.update, row.pk, deliveries=F("deliveries") + 1)):
            return False
    except locks.Busy:
        # A receiver that is running has locked the row: its event is told from others all the same.
        logger.warning("not counted event=%s", row.stripe_id)
        return True
    row.deliveries += 1
    if row.deliveries <= TOLD_DELIVERIES:
        step = EventStep(event=row, kind=EventStep.Kind.DELIVERY)
        step.data = {"address": column(delivery.remote_address)[:64]}
        row.untold.append(step)
        tell(row)
    return True


def tell(row: Event) -> None:
    """Put what is untold into an event's timeline, unless its row just gave way to another: that has the count."""
    try:
        persist(partial(tell_once, row))
    except IntegrityError:
        row.untold.clear()


def tell_once(row: Event) -> None:
    with single_statement():
        row.tell()


def first(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> Recorded:
    """A new row; or, if another worker records the same delivery at this moment, its row.

    That one may be refused, or give way to another, before it is looked at; then it is our turn again.
    """
    event = Event(
        **delivery.columns(),
        **envelope_columns(envelope),
        webhook_message=envelope.payload,
        signed=signed,
        account_is_new=is_of_new_account(delivery, envelope, signed=signed) or None,
        next_attempt_at=timezone.now() + datetime.timedelta(seconds=setting("RETRY_DELAYS")[0]),
    )
    for turns_left in reversed(range(TURNS)):
        try:
            with single_statement():
                event.save(force_insert=True)
            break
        except IntegrityError:
            found = repeated(delivery, envelope, signed=signed)
            if found is not None:
                return found
            if not turns_left:
                raise
    if event.account_is_new:
        trim_new_accounts(event)
    return Recorded(event=event, is_new=True)


def is_of_new_account(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> bool:
    """Whether nothing vouches for a delivery yet, nor did Stripe ever vouch for an event of the account it names."""
    return not signed and delivery.source == Source.WEBHOOK and not is_known(envelope.account)


def delivery_of(payload: dict[str, Any]) -> Delivery:
    """A delivery made of an event that was read from the API."""
    body = json.dumps(payload).encode()
    return Delivery(body=body, size=len(body), source=Source.CATCH_UP)
