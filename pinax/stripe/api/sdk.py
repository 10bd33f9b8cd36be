"""What we take from Stripe's SDK, which no call imports.

Until version 15 the import takes half a second and 50 MB. A process that only receives webhooks does without it; one
whose project uses the SDK itself has it anyway.
"""

import importlib.util
import re
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

#: The line of `stripe/_api_version.py` that has the version.
CURRENT = re.compile(r'^\s+CURRENT = "([^"]+)"$', re.MULTILINE)


@cache
def folder() -> Path:
    """Where the SDK is installed; to find it does not import it."""
    spec = importlib.util.find_spec("stripe")
    if spec is None or not spec.origin:
        raise ModuleNotFoundError("Stripe's SDK is not installed: pip install stripe", name="stripe")
    return Path(spec.origin).parent


@cache
def pinned_version() -> str:
    """The API version that the SDK was made for; not `stripe.api_version`, which a project may change."""
    module = folder() / "_api_version.py"
    found = CURRENT.search(module.read_text("utf-8")) if module.is_file() else None
    if found:
        return found[1]
    import stripe  # An SDK that is arranged in another way, or packed.

    return stripe.api_version or ""


def ca_bundle() -> str:
    """The file with the certificates that the SDK trusts; the one that a project told it to, if it did."""
    chosen = getattr(sys.modules.get("stripe"), "ca_bundle_path", None)
    return chosen or str(folder() / "data" / "ca-certificates.crt")


def plain(value: Any) -> Any:
    """An object of the SDK, or JSON, as Python's own dicts, lists and values, as Stripe sends it.

    The SDK's objects are dicts until version 14 and of a class of their own since; decimals are texts in Stripe's JSON.
    TypeError for what is no JSON.
    """
    if isinstance(value, dict):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if is_sdk_object(value):
        return plain(value.to_dict())
    raise TypeError(f"{type(value).__name__} is nothing that Stripe's JSON has.")


def is_sdk_object(value: Any) -> bool:
    """Whether a value is an object of the SDK; a process that has not imported the SDK has none."""
    stripe = sys.modules.get("stripe")
    return stripe is not None and isinstance(value, stripe.StripeObject)
