"""Decides whether Stripe vouches for a recorded event. Calls the network, never inside a transaction."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from .. import api
from ..conf import key_livemode, secret_key, setting
from ..exceptions import AccessDenied, ObjectNotFound, SignatureError, StripeError
from ..models.events import Event, EventStep, Source, database
from ..models.mirror import mirror_key
from ..signals import invalid_event
from ..sync.values import dig, identifier, storable_text
from .comparison import compare
from .envelopes import Envelope, NotAnEvent, column, parse_envelope
from .points import Point, reach
from .reasons import REASONS
from .recording import check_signed, single_statement, tell, trim_refused
from .retries import next_attempt

#: Stripe answers 404 for older events (https://docs.stripe.com/api/events).
RETENTION = datetime.timedelta(days=30)
#: Validations of one event that its timeline tells one by one.
TOLD_VALIDATIONS = 100
DEAUTHORIZED = "account.application.deauthorized"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of an event after validation."""

    #: "" for a valid event, else a code of `REASONS`.
    reason: str = ""
    explanation: str = ""
    validated_message: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    difference: list[dict[str, Any]] = field(default_factory=list)
    signed: bool | None = None


#: Gets an event from Stripe, for its posted envelope; raises StripeError.
Fetch = Callable[[Envelope], dict[str, Any]]


def validate(event: Event, *, fetch: Fetch | None = None) -> Event:
    """Decide about an event and store the verdict; the row to go on with, which may be a twin's that was first.

    `fetch` gets Stripe's copy; one call for each event by default.
    """
    verdict = judge(event, fetch or fetch_one)
    reach(Point.VALIDATING)
    event = store(event, verdict)
    reach(Point.VALIDATED)
    return event


def judge(event: Event, fetch: Fetch) -> Verdict:
    """The verdict on a recorded event."""
    try:
        posted = parse_envelope(event.webhook_message)
    except NotAnEvent as error:
        return Verdict(reason=error.code, explanation=str(error))
    try:
        signed = check_signature(event)
    except SignatureError as error:
        return Verdict(reason=error.code, explanation=str(error), signed=False)
    if setting("VALIDATION") == "signature" and event.source == Source.WEBHOOK:
        return other_mode(posted, signed=signed) or Verdict(validated_message=posted.payload, signed=signed)
    return other_mode(posted, signed=signed) or refetch(posted, fetch, signed=signed)


def check_signature(event: Event) -> bool | None:
    """True if a secret signed the body, None if signatures are not asked for; SignatureError otherwise."""
    if event.signed or event.source != Source.WEBHOOK:
        return event.signed
    # The time of recording, not now: what waited in the database is not less genuine for it.
    return check_signed(bytes(event.body), event.headers, now=event.recorded_at)


def other_mode(posted: Envelope, *, signed: bool | None) -> Verdict | None:
    """A live endpoint of a Connect platform also gets test events, which our key cannot fetch and must not apply."""
    livemode = key_livemode()
    if livemode is None or livemode == posted.livemode:
        return None
    modes = {True: "live", False: "test"}
    return Verdict(
        reason="other_mode",
        explanation=f"A {modes[posted.livemode]} event, but PINAX_STRIPE_SECRET_KEY is a {modes[livemode]} key.",
        signed=signed,
    )


def refetch(posted: Envelope, fetch: Fetch, *, signed: bool | None) -> Verdict:
    """Ask Stripe for the event and compare."""
    try:
        copy = fetch(posted)
    except StripeError as error:
        return unfetched(posted, error, signed=signed)
    try:
        stripe = parse_envelope(copy)
    except NotAnEvent as error:
        return Verdict(reason="api_error", explanation=f"Stripe answered with no event: {error}", signed=signed)
    if not stripe.account:
        # The account was in the request; that the answer repeats it is not documented.
        copy = {**copy, "account": posted.account} if posted.account else copy
        stripe = parse_envelope(copy)
    outcome = compare(posted, stripe, signed=bool(signed))
    return Verdict(
        reason=outcome.reason,
        explanation=outcome.explanation,
        validated_message=None if outcome.reason else copy,
        notes=outcome.notes,
        difference=outcome.difference,
        signed=signed,
    )


def fetch_one(posted: Envelope) -> dict[str, Any]:
    """Stripe's copy, by one call."""
    if posted.is_thin:
        return api.retrieve_thin_event(posted.stripe_id, context=posted.account)
    return api.retrieve_event(posted.stripe_id, account=posted.account)


def may_be_retained(created_at: datetime.datetime) -> bool:
    """Whether an event is recent enough for Stripe to have it still."""
    return created_at > timezone.now() - RETENTION


