"""The health checks for monitors, and the view that returns them as JSON.

The checks of the database are five queries, which are quick on millions of events. Stripe is only asked on request.
"""

import datetime
import enum
import hmac
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views import View

from .. import api
from ..actions.webhook_endpoints import is_ours, list_endpoints, path_in, secret_state
from ..addresses import NoAddress, leads_here, misses, public_path, webhook_path
from ..conf import setting
from ..exceptions import Secret, StripeError
from ..models.events import EventStep
from ..webhooks.kept_answers import SWEPT_LATELY
from ..webhooks.registry import types_of_interest
from . import statistics

#: How far back the share of failures and of refusals looks.
WINDOW = datetime.timedelta(hours=1)
#: With fewer failures in that time a share says little, and is at most a warning.
FEW = 3


class Level(enum.IntEnum):
    """Severity of a finding; its value is the exit status of `stripe_status`, as monitors expect it."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The values from which a check is a warning, and critical; None for never."""

    warning: float | None
    critical: float | None

    def level(self, value: float) -> Level:
        if self.critical is not None and value >= self.critical:
            return Level.CRITICAL
        return Level.WARNING if self.warning is not None and value >= self.warning else Level.OK


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The limits of all checks."""

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
class Check:
    """One question and its answer."""

    name: str
    level: Level
    #: A sentence; if the level is not OK, also what to do.
    summary: str
    #: The figure behind it, where there is one.
    value: float | int | str | None = None


def report(thresholds: Thresholds, *, online: bool = False) -> list[Check]:
    """All checks; with `online` those that ask Stripe as well."""
    now = timezone.now()
    checks = [
        check_undone(thresholds.undone_minutes, now),
        check_given_up(),
        *check_last_hour(thresholds.failure_share, now),
        *check_last_seen(thresholds.silent_hours, now),
    ]
    return [*checks, *check_online()] if online else checks


def worst(checks: list[Check]) -> Level:
    return max((check.level for check in checks), default=Level.OK)


def check_undone(limits: Limits, now: datetime.datetime) -> Check:
    """The age of the oldest undone event decides; the summary says how many are late."""
    oldest = statistics.oldest_undone()
    minutes = (now - oldest.recorded_at).total_seconds() / 60 if oldest is not None else 0.0
    level = limits.level(minutes) if oldest is not None else Level.OK
    if oldest is None or level is Level.OK:
        return Check(name="undone", level=Level.OK, summary="No event waits for long.", value=0)
    first = limits.warning if limits.warning is not None else limits.critical
    late = statistics.undone(before=now - datetime.timedelta(minutes=first or 0))
    return Check(
        name="undone",
        level=level,
        summary=f"{late} events are not done after {first:g} minutes; the oldest, {oldest.stripe_id}, waits for "
        f"{minutes:.0f}. Does stripe_process_events --due, or the worker, run?",
        value=late,
    )


def check_given_up() -> Check:
    count = statistics.given_up()
    if not count:
        return Check(name="given_up", level=Level.OK, summary="No event was given up.", value=0)
    return Check(
        name="given_up",
        level=Level.WARNING,
        summary=f"{count} events failed too often and were given up. Fix the cause, then run "
        "stripe_process_events --failed.",
        value=count,
    )


def check_last_hour(limits: Limits, now: datetime.datetime) -> list[Check]:
    share = statistics.failure_share(now - WINDOW)
    level = limits.level(share.value) if share.failed else Level.OK
    if share.failed < FEW:
        level = min(level, Level.WARNING)
    failing = Check(
        name="failures",
        level=level,
        summary=f"{share.failed} of {share.genuine} events of the last hour failed at least once.",
        value=round(share.value, 4),
    )
    # POSTs that were signed with another secret, and not one that was signed with ours: the secret is wrong.
    deaf = share.mismatched > 0 and not share.genuine
    text = f"{share.refused} POSTs of the last hour were refused."
    if deaf:
        text += " All signatures were wrong: compare PINAX_STRIPE_WEBHOOK_SECRETS with the endpoint's secret."
    refused = Check(name="refused", level=Level.WARNING if deaf else Level.OK, summary=text, value=share.refused)
    return [failing, refused]


def check_receivers(slow: list[EventStep]) -> Check:
    """A slow receiver occupies a worker, and one that never ends occupies it forever."""
    latest = slow[0]
    text = (
        f"{len(slow)} times in the last hour a receiver ran for longer than PINAX_STRIPE_RECEIVER_WARN_AFTER; the "
        f"latest: {latest.data.get('receiver')} for {latest.event.stripe_id}."
    )
    if not latest.event.processed:
        text += " It may still be running. Nothing can stop a thread: restart the process that it runs in."
    return Check(name="receivers", level=Level.WARNING, summary=text, value=len(slow))


def check_last_seen(limits: Limits, now: datetime.datetime) -> list[Check]:
    """The last event, slow receivers and the sweeper: one query tells whether there are any."""
    signs = statistics.signs_of_life(now - WINDOW)
    if signs.last is None:
        return [Check(name="last_seen", level=Level.OK, summary="No event was ever recorded.")]
    hours = (now - signs.last.recorded_at).total_seconds() / 3600
    level = limits.level(hours)
    text = f"The last event came {hours:.1f} hours ago."
    if level is not Level.OK:
        text += " Is the endpoint enabled at Stripe, and does its URL lead here?"
    checks = [Check(name="last_seen", level=level, summary=text, value=signs.last.recorded_at.isoformat())]
    slow = statistics.slow_receivers(now - WINDOW) if signs.is_slow else []
    if slow:
        checks.append(check_receivers(slow))
    if signs.swept_at is not None:
        checks.append(check_sweeper(signs.swept_at, now))
    return checks


def check_sweeper(swept_at: datetime.datetime, now: datetime.datetime) -> Check:
    """How long ago `stripe_process_events` went through everything that was due. Never critical: `undone` is."""
    minutes = (now - swept_at).total_seconds() / 60
    summary = f"stripe_process_events last ran {minutes:.0f} minutes ago."
    if now - swept_at > SWEPT_LATELY:
        summary += " Until it runs, an event that needs more time waits for Stripe's next delivery."
    return Check(name="sweeper", level=Level.OK, summary=summary, value=swept_at.isoformat())


def check_online() -> list[Check]:
    """Checks that ask Stripe; if the key does not work, the second one is left out."""
    key = check_key()
    return [key, check_endpoint()] if key.level is Level.OK else [key]


def check_key() -> Check:
    """Whether the key may read events, without which nothing can be validated."""
    try:
        api.list_events({"limit": 1})
    except StripeError as error:
        return Check(name="key", level=Level.CRITICAL, summary=f"Stripe's events cannot be read: {error}")
    return Check(name="key", level=Level.OK, summary="The API key may read Stripe's events.")


def check_endpoint() -> Check:
    """Whether Stripe has an enabled endpoint for this project, with a configured secret."""
    try:
        endpoints = list_endpoints()
    except StripeError as error:
        return endpoint_check(Level.WARNING, f"The webhook endpoints cannot be listed: {error}")
    url = setting("WEBHOOK_URL") or ""
    ours = [endpoint for endpoint in endpoints if is_ours(endpoint, url=url, answers=leads_here)]
    if not ours:
        return endpoint_check(Level.CRITICAL, no_endpoint(url))
    enabled = [endpoint for endpoint in ours if endpoint.get("status") == "enabled"]
    if not enabled:
        names = ", ".join(endpoint["id"] for endpoint in ours)
        return endpoint_check(Level.CRITICAL, f"{names} is disabled at Stripe: run stripe_webhook update --enable.")
    astray = [] if url else [endpoint for endpoint in enabled if misses(path_in(endpoint))]
    if astray:
        level = Level.CRITICAL if len(astray) == len(enabled) else Level.WARNING
        return endpoint_check(level, " ".join(map(told_astray, astray)))
    unknown = [endpoint["id"] for endpoint in enabled if secret_state(endpoint) is False]
    if unknown:
        return endpoint_check(
            Level.WARNING, f"The secret of {', '.join(unknown)} is not in PINAX_STRIPE_WEBHOOK_SECRETS."
        )
    text = f"{', '.join(endpoint['id'] for endpoint in enabled)} is enabled at Stripe."
    if missing := types_not_sent(enabled):
        # No warning: this may be intended.
        text += f" It is not sent {len(missing)} types that the project handles: run stripe_webhook update."
    return endpoint_check(Level.OK, text)


def types_not_sent(enabled: list[dict[str, Any]]) -> set[str]:
    """Types that the project handles, and that none of the endpoints is sent."""
    sent = {name for endpoint in enabled for name in endpoint["enabled_events"]}
    return set() if "*" in sent else set(types_of_interest()) - sent


def endpoint_check(level: Level, summary: str) -> Check:
    return Check(name="endpoint", level=level, summary=summary)


def no_endpoint(url: str) -> str:
    """The summary if Stripe has no endpoint for the webhook's URL, or for its path if the URL is not known."""
    try:
        return f"Stripe has no endpoint for {url or public_path(webhook_path())}: run stripe_webhook create."
    except NoAddress as error:
        return f"Stripe has no endpoint of this project's. {error}"


