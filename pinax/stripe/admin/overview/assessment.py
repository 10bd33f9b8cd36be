"""Are events being lost? The answer in sentences, for staff who would not know what a figure means."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ...models.events import CatchUp, Event, State
from ...upkeep import statistics
from ...upkeep.health import WINDOW, Level, Thresholds
from ...upkeep.statistics import Counted, Share
from ..display import links
from ..display.durations import ago, lasted

#: A catch-up should have run within this time.
LOOKED_LATELY = datetime.timedelta(days=2)
#: What the worst finding comes to.
HEADLINES = {
    "good": gettext_lazy("No. All received events are done, and the last catch-up found no missing event."),
    "open": gettext_lazy("There is no sign of it, but please check:"),
    "bad": gettext_lazy("Everything received is kept, but something needs attention:"),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the answer, and the figures beside it, are made from; read once."""

    waiting: Counted
    #: Of those, unsigned ones of accounts that no genuine event named; `waiting` is without them.
    of_new_accounts: Counted
    failed: Counted
    given_up: Counted
    #: The event that has waited longest to be processed, or tried again.
    oldest: Event | None
    #: The same of those that were never tried, or not decided yet.
    oldest_waiting: Event | None
    genuine: Event | None
    catch_up: CatchUp | None
    last_hour: Share


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sentence."""

    #: "open" or "bad", as in `tones`.
    tone: str
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer, and why."""

    tone: str
    headline: Any
    findings: list[Finding]


def standing() -> Standing:
    return Standing(
        waiting=statistics.counted(statistics.worth_a_look(statistics.in_state(State.WAITING))),
        of_new_accounts=statistics.counted(statistics.of_new_accounts()),
        failed=statistics.counted(statistics.in_state(State.FAILED)),
        given_up=statistics.counted(statistics.given_up_events()),
        oldest=statistics.oldest_undone(),
        oldest_waiting=statistics.oldest_undone((State.WAITING,)),
        genuine=statistics.newest_genuine(),
        catch_up=statistics.last_catch_up(),
        last_hour=statistics.failure_share(timezone.now() - WINDOW),
    )


def verdict(now: Standing) -> Verdict:
    findings = [*deaf(now), *failing(now), *waiting(now), *unasked(now), *silent(now), *missing(now)]
    found = sorted(findings, key=lambda each: each.tone)
    tone = found[0].tone if found else "good"
    return Verdict(tone=tone, headline=HEADLINES[tone], findings=found)


def deaf(now: Standing) -> Iterator[Finding]:
    """POSTs with a wrong signature, and none with a right one: the secret is wrong."""
    if now.last_hour.mismatched and not now.last_hour.genuine:
        text = _(
            "Every POST of the last hour was refused because of its signature. If Stripe sent them, "
            "PINAX_STRIPE_WEBHOOK_SECRETS does not have the endpoint's signing secret: compare it with "
            "Stripe's dashboard."
        )
        yield Finding(tone="bad", text=text, url=links.list_url("event", state=State.REFUSED))


def failing(now: Standing) -> Iterator[Finding]:
    if now.failed.value:
        text = ngettext(
            "%(number)s event failed. It is recorded, but its processing is not complete. Its page says why "
            "and has a button to try again.",
            "%(number)s events failed. They are recorded, but their processing is not complete. Their pages "
            "say why and have a button to try again.",
            now.failed.value,
        )
        yield Finding(tone="bad", text=text % numbers(now.failed), url=links.list_url("event", state=State.FAILED))


def waiting(now: Standing) -> Iterator[Finding]:
    """A little waiting is how a task queue works; as long as a monitor would not complain of, at least."""
    if not now.waiting.value:
        return
    url = links.list_url("event", state=State.WAITING)
    oldest = now.oldest_waiting
    seconds = (timezone.now() - oldest.recorded_at).total_seconds() if oldest is not None else 0.0
    if Thresholds.configured().undone_minutes.level(seconds / 60) is Level.OK:
        text = ngettext(
            "%(number)s event waits to be processed. This is normal for some minutes.",
            "%(number)s events wait to be processed. This is normal for some minutes.",
            now.waiting.value,
        )
        yield Finding(tone="open", text=text % numbers(now.waiting), url=url)
        return
    text = ngettext(
        "%(number)s event has been waiting for %(time)s. Its page says why. If it gives no reason, "
        "“stripe_process_events --due” is not running.",
        "%(number)s events are waiting, the oldest for %(time)s. Their pages say why. If they give no "
        "reason, “stripe_process_events --due” is not running.",
        now.waiting.value,
    )
    yield Finding(tone="bad", text=text % {**numbers(now.waiting), "time": lasted(seconds)}, url=url)


def unasked(now: Standing) -> Iterator[Finding]:
    """POSTs that any sender can send in any number.

    Stripe is asked about them little by little; they cause no alarm.
    """
    if not now.of_new_accounts.value:
        return
    text = ngettext(
        "%(number)s POST names a connected account that no genuine event named, and waits until Stripe can be asked.",
        "%(number)s POSTs name connected accounts that no genuine event named, and wait until Stripe can be asked.",
        now.of_new_accounts.value,
    )
    yield Finding(
        tone="open", text=text % numbers(now.of_new_accounts), url=links.list_url("event", state=State.WAITING)
    )


def silent(now: Standing) -> Iterator[Finding]:
    if now.genuine is None:
        text = _("No event from Stripe was received yet. Is there an endpoint for this site in Stripe's dashboard?")
        yield Finding(tone="open", text=text)
        return
    hours = (timezone.now() - now.genuine.recorded_at).total_seconds() / 3600
    if Thresholds.configured().silent_hours.level(hours) is not Level.OK:
        text = _(
            "The last event was received %(ago)s, which is longer ago than usual. Is the endpoint enabled in "
            "Stripe's dashboard?"
        )
        yield Finding(
            tone="bad",
            text=text % {"ago": ago(now.genuine.recorded_at)},
            url=links.page_url("event", now.genuine.pk),
        )


def missing(now: Standing) -> Iterator[Finding]:
    """Whether catch-ups run, and what the last one found."""
    run = now.catch_up
    if run is None or run.finished_at is None:
        text = _(
            "“stripe_catch_up” did not run yet. Run it every day: it finds and processes events that never arrived."
        )
        yield Finding(tone="open", text=text, url=links.page_url("catchup", run.pk) if run else "")
        return
    url = links.page_url("catchup", run.pk)
    if run.finished_at < timezone.now() - LOOKED_LATELY:
        text = _(
            "The last catch-up was %(ago)s. Run “stripe_catch_up” every day: it finds and processes events "
            "that never arrived."
        )
        yield Finding(tone="open", text=text % {"ago": ago(run.finished_at)}, url=url)
    if run.missing:
        text = ngettext(
            "The last catch-up found %(number)s missing event. It is recorded now. If this happens again, "
            "check the deliveries to the endpoint in Stripe's dashboard.",
            "The last catch-up found %(number)s missing events. They are recorded now. If this happens "
            "again, check the deliveries to the endpoint in Stripe's dashboard.",
            run.missing,
        )
        yield Finding(tone="open", text=text % {"number": number_format(run.missing, force_grouping=True)}, url=url)


def numbers(counted: Counted) -> dict[str, str]:
    return {"number": said(counted)}


def said(counted: Counted) -> str:
    """A count in words."""
    number = number_format(counted.value, force_grouping=True)
    return _("more than %(number)s") % {"number": number} if counted.is_more else number
