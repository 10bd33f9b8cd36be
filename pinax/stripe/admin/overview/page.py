"""The overview page: the state of the webhook and of the mirror."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...catalogue.reasons import REASONS
from ...combined_reads import Reading, run, together
from ...currencies import format_amount
from ...models import Charge, EventProcessingException, Refund, Subscription
from ...models.backfill import Verification
from ...models.events import CatchUp, Event, State
from ...sync.registry import READERS
from ...upkeep import findings, statistics
from ...upkeep.findings import Thresholds, age_level
from ...upkeep.statistics import MAX_INDEX_ROWS, Bucket, Delay, EventFigures, beginning, steps
from ..base import may_view
from ..display import links
from ..display.badges import STATE_TONES, badge, mode_of, state_badge
from ..display.charts import Plot, bars
from ..display.durations import ago, lasted
from ..display.pages import Panel
from ..events.explanations import place_of
from ..objects.subscriptions import ENTITLED
from .assessment import Assessment, assess, count_text, tone_of
from .business import MAX_OBJECTS, MAX_PAYMENTS, mirrored_objects, money, subscriptions

#: Value in the address -> name of a window, hours it has, whether it is told by the day.
WINDOWS: dict[str, tuple[Any, int, bool]] = {
    "day": (_("24 hours"), 24, False),
    "week": (_("7 days"), 7 * 24, True),
    "month": (_("30 days"), 30 * 24, True),
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many rows the page reads, at most, to count or add them up."""

    plotted_events: int = MAX_INDEX_ROWS
    payments: int = MAX_PAYMENTS
    #: Of one mirrored table.
    objects: int = MAX_OBJECTS


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number, what it is of, and where there is more."""

    name: Any
    value: Any
    tone: str = "plain"
    note: Any = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everything on the page."""

    window: str
    windows: list[tuple[str, Any]]
    assessment: Assessment
    figures: list[Figure]
    plots: list[Plot]
    plot_table: Panel
    #: Since when the plots show events, when the window has more events than are counted.
    plotted_from: datetime.datetime | None
    panels: list[Panel] = field(default_factory=list)


def overview(request: HttpRequest, limits: Limits = Limits()) -> Overview:
    """The overview of the window that the address names."""
    name = request.GET.get("window", "")
    window = name if name in WINDOWS else "day"
    _label, hours, by_day = WINDOWS[window]
    since = beginning(timezone.now() - datetime.timedelta(hours=hours), by_day=by_day)
    moments = list(steps(since, by_day=by_day))
    figures, (start, buckets), of_business, found_panels = run(
        together(
            statistics.event_figures.reading(),
            plotted(since, limits.plotted_events, by_day=by_day),
            business_figures(request, since),
            panels(request, since, limits),
        )
    )
    # Not together with the others: it is of many rows.
    delay = statistics.delay(since)
    return Overview(
        window=window,
        windows=[(value, label) for value, (label, _hours, _by_day) in WINDOWS.items()],
        assessment=assess(figures),
        figures=[*figures_of_events(figures, delay), *of_business],
        plots=plots_of(buckets, moments, by_day=by_day),
        plot_table=table_of(buckets, moments, by_day=by_day),
        plotted_from=start if start > since else None,
        panels=[panel for panel in found_panels if panel.rows],
    )


def plotted(since: datetime.datetime, most: int, *, by_day: bool) -> Reading[tuple[datetime.datetime, list[Bucket]]]:
    """Since when events are counted for the plots, and how many there are."""
    start = yield from statistics.covered.reading(since, most)
    buckets = yield from statistics.over_time.reading(start, days=by_day)
    return start, buckets


