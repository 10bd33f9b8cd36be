"""The `PINAX_STRIPE_*` settings: their defaults, and typed access to them.

Nothing is cached: every read goes to `django.conf.settings`, so `override_settings` works everywhere.
"""

import os
import re
from collections.abc import Callable
from typing import Any

from appconf import AppConf
from django.conf import settings
from django.utils.module_loading import import_string

from .exceptions import Secret

SETTINGS_PREFIX = "PINAX_STRIPE_"
#: The value of DISPATCH that processes events before the POST is answered.
IN_REQUEST = "pinax.stripe.webhooks.processing.process"


def from_environment(name: str) -> str:
    """The value of `PINAX_STRIPE_<name>`, else `STRIPE_<name>`, in the process's environment; "" without either."""
    return os.environ.get(f"PINAX_STRIPE_{name}") or os.environ.get(f"STRIPE_{name}") or ""


#: The value that hands events to Django's Tasks, and what hands over a run of stripe_sync.
BY_TASKS, SYNC_BY_TASKS = "pinax.stripe.tasks.enqueue", "pinax.stripe.tasks.enqueue_sync"


class PinaxStripeConf(AppConf):
    """Defaults; each setting is described in docs/reference/settings.md."""

    #: Secret (or restricted) API key of the account, `sk_…` or `rk_…`.
    SECRET_KEY = from_environment("SECRET_KEY")
    #: Publishable key, `pk_…`; only for templates of the project.
    PUBLIC_KEY = from_environment("PUBLIC_KEY") or from_environment("PUBLISHABLE_KEY")
    #: Endpoint secrets, `whsec_…`: a string (several joined by commas) or a list.
    WEBHOOK_SECRETS = from_environment("WEBHOOK_SECRETS") or from_environment("WEBHOOK_SECRET")
    #: Public URL of the webhook, `https://example.com/stripe/webhook/`: for `stripe_webhook` and `stripe_status`.
    WEBHOOK_URL = from_environment("WEBHOOK_URL")
    #: Whether objects that have no table of their own (issued cards, types newer than this release) are mirrored
    #: as rows of OtherObject. While it is off, rows that are there stay as they are. Endpoints subscribe to no further
    #: event types because of it.
    MIRROR_OTHER_OBJECTS = True
    #: "refetch" (with secrets: signature and re-fetch) or "signature".
    VALIDATION = "refetch"
    #: Base URL of Stripe's API; a local stand-in in tests.
    API_BASE = "https://api.stripe.com"
    #: Stripe-Version of our calls, but for those that an event causes, which ask for the event's; None for the SDK's.
    API_VERSION: str | None = None
    #: Seconds one API call may take, retries included.
    API_TIMEOUT = 1.5
    #: The same for the sweeper and tasks, where Stripe does not wait for an answer; API_TIMEOUT if that is longer.
    SWEEPER_API_TIMEOUT = 20.0
    #: Further attempts of an API call, as far as API_TIMEOUT leaves time for them.
    API_RETRIES = 2
    #: Seconds that all API calls during one POST may take together; what is not decided by then is decided later.
    REQUEST_BUDGET = 4.0
    #: Reads of an endpoint a second, at most, of commands that make many; Stripe allows 25.
    API_RATE = 20
    #: Longest body that is read, in bytes.
    MAX_BODY_BYTES = 1024 * 1024
    #: Seconds a signature's timestamp may be away from our clock, in either direction.
    SIGNATURE_TOLERANCE = 300
    #: Dotted path of a callable(event_pk) that processes a recorded event, or hands it to a task queue.
    DISPATCH = IN_REQUEST
    #: Dotted path of a callable() that has a worker run stripe_sync, for the button in the admin. None for that of
    #: Django's Tasks if DISPATCH is "pinax.stripe.tasks.enqueue", else for none.
    SYNC_DISPATCH: str | None = None
    #: Seconds from the first, second, … failed attempt to the next one of the sweeper or a task; the last one repeats.
    RETRY_DELAYS: tuple[int, ...] = (30, 120, 600, 1800, 7200, 21600)
    #: Seconds after which a running receiver is logged as slow; None for never. It is not stopped.
    RECEIVER_WARN_AFTER: float | None = 10.0
    #: Failures of a handler or receiver after which an event is given up. Staff can still process it again.
    RETRY_LIMIT = 16
    #: Rows kept of refused POSTs. Older rows are deleted, with every hundredth row or sooner. As many are kept of
    #: unsigned POSTs that are undecided and name a connected account that no genuine event named.
    REFUSED_ROWS = 10_000
    #: Bytes kept of the bodies of either, likewise.
    REFUSED_BYTES = 100 * 1024 * 1024
    #: Answers "no access" (403) and "not found" (404) to questions about unsigned POSTs within a minute, of all
    #: processes together; after that Stripe is not asked about accounts that no genuine event named.
    REFUSED_CALLS = 60
    #: Days after which `stripe_prune_events` deletes refused POSTs.
    PRUNE_REFUSED_AFTER = 30
    #: Days after which `stripe_prune_events` takes bodies and messages from events that are done.
    PRUNE_DONE_AFTER = 90
    #: Lets a monitor read the health view (`Authorization: Bearer …`); "" switches the view off, for staff too.
    HEALTH_TOKEN = from_environment("HEALTH_TOKEN")
    #: Age in minutes of an undone event from which the health check is a warning, and critical.
    HEALTH_UNDONE_MINUTES: tuple[float | None, float | None] = (15, 60)
    #: Share of failed events in the last hour (0 to 1) from which the health check is a warning, and critical.
    HEALTH_FAILURE_SHARE: tuple[float | None, float | None] = (0.05, 0.5)
    #: Hours without any event from which the health check is a warning, and critical; None for never.
    HEALTH_SILENT_HOURS: tuple[float | None, float | None] = (None, None)
    #: A callable, or the dotted path of one, that gets the data of a customer at Stripe (a dict) and returns the user
    #: whose customer that is, saved, or None. It is asked for customers of your own account that have no user yet, with
    #: each of their events, by `stripe_sync` and by `stripe_link_customers`.
    CUSTOMER_USER: Callable[[dict[str, Any]], Any] | str | None = None
    #: Subscription statuses that count as active. One whose collection is paused keeps its status, and counts.
    ACTIVE_STATUSES: tuple[str, ...] = ("active", "trialing")

    #: Whether the admin's search finds names, e-mail addresses and invoice numbers by any part, and not by their
    #: beginning. Make indexes for that first.
    SEARCH_INSIDE = False

    class Meta:
        prefix = "pinax_stripe"


