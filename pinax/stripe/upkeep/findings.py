"""What counts as bad, and what was found. Pure: from figures and limits to findings.

Monitors and the admin's overview say the same findings, the ones in English (`Finding.summary`), the others in the
reader's language (`admin/overview/assessment.py`).
"""

import datetime
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..conf import setting
from ..models.backfill import Verification
from ..models.events import CatchUp, Event, EventStep
from .statistics import Counted, EventFigures, Modes, Share

#: With fewer failures in an hour a share says little: it is never more than a warning.
FEWEST_FAILURES = 3
#: `livemode` in a word.
MODES = {True: "live", False: "test"}
#: A catch-up should have run within this time.
CATCH_UP_WITHIN = datetime.timedelta(days=2)


class Level(enum.IntEnum):
    """How bad it is; the exit status of `stripe_status`, as monitors expect it."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where a value is worth a warning, and from where an alarm; None for never."""

    warning: float | None
    critical: float | None

    @property
    def first(self) -> float:
        """The value from which it is worth something; 0 when it never is."""
        return (self.critical if self.warning is None else self.warning) or 0

    def level(self, value: float) -> Level:
        if self.critical is not None and value >= self.critical:
            return Level.CRITICAL
        return Level.WARNING if self.warning is not None and value >= self.warning else Level.OK


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What counts as bad."""

    #: Age of an undone event, in minutes.
    undone_minutes: Limits
    #: Share of the last hour's events that failed, 0 to 1.
    failure_share: Limits
    #: Hours since the last event.
    silent_hours: Limits

    @classmethod
    def configured(cls, **changes: tuple[float | None, float | None] | None) -> "Thresholds":
        """Those of the settings, or of `changes` (warning and critical), by the names of the attributes."""
        names = ("undone_minutes", "failure_share", "silent_hours")
        pairs = {name: changes.get(name) or setting(f"HEALTH_{name.upper()}") for name in names}
        return cls(**{name: Limits(warning=pair[0], critical=pair[1]) for name, pair in pairs.items()})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer to one question."""

    #: `<question>.<answer>`, a key of `SUMMARIES`, or of the overview's texts.
    code: str
    level: Level = Level.OK
    #: The figure behind it, where there is one.
    value: float | int | str | None = None
    #: What the sentence about it says: numbers, ids, times, rows.
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The question, by which monitors know it."""
        return self.code.partition(".")[0]

    @property
    def summary(self) -> str:
        """A sentence in English; if the level is not OK, also what to do."""
        return SUMMARIES[self.code].format_map(self.parameters)


#: Code of a finding -> what monitors are told.
SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "undone.none": "No event waits for long.",
        "undone.late": (
            "{late} events are not done after {first:g} minutes; the oldest, {event.stripe_id}, waits for "
            "{minutes:.0f}. Does stripe_process_events --due, or the worker, run?"
        ),
        "given_up.none": "No event was given up.",
        "given_up.some": (
            "{count} events failed too often and were given up. Fix the cause, then run stripe_process_events --failed."
        ),
        "failures.share": "{share.failed} of {share.genuine} events of the last hour failed at least once.",
        "refused.some": "{share.refused} POSTs of the last hour were refused.",
        "refused.wrong_secret": (
            "{share.refused} POSTs of the last hour were refused. All signatures were wrong: compare "
            "PINAX_STRIPE_WEBHOOK_SECRETS with the endpoint's secret."
        ),
        "last_seen.never": "No event was ever recorded.",
        "last_seen.lately": "The last event came {hours:.1f} hours ago.",
        "last_seen.silent": (
            "The last event came {hours:.1f} hours ago. Is the endpoint enabled at Stripe, and does its URL lead here?"
        ),
        "receivers.slow": (
            "{count} times in the last hour a receiver ran for longer than PINAX_STRIPE_RECEIVER_WARN_AFTER; the "
            "latest: {receiver} for {event.stripe_id}."
        ),
        "receivers.running": (
            "{count} times in the last hour a receiver ran for longer than PINAX_STRIPE_RECEIVER_WARN_AFTER; the "
            "latest: {receiver} for {event.stripe_id}. It may still be running. Nothing can stop a thread: restart the "
            "process that it runs in."
        ),
        "sweeper.lately": "stripe_process_events last ran {minutes:.0f} minutes ago.",
        "sweeper.late": (
            "stripe_process_events last ran {minutes:.0f} minutes ago. Until it runs, an event that needs more time "
            "waits for Stripe's next delivery."
        ),
        "backfill.last": "stripe_sync last read Stripe's lists to their end {hours:.1f} hours ago.",
        "rebuild.due": (
            "This release reads more from the objects of {count} tables than their rows have: {names}. Run "
            "stripe_rebuild."
        ),
        "verification.same": (
            "stripe_verify last held {run.compared} objects against Stripe {hours:.1f} hours ago: none differed."
        ),
        "verification.fixed": (
            "stripe_verify last held {run.compared} objects against Stripe {hours:.1f} hours ago: {run.different} "
            "differed, and are fixed."
        ),
        "verification.different": (
            "stripe_verify last held {run.compared} objects against Stripe {hours:.1f} hours ago: {run.different} "
            "differed, {run.fixed} of them are fixed. Run stripe_verify --fix."
        ),
        "mode.mixed": (
            "The database has events of live mode and of test mode, and rows do not say which of the two they are of "
            "where ids are the same: use a database for each mode, and delete the rows of the other one here."
        ),
        "mode.key": (
            "PINAX_STRIPE_SECRET_KEY is of {key} mode, but the events in the database are of {events} mode: set a key "
            "of {events} mode, or use another database."
        ),
        "key.works": "The API key may read Stripe's events.",
        "key.fails": "Stripe's events cannot be read: {error}",
        "endpoint.unknown": "The webhook endpoints cannot be listed: {error}",
        "endpoint.none": "Stripe has no endpoint for {address}: run stripe_webhook create.",
        "endpoint.no_address": "Stripe has no endpoint of this project's. {error}",
        "endpoint.disabled": "{ids} is disabled at Stripe: run stripe_webhook update --enable.",
        "endpoint.elsewhere": "{told}",
        "endpoint.secret": "The secret of {ids} is not in PINAX_STRIPE_WEBHOOK_SECRETS.",
        "endpoint.enabled": "{ids} is enabled at Stripe.",
        "endpoint.types": (
            "{ids} is enabled at Stripe. It is not sent {missing} types that the project handles: run stripe_webhook "
            "update."
        ),
    }
)


def age_level(event: Event | None, limits: Limits, now: datetime.datetime) -> Level:
    """How bad it is that an event is not done yet, by its age; OK for None."""
    return Level.OK if event is None else limits.level((now - event.recorded_at).total_seconds() / 60)


def of_secret(share: Share) -> Finding:
    """POSTs that were signed with another secret, and not one that was signed with ours: the secret is wrong."""
    is_wrong = share.mismatched > 0 and not share.genuine
    return Finding(
        code="refused.wrong_secret" if is_wrong else "refused.some",
        level=Level.WARNING if is_wrong else Level.OK,
        value=share.refused,
        parameters={"share": share},
    )


def of_failures(share: Share, limits: Limits) -> Finding:
    """The share of the last hour's events that failed."""
    level = limits.level(share.value) if share.failed else Level.OK
    if share.failed < FEWEST_FAILURES:
        level = min(level, Level.WARNING)
    return Finding(code="failures.share", level=level, value=round(share.value, 4), parameters={"share": share})


