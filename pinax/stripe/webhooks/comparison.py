"""Holds a posted event against Stripe's own copy. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..sync.values import storable
from .envelopes import Envelope

#: What must agree whatever the API version, in the order in which a difference is reported.
IDENTITY = ("stripe_id", "kind", "created_at", "livemode", "account", "object_id", "object_type")
#: Links that Stripe may make anew each time it renders an object; different ones decide nothing.
FRESH_LINKS = frozenset({"hosted_invoice_url", "invoice_pdf", "receipt_url"})
#: Differences that are kept to be shown.
MOST = 100
MISSING = "(missing)"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Outcome of a comparison."""

    #: "" when Stripe's copy vouches for the posted one, else a reason code.
    reason: str = ""
    explanation: str = ""
    notes: list[str] = field(default_factory=list)
    #: `{"path", "posted", "stripe"}` for each difference in `data.object`, or in the identity.
    difference: list[dict[str, Any]] = field(default_factory=list)


def identity(envelope: Envelope) -> dict[str, Any]:
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
    names = ", ".join(entry["path"] for entry in differing)
    return Comparison(
        reason="identity_differs", explanation=f"Stripe's copy differs in: {names}.", difference=differing
    )


def compare(posted: Envelope, stripe: Envelope, *, signed: bool = False) -> Comparison:
    """Whether Stripe's copy vouches for a posted event; a signature excuses a different rendering of its content."""
    outcome = compare_identity(identity(posted), identity(stripe))
    if outcome.reason:
        return outcome
    found = list(difference(content(posted), content(stripe)))
    shown = storable(found[:MOST])
    telling = [entry for entry in found if entry["path"].rpartition(".")[2] not in FRESH_LINKS]
    if not telling or signed or posted.api_version != stripe.api_version:
        # An endpoint with an API version of its own gets bodies rendered in that one, while the stored event keeps
        # the account's: then only the identity can be compared (https://docs.stripe.com/webhooks/versioning).
        return Comparison(notes=["rendering_differs"] if found else [], difference=shown)
    paths = ", ".join(entry["path"] for entry in telling[:5])
    return Comparison(
        reason="content_differs", explanation=storable(f"Stripe's copy differs in: {paths}."), difference=shown
    )


def content(envelope: Envelope) -> Any:
    data = envelope.payload.get("data")
    return data.get("object") if isinstance(data, dict) else None


def difference(posted: Any, stripe: Any, path: str = "data.object") -> Iterator[dict[str, Any]]:
    """Every place where two JSON values differ. `1` and `1.0` are equal, `1` and `true` are not."""
    if isinstance(posted, dict) and isinstance(stripe, dict):
        for key in sorted(posted.keys() | stripe.keys()):
            yield from difference(posted.get(key, MISSING), stripe.get(key, MISSING), f"{path}.{key}")
    elif isinstance(posted, list) and isinstance(stripe, list) and len(posted) == len(stripe):
        for index, pair in enumerate(zip(posted, stripe, strict=True)):
            yield from difference(*pair, f"{path}.{index}")
    elif posted != stripe or isinstance(posted, bool) != isinstance(stripe, bool):
        yield {"path": path, "posted": posted, "stripe": stripe}