def figures_of_events(figures: EventFigures, delay: Delay | None) -> Iterator[Figure]:
    """Undone events, how long processing takes, and missing events."""
    yield Figure(
        name=gettext("Waiting"),
        value=count_text(figures.waiting),
        tone="open" if figures.waiting.value else "good",
        url=links.list_url("event", state=State.WAITING),
    )
    yield Figure(
        name=gettext("Failed"),
        value=count_text(figures.failed),
        tone="bad" if figures.failed.value else "good",
        note=gettext("%(count)s given up") % {"count": count_text(figures.given_up)} if figures.given_up.value else "",
        url=links.list_url("event", state=State.FAILED),
    )
    if figures.oldest is not None:
        oldest, age = figures.oldest, timezone.now() - figures.oldest.recorded_at
        yield Figure(
            name=gettext("Oldest undone event"),
            value=lasted(age.total_seconds()),
            tone=tone_of(age_level(oldest, Thresholds.configured().undone_minutes, timezone.now())),
            note=oldest.kind,
            url=links.page_url("event", oldest.pk),
        )
    genuine = figures.genuine
    yield Figure(
        name=gettext("Last genuine event"),
        value=ago(genuine.recorded_at) if genuine else gettext("none yet"),
        note=genuine.kind if genuine else "",
        url=links.page_url("event", genuine.pk) if genuine else "",
    )
    yield Figure(
        name=capfirst(gettext("mode")),
        value=" + ".join(map(mode_of, sorted(figures.modes.events))) or gettext("none yet"),
        tone="plain" if findings.of_modes(figures.modes) is None else "bad",
    )
    yield delay_figure(delay)
    yield catch_up_figure(figures.catch_up)
    if figures.backfill is not None and figures.backfill.finished_at is not None:
        yield Figure(name=gettext("Stripe's lists were read"), value=ago(figures.backfill.finished_at))
    if figures.verification is not None:
        yield verification_figure(figures.verification)


def delay_figure(delay: Delay | None) -> Figure:
    """From Stripe's clock to done."""
    name = gettext("From Stripe's clock to done")
    if delay is None:
        return Figure(name=name, value=gettext("nothing was done"))
    note = gettext("half of the events; 95 of 100 took up to %(most)s, the longest %(longest)s")
    parts = {"most": lasted(delay.percentile_95), "longest": lasted(delay.longest)}
    return Figure(name=name, value=lasted(delay.median), note=note % parts)


def catch_up_figure(run: CatchUp | None) -> Figure:
    """What the last catch-up found."""
    name = gettext("Missing events found by the last catch-up")
    if run is None:
        return Figure(name=name, value=gettext("no catch-up yet"), note="stripe_catch_up")
    when = run.finished_at or run.started_at
    return Figure(
        name=name,
        value=number_format(run.missing, force_grouping=True),
        tone="open" if run.missing else "good",
        note=gettext("of %(listed)s, %(ago)s")
        % {"listed": number_format(run.listed, force_grouping=True), "ago": ago(when)},
        url=links.page_url("catchup", run.pk),
    )


def verification_figure(run: Verification) -> Figure:
    """In how many objects the mirror differed from Stripe."""
    different = run.different - run.fixed
    return Figure(
        name=gettext("Different from Stripe"),
        value=number_format(different, force_grouping=True),
        tone="bad" if different else "good",
        note=gettext("of %(compared)s compared, %(ago)s")
        % {"compared": number_format(run.compared, force_grouping=True), "ago": ago(run.finished_at or run.started_at)},
    )


def business_figures(request: HttpRequest, since: datetime.datetime) -> Reading[list[Figure]]:
    """Subscriptions, for staff who may see them."""
    if not may_view(request, Subscription):
        return []
    found = yield from subscriptions(since)
    note = gettext("%(started)s started, %(ended)s ended")
    figure = Figure(
        name=gettext("Active subscriptions"),
        value=count_text(found.active),
        note=note % {"started": count_text(found.started), "ended": count_text(found.ended)},
        url=links.list_url("subscription", status=ENTITLED),
    )
    return [figure]


def plots_of(buckets: list[Bucket], moments: list[datetime.datetime], *, by_day: bool) -> list[Plot]:
    """The bars of each state, all on one scale: one event is as high in each of them."""
    counts = {(bucket.state, bucket.start): bucket.count for bucket in buckets}
    values = {state: [counts.get((state, moment), 0) for moment in moments] for state in State}
    highest = max(map(max, values.values())) if moments else 0
    return [plot_of(state, values[state], moments, highest=highest, by_day=by_day) for state in State]


def plot_of(state: State, values: list[int], moments: list[datetime.datetime], *, highest: int, by_day: bool) -> Plot:
    """The bars of one state."""
    total = number_format(sum(values), force_grouping=True)
    most = number_format(max(values, default=0), force_grouping=True)
    rate = gettext("%(total)s, at most %(most)s a day") if by_day else gettext("%(total)s, at most %(most)s an hour")
    return Plot(
        title=state_badge(state),
        label=f"{state.label}: {total}",
        note=rate % {"total": total, "most": most},
        tone=STATE_TONES[state],
        svg=bars(values, [moment_text(moment) for moment in moments], highest=highest),
        first=moment_text(moments[0]) if moments else "",
        last=moment_text(moments[-1]) if moments else "",
    )


