"""The outcome of an event for each receiver."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ...models.events import Event, EventProcessingException, EventStep, ReceiverCall
from ...webhooks.announcing import receiver_name, receivers_of
from ..display.badges import badge

#: Exceptions of receivers that are no failures.
ANSWERS = (EventStep.Kind.POSTPONED, EventStep.Kind.IGNORED)


@dataclass(frozen=True, kw_only=True)
class ReceiverState:
    """One receiver and one event."""

    name: str
    badge: Any
    at: datetime.datetime | None = None
    #: Anchor on the page that says what went wrong.
    anchor: str = ""
    note: str = ""
    #: Whether it can be called again by its name.
    is_callable: bool = False


def receiver_states(
    event: Event,
    calls: Iterable[ReceiverCall],
    exceptions: Iterable[EventProcessingException],
    steps: Iterable[EventStep] = (),
) -> list[ReceiverState]:
    """The receivers connected in this process, in the order of calling, and those on record that are not any more."""
    done = {call.receiver: call for call in calls}
    answers = {str(step.data.get("receiver")): step for step in steps if step.kind in ANSWERS}
    failed: dict[str, EventProcessingException] = {}
    for exception in exceptions:  # Newest first.
        failed.setdefault(exception.data, exception)
    names = {receiver_name(receiver): bool(receiver.identity) for receiver in receivers_of(event.kind)}
    known = [
        ReceiverState(
            name=name,
            **(
                answered(event, answers.get(name), done.get(name), failed.get(name))
                or outcome(event, done.get(name), failed.get(name), is_named=is_named)
            ),
            note="" if is_named else _("It has no stable name, so every attempt calls it again."),
            is_callable=is_named and bool(event.valid),
        )
        for name, is_named in names.items()
    ]
    gone = [
        ReceiverState(name=name, **outcome(event, call, None), note=_("No longer connected."))
        for name, call in done.items()
        if name not in names
    ]
    return [*known, *gone]


def answered(
    event: Event,
    step: EventStep | None,
    call: ReceiverCall | None,
    exception: EventProcessingException | None,
) -> dict[str, Any]:
    """The same of a receiver that ignored the event, or asked to be called later; {} else."""
    if step is None or (exception is not None and exception.created_at > step.at):
        return {}
    if step.kind == EventStep.Kind.IGNORED and call is not None:
        return {"badge": badge(_("ignored"), "quiet"), "at": step.at}
    if step.kind == EventStep.Kind.POSTPONED and call is None and not event.processed:
        return {"badge": badge(_("postponed"), "open"), "at": step.at}
    return {}


def outcome(
    event: Event, call: ReceiverCall | None, exception: EventProcessingException | None, *, is_named: bool = True
) -> dict[str, Any]:
    """The outcome of a receiver: badge, time, and where the page says more."""
    if call is not None:
        return {"badge": badge(_("done"), "good"), "at": call.called_at}
    if event.processed:
        # Receivers that were connected later, or that are done and have no stable name.
        return {"badge": badge(_("not called"), "quiet") if is_named else badge(_("done"), "good")}
    if exception is not None:
        anchor = f"exception-{exception.pk}"
        return {"badge": badge(_("failed"), "bad"), "at": exception.created_at, "anchor": anchor}
    return {"badge": badge(_("not called yet"), "open")}
