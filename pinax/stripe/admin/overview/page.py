"""The overview page: the state of the webhook and of the mirror."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ...catalogue.reasons import REASONS
from ...combined_reads import Reading, known, run, together
from ...currencies import format_amount
from ...models import Charge, Dispute, EventProcessingException, Invoice, Payout, Refund, Subscription
from ...models.backfill import Backfill, Verification
from ...models.events import CatchUp, Event, State
from ...models.figures import DailyFigure
from ...sync.registry import READERS
from ...upkeep import findings, statistics
from ...upkeep.findings import Thresholds, age_level
from ...upkeep.statistics import MAX_INDEX_ROWS, Bucket, Delay, EventFigures, beginning, steps
from ..base import may_view
from ..display import links, sites
from ..display.badges import STATE_TONES, badge, mode_of, state_badge
from ..display.charts import Plot, bars
from ..display.durations import ago, lasted
from ..display.pages import Panel, day
from ..events.explanations import place_of
from ..filters import TRIAL_DAYS
from ..objects.subscriptions import ENTITLED, TRIAL_ENDS_SOON, WILL_CANCEL
from . import owner
from .assessment import Assessment, assess, count_text, tone_of
from .business import MAX_OBJECTS, MAX_PAYMENTS, mirrored_objects, money, subscriptions
from .owner import Days

#: Currencies of which recurring revenue is shown, at most.
MAX_CURRENCIES = 4

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
class Business:
    """What owners ask: figures, and plots of what is counted each night."""

    figures: list[Figure]
    #: When what takes long was counted; None when it never was.
    counted_at: datetime.datetime | None = None
    plots: list[Plot] = field(default_factory=list)
    plot_table: Panel | None = None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everything on the page."""

    window: str
    windows: list[tuple[str, Any]]
    assessment: Assessment
    figures_of_events: list[Figure]
    business: Business
    plots: list[Plot]
    plot_table: Panel
    #: Since when the plots show events, when the window has more events than are counted.
    plotted_from: datetime.datetime | None
    panels: list[Panel] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        """All of them."""
        return [*self.figures_of_events, *self.business.figures]


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
            business(request, since, days=hours // 24),
            panels(request, since, limits),
        )
    )
    # Not together with the others: it is of many rows.
    delay = statistics.delay(since)
    return Overview(
        window=window,
        windows=[(value, label) for value, (label, _hours, _by_day) in WINDOWS.items()],
        assessment=assess(figures),
        figures_of_events=[*figures_of_events(figures, delay)],
        business=of_business,
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
    yield lists_figure(figures.backfill)
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


def lists_figure(run: Backfill | None) -> Figure:
    """When Stripe's lists were last read to their end; the page that it leads to says how to read them."""
    when = None if run is None else run.finished_at
    return Figure(
        name=gettext("Stripe's lists were read"),
        value=gettext("never") if when is None else ago(when),
        note="stripe_sync" if when is None else "",
        url=sites.reverse("admin:pinax_stripe_event_lists"),
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


def business(request: HttpRequest, since: datetime.datetime, *, days: int) -> Reading[Business]:
    """What owners ask, for staff who may see the tables that answer."""
    readings: list[Reading[list[Figure]]] = []
    sees_subscriptions = may_view(request, Subscription)
    if sees_subscriptions:
        readings += [subscription_figures(since), figures_to_look_at()]
    if may_view(request, Invoice):
        readings.append(chased_figure())
    if may_view(request, Dispute):
        readings.append(dispute_figure())
    if may_view(request, Payout):
        readings.append(payout_figure())
    kept, *found = yield from together(owner.kept_days() if sees_subscriptions else known(None), *readings)
    figures = [figure for group in found for figure in group]
    if kept is None:
        return Business(figures=figures)
    plots, table = plots_of_days(kept)
    return Business(
        figures=[*recurring_figures(kept, days), *figures], counted_at=kept.counted_at, plots=plots, plot_table=table
    )


def recurring_figures(kept: Days, days: int) -> Iterator[Figure]:
    """The recurring revenue in each currency, and its change in the window."""
    if kept.counted_at is None:
        yield Figure(name=gettext("Recurring revenue a month"), value=gettext("not counted yet"), note="stripe_figures")
    for currency in kept.currencies[:MAX_CURRENCIES]:
        amount = kept.last(DailyFigure.Name.RECURRING, currency)
        uncounted = int(kept.last(DailyFigure.Name.NOT_COUNTED, currency))
        change = kept.change(DailyFigure.Name.RECURRING, currency, days)
        notes = [change_text(change, currency, days)] if change is not None else []
        if uncounted:
            text = ngettext("%(count)s item is not counted", "%(count)s items are not counted", uncounted)
            notes.append(text % {"count": number_format(uncounted, force_grouping=True)})
        yield Figure(
            name=gettext("Recurring revenue a month"),
            value=format_amount(whole(amount), currency),
            tone="plain" if not change else "good" if change > 0 else "bad",
            note="; ".join(notes),
        )


def whole(amount: Decimal) -> int:
    """Minor units without fractions, for people."""
    return int(amount.to_integral_value(ROUND_HALF_EVEN))


def change_text(change: Decimal, currency: str, days: int) -> str:
    """How much more it is than before, or less."""
    sign = "+" if whole(change) > 0 else ""
    text = ngettext("%(change)s in a day", "%(change)s in %(count)d days", days)
    return text % {"change": f"{sign}{format_amount(whole(change), currency)}", "count": days}


def subscription_figures(since: datetime.datetime) -> Reading[list[Figure]]:
    """Active subscriptions, and their change."""
    found = yield from subscriptions(since)
    note = gettext("%(started)s started, %(ended)s ended")
    figure = Figure(
        name=gettext("Active subscriptions"),
        value=count_text(found.active),
        note=note % {"started": count_text(found.started), "ended": count_text(found.ended)},
        url=links.list_url("subscription", status=ENTITLED),
    )
    return [figure]


def figures_to_look_at() -> Reading[list[Figure]]:
    """Subscriptions that may end soon."""
    past_due, trials, ending = yield from owner.subscriptions_to_look_at()
    soon = ngettext("within a day", "within %(count)d days", TRIAL_DAYS) % {"count": TRIAL_DAYS}
    return [
        Figure(
            name=gettext("Past due subscriptions"),
            value=count_text(past_due),
            tone="bad" if past_due.value else "good",
            url=links.list_url("subscription", status="past_due"),
        ),
        Figure(
            name=gettext("Trials that end soon"),
            value=count_text(trials),
            note=soon,
            url=links.list_url("subscription", status=TRIAL_ENDS_SOON),
        ),
        Figure(
            name=gettext("Subscriptions whose end is decided"),
            value=count_text(ending),
            url=links.list_url("subscription", status=WILL_CANCEL),
        ),
    ]


def chased_figure() -> Reading[list[Figure]]:
    """Failed payments to chase."""
    found = yield from owner.chased_invoices()
    figure = Figure(
        name=gettext("Failed payments to chase"),
        value=count_text(found.number),
        tone="bad" if found.number.value else "good",
        note=" + ".join(format_amount(amount, currency) for currency, amount in found.amounts),
        url=links.list_url("invoice", status="open"),
    )
    return [figure]


def dispute_figure() -> Reading[list[Figure]]:
    """Open disputes, and whether they wait for staff."""
    found, waiting = yield from owner.disputes()
    text = ngettext("%(count)s needs a response", "%(count)s need a response", waiting.value)
    figure = Figure(
        name=gettext("Open disputes"),
        value=count_text(found),
        tone="bad" if waiting.value else "open" if found.value else "good",
        note=text % {"count": count_text(waiting)} if waiting.value else "",
        url=links.list_url("dispute", status="needs_response") if waiting.value else links.list_url("dispute"),
    )
    return [figure]


def payout_figure() -> Reading[list[Figure]]:
    """The next payout, and how much is under way in all."""
    payout, under_way = yield from owner.next_payouts()
    name = gettext("Next payout")
    if payout is None:
        return [Figure(name=name, value=gettext("none is under way"))]
    notes = [gettext("should arrive on %(day)s") % {"day": day(payout.arrival_date)}] if payout.arrival_date else []
    if sum(number for _currency, number, _amount in under_way) > 1:
        amounts = " + ".join(format_amount(amount, currency) for currency, _number, amount in under_way)
        notes.append(gettext("%(amounts)s under way in all") % {"amounts": amounts})
    figure = Figure(
        name=name,
        value=format_amount(payout.amount, payout.currency),
        note="; ".join(notes),
        url=links.page_url("payout", payout.pk),
    )
    return [figure]


def plots_of_days(kept: Days) -> tuple[list[Plot], Panel | None]:
    """Bars of recurring revenue, and of subscriptions that started and ended; the same as a table."""
    if kept.counted_at is None:
        return [], None
    today = timezone.localdate()
    days = [today - datetime.timedelta(days=ago) for ago in reversed(range(owner.PLOTTED_DAYS))]
    rows: list[DayRow] = [
        DayRow(
            title=f"{gettext('Recurring revenue a month')}, {currency.upper()}",
            tone="plain",
            values=kept.values[DailyFigure.Name.RECURRING, currency],
            currency=currency,
        )
        for currency in kept.currencies[:MAX_CURRENCIES]
    ]
    changes = {DailyFigure.Name.STARTED: "good", DailyFigure.Name.ENDED: "quiet"}
    names = {
        DailyFigure.Name.STARTED: gettext("Started subscriptions"),
        DailyFigure.Name.ENDED: gettext("Ended subscriptions"),
    }
    counts = [
        DayRow(title=names[name], tone=tone, values=kept.values.get((name, ""), {})) for name, tone in changes.items()
    ]
    most = max((row.highest(days) for row in counts), default=Decimal(0))
    plots = [plot_of_days(row, days, row.highest(days)) for row in rows]
    plots += [plot_of_days(row, days, most) for row in counts]
    shown = [*rows, *counts]
    table = Panel(
        title=gettext("The same as a table"),
        columns=[gettext("Day"), *(row.title for row in shown)],
        rows=[[date_format(each, "MONTH_DAY_FORMAT"), *(row.text(each) for row in shown)] for each in reversed(days)],
    )
    return plots, table


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """One value a day."""

    title: str
    tone: str
    values: dict[datetime.date, Decimal]
    currency: str = ""

    def highest(self, days: list[datetime.date]) -> Decimal:
        return max((self.values.get(each, Decimal(0)) for each in days), default=Decimal(0))

    def text(self, each: datetime.date) -> str:
        """The value of a day, for people; "" where none was counted."""
        value = self.values.get(each)
        if value is None:
            return ""
        return format_amount(whole(value), self.currency) if self.currency else number_format(whole(value))


def plot_of_days(row: DayRow, days: list[datetime.date], highest: Decimal) -> Plot:
    """The bars of one figure."""
    counted = [each for each in days if each in row.values]
    last = row.text(counted[-1]) if counted else ""
    total = number_format(sum(whole(row.values[each]) for each in counted), force_grouping=True)
    names = [date_format(each, "MONTH_DAY_FORMAT") for each in days]
    return Plot(
        title=format_html("<strong>{}</strong>", row.title),
        label=f"{row.title}: {last if row.currency else total}",
        note=last if row.currency else total,
        tone=row.tone,
        svg=bars(
            [whole(row.values.get(each, Decimal(0))) for each in days],
            names,
            highest=whole(highest),
            texts=[row.text(each) for each in days],
        ),
        first=names[0],
        last=names[-1],
    )


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
