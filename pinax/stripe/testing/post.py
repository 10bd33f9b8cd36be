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
    if url is None or url == "":
        from ..addresses import NoAddress, find_webhook, reason_for

        found = find_webhook()
        if not found.paths:
            raise NoAddress(f"{reason_for(found)} In a test, give post_event its url.")
        url = found.paths[0]
    body = body_of(event)
    return client.post(url, data=body, content_type=CONTENT_TYPE, headers=headers_of(body, secret, timestamp))