def of_given_up(count: int) -> Finding:
    """Events that failed too often."""
    level = Level.WARNING if count else Level.OK
    code = "given_up.some" if count else "given_up.none"
    return Finding(code=code, level=level, value=count, parameters={"count": count})


def of_silence(last: Event | None, limits: Limits, now: datetime.datetime) -> Finding:
    """How long ago the last event came."""
    if last is None:
        return Finding(code="last_seen.never")
    hours = (now - last.recorded_at).total_seconds() / 3600
    level = limits.level(hours)
    return Finding(
        code="last_seen.lately" if level is Level.OK else "last_seen.silent",
        level=level,
        value=last.recorded_at.isoformat(),
        parameters={"hours": hours, "moment": last.recorded_at, "row": last},
    )


def of_modes(modes: Modes) -> Finding | None:
    """A database serves one mode, that of the key: ids that people choose are the same in both. None if it does."""
    if len(modes.events) > 1:
        return Finding(code="mode.mixed", level=Level.WARNING)
    if modes.key is None or modes.events <= {modes.key}:
        return None
    names = {"key": MODES[modes.key], "events": MODES[not modes.key]}
    return Finding(code="mode.key", level=Level.WARNING, parameters=names)


def of_receivers(slow: list[EventStep]) -> Finding:
    """A slow receiver occupies a worker, and one that never ends occupies it forever."""
    latest = slow[0]
    parameters = {"count": len(slow), "receiver": latest.data.get("receiver"), "event": latest.event}
    code = "receivers.slow" if latest.event.processed else "receivers.running"
    return Finding(code=code, level=Level.WARNING, value=len(slow), parameters=parameters)


