"""`Stripe-Signature` headers: make one, check one. Pure: no settings, no request, no SDK.

Our own, because the SDK's check accepts an empty secret (until 15.6) and timestamps from the future, and can only
compare with the present. https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import time
from collections.abc import Sequence

from ..catalogue.details import Detail
from ..exceptions import Secret, SignatureError


def sign(body: bytes | str, secret: str, timestamp: int | None = None) -> str:
    """A header as Stripe would send it with this body; `timestamp` in epoch seconds, now by default."""
    moment = int(time.time()) if timestamp is None else timestamp
    return f"t={moment},v1={v1_signature(as_bytes(body), secret, str(moment))}"


def as_bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body


def v1_signature(body: bytes, secret: str, timestamp: str) -> str:
    """The v1 scheme: HMAC-SHA256 over `<timestamp>.<body>`, keyed with the whole secret, `whsec_` included."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def parse(header: str) -> tuple[str, Sequence[str]]:
    """Timestamp and v1 signatures of a header; SignatureError when it is not of that form."""
    pairs = [(name, Secret(value)) for name, _, value in (part.strip().partition("=") for part in header.split(","))]
    times = [value for name, value in pairs if name == "t"]
    signatures = [value for name, value in pairs if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12) or not signatures:
        raise SignatureError(Detail("unreadable_signature_header"), code="signature_malformed")
    return times[0], signatures


def verify(body: bytes, header: str, secrets: Sequence[str], *, now: float, tolerance: int) -> None:
    """Return if any secret signed the body within `tolerance` seconds of `now`; SignatureError says why not.

    Blank secrets verify nothing: every sender can sign with them.
    """
    if not header:
        raise SignatureError(Detail("no_signature_header"), code="signature_missing")
    timestamp, signatures = parse(header)
    usable = [secret for secret in secrets if secret.strip()]
    if not any(is_signed_with(body, secret, timestamp, signatures) for secret in usable):
        raise SignatureError(mismatch_detail(usable), code="signature_mismatch")
    age = now - int(timestamp)
    if age > tolerance:
        detail = Detail("signed_too_long_ago", {"seconds": round(age), "most": tolerance})
        raise SignatureError(detail, code="signature_expired")
    if age < -tolerance:
        raise SignatureError(Detail("signed_in_the_future", {"seconds": round(-age)}), code="signature_future")


def mismatch_detail(secrets: Sequence[str]) -> Detail:
    """What is said when none of the secrets made a signature."""
    if not secrets:
        return Detail("no_secret_to_verify_with")
    return Detail("signed_with_other_secret", {"ends": ", ".join("…" + secret[-4:] for secret in secrets)})


def is_signed_with(body: bytes, secret: str, timestamp: str, signatures: Sequence[str]) -> bool:
    """Whether one of the signatures is the secret's, compared in constant time."""
    expected = Secret(v1_signature(body, secret, timestamp))
    return any(hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")) for signature in signatures)
