"""What must not be readable on a screen: keys, endpoint secrets, client secrets, signatures. Pure."""

import re
from typing import Any

MASK = "…"
#: Keys of JSON objects whose text is a secret, whatever it looks like.
SECRET_NAMES = frozenset({"client_secret", "secret"})
#: `sk_live_…`, `rk_…`, `ek_…`, `whsec_…`, and the tail of `pi_…_secret_…`.
SECRETS = re.compile(r"\b((?:sk|rk|ek|whsec)_(?:live_|test_)?)\w{6,}|\b([a-z]+_\w+?_secret_)\w+", re.ASCII)
SIGNATURES = re.compile(r"(v\d+)=[^,]*")


def masked_text(text: str) -> str:
    """The text with everything that looks like a secret cut to its prefix."""
    return SECRETS.sub(lambda match: (match[1] or match[2]) + MASK, text) if "_" in text else text


def masked_value(name: str, value: Any) -> Any:
    """A single JSON value as it may be shown under the key `name`."""
    if not isinstance(value, str):
        return value
    return MASK if value and name in SECRET_NAMES else masked_text(value)


def masked_headers(headers: dict[str, Any]) -> dict[str, str]:
    """Headers as they may be shown: of a signature only when it was made, and in which schemes."""
    return {
        name: SIGNATURES.sub(rf"\1={MASK}", str(value))
        if name.lower() == "stripe-signature"
        else masked_text(str(value))
        for name, value in headers.items()
    }
