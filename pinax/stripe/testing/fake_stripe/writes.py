"""The few writes a FakeStripe accepts: webhook endpoints, made, changed and deleted as at Stripe.

https://docs.stripe.com/api/webhook_endpoints
"""

import random
import re
import string
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from ...stripe_values import JsonObject
from ..builders.ids import new_id
from .paths import SEGMENT
from .refusals import ApiError, KeyHolders, check_access, missing_object, missing_param, unrecognized
from .server import Request, parse_query

#: Parameters that can be given at any time, and those only when an endpoint is made.
CHANGEABLE_PARAMETERS = {"url", "enabled_events", "description", "metadata"}
CREATION_PARAMETERS = {"api_version", "connect"}


class WritableStripe(KeyHolders, Protocol):
    """What is written to."""

    #: Idempotency-Key -> the request that came with it first, and its answer.
    replies: dict[str, tuple[Request, JsonObject]]

    def get(self, stripe_id: str, *, account: str | None = None) -> JsonObject: ...  # pragma: no cover

    def create(
        self, object_type: str, *, account: str | None = None, silent: bool = False, **fields: Any
    ) -> JsonObject: ...  # pragma: no cover

    def update(
        self, stripe_id: str, *, account: str | None = None, silent: bool = False, **changes: Any
    ) -> JsonObject: ...  # pragma: no cover

    def delete(
        self, stripe_id: str, *, account: str | None = None, silent: bool = False
    ) -> JsonObject: ...  # pragma: no cover


def answer_write(stripe: WritableStripe, request: Request) -> JsonObject:
    """The JSON for a request that changes something; ApiError for a refusal."""
    account = request.headers.get("stripe-account", "")
    livemode = bool(check_access(stripe, request, account))
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key in stripe.replies:
        return replayed_answer(*stripe.replies[key], request)
    for method, pattern, function in WRITE_ROUTES:
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            data = function(stripe, form_parameters(request), account, livemode, *found.groups())
            if key:
                stripe.replies[key] = request, data
            return data
    unrecognized(request)


def replayed_answer(first: Request, data: JsonObject, request: Request) -> JsonObject:
    """The answer that the first request with an Idempotency-Key got; other parameters under that key are refused."""
    if (first.path, first.body) != (request.path, request.body):
        raise ApiError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with.",
            type="idempotency_error",
        )
    return data


def form_parameters(request: Request) -> JsonObject:
    """The parameters of a form: `a[0]` and `a[]` are entries of lists, `a[b]` of hashes."""
    params: JsonObject = {}
    for name, value in parse_query(request.body.decode()).items():
        found = re.fullmatch(r"([^\[]+)\[([^\]]*)\]", name)
        if found is None:
            params[name] = value
        elif found[2].isdigit():
            params.setdefault(found[1], []).append(value)
        else:
            params.setdefault(found[1], {})[found[2]] = value
    return params


def answer_creation(stripe: WritableStripe, params: JsonObject, account: str, livemode: bool) -> JsonObject:
    """A new endpoint; its secret is in this answer and in no other."""
    for name in ("url", "enabled_events"):
        if not params.get(name):
            raise missing_param(name)
    check_params(params, CHANGEABLE_PARAMETERS | CREATION_PARAMETERS, livemode)
    endpoint = stripe.create(
        "webhook_endpoint",
        account=account,
        silent=True,
        id=new_id("webhook_endpoint"),
        api_version=params.get("api_version"),
        application="ca_fake" if params.get("connect") == "true" else None,
        description=params.get("description"),
        enabled_events=params["enabled_events"],
        livemode=livemode,
        metadata=params.get("metadata", {}),
        status="enabled",
        url=params["url"],
    )
    return {**endpoint, "secret": "whsec_" + "".join(random.choices(string.ascii_letters + string.digits, k=32))}


def answer_update(
    stripe: WritableStripe, params: JsonObject, account: str, livemode: bool, stripe_id: str
) -> JsonObject:
    """Change an endpoint; its API version stays what it was made with."""
    endpoint = find_endpoint(stripe, account, stripe_id)
    check_params(params, CHANGEABLE_PARAMETERS | {"disabled"}, livemode)
    changes = {name: params[name] for name in CHANGEABLE_PARAMETERS & params.keys()}
    if "metadata" in params:
        merged = {**endpoint["metadata"], **params["metadata"]}
        changes["metadata"] = {name: value for name, value in merged.items() if value}
    if "disabled" in params:
        changes["status"] = "disabled" if params["disabled"] == "true" else "enabled"
    return stripe.update(stripe_id, account=account, silent=True, **changes)


def answer_deletion(
    stripe: WritableStripe, params: JsonObject, account: str, livemode: bool, stripe_id: str
) -> JsonObject:
    find_endpoint(stripe, account, stripe_id)
    return stripe.delete(stripe_id, account=account, silent=True)


def find_endpoint(stripe: WritableStripe, account: str, stripe_id: str) -> JsonObject:
    try:
        data = stripe.get(stripe_id, account=account)
    except KeyError:
        data = {}
    if data.get("object") != "webhook_endpoint" or data.get("deleted"):
        raise missing_object("webhook endpoint", stripe_id)
    return data


def check_params(params: JsonObject, known: set[str], livemode: bool) -> None:
    """Refuse what Stripe refuses."""
    for name in params:
        if name not in known:
            raise ApiError(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    if "url" in params:
        check_endpoint_url(params["url"], livemode)
    # Here, because the catalogue's descriptions can be translated, which takes Django; the rest gets on without it.
    from ...catalogue.event_types import EVENT_TYPES

    for position, name in enumerate(params.get("enabled_events", [])):
        if name != "*" and not (name in EVENT_TYPES and EVENT_TYPES[name].current):
            param = f"enabled_events[{position}]"
            raise ApiError(400, f"Invalid {param}: must be one of Stripe's event types, not {name}.", param=param)


def check_endpoint_url(url: str, livemode: bool) -> None:
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    if scheme not in ("http", "https") or not host:
        raise ApiError(400, "Invalid URL: An explicit scheme (such as https) must be provided.", param="url")
    if livemode and scheme != "https":
        raise ApiError(400, "Invalid URL: The URL must use https in live mode.", param="url")


#: Method and address -> the function that carries it out.
WRITE_ROUTES: list[tuple[str, str, Callable[..., JsonObject]]] = [
    ("POST", "/v1/webhook_endpoints", answer_creation),
    ("POST", f"/v1/webhook_endpoints/{SEGMENT}", answer_update),
    ("DELETE", f"/v1/webhook_endpoints/{SEGMENT}", answer_deletion),
]
