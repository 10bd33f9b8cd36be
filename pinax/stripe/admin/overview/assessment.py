"""Are events being lost? The findings of the health check in the reader's language, for staff.

`upkeep/findings.py` decides what is found and how bad it is; here are the sentences, and where they lead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from ...models.events import State
from ...upkeep import health
from ...upkeep.findings import Finding, Level
from ...upkeep.statistics import Counted, EventFigures
from ..display import links
from ..display.durations import ago, lasted

#: The answer for the worst finding, by its tone.
HEADLINES = {
    "good": gettext_lazy("No. All received events are done, and the last catch-up found no missing event."),
    "open": gettext_lazy("There is no sign of it, but please check:"),
    "bad": gettext_lazy("Everything received is kept, but something needs attention:"),
}
#: Code of a finding -> the sentence about it.
TEXTS: Mapping[str, Any] = {
    "refused.wrong_secret": gettext_lazy(
        "Every POST of the last hour was refused because of its signature. If Stripe sent them, "
        "PINAX_STRIPE_WEBHOOK_SECRETS does not have the endpoint's signing secret: compare it with "
        "Stripe's dashboard."
    ),
    "mode.mixed": gettext_lazy(
        "This database has events of live mode and of test mode. Objects of the two can have the same id, and one "
        "would overwrite the other: use a database for each mode, and delete the rows of the other one here."
    ),
    "mode.key": gettext_lazy(
        "The API key and the events in this database are not of the same mode: one is of live mode, the other of test "
        "mode. Set a key of the events' mode, or use another database."
    ),
    "failed.some": ngettext_lazy(
        "%(number)s event failed. It is recorded, but its processing is not complete. Its page says why "
        "and has a button to try again.",
        "%(number)s events failed. They are recorded, but their processing is not complete. Their pages "
        "say why and have a button to try again.",
        "count",
    ),
    "waiting.briefly": ngettext_lazy(
        "%(number)s event waits to be processed. This is normal for some minutes.",
        "%(number)s events wait to be processed. This is normal for some minutes.",
        "count",
    ),
    "waiting.late": ngettext_lazy(
        "%(number)s event has been waiting for %(time)s. Its page says why. If it gives no reason, "
        "“stripe_process_events --due” is not running.",
        "%(number)s events are waiting, the oldest for %(time)s. Their pages say why. If they give no "
        "reason, “stripe_process_events --due” is not running.",
        "count",
    ),
    "waiting.of_new_accounts": ngettext_lazy(
        "%(number)s POST names a connected account that no genuine event named, and waits until Stripe can be asked.",
        "%(number)s POSTs name connected accounts that no genuine event named, and wait until Stripe can be asked.",
        "count",
    ),
    "last_seen.never": gettext_lazy(
        "No event from Stripe was received yet. Is there an endpoint for this site in Stripe's dashboard?"
    ),
    "last_seen.silent": gettext_lazy(
        "The last event was received %(ago)s, which is longer ago than usual. Is the endpoint enabled in "
        "Stripe's dashboard?"
    ),
    "catch_up.never": gettext_lazy(
        "“stripe_catch_up” did not run yet. Run it every day: it finds and processes events that never arrived."
    ),
    "catch_up.late": gettext_lazy(
        "The last catch-up was %(ago)s. Run “stripe_catch_up” every day: it finds and processes events "
        "that never arrived."
    ),
    "catch_up.missing": ngettext_lazy(
        "The last catch-up found %(number)s missing event. It is recorded now. If this happens again, "
        "check the deliveries to the endpoint in Stripe's dashboard.",
        "The last catch-up found %(number)s missing events. They are recorded now. If this happens "
        "again, check the deliveries to the endpoint in Stripe's dashboard.",
        "count",
    ),
    "verification.different": ngettext_lazy(
        "%(number)s object was different at Stripe when “stripe_verify” compared them %(ago)s. Run “stripe_verify "
        "--fix”.",
        "%(number)s objects were different at Stripe when “stripe_verify” compared them %(ago)s. Run “stripe_verify "
        "--fix”.",
        "count",
    ),
}
#: Question of a finding -> the address of what it is about.
ADDRESSES: Mapping[str, Callable[[Finding], str]] = {
    "refused": lambda finding: links.list_url("event", state=State.REFUSED),
    "mode": lambda finding: links.list_url("event", mode="test"),
    "failed": lambda finding: links.list_url("event", state=State.FAILED),
    "waiting": lambda finding: links.list_url("event", state=State.WAITING),
    "last_seen": lambda finding: page_of(finding, "event"),
    "catch_up": lambda finding: page_of(finding, "catchup"),
    "verification": lambda finding: "",
}


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """What is said of one finding."""

    #: "open" for what is worth knowing, "bad" for what needs attention, as in `badges`.
    tone: str
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The answer, and the reasons for it."""

    tone: str
    headline: Any
    findings: list[Sentence]


def assess(figures: EventFigures) -> Assessment:
    sentences = [sentence(finding) for finding in health.assessment(figures)]
    tone = sentences[0].tone if sentences else "good"
    return Assessment(tone=tone, headline=HEADLINES[tone], findings=sentences)


def sentence(finding: Finding) -> Sentence:
    text = str(TEXTS[finding.code] % text_parameters(finding.parameters))
    return Sentence(tone=tone_of(finding.level), text=text, url=ADDRESSES[finding.name](finding))


def tone_of(level: Level) -> str:
    return "open" if level is Level.OK else "bad"


def text_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a finding in words."""
    words: dict[str, Any] = {}
    if "counted" in parameters:
        words.update(count=parameters["counted"].value, number=count_text(parameters["counted"]))
    if "seconds" in parameters:
        words["time"] = lasted(parameters["seconds"])
    if "moment" in parameters:
        words["ago"] = ago(parameters["moment"])
    return words


def page_of(finding: Finding, name: str) -> str:
    """The page of the row that a finding is about; "" without one."""
    row = finding.parameters.get("row")
    return "" if row is None else links.page_url(name, row.pk)


def count_text(counted: Counted) -> str:
    """A count in words."""
    number = number_format(counted.value, force_grouping=True)
    return gettext("more than %(number)s") % {"number": number} if counted.is_more else number
