"""Checks the signature of a delivery with the project's webhook secrets."""

import datetime

from ..catalogue.details import Detail
from ..conf import setting, webhook_secrets
from ..exceptions import Secret, SignatureError
from ..models.events import Event, EventSource
from .deliveries import Delivery
from .signatures import verify


def check_signature(posted: Delivery | Event, *, now: datetime.datetime) -> bool | None:
    """True if one of PINAX_STRIPE_WEBHOOK_SECRETS signed the body about the time `now`.

    None if signatures are not asked for, or nothing was posted; SignatureError otherwise.
    """
    if posted.source != EventSource.WEBHOOK:
        return None  # It came from Stripe's API itself.
    secrets = [Secret(secret) for secret in webhook_secrets()]
    if not secrets and setting("VALIDATION") == "signature":
        raise SignatureError(Detail("secrets_are_needed"), code="no_secret")
    if not secrets:
        return None
    # While it is fresh it can be sent again, so no error's local variables show it.
    header = Secret(posted.headers.get("Stripe-Signature", ""))
    verify(bytes(posted.body), header, secrets, now=now.timestamp(), tolerance=setting("SIGNATURE_TOLERANCE"))
    return True
