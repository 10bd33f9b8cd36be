"""What the admin does not show: keys, endpoint secrets, client secrets, signatures, references to users."""

import re
from typing import Any

from django.core import signing

from ...models.customers import USER_METADATA_KEY, read_checkout_reference, referenced_user

MASK = "…"
#: Keys of JSON objects whose text is a secret, whatever it looks like.
SECRET_NAMES = frozenset({"client_secret", "secret"})
#: The values of an entry of `Event.difference`, which names them by its `path`.
SIDES = ("posted", "stripe")
#: The same in JSON, or in Python, that is quoted in a text.
QUOTED_SECRETS = re.compile(
    rf"""(\\*["'](?:{"|".join(sorted(SECRET_NAMES))})\\*["']\s*:\s*\\*["'])[^"'\\]+""", re.ASCII
)
#: `sk_live_…`, `rk_…`, `ek_…`, `whsec_…`, and the tail of `pi_…_secret_…`. A key is found behind `%22` and `\n`, too,
#: as in forms and in quoted texts.
SECRETS = re.compile(
    r"((?:sk|rk|ek)_(?:org_)?(?:live|test)_|whsec_)\w{6,}|\b((?:sk|rk|ek)_)\w{6,}|\b([a-z]+_\w+?_secret_)\w+", re.ASCII
)
#: What may be a signed reference to a user, and the attributes whose text is one, or was with an earlier key.
REFERENCES = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{45,}(?![\w-])", re.ASCII)
REFERENCE_NAMES = frozenset({USER_METADATA_KEY, "client_reference_id"})
SIGNATURES = re.compile(r"(v\d+)=[^,]*")


def masked_text(text: str) -> str:
    """The text with everything that looks like a secret cut to its prefix."""
    if "_" in text:
        text = SECRETS.sub(lambda match: (match[1] or match[2] or match[3]) + MASK, text)
    if "secret" in text:
        text = QUOTED_SECRETS.sub(rf"\1{MASK}", text)
    return REFERENCES.sub(lambda match: MASK if is_reference(match[0]) else match[0], text)


def is_reference(text: str) -> bool:
    """Whether a text is a reference that this project signed; a reader of it could pass for the user."""
    for read in (referenced_user, read_checkout_reference):
        try:
            read(text)
        except (signing.BadSignature, ValueError, OverflowError):
            continue
        return True
    return False


def masked_value(name: str, value: Any) -> Any:
    """A single JSON value as it may be shown under the key `name`."""
    if not isinstance(value, str):
        return value
    is_secret = name in SECRET_NAMES or (name in REFERENCE_NAMES and REFERENCES.fullmatch(value))
    return MASK if value and is_secret else masked_text(value)


def name_of(key: str, owner: dict[str, Any]) -> str:
    """The name of a value in an object: its key; of a side of a difference it is the end of the difference's `path`."""
    path = owner.get("path")
    return path.rpartition(".")[2] if key in SIDES and isinstance(path, str) else key


def masked_headers(headers: dict[str, Any]) -> dict[str, str]:
    """Headers as they may be shown: of a signature only when it was made, and in which schemes."""
    return {
        name: SIGNATURES.sub(rf"\1={MASK}", str(value))
        if name.lower() == "stripe-signature"
        else masked_text(str(value))
        for name, value in headers.items()
    }
