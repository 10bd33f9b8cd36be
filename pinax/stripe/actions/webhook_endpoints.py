"""Finds, creates, changes, replaces and deletes the project's webhook endpoints at Stripe.

Each endpoint that is made here carries metadata by which a later run knows it, its secret (by a digest) and, while
secrets are being rotated, the endpoint whose place it takes. https://docs.stripe.com/api/webhook_endpoints
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from .. import api
from ..conf import key_livemode, webhook_secrets
from ..exceptions import StripeError

logger = logging.getLogger(__name__)

Endpoint = dict[str, Any]

ENDPOINTS_PATH = "/v1/webhook_endpoints"
ALL_TYPES = "*"
#: Metadata of our endpoints. Stripe does not say whether an endpoint receives events of connected accounts, so we note
#: it.
MARK, CONNECT, SECRET, REPLACES = (
    "pinax_stripe",
    "pinax_stripe_connect",
    "pinax_stripe_secret",
    "pinax_stripe_replaces",
)
DESCRIPTION = "Made by pinax-stripe"


def list_endpoints() -> list[Endpoint]:
    """All endpoints of the account, newest first."""
    return list(api.iterate(ENDPOINTS_PATH))


def is_ours(endpoint: Endpoint, *, url: str = "", answers: Callable[[str], bool]) -> bool:
    """Whether an endpoint is this project's: it has our URL, or where that is not known, our mark or a path of ours.

    `answers` tells whether the webhook is at a path.
    """
    if url:
        return same_url(endpoint.get("url") or "", url)
    if (endpoint.get("metadata") or {}).get(MARK):
        return True
    return answers(path_in(endpoint))


def path_in(endpoint: Endpoint) -> str:
    """The path of an endpoint's URL; "/" where it has none."""
    return urlsplit(endpoint.get("url") or "").path or "/"


def same_url(one: str, other: str) -> bool:
    """Whether two URLs lead to the same view, which answers with and without the slash at the end."""
    return one.rstrip("/") == other.rstrip("/")


def problem_with(url: str) -> str:
    """Why Stripe cannot post to a URL; "" when no reason is known."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"{url!r} is no URL: write https://example.com/stripe/webhook/."
    if parts.scheme == "http" and key_livemode():
        return f"{url} is not https, which Stripe insists on in live mode."
    return ""


def create(
    url: str,
    types: Sequence[str],
    *,
    connect: bool = False,
    api_version: str = "",
    description: str = "",
    metadata: dict[str, str] | None = None,
) -> Endpoint:
    """Create an endpoint. The returned object has its `secret`, which Stripe does not show again."""
    params: dict[str, Any] = {
        "url": url,
        "enabled_events": list(types),
        "description": description or DESCRIPTION,
        "metadata": {MARK: "webhook", **({CONNECT: "true"} if connect else {}), **(metadata or {})},
    }
    if connect:
        params["connect"] = True
    if api_version:
        params["api_version"] = api_version
    endpoint = api.post(ENDPOINTS_PATH, params)
    logger.info("created endpoint=%s", endpoint["id"])
    note_secret(endpoint)
    return endpoint


def note_secret(endpoint: Endpoint) -> None:
    """Leave a digest of the secret at the endpoint, so that `secret_state` can tell whether the project has it.

    An endpoint without the digest works as well, and its secret must not be lost: errors are ignored.
    """
    try:
        metadata = {SECRET: digest(endpoint["secret"])}
        endpoint["metadata"] = api.post(endpoint_path(endpoint), {"metadata": metadata})["metadata"]
    except StripeError:
        return


def digest(secret: str) -> str:
    """A digest that distinguishes secrets: a secret is too random to be guessed from it."""
    return hashlib.sha256(b"pinax-stripe:" + secret.encode()).hexdigest()[:32]


def secret_state(endpoint: Endpoint) -> bool | None:
    """Whether PINAX_STRIPE_WEBHOOK_SECRETS has the endpoint's secret; None for endpoints that were not made here."""
    noted = (endpoint.get("metadata") or {}).get(SECRET)
    return noted in {digest(secret) for secret in webhook_secrets()} if noted else None


def update(endpoint: Endpoint, types: Sequence[str], *, enable: bool = False) -> Endpoint:
    """Set the event types of an endpoint, and switch it on again if asked to; its version cannot be changed."""
    params: dict[str, Any] = {"enabled_events": list(types)}
    if enable:
        params["disabled"] = False
    changed = api.post(endpoint_path(endpoint), params)
    logger.info("updated endpoint=%s", endpoint["id"])
    return changed


def delete(endpoint: Endpoint) -> None:
    """Delete an endpoint: Stripe posts nothing more to it, retries included."""
    api.delete(endpoint_path(endpoint))
    logger.info("deleted endpoint=%s", endpoint["id"])


def replace(endpoint: Endpoint, *, connect: bool | None = None, api_version: str = "") -> Endpoint:
    """Make a second endpoint like this one, with a secret of its own; both get every event until one is deleted.

    `connect` has to be said for endpoints that were not made here; `api_version` changes the version.
    """
    metadata = endpoint.get("metadata") or {}
    kept = {name: value for name, value in metadata.items() if name not in (MARK, CONNECT, SECRET, REPLACES)}
    return create(
        endpoint["url"],
        endpoint["enabled_events"],
        connect=metadata.get(CONNECT) == "true" if connect is None else connect,
        api_version=api_version or endpoint.get("api_version") or "",
        description=endpoint.get("description") or "",
        metadata={**kept, REPLACES: endpoint["id"]},
    )


def replacements(endpoints: Sequence[Endpoint]) -> list[tuple[Endpoint, Endpoint]]:
    """Pairs of an endpoint and the one made to take its place, as long as both exist."""
    by_id = {endpoint["id"]: endpoint for endpoint in endpoints}
    pairs = []
    for endpoint in endpoints:
        replaced = by_id.get((endpoint.get("metadata") or {}).get(REPLACES, ""))
        if replaced is not None:
            pairs.append((replaced, endpoint))
    return pairs


def endpoint_path(endpoint: Endpoint) -> str:
    return f"{ENDPOINTS_PATH}/{api.quoted(endpoint['id'])}"
