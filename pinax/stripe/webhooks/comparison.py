"""Compares a posted event with Stripe's copy. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..catalogue.details import Detail, DetailOrText
from ..stripe_values import storable
from .envelopes import Envelope

#: What must agree whatever the API version, in the order in which a difference is reported.
IDENTITY = ("stripe_id", "kind", "created_at", "livemode", "account", "object_id", "object_type")
#: Links that Stripe may make anew each time it renders an object; different ones decide nothing.
FRESH_LINKS = frozenset({"hosted_invoice_url", "invoice_pdf", "receipt_url"})
#: Differences that are kept to be shown, and those that the explanation names.
MOST, MOST_NAMED = 100, 5
#: Characters that are kept of a path, and of a value on either side.
MAX_VALUE_LENGTH = 300
MISSING = "(missing)"

#: A place in a JSON value: the place around it, and the key there. Unlike a path, it takes no room for all its keys.
Place = tuple[Any, str]
ROOT: Place = (None, "data.object")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Outcome of a comparison."""

    #: "" when Stripe's copy confirms the posted one, else a reason code.
    reason: str = ""
    explanation: DetailOrText = ""
    notes: list[str] = field(default_factory=list)
    #: `{"path", "posted", "stripe"}` for each difference in `data.object`, or in the identity.
    difference: list[dict[str, Any]] = field(default_factory=list)


def identity_of(envelope: Envelope) -> dict[str, Any]:
    """What must agree, by the names in `IDENTITY`."""
    return {name: getattr(envelope, name) for name in IDENTITY}


def compare_identity(posted: dict[str, Any], stripe: dict[str, Any]) -> Comparison:
    """Whether two messages are about the same event, whatever they say of it."""
    differing = [
        {"path": name, "posted": str(posted[name]), "stripe": str(stripe[name])}
        for name in IDENTITY
        if posted[name] != stripe[name]
    ]
    if not differing:
        return Comparison()
    names = [entry["path"] for entry in differing]
    return Comparison(reason="identity_differs", explanation=differs_in(names), difference=differing)


def compare(posted: Envelope, stripe: Envelope, *, signed: bool = False) -> Comparison:
    """Whether Stripe's copy confirms a posted event; a signature excuses a different rendering of its content."""
    outcome = compare_identity(identity_of(posted), identity_of(stripe))
    if outcome.reason:
        return outcome
    shown, telling = first_differences(content(posted), content(stripe))
    if not telling or signed or posted.api_version != stripe.api_version:
        # An endpoint with an API version of its own gets bodies rendered in that one, while the stored event keeps
        # the account's: then only the identity can be compared (https://docs.stripe.com/webhooks/versioning).
        return Comparison(notes=["rendering_differs"] if shown else [], difference=shown)
    return Comparison(
        reason="content_differs",
        explanation=differs_in(telling),
        difference=shown,
    )


def differs_in(paths: list[str]) -> Detail:
    """What is said of the places where two messages differ."""
    return Detail("copy_differs", {"places": storable(", ".join(paths))})


def first_differences(posted: Any, stripe: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The first differences of two contents, to be shown, and the paths of the first that tell something."""
    shown: list[dict[str, Any]] = []
    telling: list[str] = []
    for place, ours, theirs in places(posted, stripe):
        if len(shown) < MOST:
            shown.append({"path": dotted_path(place), "posted": shorten(ours), "stripe": shorten(theirs)})
        if place[1] not in FRESH_LINKS and len(telling) < MOST_NAMED:
            telling.append(dotted_path(place))
        if len(shown) == MOST and len(telling) == MOST_NAMED:
            break
    return storable(shown), telling


def content(envelope: Envelope) -> Any:
    data = envelope.payload.get("data")
    return data.get("object") if isinstance(data, dict) else None


def difference(posted: Any, stripe: Any, path: str = "data.object") -> Iterator[dict[str, Any]]:
    """Every place where two JSON values differ: its `path`, and both values, `posted` and `stripe`."""
    for place, ours, theirs in places(posted, stripe, (None, path)):
        yield {"path": dotted_path(place), "posted": ours, "stripe": theirs}


def places(posted: Any, stripe: Any, place: Place = ROOT) -> Iterator[tuple[Place, Any, Any]]:
    """Every place where two JSON values differ, with both. `1` and `1.0` are equal, `1` and `true` are not."""
    if isinstance(posted, dict) and isinstance(stripe, dict):
        for key in sorted(posted.keys() | stripe.keys()):
            yield from places(posted.get(key, MISSING), stripe.get(key, MISSING), (place, key))
    elif isinstance(posted, list) and isinstance(stripe, list) and len(posted) == len(stripe):
        for index, pair in enumerate(zip(posted, stripe, strict=True)):
            yield from places(*pair, (place, str(index)))
    elif posted != stripe or isinstance(posted, bool) != isinstance(stripe, bool):
        yield place, posted, stripe


def dotted_path(place: Place) -> str:
    """The keys down to a place, joined by dots."""
    keys: list[str] = []
    step: Place | None = place
    while step is not None:
        step, key = step
        keys.insert(0, shorten(key))
    return shorten(".".join(keys))


def shorten(value: Any) -> Any:
    """A value as it is shown: what is long is cut, for it is in the body, or at Stripe, as well."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH]}…"
