"""The state of an event in plain words: why, what happens next, and what somebody can do about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override, pgettext_lazy

from ...catalogue.reasons import REASONS
from ...models.events import Event, EventProcessingException, State
from ...upkeep.reprocessing import NO_EVENT
from ..display.masking import masked_text

SECRET = gettext_lazy(
    "If it was Stripe, copy the endpoint's signing secret (whsec_…) from Stripe's dashboard into "
    "PINAX_STRIPE_WEBHOOK_SECRETS, then press “Validate again”. If it was not, there is nothing to do."
)
NOTHING = gettext_lazy("Nothing needs to be done.")
WAIT = gettext_lazy("Nothing needs to be done unless this lasts; https://status.stripe.com tells of outages.")
KEY = gettext_lazy(
    "Set PINAX_STRIPE_SECRET_KEY to a valid key of this Stripe account; waiting events are then decided."
)

FORGED = gettext_lazy(
    "Somebody changed this event, or made it up: look at the address it came from, and at the difference below. The "
    "genuine event, if there is one, is a row of its own."
)

#: Code of `REASONS` -> what somebody can do about it.
ADVICE: dict[str, "str | Promise"] = {
    "too_large": gettext_lazy("If Stripe's own events are this long, raise PINAX_STRIPE_MAX_BODY_BYTES."),
    "unreadable": gettext_lazy("If it was Stripe, the event comes again by itself."),
    "no_length": gettext_lazy(
        "Let the proxy in front of the site send a Content-Length (cloudflared: disableChunkedEncoding), or use a "
        "server that takes such bodies: gunicorn, waitress, an ASGI server, or uWSGI with --http-chunked-input."
    ),
    "compressed": gettext_lazy("Let the proxy in front of the site pass bodies on exactly as Stripe sends them."),
    "not_json": NOTHING,
    "not_an_event": NOTHING,
    "organization": gettext_lazy(
        "In Stripe's dashboard, make a webhook endpoint in each account instead, and give each account's site a key of "
        "that account."
    ),
    "no_secret": gettext_lazy("Set PINAX_STRIPE_WEBHOOK_SECRETS, then press “Validate again”."),
    "signature_missing": SECRET,
    "signature_malformed": SECRET,
    "signature_mismatch": SECRET,
    "signature_expired": gettext_lazy("If it was Stripe, check this server's clock, then press “Validate again”."),
    "signature_future": gettext_lazy("If it was Stripe, check this server's clock, then press “Validate again”."),
    "not_found": gettext_lazy(
        "Somebody made this event up, or it is of another Stripe account than PINAX_STRIPE_SECRET_KEY: if you know "
        "the event from your dashboard, check the key, then press “Validate again”."
    ),
    "too_old": gettext_lazy("If you need what it told, look at the object itself in Stripe's dashboard."),
    "identity_differs": FORGED,
    "content_differs": FORGED,
    "unknown_account": gettext_lazy(
        "If the account is connected to your platform, check that PINAX_STRIPE_SECRET_KEY is the platform's key, then "
        "press “Validate again”. If it is not, there is nothing to do."
    ),
    "access_ended": gettext_lazy(
        "If the account did not leave, check that PINAX_STRIPE_SECRET_KEY is the platform's key, then press “Validate "
        "again”."
    ),
    "dashboard_test": NOTHING,
    "other_mode": gettext_lazy("Nothing, unless the key is of the wrong mode: look at PINAX_STRIPE_SECRET_KEY."),
    "not_asked": gettext_lazy(
        "Nothing needs to be done. Set PINAX_STRIPE_WEBHOOK_SECRETS, if you have not: then what is made up is refused "
        "without asking Stripe."
    ),
    "no_access": gettext_lazy(
        "If the account did not leave, check that PINAX_STRIPE_SECRET_KEY is the platform's key; waiting events are "
        "then decided."
    ),
    "no_key": KEY,
    "key_refused": KEY,
    "no_permission": gettext_lazy("Give the restricted key permission to read events, in Stripe's dashboard."),
    "request_refused": gettext_lazy("Read what Stripe said, mend it, then press “Validate again”."),
    "signed_but_not_found": gettext_lazy(
        "Compare the account of PINAX_STRIPE_SECRET_KEY with the account of the webhook endpoint: they have to be the "
        "same. Once the key is right, the event is decided."
    ),
    "key_of_other_mode": KEY,
    "unexpected_404": gettext_lazy(
        "Compare PINAX_STRIPE_API_BASE with https://api.stripe.com, and look for a proxy that answers in Stripe's "
        "place. Once Stripe is reached, the event is decided."
    ),
    "rate_limited": WAIT,
    "no_answer": WAIT,
    "api_error": WAIT,
}

#: What is on record beside a reason, as `Event.explanation` says it in English; what others said in it stays English.
SAID = [
    gettext_lazy("Stripe's copy differs in: %(places)s."),
    gettext_lazy("A live event, but PINAX_STRIPE_SECRET_KEY is a test key."),
    gettext_lazy("A test event, but PINAX_STRIPE_SECRET_KEY is a live key."),
    gettext_lazy("A middleware had read the body: let it use request.body, for others too."),
    gettext_lazy("%(received)s of %(declared)s bytes arrived."),
    gettext_lazy("%(account)s was never connected here."),
    gettext_lazy("The POST had no Stripe-Signature header."),
    gettext_lazy("The Stripe-Signature header is not of the form t=…,v1=…."),
    gettext_lazy(
        "Signed with none of PINAX_STRIPE_WEBHOOK_SECRETS (%(ends)s), or altered on the way: copy the endpoint's "
        "whsec_… from the Dashboard, and make sure that no proxy rewrites bodies."
    ),
    gettext_lazy("Signed %(seconds)s seconds ago, %(most)s are allowed."),
    gettext_lazy("Signed %(seconds)s seconds in the future; check the clock."),
    gettext_lazy('PINAX_STRIPE_VALIDATION is "signature": set PINAX_STRIPE_WEBHOOK_SECRETS.'),
    gettext_lazy("No API key: set PINAX_STRIPE_SECRET_KEY (or STRIPE_SECRET_KEY in the environment)."),
    gettext_lazy("Stripe refused the API key; set PINAX_STRIPE_SECRET_KEY to a valid one. (%(message)s)"),
    gettext_lazy("PINAX_STRIPE_SECRET_KEY has a character that is in no key of Stripe's; copy the key again."),
    gettext_lazy("No answer from Stripe: %(message)s"),
    gettext_lazy("Stripe failed: %(message)s"),
    gettext_lazy(
        "The answer is 404, but does not say that the object is gone; look at PINAX_STRIPE_API_BASE. (%(message)s)"
    ),
]
#: Characters of what is on record beside a reason that are shown: whoever answered in Stripe's place may say a lot.
LONGEST_SAID = 1_000
PLACEHOLDER = re.compile(r"%\((\w+)\)s")

#: Code of `Event.notes` -> what is remarkable about the event.
NOTES: dict[str, "str | Promise"] = {
    "rendering_differs": gettext_lazy(
        "The posted message was rendered in another way than Stripe's own copy, which is the one that counts."
    ),
    "signature_only": gettext_lazy(
        "Stripe gives this event no more, because it is older than 30 days or its account took the access away; its "
        "signature alone vouches for it."
    ),
    "access_revoked": gettext_lazy("The account took back our access, and the event with it; that refusal vouches."),
}

#: What `EventProcessingException.data` names, unless it is a receiver.
PLACES: dict[str, "str | Promise"] = {
    "dispatch": pgettext_lazy("where it failed", "dispatch"),
    "process": pgettext_lazy("where it failed", "process"),
    "prepare": pgettext_lazy("where it failed", "prepare"),
    "handler": pgettext_lazy("where it failed", "handler"),
    "mirror": pgettext_lazy("where it failed", "mirror"),
    "announce": pgettext_lazy("where it failed", "announce"),
    "after commit": pgettext_lazy("where it failed", "after commit"),
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What there is to say of an event's state; each part is a sentence or two, or ""."""

    why: str
    next: str = ""
    advice: str = ""
    notes: list[str] = field(default_factory=list)


