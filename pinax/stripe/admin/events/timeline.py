"""What happened to an event, in order, from its rows."""

import datetime
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ...catalogue.reasons import REASONS
from ...models.events import Event, EventProcessingException, EventSource, EventStep, ReceiverCall
from ...models.other_objects import OtherObject, named_by
from ...webhooks.retries import postponement
from ..display.links import Target, link, model_named, name_of, object_target
from ..display.masking import masked_text
from .explanations import place_of, reason_of, reason_text

#: Rows of one mirroring that are named at once; the others fold.
FEW_ROWS = 8
#: What the event's snapshot did to a row.
CHANGES = {
    "created": gettext_lazy("created"),
    "updated": gettext_lazy("updated"),
    "deleted": gettext_lazy("deleted"),
    "kept": gettext_lazy("not changed: the row already had this or newer data"),
    "undecided": gettext_lazy("not settled: two states of the same second, and Stripe cannot be asked which is newer"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened."""

    at: datetime.datetime
    #: Key of `tones.SIGNS`.
    tone: str
    title: str
    text: str = ""
    #: Anchor on the page that says more.
    anchor: str = ""
    rows: list[tuple[str, Any, str]] = field(default_factory=list)
    #: How often it happened in a row, and when for the last time.
    times: int = 1
    until: datetime.datetime | None = None

    @property
    def first_rows(self) -> list[tuple[str, Any, str]]:
        return self.rows[:FEW_ROWS]

    @property
    def other_rows(self) -> list[tuple[str, Any, str]]:
        return self.rows[FEW_ROWS:]


def timeline(
    event: Event,
    steps: Iterable[EventStep],
    calls: Iterable[ReceiverCall],
    exceptions: Iterable[EventProcessingException],
    *,
    here: Container[Target] = (),
) -> list[Entry]:
    """Everything that is on record about an event, oldest first; the same thing several times over is one entry.

    `here` has the rows that are linked, of those that `mirrored_targets` names.
    """
    steps, calls = list(steps), list(calls)
    told: dict[str, Callable[[EventStep], Entry]] = {**STEPS, EventStep.Kind.MIRROR: partial(mirrored, here=here)}
    entries = [
        first(event),
        *(told[step.kind](step) for step in steps if step.kind in told),
        *(refused_at_once(event, steps)),
        *(unlisted_deliveries(event, steps)),
        *(failure(exception) for exception in exceptions),
        *(received(call) for call in calls),
        *(ending(event, calls)),
    ]
    # Python sorts stably: what bears the same time stays in the order of the pipeline.
    return list(folded(sorted(entries, key=lambda entry: entry.at)))


def first(event: Event) -> Entry:
    """How the event came to us."""
    if event.source == EventSource.CATCH_UP:
        return Entry(
            at=event.recorded_at,
            tone="quiet",
            title=_("Found by a catch-up"),
            text=_("It was in Stripe's list of events, but never reached the webhook."),
        )
    agent = str(event.headers.get("User-Agent") or "")
    return Entry(
        at=event.recorded_at,
        tone="quiet",
        title=_("Posted to the webhook"),
        text=_("From %(address)s, %(agent)s; %(signature)s.")
        % {
            "address": event.remote_address or _("an unknown address"),
            "agent": masked_text(agent) or _("no user agent"),
            "signature": signature(event),
        },
    )


def refused_at_once(event: Event, steps: list[EventStep]) -> Iterator[Entry]:
    """What failed the cheap checks was never validated."""
    if event.valid is False and not any(step.kind == EventStep.Kind.VALIDATION for step in steps):
        yield Entry(at=event.recorded_at, tone="bad", title=_("Refused"), text=reason_of(event))


def signature(event: Event) -> str:
    """What is known of the signature."""
    if event.signed:
        return _("signature verified")
    if event.signed is False:
        return _("signature not valid")
    return _("signature not checked") if event.headers.get("Stripe-Signature") else _("not signed")


def delivered(step: EventStep) -> Entry:
    address = step.data.get("address") or _("an unknown address")
    return Entry(
        at=step.at, tone="quiet", title=_("Delivered again"), text=_("From %(address)s.") % {"address": address}
    )


def validated(step: EventStep) -> Entry:
    reason = REASONS.get(step.outcome)
    if not step.outcome:
        return Entry(at=step.at, tone="good", title=_("Validated: Stripe confirmed it"))
    said = reason_text(step.outcome, step.data.get("detail"), str(step.data.get("said", "")))
    if reason is not None and reason.valid is False:
        return Entry(at=step.at, tone="bad", title=_("Validated: refused"), text=said)
    return Entry(at=step.at, tone="open", title=_("Not decided"), text=said)


def rows_of(step: EventStep) -> list[tuple[str, str, str]]:
    """Name of the model, key and change of each row that a mirroring was about, as they are now."""
    rows = (row for row in step.data.get("rows", []) if isinstance(row, list) and len(row) == 3)
    return [(*present_row(name, key), change) for name, key, change in rows]


def present_row(name: str, key: str) -> tuple[str, str]:
    """Where a row is now: those of the general table move when their type of object gets a table of its own."""
    named = named_by(key) if name == OtherObject._meta.model_name else None
    for model, present_key in object_target(*named) if named else []:
        return model._meta.model_name or "", present_key
    return name, key


def mirrored_targets(steps: Iterable[EventStep]) -> Iterator[Target]:
    """The rows that the mirrorings among some steps were about."""
    for step in steps:
        for name, key, _change in rows_of(step):
            model = model_named(name)
            if model is not None:
                yield model, key


def mirrored(step: EventStep, here: Container[Target] = ()) -> Entry:
    rows = rows_of(step)
    changed = sum(change not in ("kept", "undecided") for _model, _key, change in rows)
    is_settled = all(change != "undecided" for _model, _key, change in rows)
    title = ngettext("Mirrored: %(count)d row changed", "Mirrored: %(count)d rows changed", changed)
    return Entry(
        at=step.at,
        tone="good" if is_settled else "open",
        title=title % {"count": changed},
        rows=[
            (name_of(model), row_of(model, key, here), str(CHANGES.get(change, change))) for model, key, change in rows
        ],
    )


def row_of(name: str, key: str, here: Container[Target]) -> Any:
    """A link to a row; its key alone when the row is not there any more."""
    return link(name, key) if (model_named(name), key) in here else key


def asked_again(step: EventStep) -> Entry:
    by = step.data.get("by") or _("A user")
    if step.data.get("receiver"):
        text = _("%(by)s asked to call %(receiver)s again.") % {"by": by, "receiver": step.data["receiver"]}
    elif step.data.get("undone"):
        text = _("%(by)s asked to try again what is not done.") % {"by": by}
    else:
        text = _("%(by)s asked to start from the beginning.") % {"by": by}
    if step.data.get("unanswered"):
        text += " " + _("Stripe did not answer, so nothing was done.")
        return Entry(at=step.at, tone="open", title=_("Request not carried out"), text=text)
    return Entry(at=step.at, tone="quiet", title=_("Processing requested"), text=text)


def given_up(step: EventStep) -> Entry:
    count = step.data.get("failures") or 0
    text = ngettext("After %(count)d failure.", "After %(count)d failures.", count) % {"count": count}
    return Entry(at=step.at, tone="bad", title=_("Given up"), text=text)


def postponed(step: EventStep) -> Entry:
    seconds = step.data.get("seconds") or 0
    until = date_format(timezone.localtime(step.at + postponement(seconds)), "DATETIME_FORMAT")
    text = _("%(receiver)s asked to be called again (%(time)s).") % {
        "receiver": step.data.get("receiver"),
        "time": until,
    }
    return Entry(at=step.at, tone="open", title=_("Postponed"), text=with_reason(text, step))


def ignored(step: EventStep) -> Entry:
    text = _("%(receiver)s has nothing to do with this event.") % {"receiver": step.data.get("receiver")}
    return Entry(at=step.at, tone="quiet", title=_("Ignored"), text=with_reason(text, step))


def slow(step: EventStep) -> Entry:
    text = _("%(receiver)s has been running for %(seconds)s seconds. Only the end of its process can stop it.")
    return Entry(
        at=step.at,
        tone="open",
        title=_("A receiver is slow"),
        text=text % {"receiver": step.data.get("receiver"), "seconds": step.data.get("seconds")},
    )


def database_trouble(step: EventStep) -> Entry:
    text = _("%(where)s: %(said)s") % {"where": place_of(str(step.data.get("where"))), "said": step.data.get("said")}
    return Entry(at=step.at, tone="open", title=_("The database had an error"), text=masked_text(text))


def with_reason(text: str, step: EventStep) -> str:
    """A sentence, and the reason that a receiver gave."""
    reason = masked_text(str(step.data.get("reason") or ""))
    return _("%(text)s Reason: %(reason)s") % {"text": text, "reason": reason} if reason else text


#: Kind of a step -> its entry.
STEPS: dict[str, Callable[[EventStep], Entry]] = {
    EventStep.Kind.DELIVERY: delivered,
    EventStep.Kind.VALIDATION: validated,
    EventStep.Kind.MIRROR: mirrored,
    EventStep.Kind.AGAIN: asked_again,
    EventStep.Kind.GIVEN_UP: given_up,
    EventStep.Kind.POSTPONED: postponed,
    EventStep.Kind.IGNORED: ignored,
    EventStep.Kind.SLOW: slow,
    EventStep.Kind.DATABASE: database_trouble,
}


def unlisted_deliveries(event: Event, steps: list[EventStep]) -> Iterator[Entry]:
    """Deliveries that were only counted, after the last one that is listed."""
    listed = [step for step in steps if step.kind == EventStep.Kind.DELIVERY]
    # The row that stands for several was delivered as often as all of them.
    unlisted = event.deliveries - 1 - len(listed)
    if unlisted > 0:
        text = ngettext(
            "%(count)d more delivery that is not listed.", "%(count)d more deliveries that are not listed.", unlisted
        )
        at = listed[-1].at if listed else event.recorded_at
        yield Entry(at=at, tone="quiet", title=_("Delivered again"), text=text % {"count": unlisted})


def failure(exception: EventProcessingException) -> Entry:
    return Entry(
        at=exception.created_at,
        tone="bad",
        title=_("Failed: %(where)s") % {"where": place_of(exception.data) or "?"},
        text=masked_text(exception.message),
        anchor=f"exception-{exception.pk}",
    )


def received(call: ReceiverCall) -> Entry:
    return Entry(at=call.called_at, tone="good", title=_("Receiver done"), text=call.receiver)


def ending(event: Event, calls: list[ReceiverCall]) -> Iterator[Entry]:
    """What the event's own row says of its end."""
    if event.processed_at is not None:
        # The mark is made before the receivers are called, and committed after them.
        at = max([event.processed_at, *(call.called_at for call in calls if event.processed)])
        yield Entry(at=at, tone="good", title=_("Done"))
    if event.pruned_at is not None:
        yield Entry(at=event.pruned_at, tone="quiet", title=_("Pruned"), text=_("The messages were removed."))
    if event.redacted_at is not None:
        yield Entry(at=event.redacted_at, tone="quiet", title=_("Redacted"), text=_("Personal data was removed."))


def folded(entries: list[Entry]) -> Iterator[Entry]:
    """The entries, neighbours that say the same as one."""
    for _same, group in groupby(entries, key=lambda entry: (entry.title, entry.text, entry.rows)):
        alike = list(group)
        yield (
            alike[-1]
            if len(alike) == 1
            else replace(alike[0], times=len(alike), until=alike[-1].at, anchor=alike[-1].anchor)
        )