def of_sweeper(swept_at: datetime.datetime, now: datetime.datetime, within: datetime.timedelta) -> Finding:
    """How long ago `stripe_process_events` went through everything that was due. Never critical: `undone` is."""
    age = now - swept_at
    code = "sweeper.lately" if age <= within else "sweeper.late"
    return Finding(code=code, value=swept_at.isoformat(), parameters={"minutes": age.total_seconds() / 60})


def of_backfill(finished_at: datetime.datetime, now: datetime.datetime) -> Finding:
    """How long ago Stripe's lists were read: so old may be what no event tells of. Never a warning."""
    hours = (now - finished_at).total_seconds() / 3600
    return Finding(code="backfill.last", value=finished_at.isoformat(), parameters={"hours": hours})


def of_rebuild(tables: list[str]) -> Finding:
    """Which tables have rows that an earlier release read."""
    parameters = {"count": len(tables), "names": ", ".join(tables)}
    return Finding(code="rebuild.due", level=Level.WARNING, value=len(tables), parameters=parameters)


def of_verification(run: Verification, now: datetime.datetime) -> Finding:
    """What came of holding the mirror against Stripe, the last time."""
    moment = run.finished_at or run.started_at
    left = run.different - run.fixed
    code = "verification.different" if left else "verification.fixed" if run.different else "verification.same"
    hours = (now - moment).total_seconds() / 3600
    parameters = {"run": run, "hours": hours, "moment": moment, "counted": Counted(value=left)}
    return Finding(code=code, level=Level.WARNING if left else Level.OK, value=left, parameters=parameters)


def of_figures(figures: EventFigures, thresholds: Thresholds, now: datetime.datetime) -> Iterator[Finding]:
    """What staff should know of all events; what is no reason to act has the level OK.

    A failed event is a warning here, although a monitor hears of it only when many fail or one is given up.
    """
    secret = of_secret(figures.last_hour)
    if secret.level is not Level.OK:
        yield secret
    mode = of_modes(figures.modes)
    if mode is not None:
        yield mode
    if figures.failed.value:
        yield Finding(code="failed.some", level=Level.WARNING, parameters={"counted": figures.failed})
    if figures.waiting.value:
        yield of_waiting(figures.waiting, figures.oldest_waiting, thresholds.undone_minutes, now)
    if figures.of_new_accounts.value:
        yield Finding(code="waiting.of_new_accounts", parameters={"counted": figures.of_new_accounts})
    silence = of_silence(figures.genuine, thresholds.silent_hours, now)
    if silence.code != "last_seen.lately":
        yield silence
    yield from of_catch_up(figures.catch_up, now)
    if figures.verification is not None:
        verification = of_verification(figures.verification, now)
        if verification.level is not Level.OK:
            yield verification


def of_waiting(waiting: Counted, oldest: Event | None, limits: Limits, now: datetime.datetime) -> Finding:
    """A little waiting is how a task queue works, as long as a monitor does not complain."""
    level = age_level(oldest, limits, now)
    seconds = (now - oldest.recorded_at).total_seconds() if oldest is not None else 0.0
    code = "waiting.briefly" if level is Level.OK else "waiting.late"
    return Finding(code=code, level=level, parameters={"counted": waiting, "seconds": seconds})


def of_catch_up(run: CatchUp | None, now: datetime.datetime) -> Iterator[Finding]:
    """Whether catch-ups run, and what the last one found."""
    if run is None or run.finished_at is None:
        yield Finding(code="catch_up.never", parameters={"row": run})
        return
    parameters = {"row": run, "moment": run.finished_at, "counted": Counted(value=run.missing)}
    if run.finished_at < now - CATCH_UP_WITHIN:
        yield Finding(code="catch_up.late", parameters=parameters)
    if run.missing:
        yield Finding(code="catch_up.missing", value=run.missing, parameters=parameters)