#: Names of all settings, without the prefix.
SETTING_NAMES = frozenset(name.removeprefix(SETTINGS_PREFIX) for name in PinaxStripeConf._meta.defaults)


def setting(name: str) -> Any:
    """The current value of `PINAX_STRIPE_<name>`; AttributeError for a name that is not a setting."""
    return getattr(settings, SETTINGS_PREFIX + name)


def secret_key() -> Secret:
    """The API key, "" when none is set, or something that is no text."""
    value = setting("SECRET_KEY")
    return Secret(value) if isinstance(value, str) else Secret()


def is_sendable(key: str) -> bool:
    """Whether a key can be a header of a request: visible ASCII, which all of Stripe's keys are."""
    return re.fullmatch("[!-~]+", key) is not None


def key_livemode(key: str | None = None) -> bool | None:
    """True for a live key, False for a test key, None when the key does not tell (a stand-in's, or no key)."""
    key = secret_key() if key is None else key
    for prefix, livemode in (("sk_live_", True), ("rk_live_", True), ("sk_test_", False), ("rk_test_", False)):
        if key.startswith(prefix):
            return livemode
    return None


def webhook_secrets() -> list[str]:
    """The endpoint secrets that may verify a signature. Blank ones are left out: every sender could sign with them."""
    return [secret for secret in configured_secrets() if secret.strip()]


def configured_secrets() -> list[str]:
    """The endpoint secrets as configured, blank ones included; [] when the setting is empty."""
    value = setting("WEBHOOK_SECRETS")
    if not value:
        return []
    if isinstance(value, str):
        return [secret.strip() for secret in value.split(",")]
    return [secret if isinstance(secret, str) else "" for secret in value]


def customer_user_hook() -> Callable[[dict[str, Any]], Any] | None:
    """What PINAX_STRIPE_CUSTOMER_USER is or names; None without one. ImportError when there is none of that name."""
    hook = setting("CUSTOMER_USER")
    return import_string(hook) if isinstance(hook, str) else hook


def dispatcher() -> Callable[[int], Any]:
    """The callable that `PINAX_STRIPE_DISPATCH` names; ImportError when there is none."""
    return import_string(setting("DISPATCH"))


def reader_of_lists() -> Callable[[], Any] | None:
    """What has a worker run `stripe_sync`; None without a task queue. ImportError when there is none of the name."""
    name = setting("SYNC_DISPATCH")
    if name is None and setting("DISPATCH") == BY_TASKS:
        name = SYNC_BY_TASKS
    return None if name is None else import_string(name)
