"""Decides whether Stripe confirms a recorded event. Calls the network, never inside a transaction."""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from .. import api
from ..catalogue.details import Detail, DetailOrText
from ..catalogue.objects import object_type
from ..catalogue.reasons import REASONS
from ..catalogue.related import named_object
from ..conf import key_livemode, secret_key, setting
from ..exceptions import (
    AccessDenied,
    AccountInaccessible,
    ObjectNotFound,
    SignatureError,
    StripeError,
    TemporaryStripeError,
)
from ..models.documents import has_text, is_same_message
from ..models.events import Event, EventSource, EventStep, NewStep, database, single_statement
from ..models.mirror import mirror_key
from ..signals import invalid_event
from ..stripe_values import dig, first_reference, mapping, text
from .accounts import DEAUTHORIZED, genuine_events, has_left, is_known, may_be_asked_about
from .checkpoints import Checkpoint, checkpoint
from .comparison import compare
from .envelopes import Envelope, NotAnEvent, account_of, parse_envelope, posted_envelope
from .refusals import explanation_columns, trim_refused
from .retries import next_attempt_time
from .signature_checks import check_signature
from .timeline import save_steps

#: Stripe answers 404 for older events (https://docs.stripe.com/api/events).
RETENTION = datetime.timedelta(days=30)
#: Validations of one event that its timeline lists.
MAX_TIMELINE_VALIDATIONS = 100
APPLICATION_ID = re.compile(r"ca_[A-Za-z0-9_]{1,200}")
#: How long a key may be without access to a known account before its events are refused: it may be a mistake that staff
#: correct.
ACCESS_WAIT = datetime.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ValidationVerdict:
    """The result of a validation."""

    #: "" for a valid event, else a code of `REASONS`.
    reason: str = ""
    explanation: DetailOrText = ""
    validated_message: dict[str, Any] | None = None
    #: Whether that is the posted message, or the same.
    is_same: bool = False
    notes: list[str] = field(default_factory=list)
    difference: list[dict[str, Any]] = field(default_factory=list)
    signed: bool | None = None
    #: Whether it is made from an answer that counts as one of PINAX_STRIPE_REFUSED_CALLS.
    is_denied: bool = False


#: Gets an event from Stripe, for its posted envelope; raises StripeError.
Fetch = Callable[[Envelope], dict[str, Any]]


def find_verdict(event: Event, fetch: Fetch | None = None) -> ValidationVerdict:
    """The verdict on a recorded event, not stored yet.

    `fetch` gets Stripe's copy; one call for each event by default.
    """
    verdict = verdict_on(event, fetch or fetch_with_one_call(account_is_new=event.account_is_new))
    checkpoint(Checkpoint.VALIDATING)
    return verdict


def verdict_on(event: Event, fetch: Fetch) -> ValidationVerdict:
    """The verdict by shape, signature, and Stripe's word."""
    try:
        posted = posted_envelope(event)
    except NotAnEvent as error:
        return ValidationVerdict(reason=error.code, explanation=error.explanation)
    try:
        # The time of recording, not now: what waited in the database is not less genuine for it.
        signed = event.signed or check_signature(event, now=event.recorded_at)
    except SignatureError as error:
        return ValidationVerdict(reason=error.code, explanation=error.explanation, signed=False)
    if setting("VALIDATION") == "signature" and event.source == EventSource.WEBHOOK:
        return verdict_other_mode(posted, signed=signed) or verdict_as_posted(posted, signed=signed)
    return verdict_other_mode(posted, signed=signed) or refetch(event, posted, fetch, signed=signed)


def verdict_as_posted(posted: Envelope, *, signed: bool | None, notes: Sequence[str] = ()) -> ValidationVerdict:
    """The event is genuine as it was posted."""
    return ValidationVerdict(validated_message=posted.payload, is_same=True, signed=signed, notes=[*notes])


def verdict_other_mode(posted: Envelope, *, signed: bool | None) -> ValidationVerdict | None:
    """A live endpoint of a Connect platform also gets test events, which our key cannot fetch and must not apply."""
    livemode = key_livemode()
    if livemode is None or livemode == posted.livemode:
        return None
    detail = Detail("live_event_test_key" if posted.livemode else "test_event_live_key")
    return ValidationVerdict(reason="other_mode", explanation=detail, signed=signed)


