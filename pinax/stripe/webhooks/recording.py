"""Records what was posted, before anything else is done with it."""

import datetime
import logging
from functools import partial

from django.db import IntegrityError
from django.db.models import F, Q
from django.utils import timezone

from ..conf import setting
from ..exceptions import SignatureError
from ..models.events import Event, EventSource, EventStep, single_statement
from . import locks
from .accounts import is_known
from .checkpoints import Checkpoint, checkpoint
from .comparison import IDENTITY, Comparison, compare, compare_identity, identity_of
from .database_errors import persist
from .deliveries import Delivery, envelope_columns
from .envelopes import Envelope, NotAnEvent, fit_column, parse_body, parse_envelope
from .refusals import refuse, trim_new_accounts
from .signature_checks import check_signature
from .timeline import save_steps

logger = logging.getLogger(__name__)

#: Deliveries of one event that its timeline lists; later ones are only counted.
MAX_TIMELINE_DELIVERIES = 50
#: Attribute of an envelope -> column of an event, where the names differ.
COLUMNS = {"account": "stripe_account"}
#: Attempts to add a row that others add and take away at the same time.
MAX_INSERTS = 3


def record(delivery: Delivery) -> Event:
    """Store a delivery: as a row of its own, or counted on the row of the event it repeats. Never raises for a body.

    What fails the cheap checks (shape, signature) is stored as refused; it costs one query, and one more now and then.
    """
    if delivery.problem:
        return refuse(delivery, delivery.problem, delivery.explanation)
    try:
        envelope = parse_envelope(parse_body(delivery.body), is_asked_for=delivery.source != EventSource.WEBHOOK)
    except NotAnEvent as error:
        return refuse(delivery, error.code, error.explanation, payload=error.payload)
    try:
        signed = check_signature(delivery, now=timezone.now())
    except SignatureError as error:
        return refuse(
            delivery, error.code, error.explanation, payload=envelope.payload, envelope=envelope, signed=False
        )
    if envelope.is_sample:
        return refuse(delivery, "dashboard_test", "", payload=envelope.payload, envelope=envelope, signed=signed)
    recorded = find_duplicate(delivery, envelope, signed=signed) or insert_event(delivery, envelope, signed=signed)
    checkpoint(Checkpoint.RECORDED)
    return recorded


def find_duplicate(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> Event | None:
    """The row that a delivery repeats, with one more counted on it; None when it says something new."""
    # Two rows at most, however many forged events have the same id.
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
        return find_duplicate(delivery, envelope, signed=signed)  # The row gave way to another meanwhile.
    return row


def compare_with_record(envelope: Envelope, genuine: Event, *, signed: bool) -> Comparison:
    """Compare a posted event with the genuine one; when its messages are pruned, with the columns that are left."""
    if genuine.validated_message is not None and genuine.redacted_at is None:
        return compare(envelope, parse_envelope(genuine.validated_message, is_asked_for=True), signed=signed)
    known = {name: getattr(genuine, COLUMNS.get(name, name)) for name in IDENTITY}
    return compare_identity(identity_of(envelope), known)


def count_delivery(row: Event, delivery: Delivery) -> bool:
    """One more delivery of an event that is on record; False if its row was deleted."""
    try:
        if not persist(partial(locks.update_event, row.pk, deliveries=F("deliveries") + 1)):
            return False
    except locks.Busy:
        # A running receiver has locked the row. The event is recognised all the same.
        logger.warning("not counted event=%s", row.stripe_id)
        return True
    row.deliveries += 1
    if row.deliveries <= MAX_TIMELINE_DELIVERIES:
        step = EventStep(event=row, kind=EventStep.Kind.DELIVERY)
        step.data = {"address": fit_column(delivery.remote_address)[:64]}
        row.pending_steps.append(step)
        save_steps(row)
    return True


def insert_event(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> Event:
    """A new row; or, if another worker records the same delivery at this moment, its row.

    Retries if that row is refused, or merged into another, before it is read.
    """
    event = Event(
        **delivery.columns(),
        **envelope_columns(envelope),
        webhook_message=envelope.payload,
        signed=signed,
        account_is_new=is_of_new_account(delivery, envelope, signed=signed) or None,
        next_attempt_at=timezone.now() + datetime.timedelta(seconds=setting("RETRY_DELAYS")[0]),
    )
    for turns_left in reversed(range(MAX_INSERTS)):
        try:
            with single_statement():
                event.save(force_insert=True)
            break
        except IntegrityError:
            found = find_duplicate(delivery, envelope, signed=signed)
            if found is not None:
                return found
            if not turns_left:
                raise
    if event.account_is_new:
        trim_new_accounts(event)
    return event


def is_of_new_account(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> bool:
    """Whether a delivery is not verified yet, and names an account that no genuine event named."""
    return not signed and delivery.source == EventSource.WEBHOOK and not is_known(envelope.account)
