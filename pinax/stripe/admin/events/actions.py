"""How staff reprocess events: the actions, the events that each is for, and the message about the result."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from ... import api
from ...conf import setting
from ...models.events import Event, State
from ...upkeep.reprocessing import go_on, restartable, start_over, with_answer
from ...upkeep.sweeper import dispatch_all
from ...webhooks.processing import Outcome

#: Events that one action takes; the others stay as they are.
MAX_EVENTS = 1000
#: Seconds that a request spends on them, if no task queue is set.
SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class ReprocessAction:
    """A way to reprocess events."""

    #: What the button sends.
    name: str
    label: "str | Promise"
    #: The consequence, shown beside the button.
    hint: "str | Promise"
    #: Which events it is for.
    condition: Q
    #: Puts the events back in the pipeline; the keys of those that it took.
    prepare: Callable[..., list[int]]


ACTIONS: dict[str, ReprocessAction] = {
    "validate_again": ReprocessAction(
        name="validate_again",
        label=_("Validate again"),
        hint=_("Asks Stripe about the event again. If Stripe confirms it, it is processed."),
        condition=Q(valid=False) | Q(valid__isnull=True),
        prepare=start_over,
    ),
    "try_again": ReprocessAction(
        name="try_again",
        label=_("Try again"),
        hint=_("Continues where processing stopped. What is already done is not done again."),
        condition=Q(state__in=(State.WAITING, State.FAILED)),
        prepare=go_on,
    ),
    "process_again": ReprocessAction(
        name="process_again",
        label=_("Process again"),
        hint=_(
            "Starts from the beginning: the object is mirrored again, and every receiver is called again, "
            "even if it is done."
        ),
        condition=Q(),
        prepare=start_over,
    ),
}

#: Outcome -> what is said of so many events.
RESULT_TEXTS = {
    Outcome.DONE: ngettext_lazy("%(count)d event is done.", "%(count)d events are done.", "count"),
    Outcome.REFUSED: ngettext_lazy("%(count)d event was refused.", "%(count)d events were refused.", "count"),
    Outcome.FAILED: ngettext_lazy("%(count)d event failed again.", "%(count)d events failed again.", "count"),
    Outcome.UNDECIDED: ngettext_lazy(
        "%(count)d event could not be verified yet.",
        "%(count)d events could not be verified yet.",
        "count",
    ),
    Outcome.POSTPONED: ngettext_lazy(
        "%(count)d event waits: a receiver asked to be called later.",
        "%(count)d events wait: a receiver asked to be called later.",
        "count",
    ),
    Outcome.BUSY: ngettext_lazy(
        "%(count)d event is being processed by another process, or the database had an error.",
        "%(count)d events are being processed by other processes, or the database had an error.",
        "count",
    ),
    Outcome.DEFERRED: ngettext_lazy(
        "%(count)d event is processed in the background.", "%(count)d events are processed in the background.", "count"
    ),
}


def possible_actions(event: Event) -> list[ReprocessAction]:
    """The actions that are possible for one event, the likeliest first."""
    if not restartable().filter(pk=event.pk).exists():
        return []
    if not event.valid:
        return [ACTIONS["validate_again"]]
    names = ("process_again",) if event.processed else ("try_again", "process_again")
    return [ACTIONS[name] for name in names]


@dataclass(frozen=True, kw_only=True)
class ActionResult:
    """The result of an action."""

    #: How many events ended how.
    counts: Counter[Outcome]
    #: Events that stay done, because Stripe did not answer.
    unanswered: int


def needs_confirmation(name: str, events: QuerySet[Event]) -> int:
    """How many of the events are done, so that an action repeats for them what cannot be rolled back."""
    if name != "process_again":
        return 0
    return (events & restartable()).filter(processed=True).count()


def run_action(name: str, event_pks: Sequence[int], *, by: str) -> ActionResult:
    """Reprocess those of the events that the action is for, at most MAX_EVENTS."""
    action = ACTIONS[name]
    events = restartable().filter(action.condition, pk__in=event_pks[:MAX_EVENTS]).order_by("pk")
    wanted = list(events.values_list("pk", flat=True))
    with api.budget(SECONDS), api.paced(setting("API_RATE")):
        keys = with_answer(wanted, by=by)
    counts = dispatch_all(action.prepare(keys, by=by), seconds=SECONDS)
    return ActionResult(counts=counts, unanswered=len(wanted) - len(keys))


def message_of(asked: int, result: ActionResult) -> tuple[str, int]:
    """The message about the result of an action for so many events, and its level."""
    counts = result.counts
    parts = [str(text % {"count": counts[outcome]}) for outcome, text in RESULT_TEXTS.items() if counts[outcome]]
    if result.unanswered:
        text = ngettext(
            "Stripe did not answer about %(count)d event, which stays done; try again later.",
            "Stripe did not answer about %(count)d events, which stay done; try again later.",
            result.unanswered,
        )
        parts.append(text % {"count": result.unanswered})
    left = asked - counts.total() - result.unanswered
    if left > 0:
        text = ngettext("%(count)d event was not changed.", "%(count)d events were not changed.", left)
        parts.append(text % {"count": left})
    fine = counts[Outcome.DONE] + counts[Outcome.DEFERRED] == asked
    return " ".join(parts), messages.SUCCESS if fine else messages.WARNING
