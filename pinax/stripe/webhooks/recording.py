"""Records what was posted, before anything else is done with it."""

import datetime
import logging
from collections.abc import Sequence
from functools import partial

from django.db import IntegrityError
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ..conf import setting
from ..exceptions import SignatureError
from ..models.events import CLAIM, GENUINE_ID, Event, EventSource, EventStep, NewStep, single_statement
from . import event_rows, locks
from .accounts import is_known
from .checkpoints import Checkpoint, checkpoint
from .comparison import IDENTITY, Comparison, compare, compare_identity, identity_of
from .database_errors import persist
from .deliveries import Delivery, envelope_columns
from .envelopes import Envelope, NotAnEvent, fit_column, parse_body, parse_envelope, remember_envelope
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
    recorded = add_or_count(new_event(delivery, envelope, signed=signed), delivery, envelope)
    checkpoint(Checkpoint.RECORDED)
    return recorded


def record_all(deliveries: Sequence[Delivery]) -> list[Event]:
    """Store what Stripe listed, as `record` does, new events in one statement; the rows in the same order."""
    if not event_rows.is_quick():
        return [record(delivery) for delivery in deliveries]
    events = [listed_event(delivery) for delivery in deliveries]
    persist(partial(event_rows.add_rows_unless_known, [event for event in events if event is not None]))
    added = [None if event is None or event.pk is None else event for event in events]
    for _event in filter(None, added):
        checkpoint(Checkpoint.RECORDED)
    return [event or record(delivery) for event, delivery in zip(added, deliveries, strict=True)]


def listed_event(delivery: Delivery) -> Event | None:
    """The row for what Stripe listed, not stored yet; None for what is refused."""
    try:
        envelope = parse_envelope(parse_body(delivery.body), is_asked_for=True)
    except NotAnEvent:
        return None
    return None if envelope.is_sample else new_event(delivery, envelope, signed=None)


def new_event(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> Event:
    """The row for a delivery, not stored yet."""
    event = event_rows.unsaved_event(
        {
            **delivery.columns(),
            **envelope_columns(envelope),
            "webhook_message": envelope.payload,
            "signed": signed,
            "account_is_new": is_of_new_account(delivery, envelope, signed=signed) or None,
            "next_attempt_at": timezone.now() + datetime.timedelta(seconds=setting("RETRY_DELAYS")[0]),
        }
    )
    remember_envelope(event, envelope)
    return event


def add_or_count(event: Event, delivery: Delivery, envelope: Envelope) -> Event:
    """Store the row of a delivery; or count the delivery on the row that it repeats, and return that one.

    Tries again if that row is refused, or merged into another, before it is read.
    """
    for _ in range(MAX_INSERTS):
        if add(event):
            break
        found = count_repeated(event, delivery) or find_duplicate(delivery, envelope, signed=event.signed)
        if found is not None:
            return found
    else:
        event.save(force_insert=True)  # An IntegrityError: rows that stand for this one come and go.
    if event.account_is_new:
        trim_new_accounts(event)
    return event


def add(event: Event) -> bool:
    """Insert a row unless one stands for the same event; whether it did."""
    if event_rows.is_quick():
        return event_rows.add_row_unless_known(event)
    if rows_of_event(event.stripe_id, event.fingerprint).exists():
        return False
    try:
        with single_statement():
            event.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def count_repeated(event: Event, delivery: Delivery) -> Event | None:
    """The row with the claim of an event, with one more delivery counted on it; None if that needs a closer look."""
    if not event_rows.is_quick():
        return None
    step = delivery_step(event, delivery)
    count = partial(event_rows.count_delivery_of, event, step, most_steps=MAX_TIMELINE_DELIVERIES)
    counted = persist(count)
    if counted is None or counted.processed:
        return counted
    return Event.objects.filter(pk=counted.pk).first()  # Whole, to go on with.


def rows_of_event(stripe_id: str, fingerprint: str) -> QuerySet[Event]:
    """The rows that stand for an event: the genuine one, and the one with the same claim.

    Two at most, however many forged events have the same id.
    """
    rows = Event.objects.alias(genuine_id=GENUINE_ID, claim=CLAIM)
    return rows.filter(Q(genuine_id=stripe_id) | Q(stripe_id=stripe_id, claim=fingerprint))


def find_duplicate(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> Event | None:
    """The row that a delivery repeats, with one more counted on it; None when it says something new."""
    rows = list(rows_of_event(envelope.stripe_id, envelope.fingerprint).order_by("id"))
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
        row.pending_steps.append(delivery_step(row, delivery))
        save_steps(row)
    return True


def delivery_step(row: Event, delivery: Delivery) -> NewStep:
    """The step of a further delivery."""
    data = {"address": fit_column(delivery.remote_address)[:64]}
    return NewStep(event_id=row.pk, kind=EventStep.Kind.DELIVERY, data=data)


def is_of_new_account(delivery: Delivery, envelope: Envelope, *, signed: bool | None) -> bool:
    """Whether a delivery is not verified yet, and names an account that no genuine event named."""
    return not signed and delivery.source == EventSource.WEBHOOK and not is_known(envelope.account)
