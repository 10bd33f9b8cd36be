"""The state of an event in plain words: why, what happens next, and what staff can do about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from ...catalogue.details import detail_from
from ...catalogue.reasons import NO_EVENT, NOTES, REASONS
from ...models.events import Event, EventProcessingException, State
from ..display.masking import masked_text

#: Characters of what is on record beside a reason that are shown; what answered in Stripe's place may say a lot.
LONGEST_SAID = 1_000

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
    """The explanation of an event's state; each part is a sentence or two, or ""."""

    why: str
    next: str = ""
    advice: str = ""
    notes: list[str] = field(default_factory=list)


def explain(event: Event, last: EventProcessingException | None) -> Explanation:
    """Why the event is in its state; `last` is the newest thing that went wrong with it."""
    found = EXPLANATIONS[State(event.state)](event, last)
    return replace(found, notes=[*found.notes, *losses(event)])


def losses(event: Event) -> Iterator[str]:
    """What was removed from the event, and what cannot be done without it."""
    if event.pruned_at is not None:
        text = _("Its messages were pruned on %(time)s, so it cannot be validated or processed again.")
        yield text % {"time": time_text(event.pruned_at)}
    elif event.redacted_at is not None and event.valid:
        text = _(
            "Personal data was removed from it on %(time)s; if it is processed again, receivers get only what is left."
        )
        yield text % {"time": time_text(event.redacted_at)}
    elif event.redacted_at is not None:
        text = _("Personal data was removed from it on %(time)s, so Stripe cannot be asked about it again.")
        yield text % {"time": time_text(event.redacted_at)}


def done(event: Event, last: EventProcessingException | None) -> Explanation:
    return Explanation(
        why=_("Stripe confirmed this event. Since %(time)s its processing is complete.")
        % {"time": time_text(event.processed_at)},
        notes=[str(NOTES[code]) for code in event.notes if code in NOTES],
    )


def waiting(event: Event, last: EventProcessingException | None) -> Explanation:
    if event.valid and event.postponed_at is not None:
        why = _("Stripe confirmed this event. A receiver asked to be called later: see the timeline.")
    elif event.valid:
        why = _("Stripe confirmed this event. It is not processed yet.")
    elif event.reason:
        why = _("This event could not be verified yet.") + " " + reason_of(event)
    else:
        why = _("This event is recorded. Stripe was not asked about it yet.")
    return Explanation(why=why, next=next_attempt(event), advice=advice_on(event))


def failed(event: Event, last: EventProcessingException | None) -> Explanation:
    text = ngettext(
        "Stripe confirmed this event, but its processing failed.",
        "Stripe confirmed this event, but its processing failed %(count)d times.",
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
        advice=_("Fix the cause, then press “Try again”. Only what is not done yet runs again."),
    )


def refused(event: Event, last: EventProcessingException | None) -> Explanation:
    if event.reason == "other_mode":
        following = _("This event is kept. It is processed when an API key of its mode is set.")
    elif event.reason in NO_EVENT:
        following = _("This POST is kept as evidence. It changes nothing.")
    else:
        following = _("This POST changes nothing. If Stripe sends the genuine event, that event is processed.")
    return Explanation(why=reason_of(event), next=following, advice=advice_on(event))


EXPLANATIONS = {State.DONE: done, State.WAITING: waiting, State.FAILED: failed, State.REFUSED: refused}


def advice_on(event: Event) -> str:
    """What staff can do about the event's reason; "" without one."""
    reason = REASONS.get(event.reason)
    return str(reason.advice) if reason else ""


def reason_of(event: Event) -> str:
    """The sentence of the event's reason code, and what is on record beside it."""
    return reason_text(event.reason, event.detail, event.explanation)


def reason_text(code: str, stored: Any, said: str = "") -> str:
    """The sentence of a reason code in the reader's language, then what is on record beside it.

    `stored` is what a JSON column has of a `Detail`. Without one, `said` has the words of Stripe or an exception.
    """
    reason = REASONS.get(code)
    text = str(reason.text if reason else code)
    detail = detail_from(stored)
    if detail is not None:
        words = shortened(masked_text(detail.translated()))
        return words if detail.is_complete else f"{text} {words}"
    return f"{text} {shortened(masked_text(said))}".strip()


def shortened(said: str) -> str:
    """The text, cut at `LONGEST_SAID`."""
    return said if len(said) <= LONGEST_SAID else f"{said[:LONGEST_SAID]}…"


def place_of(where: str) -> str:
    """Where something went wrong: a part of the pipeline in the reader's words, or the identity of a receiver."""
    return str(PLACES.get(where, where))


def next_attempt(event: Event) -> str:
    """When the next attempt is made."""
    if event.gave_up_at is not None:
        return _("This event was given up on %(time)s, and is not tried again automatically.") % {
            "time": time_text(event.gave_up_at)
        }
    if event.next_attempt_at is None:
        return _("The next run of stripe_process_events tries it again.")
    if event.next_attempt_at > timezone.now():
        return _("On %(time)s it is tried again.") % {"time": time_text(event.next_attempt_at)}
    return _(
        "It has been due since %(time)s: make sure that “stripe_process_events --due” runs every minute, "
        "or that “stripe_process_events --watch” runs all the time."
    ) % {"time": time_text(event.next_attempt_at)}


def time_text(moment: Any) -> str:
    """A time in the reader's zone and language."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "?"
