"""The health checks for monitors, and the view that returns them as JSON.

The checks of the database are six queries, which are quick on millions of events. Stripe is only asked on request.
"""

import datetime
import hmac
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
from ..webhooks.kept_answers import MAX_MARK_AGE
from ..webhooks.registry import types_of_interest
from . import findings, statistics
from .findings import Finding, Level, Limits, Thresholds
from .statistics import LAST_HOUR, EventFigures


def health_report(thresholds: Thresholds, *, online: bool = False) -> list[Finding]:
    """What a monitor is told; with `online` also what only Stripe knows."""
    now = timezone.now()
    share = statistics.failure_share(now - LAST_HOUR)
    answers = [
        check_undone(thresholds.undone_minutes, now),
        findings.of_given_up(statistics.count_given_up()),
        findings.of_failures(share, thresholds.failure_share),
        findings.of_secret(share),
        *check_last_seen(thresholds.silent_hours, now),
        findings.of_modes(statistics.modes()),
    ]
    found = [finding for finding in answers if finding is not None]
    return [*found, *check_online()] if online else found


def assessment(figures: EventFigures) -> list[Finding]:
    """What staff are told, by the same limits, the worst first."""
    found = findings.of_figures(figures, Thresholds.configured(), timezone.now())
    return sorted(found, key=lambda finding: finding.level is Level.OK)


def worst(found: list[Finding]) -> Level:
    return max((finding.level for finding in found), default=Level.OK)


def check_undone(limits: Limits, now: datetime.datetime) -> Finding:
    """The age of the oldest undone event decides; the summary says how many are late."""
    oldest = statistics.oldest_undone()
    level = findings.age_level(oldest, limits, now)
    if oldest is None or level is Level.OK:
        return Finding(code="undone.none", value=0)
    late = statistics.count_undone(before=now - datetime.timedelta(minutes=limits.first))
    minutes = (now - oldest.recorded_at).total_seconds() / 60
    parameters = {"late": late, "first": limits.first, "event": oldest, "minutes": minutes}
    return Finding(code="undone.late", level=level, value=late, parameters=parameters)


def check_last_seen(limits: Limits, now: datetime.datetime) -> list[Finding]:
    """The last event, slow receivers, the sweeper, backfill and verification: one query tells which there are."""
    signs = statistics.signs_of_life(now - LAST_HOUR)
    found = [findings.of_silence(signs.last, limits, now)]
    slow = statistics.slow_receivers(now - LAST_HOUR) if signs.is_slow else []
    if slow:
        found.append(findings.of_receivers(slow))
    if signs.swept_at is not None:
        found.append(findings.of_sweeper(signs.swept_at, now, MAX_MARK_AGE))
    if signs.backfilled_at is not None:
        found.append(findings.of_backfill(signs.backfilled_at, now))
    if signs.is_verified:
        found += [findings.of_verification(run, now) for run in statistics.verifications()[:1]]
    if signs.is_rebuild_due:
        found.append(findings.of_rebuild([reading.table for reading in statistics.tables_to_rebuild()]))
    return found


def check_online() -> list[Finding]:
    """What only Stripe knows; if the key does not work, nothing is said of the endpoint."""
    key = check_api_key()
    return [key, check_endpoint()] if key.level is Level.OK else [key]


def check_api_key() -> Finding:
    """Whether the key may read events, without which nothing can be validated."""
    try:
        api.list_events({"limit": 1})
    except StripeError as error:
        return Finding(code="key.fails", level=Level.CRITICAL, parameters={"error": error})
    return Finding(code="key.works")


def check_endpoint() -> Finding:
    """Whether Stripe has an enabled endpoint for this project, with a configured secret."""
    try:
        endpoints = list_endpoints()
    except StripeError as error:
        return Finding(code="endpoint.unknown", level=Level.WARNING, parameters={"error": error})
    url = setting("WEBHOOK_URL") or ""
    ours = [endpoint for endpoint in endpoints if is_ours(endpoint, url=url, answers=leads_here)]
    if not ours:
        return no_endpoint(url)
    enabled = [endpoint for endpoint in ours if endpoint.get("status") == "enabled"]
    if not enabled:
        return Finding(code="endpoint.disabled", level=Level.CRITICAL, parameters={"ids": endpoint_ids(ours)})
    misdirected = [] if url else [endpoint for endpoint in enabled if misses(path_in(endpoint))]
    if misdirected:
        level = Level.CRITICAL if len(misdirected) == len(enabled) else Level.WARNING
        return Finding(
            code="endpoint.elsewhere", level=level, parameters={"told": " ".join(map(misdirected_text, misdirected))}
        )
    unknown = [endpoint for endpoint in enabled if secret_state(endpoint) is False]
    if unknown:
        return Finding(code="endpoint.secret", level=Level.WARNING, parameters={"ids": endpoint_ids(unknown)})
    missing = types_not_sent(enabled)
    # No warning: this may be intended.
    code = "endpoint.types" if missing else "endpoint.enabled"
    return Finding(code=code, parameters={"ids": endpoint_ids(enabled), "missing": len(missing)})


def endpoint_ids(endpoints: list[dict[str, Any]]) -> str:
    return ", ".join(endpoint["id"] for endpoint in endpoints)


def types_not_sent(enabled: list[dict[str, Any]]) -> set[str]:
    """Types that the project handles, and that none of the endpoints is sent."""
    sent = {name for endpoint in enabled for name in endpoint["enabled_events"]}
    return set() if "*" in sent else set(types_of_interest()) - sent


def no_endpoint(url: str) -> Finding:
    """Stripe has no endpoint for the webhook's URL, or for its path if the URL is not known."""
    try:
        parameters: dict[str, Any] = {"address": url or public_path(webhook_path())}
    except NoAddress as error:
        return Finding(code="endpoint.no_address", level=Level.CRITICAL, parameters={"error": error})
    return Finding(code="endpoint.none", level=Level.CRITICAL, parameters=parameters)


def misdirected_text(endpoint: dict[str, Any]) -> str:
    """The summary for an endpoint that posts to another URL than the webhook's."""
    here = " and ".join(misses(path_in(endpoint)))
    return (
        f"{endpoint['id']} posts to {endpoint['url']}, but the webhook is at {here}: make another endpoint with "
        f"stripe_webhook create --force, then run stripe_webhook delete --endpoint {endpoint['id']}."
    )


def as_json(found: list[Finding]) -> dict[str, Any]:
    """The report for machines; names and levels in it stay what they are."""
    return {
        "status": worst(found).name.lower(),
        "checks": [
            {
                "name": finding.name,
                "level": finding.level.name.lower(),
                "summary": finding.summary,
                "value": finding.value,
            }
            for finding in found
        ],
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
        if not (has_token(request, token) or may_view_health(request)):
            refusal = JsonResponse({"error": "Send the token: Authorization: Bearer …"}, status=401)
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
        found = health_report(Thresholds.configured(), online=request.GET.get("online") == "1")
        response = JsonResponse(as_json(found), status=503 if worst(found) is Level.CRITICAL else 200)
        add_never_cache_headers(response)
        return response


def has_token(request: HttpRequest, token: str) -> bool:
    """Whether a request has the token, compared in a time that tells nothing about it."""
    scheme, given = map(Secret, request.headers.get("Authorization", "").partition(" ")[::2])
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())


def may_view_health(request: HttpRequest) -> bool:
    """Whether the user is signed in as staff with the permission to see the report."""
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_staff and user.has_perm("pinax_stripe.view_health"))
