"""Where the project answers Stripe's POSTs, found once: that takes as long as the webhook takes for an event."""

from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import URLResolver, get_resolver

from ..addresses import NoAddress, find_webhook, reason_for

#: What an address depends on, beside the URLconf.
ADDRESS_SETTINGS = {"ROOT_URLCONF", "MIDDLEWARE", "LANGUAGES", "LANGUAGE_CODE", "USE_I18N", "FORCE_SCRIPT_NAME"}

#: The address in each URLconf that was looked at.
_known: dict[URLResolver | None, str] = {}


def webhook_address() -> str:
    """The first address at which the webhook answers; NoAddress says why there is none."""
    resolver = get_resolver() if getattr(settings, "ROOT_URLCONF", None) else None
    if resolver not in _known:
        found = find_webhook()
        if not found.paths:
            raise NoAddress(f"{reason_for(found)} In a test, give post_event its url.")
        _known[resolver] = found.paths[0]
    return _known[resolver]


def forget_addresses(*, setting: str, **kwargs: Any) -> None:
    """Find the addresses anew: a setting changed on which they depend."""
    if setting in ADDRESS_SETTINGS:
        _known.clear()


setting_changed.connect(forget_addresses)
