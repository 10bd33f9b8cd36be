"""Parameters of a request, encoded as Stripe's SDK does."""

import json
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any


def encoded_form(params: Mapping[str, Any]) -> str:
    """Parameters for a query, or for the body of a v1 request: `items[0][price]=price_1&expand[0]=customer`.

    Values are JSON's; None is left out. The brackets stay as they are, which Stripe reads, too.
    """
    return urllib.parse.urlencode(list(pairs(params.items()))).replace("%5B", "[").replace("%5D", "]")


def pairs(entries: Any) -> Iterator[tuple[str, Any]]:
    """Names and values without nesting, of names and values."""
    for name, value in entries:
        if isinstance(value, Mapping):
            yield from pairs((f"{name}[{key}]", entry) for key, entry in value.items())
        elif isinstance(value, (list, tuple)):
            yield from pairs((f"{name}[{number}]", entry) for number, entry in enumerate(value))
        elif isinstance(value, bool):
            yield name, str(value).lower()
        elif value is not None:
            yield name, value


def encoded_body(path: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Content type and body of a POST to a path: JSON for v2, else a form."""
    if is_v2(path):
        return "application/json", json.dumps(params)
    return "application/x-www-form-urlencoded", encoded_form(params)


def is_v2(path: str) -> bool:
    """Whether a path is one of the API's v2: https://docs.stripe.com/api-v2-overview."""
    return path.startswith("/v2/")