def refetch(event: Event, posted: Envelope, fetch: Fetch, *, signed: bool | None) -> ValidationVerdict:
    """Ask Stripe for the event and compare."""
    try:
        copy = fetch(posted)
    except StripeError as error:
        verdict = verdict_without_copy(event, posted, error, signed=signed)
        return replace(verdict, is_denied=is_denial(error) and not signed and event.source == EventSource.WEBHOOK)
    if posted.account and not account_of(copy):
        # The account was in the request; that the answer repeats it is not documented.
        copy = {**copy, "account": posted.account}
    if is_same_message(copy, posted.payload):
        return ValidationVerdict(validated_message=copy, is_same=True, signed=signed)
    try:
        stripe = parse_envelope(copy, is_asked_for=True)
    except NotAnEvent as error:
        strange = TemporaryStripeError(Detail("answer_is_no_event", {"message": str(error)}), code="api_error")
        return verdict_undecided(event, posted, strange, signed=signed)
    outcome = compare(posted, stripe, signed=bool(signed))
    return ValidationVerdict(
        reason=outcome.reason,
        explanation=outcome.explanation,
        validated_message=None if outcome.reason else copy,
        notes=outcome.notes,
        difference=outcome.difference,
        signed=signed,
    )


def is_denial(error: StripeError) -> bool:
    """Whether an error is an answer that cost a call and refuses what was asked. A bad key (401) is no fault of it."""
    return error.status in (400, 403, 404) and not getattr(error, "is_repeated", False)


def fetch_with_one_call(*, account_is_new: bool | None) -> Fetch:
    """Gets Stripe's copy of an event by one call, unless Stripe may not be asked about its account now."""

    def fetch(posted: Envelope) -> dict[str, Any]:
        if account_is_new and not may_be_asked_about(posted.account):
            raise TemporaryStripeError("", code="not_asked")
        return fetch_one(posted)

    return fetch


def fetch_one(posted: Envelope) -> dict[str, Any]:
    """Stripe's copy, by one call."""
    if posted.is_thin:
        return api.retrieve_thin_event(posted.stripe_id, context=posted.account)
    return api.retrieve_event(posted.stripe_id, account=posted.account)


def may_be_retained(created_at: datetime.datetime) -> bool:
    """Whether an event is recent enough for Stripe to have it still."""
    return created_at > timezone.now() - RETENTION


def verdict_without_copy(
    event: Event, posted: Envelope, error: StripeError, *, signed: bool | None
) -> ValidationVerdict:
    """The verdict when Stripe did not give the event."""
    # Before API version 2016-10-19 the refusal was a 401, like that of a bad key.
    if posted.kind == DEAUTHORIZED and (isinstance(error, (AccessDenied, ObjectNotFound)) or error.status == 401):
        return verdict_deauthorized(event, posted, error, signed=signed)
    return verdict_on_error(event, posted, error, signed=signed)


def verdict_on_error(event: Event, posted: Envelope, error: StripeError, *, signed: bool | None) -> ValidationVerdict:
    """The verdict by what kind of error it was."""
    if isinstance(error, ObjectNotFound):
        return verdict_not_found(event, posted, error, signed=signed)
    if isinstance(error, AccountInaccessible):
        return verdict_no_access(event, posted, error, signed=signed)
    return verdict_undecided(event, posted, error, signed=signed)


def verdict_not_found(
    event: Event, posted: Envelope, error: ObjectNotFound, *, signed: bool | None
) -> ValidationVerdict:
    """Stripe has no event of this id, or has it no longer."""
    # Events of test clocks are made in the future; none is made after it is recorded.
    if may_be_retained(posted.created_at) and not is_recorded_before(event, RETENTION):
        # What Stripe signed exists: the key is another account's, or the read came too early.
        reason = "signed_but_not_found" if signed else "not_found"
        return ValidationVerdict(reason=reason, explanation=error.explanation, signed=signed)
    if signed:
        return verdict_by_signature(posted)
    return ValidationVerdict(reason="too_old", explanation=error.explanation, signed=signed)


def verdict_by_signature(posted: Envelope) -> ValidationVerdict:
    """Only its signature can confirm the event now."""
    return verdict_as_posted(posted, signed=True, notes=["signature_only"])