def moment_text(moment: datetime.datetime) -> str:
    """An hour, or a day when it is midnight."""
    local = timezone.localtime(moment)
    if local.hour == 0:
        return date_format(local, "MONTH_DAY_FORMAT")
    return f"{date_format(local, 'MONTH_DAY_FORMAT')}, {date_format(local, 'TIME_FORMAT')}"


def table_of(buckets: list[Bucket], moments: list[datetime.datetime], *, by_day: bool) -> Panel:
    """The plots as a table, for readers who cannot see them."""
    counts = {(bucket.start, bucket.state): bucket.count for bucket in buckets}
    return Panel(
        title=gettext("The same as a table"),
        columns=[gettext("Day") if by_day else gettext("Hour"), *(capfirst(state.label) for state in State)],
        rows=[
            [moment_text(moment), *(counts.get((moment, state), 0) for state in State)] for moment in reversed(moments)
        ],
    )


def panels(request: HttpRequest, since: datetime.datetime, limits: Limits) -> Reading[list[Panel]]:
    readings = [refusals(since)]
    if may_view(request, EventProcessingException) or may_view(request, Event):
        readings.insert(0, failures(since))
    if may_view(request, Charge) and may_view(request, Refund):
        readings.append(money_panel(since, limits.payments))
    seen = [model for model in READERS if may_view(request, model)]
    if seen:
        readings.append(mirror_panel(seen, limits.objects))
    return together(*readings)


def failures(since: datetime.datetime) -> Reading[Panel]:
    found = yield from statistics.failures_by_receiver.reading(since)
    return Panel(
        title=gettext("Failures by type and receiver"),
        columns=(_("Type"), _("Where"), _("Failures"), _("Last")),
        rows=[[row.kind, place_of(row.where), row.count, row.last] for row in found],
        more_url=links.list_url("event", state=State.FAILED),
        more_text=gettext("Failed events"),
    )


def refusals(since: datetime.datetime) -> Reading[Panel]:
    found = yield from statistics.refusals_by_reason.reading(since)
    return Panel(
        title=gettext("Refused POSTs by reason and source"),
        columns=(_("Reason"), _("From"), _("POSTs"), _("Last")),
        rows=[
            [REASONS[row.reason].text if row.reason in REASONS else row.reason, row.address, row.count, row.last]
            for row in found
        ],
        more_url=links.list_url("event", state=State.REFUSED),
        more_text=gettext("Refused events"),
    )


def money_panel(since: datetime.datetime, max_payments: int) -> Reading[Panel]:
    """Money by currency; test money is marked."""
    rows, has_all = yield from money(since, max_payments=max_payments)
    return Panel(
        title=gettext("Money")
        if has_all
        else gettext("Money, of the newest payments only: there are too many to add up"),
        columns=(_("Currency"), _("Paid"), _("Refunded"), _("Remaining"), ""),
        rows=[
            [
                row.currency.upper() or "?",
                format_amount(row.paid, row.currency),
                format_amount(row.refunded, row.currency),
                format_amount(row.net, row.currency),
                " ".join([mark_of(row.livemode), gettext("connected accounts") if row.is_connected else ""]).strip(),
            ]
            for row in rows
        ],
    )


def mark_of(livemode: bool | None) -> str:
    return gettext("test") if livemode is False else ""


def mirror_panel(models: list[Any], max_rows: int) -> Reading[Panel]:
    """How many objects are mirrored, and how current they are."""
    found = yield from mirrored_objects(models, max_rows=max_rows)
    return Panel(
        title=gettext("The mirror"),
        columns=(_("Objects"), _("Count"), _("Last change"), _("Events not applied yet")),
        rows=[
            [
                link_to_list(row.model),
                count_text(row.rows),
                ago(row.written_at) if row.written_at else "",
                badge(row.waiting, "open") if row.waiting else "0",
            ]
            for row in found
        ],
    )


def link_to_list(model: Any) -> SafeString:
    options = model._meta
    return format_html('<a href="{}">{}</a>', links.list_url(options.model_name), capfirst(options.verbose_name_plural))
