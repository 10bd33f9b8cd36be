"""Sends events to a webhook as Stripe does."""

import datetime
import json
import random
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from typing import Any, Literal

from ..webhooks.signatures import sign

Order = Literal["created", "reversed", "random"]

USER_AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
CONTENT_TYPE = "application/json; charset=utf-8"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: Stands for the one endpoint of a FakeStripe that has no endpoint objects.
DEFAULT_ENDPOINT = ""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Stripe counts a redirect as a failed delivery."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


#: Goes straight to the address, whatever proxy the environment names.
DIRECT_OPENER = urllib.request.build_opener(NoRedirects, urllib.request.ProxyHandler({}))


def body_of(event: dict[str, Any] | bytes | str) -> bytes:
    """An event as the body of a POST; bytes and text as they are."""
    if isinstance(event, bytes):
        return event
    return (json.dumps(event, indent=2) if isinstance(event, dict) else event).encode()


def headers_of(body: bytes, secret: str | None = None, timestamp: int | None = None) -> dict[str, str]:
    """The headers Stripe sends beside Content-Type; with a signature if there is a secret."""
    headers = {"User-Agent": USER_AGENT}
    if secret:
        headers["Stripe-Signature"] = sign(body, secret, timestamp)
    return headers


def check_loopback(url: str) -> None:
    """ValueError unless an address is on this machine: test events must not reach other machines."""
    if urllib.parse.urlsplit(url).hostname not in LOOPBACK:
        raise ValueError(f"{url} is not on this machine")


def send(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to an address on this machine; the status of the answer, 0 without any."""
    check_loopback(url)
    return send_anywhere(url, body, headers)


def send_anywhere(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The same to any address."""
    request = urllib.request.Request(url, data=body, headers={**headers, "Content-Type": CONTENT_TYPE}, method="POST")
    try:
        with DIRECT_OPENER.open(request, timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException):
        return 0


def is_never_delivered(event: dict[str, Any], lost: Iterable[str]) -> bool:
    """Whether one of the ids, types or beginnings of types (`invoice.*`) in `lost` is the event's."""
    kind = event.get("type") or ""
    return any(
        name in (event["id"], kind) or (name.endswith("*") and kind.startswith(name.removesuffix("*"))) for name in lost
    )


class Acknowledgements:
    """Which endpoints each event still waits for."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[str]] = {}

    def expect(self, event_id: str, endpoints: Iterable[str]) -> None:
        """Let an event wait for those endpoints; without any, for whichever is the first."""
        self._waiting[event_id] = set(endpoints) or {DEFAULT_ENDPOINT}

    def awaits(self, event_id: str, endpoint: str) -> bool:
        """Whether an event still waits for an endpoint."""
        return bool({DEFAULT_ENDPOINT, endpoint} & self._waiting.get(event_id, set()))

    def acknowledge(self, event_id: str, endpoint: str) -> bool:
        """Note that an endpoint has an event; whether the event was waiting for it."""
        awaited = self.awaits(event_id, endpoint)
        if awaited:
            self._waiting[event_id] -= {DEFAULT_ENDPOINT, endpoint}
        return awaited

    def is_complete(self, event_id: str) -> bool:
        """Whether an event was sent, and waits for no endpoint any more."""
        return self._waiting.get(event_id) == set()


def deliveries_in_order(
    events: Iterable[dict[str, Any]], order: Order, *, seed: int | None = None, copies: int = 1
) -> list[dict[str, Any]]:
    """The deliveries to make. Of one second, "created" keeps the order in which the events are given."""
    chosen = [event for event in sorted(events, key=event_time) for _ in range(copies)]
    if order == "reversed":
        chosen.reverse()
    elif order == "random":
        random.Random(seed).shuffle(chosen)
    elif order != "created":
        raise ValueError(f"{order!r} is no order; there are created, reversed and random.")
    return chosen


def event_time(event: dict[str, Any]) -> float:
    """When an event was made, in epoch seconds; thin events say it in ISO 8601."""
    created = event.get("created") or 0
    if isinstance(created, str):
        return datetime.datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp()
    return float(created)