def verdict_no_access(event: Event, posted: Envelope, error: StripeError, *, signed: bool | None) -> ValidationVerdict:
    """The key has no access to the event's account.

    A POST that names an unknown account is refused at once, one of a known account after ACCESS_WAIT.
    """
    is_over = is_recorded_before(event, ACCESS_WAIT)
    if signed:
        return verdict_by_signature(posted) if is_over else verdict_undecided(event, posted, error, signed=signed)
    if not is_known(posted.account):
        return ValidationVerdict(reason="unknown_account", explanation=error.explanation)
    if is_over or has_left(posted.account):
        return ValidationVerdict(reason="access_ended", explanation=error.explanation)
    return verdict_undecided(event, posted, error, signed=signed)


def verdict_undecided(event: Event, posted: Envelope, error: StripeError, *, signed: bool | None) -> ValidationVerdict:
    """The error says nothing about the event: it waits, but not longer than Stripe keeps events."""
    if not is_recorded_before(event, RETENTION):
        return ValidationVerdict(reason=error.code, explanation=error.explanation, signed=signed)
    return (
        verdict_by_signature(posted)
        if signed
        else ValidationVerdict(reason="too_old", explanation=error.explanation, signed=signed)
    )


def is_recorded_before(event: Event, age: datetime.timedelta) -> bool:
    """Whether an event has been on record for so long.

    Not what it says about its own age: the sender can choose that.
    """
    return event.recorded_at <= timezone.now() - age


def verdict_deauthorized(
    event: Event, posted: Envelope, error: StripeError, *, signed: bool | None
) -> ValidationVerdict:
    """An account ended our access, so the event cannot be read. Stripe's refusal itself confirms it.

    Believed with a signature; or if Stripe's message names the account and our key, and the account was ours until now.
    Then Stripe's word is for the account alone, so nothing else that was posted is passed on.
    """
    if signed:
        return verdict_as_posted(posted, signed=signed, notes=["access_revoked"])
    is_told = isinstance(error, AccountInaccessible) and names_both(error, posted.account)
    if not is_told or not is_known(posted.account) or has_left(posted.account):
        return verdict_on_error(event, posted, error, signed=signed)
    return ValidationVerdict(validated_message=minimal_deauthorization(posted), notes=["access_revoked"], signed=signed)


def names_both(error: StripeError, account: str) -> bool:
    """Whether a message of Stripe's names an account, and the end of our key."""
    return bool(account) and account in str(error) and secret_key()[-4:] in str(error)


def minimal_deauthorization(posted: Envelope) -> dict[str, Any]:
    """What can be passed on of a deauthorization that only Stripe's refusal confirms."""
    application = {"object": "application"}
    if APPLICATION_ID.fullmatch(posted.object_id):
        application["id"] = posted.object_id
    return {
        "id": posted.stripe_id,
        "object": "event",
        "type": posted.kind,
        "api_version": posted.api_version or None,
        "created": int(posted.created_at.timestamp()),
        "livemode": posted.livemode,
        "account": posted.account,
        "data": {"object": application},
    }


def store_verdict(event: Event, verdict: ValidationVerdict) -> Event:
    """Write the verdict. Returns the row to go on with: another one of the same event, if that was validated first."""
    event = write_or_merge(event, verdict)
    checkpoint(Checkpoint.VALIDATED)
    return event


def write_or_merge(event: Event, verdict: ValidationVerdict) -> Event:
    """Write the verdict; if another row of the same event was judged valid meanwhile, that one counts for both."""
    try:
        if "access_revoked" in verdict.notes and not verdict.signed:
            verdict, values = write_deauthorization(event, verdict)
        else:
            values = write_verdict(event, verdict)
    except IntegrityError:
        winner = Event.objects.filter(stripe_id=event.stripe_id, valid=True).first()
        if winner is None:
            raise
        return merge_duplicate(event, winner)
    if not values:
        # Meanwhile the row was found valid, or merged into a row that was, or removed because there were too many.
        found = Event.objects.filter(pk=event.pk).first()
        return found or Event.objects.filter(stripe_id=event.stripe_id, valid=True).first() or event
    apply_verdict(event, verdict, values)
    if event.valid is False or event.reason == "other_mode":
        trim_refused(event)
    if event.valid is False:
        invalid_event.sound(sender=Event, event=event)
    return event