def explain(event: Event, last: EventProcessingException | None) -> Explanation:
    """Why the event is in its state; `last` is the newest thing that went wrong with it."""
    found = EXPLANATIONS[State(event.state)](event, last)
    return replace(found, notes=[*found.notes, *losses(event)])


def losses(event: Event) -> Iterator[str]:
    """What is not there any more, and what cannot be done for want of it."""
    if event.pruned_at is not None:
        text = _("Its messages were pruned on %(time)s, so it cannot be validated or processed again.")
        yield text % {"time": told(event.pruned_at)}
    elif event.redacted_at is not None and event.valid:
        text = _("Personal data was removed from it on %(time)s; processed again, it says what is left.")
        yield text % {"time": told(event.redacted_at)}
    elif event.redacted_at is not None:
        text = _("Personal data was removed from it on %(time)s, so Stripe cannot be asked about it again.")
        yield text % {"time": told(event.redacted_at)}


def done(event: Event, last: EventProcessingException | None) -> Explanation:
    return Explanation(
        why=_("Stripe vouched for it. Since %(time)s, everything it asked for is done.")
        % {"time": told(event.processed_at)},
        notes=[str(NOTES[code]) for code in event.notes if code in NOTES],
    )


def waiting(event: Event, last: EventProcessingException | None) -> Explanation:
    if event.valid and event.postponed_at is not None:
        why = _("Stripe vouched for it. A receiver asked to be called later: see the timeline.")
    elif event.valid:
        why = _("Stripe vouched for it; it is not processed yet.")
    elif event.reason:
        why = _("Nobody could tell yet whether it is Stripe's.") + " " + reason_of(event)
    else:
        why = _("It is on record, and Stripe was not asked about it yet.")
    return Explanation(why=why, next=next_attempt(event), advice=str(ADVICE.get(event.reason, "")))


