"""Posts an event to the project's webhook through Django's test client."""

from typing import Any

from .delivery import CONTENT_TYPE, body_of, headers_of


def post_event(
    client: Any,
    event: dict[str, Any] | bytes | str,
    *,
    secret: str | None = None,
    url: str | None = None,
    timestamp: int | None = None,
) -> Any:
    """POST an event, or any body, as Stripe does, and return Django's response.

    Signed if a `secret` is given, as of `timestamp` (epoch seconds, now by default). `url` is the webhook's
    address, by default the first at which it answers; NoAddress (a LookupError) says why there is none.
    """
    if not url:
        from .address import webhook_address

        url = webhook_address()
    body = body_of(event)
    headers = headers_of(body, secret, timestamp)
    return client.post(url, data=body, content_type=CONTENT_TYPE, headers=headers)
