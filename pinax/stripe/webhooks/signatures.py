"""`Stripe-Signature` headers: make one, check one. Pure: no settings, no request, no SDK.

Our own, because the SDK's check accepts an empty secret (until 15.6) and timestamps from the future, and can only
compare with the present. https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import time
from collections.abc import Sequence

from ..exceptions import Secret, SignatureError


def sign(body: bytes | str, secret: str, timestamp: int | None = None) -> str:
    """A header as Stripe would send it with this body; `timestamp` in epoch seconds, now by default."""
    moment = int(time.time()) if timestamp is None else timestamp
    return f"t={moment},v1={digest(as_bytes(body), secret, str(moment))}"


def as_bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body


def digest(body: bytes, secret: str, timestamp: str) -> str:
    """The v1 scheme: HMAC-SHA256 over `<timestamp>.<body>`, keyed with the whole secret, `whsec_` included."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def parse(header: str) -> tuple[str, Sequence[str]]:
    """Timestamp and v1 signatures of a header; SignatureError when it is not of that form."""
    pairs = [(name, Secret(value)) for name, _, value in (part.strip().partition("=") for part in header.split(","))]
    times = [value for name, value in pairs if name == "t"]
    signatures = [value for name, value in pairs if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12) or not signatures:
        raise SignatureError("The Stripe-Signature header is not of the form t=…,v1=….", code="signature_malformed")
    return times[0], signatures


def verify(body: bytes, header: str, secrets: Sequence[str], *, now: float, tolerance: int) -> None:
    """Return if any secret signed the body within `tolerance` seconds of `now`; SignatureError says why not.

    Blank secrets verify nothing: anybody can sign with them.
    """
    if not header:
        raise SignatureError("The POST had no Stripe-Signature header.", code="signature_missing")
    timestamp, signatures = parse(header)
    usable = [secret for secret in secrets if secret.strip()]
    if not any(matches(body, secret, timestamp, signatures) for secret in usable):
        raise SignatureError(
            "Signed with none of PINAX_STRIPE_WEBHOOK_SECRETS "
            f"({', '.join('…' + secret[-4:] for secret in usable) or 'none is set'}), or altered on the way: copy the "
            "endpoint's whsec_… from the Dashboard, and make sure that no proxy rewrites bodies.",
            code="signature_mismatch",
        )
    age = now - int(timestamp)
    if age > tolerance:
        raise SignatureError(f"Signed {age:.0f} seconds ago, {tolerance} are allowed.", code="signature_expired")
    if age < -tolerance:
        raise SignatureError(f"Signed {-age:.0f} seconds in the future; check the clock.", code="signature_future")


def matches(body: bytes, secret: str, timestamp: str, signatures: Sequence[str]) -> bool:
    """Whether one of the signatures is the secret's, compared in constant time."""
    expected = Secret(digest(body, secret, timestamp))
    return any(hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")) for signature in signatures)