def failed(event: Event, last: EventProcessingException | None) -> Explanation:
    text = ngettext(
        "Stripe vouched for it, but processing it failed.",
        "Stripe vouched for it, but processing it failed %(count)d times.",
        event.failures,
    )
    why = text % {"count": event.failures}
    if last is not None:
        why += " " + _("Most recently in %(where)s: %(message)s") % {
            "where": place_of(last.data),
            "message": masked_text(last.message),
        }
    return Explanation(
        why=why,
        next=next_attempt(event),
        advice=_("Have the cause mended, then press “Try again”: only what is not done yet runs once more."),
    )


def refused(event: Event, last: EventProcessingException | None) -> Explanation:
    if event.reason == "other_mode":
        following = _("It is kept, and taken up should a key of its mode be set.")
    elif event.reason in NO_EVENT:
        following = _("It is kept as evidence, and changes nothing.")
    else:
        following = _("It changes nothing. Should Stripe send the genuine event, that one is processed.")
    return Explanation(why=reason_of(event), next=following, advice=str(ADVICE.get(event.reason, "")))


EXPLANATIONS = {State.DONE: done, State.WAITING: waiting, State.FAILED: failed, State.REFUSED: refused}


def reason_of(event: Event) -> str:
    """The sentence of the event's reason code, and what it said itself."""
    return reason_text(event.reason, event.explanation)


def reason_text(code: str, said: str) -> str:
    """The sentence of a reason code in the reader's language, then what is on record beside it.

    What is on record is English. Where it begins with the very sentence of the reason, that is not said twice.
    """
    reason = REASONS.get(code)
    text, said = str(reason.text if reason else code), shortened(masked_text(said))
    with override(None):
        original = str(reason.text if reason else code).rstrip(".")
    if not said.startswith(original):
        return f"{text} {translated(said)}".strip()
    return f"{text.rstrip('.')}{said.removeprefix(original)}"


def shortened(said: str) -> str:
    """The text, cut at `LONGEST_SAID`."""
    return said if len(said) <= LONGEST_SAID else f"{said[:LONGEST_SAID]}…"


def translated(said: str) -> str:
    """A sentence of `SAID` in the reader's language; any other as it is."""
    for template in SAID:
        match = pattern_of(template).fullmatch(said)
        if match:
            return str(template) % match.groupdict()
    return said


@cache
def pattern_of(template: "str | Promise") -> re.Pattern[str]:
    """What finds the values in an English sentence."""
    with override(None):
        first, *others = PLACEHOLDER.split(str(template))
    pairs = zip(others[::2], others[1::2], strict=True)
    found = "".join(f"(?P<{name}>.*){re.escape(text)}" for name, text in pairs)
    return re.compile(re.escape(first) + found, re.DOTALL)


def place_of(where: str) -> str:
    """Where something went wrong: a part of the pipeline in the reader's words, or the identity of a receiver."""
    return str(PLACES.get(where, where))


def next_attempt(event: Event) -> str:
    """When somebody tries again."""
    if event.gave_up_at is not None:
        return _("It was given up on %(time)s: nobody tries again until somebody says so.") % {
            "time": told(event.gave_up_at)
        }
    if event.next_attempt_at is None:
        return _("It is tried again by the next run of stripe_process_events.")
    if event.next_attempt_at > timezone.now():
        return _("On %(time)s it is tried again.") % {"time": told(event.next_attempt_at)}
    return _(
        "It has been due since %(time)s: see that “stripe_process_events --due” runs every minute, or “--watch” all "
        "the time."
    ) % {"time": told(event.next_attempt_at)}


def told(moment: Any) -> str:
    """A time in the reader's zone and language."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "?"