def apply_verdict(event: Event, verdict: ValidationVerdict, values: dict[str, Any]) -> None:
    """Make an instance what the row is with these values of a verdict."""
    for name, value in values.items():
        setattr(event, name, value)
    event.validated_message = verdict.validated_message
    event.attempts += 1
    save_verdict_step(event, verdict)


def write_verdict(event: Event, verdict: ValidationVerdict) -> dict[str, Any]:
    """Write the columns that a verdict changes, and return them.

    {} if the event is valid already, or its row is deleted.
    """
    values = verdict_columns(event, verdict)
    with single_statement():
        changed = Event.objects.filter(Q(pk=event.pk), ~Q(valid=True)).update(**values, attempts=F("attempts") + 1)
    return values if changed else {}


def write_deauthorization(event: Event, verdict: ValidationVerdict) -> tuple[ValidationVerdict, dict[str, Any]]:
    """The same for a deauthorization that only Stripe's refusal confirms: it is accepted once.

    From now on Stripe refuses every event about that account, forged or not.
    """
    with transaction.atomic(using=database()):
        first = genuine_events().filter(stripe_account=event.stripe_account).order_by("pk").values("pk")[:1]
        # Writing takes the lock on a row that all such events have in common, and on SQLite that on the database.
        Event.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(attempts=F("attempts"))
        if has_left(event.stripe_account):
            verdict = ValidationVerdict(
                reason="access_ended", explanation=verdict.explanation, is_denied=verdict.is_denied
            )
        return verdict, write_verdict(event, verdict)


def save_verdict_step(event: Event, verdict: ValidationVerdict) -> None:
    """Put a validation into the event's timeline."""
    if event.attempts > MAX_TIMELINE_VALIDATIONS:
        return
    step = NewStep(event_id=event.pk, kind=EventStep.Kind.VALIDATION, outcome=verdict.reason)
    if event.detail:
        step.data = {"detail": event.detail}
    elif event.explanation:
        step.data = {"said": event.explanation}
    event.pending_steps.append(step)
    if not event.valid:
        save_steps(event)  # A valid event goes on, and stores all its steps at once.


def verdict_columns(event: Event, verdict: ValidationVerdict) -> dict[str, Any]:
    reason = REASONS.get(verdict.reason)
    values: dict[str, Any] = {
        "valid": reason.valid if reason else not verdict.reason or None,
        "next_attempt_at": None if verdict.reason == "other_mode" else next_attempt_time(event.attempts + 1),
        "reason": verdict.reason,
        **explanation_columns(verdict.explanation),
        "notes": verdict.notes,
        "difference": verdict.difference,
        "validated_message": None if verdict.is_same and has_text(event) else verdict.validated_message,
        "signed": verdict.signed,
    }
    if verdict.is_denied:
        values["denied_at"] = timezone.now()
    if values["valid"] is not None:
        values["account_is_new"] = None
    if verdict.validated_message is not None:
        values["customer_id"] = customer_key(verdict.validated_message, event.object_account)
        values |= columns_as_posted(event) if verdict.is_same else message_columns(verdict.validated_message)
    return values


def columns_as_posted(event: Event) -> dict[str, Any]:
    """The columns of `message_columns` for a validated message that is the same as the posted one: as they are."""
    return {name: getattr(event, name) for name in ("api_version", "object_type", "object_id")}


def message_columns(message: dict[str, Any]) -> dict[str, Any]:
    """Columns that are taken from a validated message that differs from the posted one."""
    envelope = parse_envelope(message, is_asked_for=True)
    return {
        "api_version": envelope.api_version,
        "object_type": envelope.object_type,
        "object_id": envelope.object_id,
    }


def customer_key(message: dict[str, Any], account: str) -> str | None:
    """Key of the customer that an event is about: whom its object names, where the table of object types says."""
    data = mapping(dig(message, "data", "object")) or named_object(message)
    stripe_id = first_reference(data, object_type(text(data.get("object"))).customer)
    return None if stripe_id is None else mirror_key(stripe_id, account)


def merge_duplicate(event: Event, winner: Event) -> Event:
    """Another row of this event was validated first: count this delivery there and remove the twin."""
    with transaction.atomic(using=database()):
        # Other processes add to the row before it is locked, or find it deleted.
        twin = Event.objects.select_for_update().filter(pk=event.pk).first()
        if twin is not None:
            Event.objects.filter(pk=winner.pk).update(deliveries=F("deliveries") + twin.deliveries)
            twin.delete()
    return winner
