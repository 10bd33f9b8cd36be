"""Decides whether Stripe vouches for a recorded event. Calls the network, never inside a transaction."""

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Q
from django.utils import timezone

from .. import api
from ..conf import key_livemode, secret_key, setting, webhook_secrets
from ..exceptions import AccessDenied, ObjectNotFound, SignatureError, StripeError
from ..models.events import Event
from ..models.mirror import mirror_key
from ..signals import invalid_event
from ..sync.values import dig, identifier
from .comparison import compare
from .envelopes import Envelope, NotAnEvent, parse_envelope
from .reasons import REASONS
from .recording import single_statement
from .signatures import verify

#: Stripe answers 404 for older events (https://docs.stripe.com/api/events).
RETENTION = datetime.timedelta(days=30)
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


def validate(event: Event) -> Event:
    """Decide about an event and store the verdict; the row to go on with, which may be a twin's that was first."""
    return store(event, judge(event))


def judge(event: Event) -> Verdict:
    """The verdict on a recorded event."""
    try:
        posted = parse_envelope(event.webhook_message)
    except NotAnEvent as error:
        return Verdict(reason=error.code, explanation=str(error))
    try:
        signed = check_signature(event)
    except SignatureError as error:
        return Verdict(reason=error.code, explanation=str(error), signed=False)
    if setting("VALIDATION") == "signature":
        return other_mode(posted) or Verdict(validated_message=posted.payload, signed=signed)
    return other_mode(posted) or refetch(posted, signed=signed)


def check_signature(event: Event) -> bool | None:
    """True if a secret signed the body, None if signatures are not asked for; SignatureError otherwise."""
    secrets = webhook_secrets()
    if not secrets and setting("VALIDATION") == "signature":
        raise SignatureError(
            'PINAX_STRIPE_VALIDATION is "signature": set PINAX_STRIPE_WEBHOOK_SECRETS.', code="no_secret"
        )
    if not secrets or not event.body or event.signed:
        return event.signed
    # The time of recording, not now: what waited in the database is not less genuine for it.
    verify(
        bytes(event.body),
        event.headers.get("Stripe-Signature", ""),
        secrets,
        now=event.recorded_at.timestamp(),
        tolerance=setting("SIGNATURE_TOLERANCE"),
    )
    return True


def other_mode(posted: Envelope) -> Verdict | None:
    """A live endpoint of a Connect platform also gets test events, which our key cannot fetch and must not apply."""
    livemode = key_livemode()
    if livemode is None or livemode == posted.livemode:
        return None
    modes = {True: "live", False: "test"}
    return Verdict(
        reason="other_mode",
        explanation=f"A {modes[posted.livemode]} event, but PINAX_STRIPE_SECRET_KEY is a {modes[livemode]} key.",
    )


def refetch(posted: Envelope, *, signed: bool | None) -> Verdict:
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


def fetch(posted: Envelope) -> dict[str, Any]:
    if posted.is_thin:
        return api.retrieve_thin_event(posted.stripe_id, context=posted.account)
    return api.retrieve_event(posted.stripe_id, account=posted.account)


def unfetched(posted: Envelope, error: StripeError, *, signed: bool | None) -> Verdict:
    """The verdict when Stripe did not give the event."""
    explanation = str(error)
    if posted.kind == DEAUTHORIZED and isinstance(error, (AccessDenied, ObjectNotFound)):
        return deauthorized(posted, error, signed=signed)
    if isinstance(error, ObjectNotFound):
        if posted.created_at > timezone.now() - RETENTION:
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
        return give_way(event)
    if not changed:
        return Event.objects.get(pk=event.pk)
    for name, value in values.items():
        setattr(event, name, value)
    event.attempts += 1
    if event.valid is False:
        invalid_event.send_robust(sender=Event, event=event)
    return event


def verdict_columns(event: Event, verdict: Verdict) -> dict[str, Any]:
    reason = REASONS.get(verdict.reason)
    values: dict[str, Any] = {
        "valid": reason.valid if reason else not verdict.reason or None,
        "reason": verdict.reason,
        "explanation": verdict.explanation,
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
    return mirror_key(stripe_id, account) if stripe_id else None


def give_way(event: Event) -> Event:
    """Another row of this event was validated first: count this delivery there and remove the twin."""
    winner = Event.objects.get(stripe_id=event.stripe_id, valid=True)
    Event.objects.filter(pk=winner.pk).update(deliveries=F("deliveries") + event.deliveries)
    Event.objects.filter(pk=event.pk).delete()
    return winner


def refuse_unsigned(event: Event) -> bool:
    """Check the signature alone, before anything is queued; whether the event was refused for it."""
    try:
        check_signature(event)
    except SignatureError as error:
        store(event, Verdict(reason=error.code, explanation=str(error), signed=False))
        return True
    return False
