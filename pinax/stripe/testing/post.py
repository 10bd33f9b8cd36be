"""Posts an event to the project's webhook through Django's test client."""

import json
from typing import Any

from ..webhooks.signatures import sign


def post_event(client: Any, event: dict[str, Any] | bytes | str, *, secret: str = "", url: str = "") -> Any:
    """POST an event, or any body, as Stripe does; signed if a secret is given. Returns Django's response."""
    from django.urls import reverse

    body = json.dumps(event).encode() if isinstance(event, dict) else event
    headers = {"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}
    if secret:
        headers["Stripe-Signature"] = sign(body, secret)
    return client.post(
        url or reverse("pinax_stripe_webhook"),
        data=body,
        content_type="application/json; charset=utf-8",
        headers=headers,
    )