def unfetched(posted: Envelope, error: StripeError, *, signed: bool | None) -> Verdict:
    """The verdict when Stripe did not give the event."""
    explanation = str(error)
    # Before API version 2016-10-19 the refusal was a 401, like that of a bad key.
    if posted.kind == DEAUTHORIZED and (isinstance(error, (AccessDenied, ObjectNotFound)) or error.status == 401):
        return deauthorized(posted, error, signed=signed)
    if isinstance(error, ObjectNotFound):
        if may_be_retained(posted.created_at):
            return Verdict(reason="not_found", explanation=explanation, signed=signed)
        if signed:
            return Verdict(validated_message=posted.payload, notes=["signature_only"], signed=signed)
        return Verdict(reason="too_old", explanation=explanation, signed=signed)
    return Verdict(reason=error.code, explanation=explanation, signed=signed)


def deauthorized(posted: Envelope, error: StripeError, *, signed: bool | None) -> Verdict:
    """An account took our access away, and with it the event: the refusal itself is Stripe's word for it.

    Believed with a signature; or if Stripe's message names the account and our key, and the account was ours before.
    """
    accepted = Verdict(validated_message=posted.payload, notes=["access_revoked"], signed=signed)
    if signed:
        return accepted
    tail = re.escape(secret_key()[-4:])
    names_both = posted.account and posted.account in str(error) and re.search(tail, str(error))
    if not isinstance(error, AccessDenied) or not names_both:
        return Verdict(reason=error.code, explanation=str(error), signed=signed)
    if not Event.objects.filter(stripe_account=posted.account, valid=True).exists():
        return Verdict(reason="unknown_account", explanation=f"{posted.account} was never connected here.")
    return accepted


def store(event: Event, verdict: Verdict) -> Event:
    """Write the verdict; if another row of the same event was judged valid meanwhile, that one counts for both."""
    values = verdict_columns(event, verdict)
    try:
        with single_statement():
            changed = Event.objects.filter(Q(pk=event.pk), ~Q(valid=True)).update(**values, attempts=F("attempts") + 1)
    except IntegrityError:
        winner = Event.objects.filter(stripe_id=event.stripe_id, valid=True).first()
        if winner is None:
            raise
        return give_way(event, winner)
    if not changed:
        # Somebody else found it valid; or it gave way to the row of which somebody else found that.
        found = Event.objects.filter(pk=event.pk).first()
        return found or Event.objects.get(stripe_id=event.stripe_id, valid=True)
    for name, value in values.items():
        setattr(event, name, value)
    event.attempts += 1
    tell_verdict(event, verdict)
    if event.valid is False or event.reason == "other_mode":
        trim_refused(event)
    if event.valid is False:
        invalid_event.send_robust(sender=Event, event=event)
    return event


def tell_verdict(event: Event, verdict: Verdict) -> None:
    """Put a validation into the event's timeline."""
    if event.attempts > TOLD_VALIDATIONS:
        return
    step = EventStep(event=event, kind=EventStep.Kind.VALIDATION, outcome=verdict.reason)
    step.data = {"said": event.explanation} if event.explanation else {}
    event.untold.append(step)
    if not event.valid:
        tell(event)  # A valid event goes on, and tells it all at once.


def verdict_columns(event: Event, verdict: Verdict) -> dict[str, Any]:
    reason = REASONS.get(verdict.reason)
    values: dict[str, Any] = {
        "valid": reason.valid if reason else not verdict.reason or None,
        "next_attempt_at": None if verdict.reason == "other_mode" else next_attempt(event.attempts + 1),
        "reason": verdict.reason,
        # Stripe's words, or those of whatever answered in its place.
        "explanation": storable_text(verdict.explanation),
        "notes": verdict.notes,
        "difference": verdict.difference,
        "validated_message": verdict.validated_message,
        "signed": verdict.signed,
    }
    if verdict.validated_message is not None:
        values["customer_id"] = customer_key(verdict.validated_message, event.stripe_account)
    return values


def customer_key(message: dict[str, Any], account: str) -> str | None:
    """Key of the customer an event is about: the object itself, or the one it names."""
    data = dig(message, "data", "object") or {}
    stripe_id = identifier(data if data.get("object") == "customer" else data.get("customer"))
    return mirror_key(column(stripe_id), account) if stripe_id else None


def give_way(event: Event, winner: Event) -> Event:
    """Another row of this event was validated first: count this delivery there and remove the twin."""
    with transaction.atomic(using=database()):
        # Whoever adds something to the row either did before it is locked, or finds it gone.
        twin = Event.objects.select_for_update().filter(pk=event.pk).first()
        if twin is not None:
            Event.objects.filter(pk=winner.pk).update(deliveries=F("deliveries") + twin.deliveries)
            twin.delete()
    return winner