def told_astray(endpoint: dict[str, Any]) -> str:
    """The summary for an endpoint that posts to another URL than the webhook's."""
    here = " and ".join(misses(path_in(endpoint)))
    return (
        f"{endpoint['id']} posts to {endpoint['url']}, but the webhook is at {here}: make another endpoint with "
        f"stripe_webhook create --force, then run stripe_webhook delete --endpoint {endpoint['id']}."
    )


def as_json(checks: list[Check]) -> dict[str, Any]:
    """The report for machines. Its names and levels are stable."""
    return {
        "status": worst(checks).name.lower(),
        "checks": [{**asdict(check), "level": check.level.name.lower()} for check in checks],
        "at": timezone.now().isoformat(timespec="seconds"),
    }


@method_decorator(login_not_required, name="dispatch")
class HealthView(View):
    """The report as JSON: 200, or 503 when something is critical. 404 unless PINAX_STRIPE_HEALTH_TOKEN is set.

    For clients with the token, and for staff with the permission `pinax_stripe.view_health`. `?online=1` asks Stripe as
    well.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> JsonResponse:
        token = Secret(setting("HEALTH_TOKEN") or "")
        if not token:
            raise Http404
        if not (has_token(request, token) or may_view(request)):
            refusal = JsonResponse({"error": "Send the token: Authorization: Bearer …"}, status=401)
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
        checks = report(Thresholds.configured(), online=request.GET.get("online") == "1")
        response = JsonResponse(as_json(checks), status=503 if worst(checks) is Level.CRITICAL else 200)
        add_never_cache_headers(response)
        return response


def has_token(request: HttpRequest, token: str) -> bool:
    """Whether a request has the token, compared in a time that tells nothing about it."""
    scheme, given = map(Secret, request.headers.get("Authorization", "").partition(" ")[::2])
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())


def may_view(request: HttpRequest) -> bool:
    """Whether the user is signed in as staff with the permission to see the report."""
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_staff and user.has_perm("pinax_stripe.view_health"))
