"""System checks of the settings: offline, quick, each with what to do about it."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.utils.connection import ConnectionDoesNotExist
from django.utils.module_loading import import_string

from .addresses import find_webhook, misses, reason_for
from .conf import (
    SETTING_NAMES,
    SETTINGS_PREFIX,
    configured_secrets,
    customer_user_hook,
    is_sendable,
    key_livemode,
    secret_key,
    setting,
)
from .models.customers import Customer
from .models.events import database
from .unconnected import unconnected_modules

VALIDATIONS = ("refetch", "signature")
#: Settings that must be numbers, with the smallest value that makes sense.
NUMBERS: dict[str, tuple[type | tuple[type, ...], float]] = {
    "API_TIMEOUT": ((int, float), 0.1),
    "SWEEPER_API_TIMEOUT": ((int, float), 0.1),
    "API_RETRIES": (int, 0),
    "REQUEST_BUDGET": ((int, float), 0.1),
    "API_RATE": ((int, float), 0.1),
    "RETRY_LIMIT": (int, 1),
    "REFUSED_ROWS": (int, 1),
    "REFUSED_BYTES": (int, 1),
    "REFUSED_CALLS": (int, 1),
    "MAX_BODY_BYTES": (int, 1024),
    "SIGNATURE_TOLERANCE": ((int, float), 1),
    "PRUNE_REFUSED_AFTER": ((int, float), 1),
    "PRUNE_DONE_AFTER": ((int, float), 1),
}
#: What `connection.vendor` says of databases on which everything is tested; backends made from those say the same.
SUPPORTED = ("postgresql", "sqlite")
NAMES_OF_VENDORS = {"mysql": "MySQL or MariaDB", "oracle": "Oracle", "microsoft": "Microsoft SQL Server"}
#: Django's backend for projects without a database; it complains by itself when it is used.
DUMMY = "django.db.backends.dummy"
#: A shorter token could be guessed by a client that asks often enough.
SHORTEST_TOKEN = 16


def is_list_of(types: type | tuple[type, ...], value: Any) -> bool:
    """Whether a value is a non-empty list or tuple of such things."""
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(entry, types) for entry in value)


def is_limits(value: Any) -> bool:
    """Whether a value is a pair of numbers from 0, for a warning and for an alarm, or None for never."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return False
    numbers = [entry for entry in value if entry is not None]
    return all(isinstance(entry, (int, float)) and not isinstance(entry, bool) and entry >= 0 for entry in numbers)


LIMITS_RULE = (is_limits, "It is two numbers, when to warn and when to raise an alarm, or None for never: (15, 60).")

#: Settings of other kinds -> whether a value is right, and what a right value is.
VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "API_BASE": (
        lambda value: isinstance(value, str) and value.startswith(("https://", "http://")),
        "It is the address of Stripe's API, https://api.stripe.com, or that of a stand-in.",
    ),
    "API_VERSION": (
        lambda value: value is None or (isinstance(value, str) and bool(value)),
        "It is a version of Stripe's API such as '2026-10-28.endive', or None for the SDK's.",
    ),
    "PUBLIC_KEY": (
        lambda value: not value or (isinstance(value, str) and value.startswith("pk_")),
        "It starts with pk_; secret keys belong in PINAX_STRIPE_SECRET_KEY and never in a page.",
    ),
    "RETRY_DELAYS": (
        lambda value: is_list_of((int, float), value) and min(value) >= 0,
        "It is a list of seconds, at least one.",
    ),
    "WEBHOOK_URL": (
        lambda value: not value or (isinstance(value, str) and value.startswith(("https://", "http://"))),
        "It is the whole public URL: https://example.com/stripe/webhook/.",
    ),
    "HEALTH_TOKEN": (
        lambda value: not value or (isinstance(value, str) and len(value) >= SHORTEST_TOKEN),
        f"It is a string of at least {SHORTEST_TOKEN} random characters; secrets.token_urlsafe() makes one.",
    ),
    "HEALTH_UNDONE_MINUTES": LIMITS_RULE,
    "HEALTH_FAILURE_SHARE": LIMITS_RULE,
    "HEALTH_SILENT_HOURS": LIMITS_RULE,
    "ACTIVE_STATUSES": (
        lambda value: is_list_of(str, value),
        "It is a list of subscription statuses such as ['active', 'trialing'].",
    ),
}


@register()
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """All checks that need no deployment."""
    return [
        *check_key(),
        *check_secrets(),
        *check_validation(),
        *check_numbers(),
        *check_values(),
        *check_dispatch(),
        *check_customer_user(),
        *check_names(),
        *check_time_zones(),
        *check_databases(),
        *check_receivers(),
        *check_users(),
        *check_vendor(),
        *check_address(),
    ]


def check_key() -> list[CheckMessage]:
    """A project that has a webhook secret expects events; without a key it could not ask Stripe about them."""
    value, key = setting("SECRET_KEY"), secret_key()
    if not value:
        return [no_key()] if configured_secrets() and setting("VALIDATION") != "signature" else []
    if not is_sendable(key) or key.startswith(("pk_", "whsec_")):
        return [
            Error(
                "PINAX_STRIPE_SECRET_KEY is not a secret key.",
                hint="It starts with sk_ or rk_ and has no space, line break or other character that Stripe does not "
                "use; pk_… belongs in PINAX_STRIPE_PUBLIC_KEY, whsec_… in PINAX_STRIPE_WEBHOOK_SECRETS.",
                id="pinax_stripe.E001",
            )
        ]
    if key.startswith(("sk_org_", "rk_org_")):
        return [
            Error(
                "PINAX_STRIPE_SECRET_KEY is an organization's key, which is not supported.",
                hint="Set a key of one account (sk_live_…, sk_test_…, or a restricted rk_…); the endpoint has to be "
                "that account's as well.",
                id="pinax_stripe.E011",
            )
        ]
    return []


def no_key() -> CheckMessage:
    return Warning(
        "No Stripe API key is set: every event stays undecided.",
        hint="Set PINAX_STRIPE_SECRET_KEY, or STRIPE_SECRET_KEY in the environment.",
        id="pinax_stripe.W001",
    )


def check_secrets() -> list[CheckMessage]:
    value = setting("WEBHOOK_SECRETS")
    if value and not isinstance(value, (str, list, tuple)):
        return [
            Error("PINAX_STRIPE_WEBHOOK_SECRETS must be a string or a list of strings.", id="pinax_stripe.E002"),
        ]
    if any(not secret.strip() for secret in configured_secrets()):
        return [
            Error(
                "PINAX_STRIPE_WEBHOOK_SECRETS has a blank secret. It is not used, because every sender could sign "
                "with it.",
                hint="Remove it, or set the endpoint's whsec_….",
                id="pinax_stripe.E003",
            )
        ]
    return []


def check_validation() -> list[CheckMessage]:
    validation = setting("VALIDATION")
    if validation not in VALIDATIONS:
        return [
            Error(
                f"PINAX_STRIPE_VALIDATION is {validation!r}.",
                hint=f"It is one of {', '.join(map(repr, VALIDATIONS))}.",
                id="pinax_stripe.E004",
            )
        ]
    if validation == "signature" and not configured_secrets():
        return [
            Error(
                'PINAX_STRIPE_VALIDATION is "signature", but no webhook secret is set: every POST is refused.',
                hint="Set PINAX_STRIPE_WEBHOOK_SECRETS to the endpoint's whsec_….",
                id="pinax_stripe.E005",
            )
        ]
    return []


def check_numbers() -> list[CheckMessage]:
    return [
        Error(f"{SETTINGS_PREFIX}{name} must be a number, at least {least}.", id="pinax_stripe.E006")
        for name, (types, least) in NUMBERS.items()
        if isinstance(setting(name), bool) or not isinstance(setting(name), types) or setting(name) < least
    ]


def check_values() -> list[CheckMessage]:
    return [
        # Without the value: it may be a key in the wrong place.
        Error(f"{SETTINGS_PREFIX}{name} has a value that cannot be used.", hint=hint, id="pinax_stripe.E009")
        for name, (is_right, hint) in VALUES.items()
        if not is_right(setting(name))
    ]


#: Setting of a callable that a task queue has -> what it is called with.
DISPATCHERS = {"DISPATCH": "the primary key of an Event", "SYNC_DISPATCH": "nothing"}


def check_dispatch() -> list[CheckMessage]:
    return [
        Error(
            f"{SETTINGS_PREFIX}{name} is {setting(name)!r}, which cannot be called.",
            hint=f"Give the dotted path of a callable that takes {taken}.",
            id="pinax_stripe.E007",
        )
        for name, taken in DISPATCHERS.items()
        if not is_path_of_callable(setting(name), or_none=name == "SYNC_DISPATCH")
    ]


def is_path_of_callable(path: Any, *, or_none: bool) -> bool:
    """Whether a setting is the dotted path of something that can be called, or None where it may be."""
    if path is None and or_none:
        return True
    try:
        return callable(import_string(path))
    except (ImportError, AttributeError, TypeError):
        return False


def check_customer_user() -> list[CheckMessage]:
    try:
        hook = customer_user_hook()
        if hook is None or callable(hook):
            return []
    except (ImportError, ValueError):
        pass
    return [
        Error(
            f"PINAX_STRIPE_CUSTOMER_USER is {setting('CUSTOMER_USER')!r}, which cannot be called.",
            hint="Give a callable, or its dotted path, that takes the data of a customer and returns a user or None.",
            id="pinax_stripe.E015",
        )
    ]


def check_names() -> list[CheckMessage]:
    names = [name for name in dir(settings) if name.startswith(SETTINGS_PREFIX)]
    return [
        Warning(
            f"{name} is no setting of pinax-stripe.",
            hint=f"There are: {', '.join(sorted(SETTING_NAMES))}.",
            id="pinax_stripe.W002",
        )
        for name in names
        if name.removeprefix(SETTINGS_PREFIX) not in SETTING_NAMES
    ]


def check_time_zones() -> list[CheckMessage]:
    if settings.USE_TZ:
        return []
    return [
        Error("pinax-stripe stores aware datetimes.", hint="Set USE_TZ = True.", id="pinax_stripe.E008"),
    ]


def check_databases() -> list[CheckMessage]:
    """Routers may send the tables elsewhere, but all of them to one place, and reads where writes go."""
    tables = list(apps.get_app_config("pinax_stripe").get_models())
    aliases = {find(table) for find in (router.db_for_read, router.db_for_write) for table in tables}
    if len(aliases) == 1:
        return []
    return [
        Error(
            f"DATABASE_ROUTERS send the tables of pinax-stripe to several databases: {', '.join(sorted(aliases))}.",
            hint="An event, its mirrored object and its receivers' marks are written in one transaction and read "
            "again at once, possibly before a replica has them: use one alias for reads and writes of this app.",
            id="pinax_stripe.E010",
        )
    ]


def check_receivers() -> list[CheckMessage]:
    """Modules that would connect receivers, but are not imported."""
    return [
        Warning(
            f"{name} has receivers of pinax-stripe, but nothing imports it: they are never called.",
            hint="Put them into the module stripe_handlers of an app in INSTALLED_APPS, or import their module there.",
            id="pinax_stripe.W004",
        )
        for name in unconnected_modules()
    ]


def check_users() -> list[CheckMessage]:
    """A customer's link to its user is a foreign key, which cannot refer to a table of another database."""
    ours, theirs = router.db_for_write(Customer), router.db_for_write(get_user_model())
    if ours == theirs:
        return []
    return [
        Error(
            f"DATABASE_ROUTERS send customers to {ours!r}, but {settings.AUTH_USER_MODEL} to {theirs!r}.",
            hint="A customer refers to its user by a foreign key: keep both in one database.",
            id="pinax_stripe.E013",
        )
    ]


def check_vendor() -> list[CheckMessage]:
    """Whether the database is of a kind on which the promises are tested.

    Reads the settings only; opens no connection.
    """
    alias = database()
    try:
        connection = connections[alias]
    except (ConnectionDoesNotExist, ImproperlyConfigured):
        return []  # Django says what is wrong.
    vendor = connection.vendor
    if vendor in SUPPORTED or connection.settings_dict["ENGINE"] == DUMMY:
        return []
    return [
        Error(
            f"The database {alias!r} is {NAMES_OF_VENDORS.get(vendor, vendor)}; pinax-stripe supports PostgreSQL and "
            "SQLite.",
            hint="On other databases events can be lost or processed twice. Let DATABASE_ROUTERS send pinax-stripe "
            "and the user model to PostgreSQL or SQLite.",
            id="pinax_stripe.E014",
        )
    ]


def check_address() -> list[CheckMessage]:
    """Whether the webhook answers anywhere; only ROOT_URLCONF is known here."""
    url = setting("WEBHOOK_URL")
    if url:
        return check_url(url) if isinstance(url, str) else []
    found = find_webhook()
    if not found.paths:
        hint = "Until then Stripe's POSTs are not answered."
        return [Warning(reason_for(found), hint=hint, id="pinax_stripe.W005")]
    if found.is_translated:
        return [
            Warning(
                f"The webhook's address depends on a language: {', '.join(found.paths)}.",
                hint="Include pinax.stripe.urls outside i18n_patterns; a change of LANGUAGE_CODE or LANGUAGES would "
                "leave Stripe's endpoint without an answer.",
                id="pinax_stripe.W006",
            )
        ]
    return []


def check_url(url: str) -> list[CheckMessage]:
    """Whether the webhook answers at the configured URL, as far as the URLconf tells."""
    here = misses(urlsplit(url).path or "/")
    if not here:
        return []
    return [
        Warning(
            f"PINAX_STRIPE_WEBHOOK_URL is {url}, but the URLconf has the webhook at {' and '.join(here)}.",
            hint="Correct it; or silence this check if a proxy changes paths on the way.",
            id="pinax_stripe.W007",
        )
    ]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Checks of `manage.py check --deploy`, for a running site."""
    return [*check_key_of_site(), *check_transport(), *check_secrets_of_site()]


def check_key_of_site() -> list[CheckMessage]:
    """A site needs a key in any case. What `check_key` reports is not reported twice."""
    return [] if secret_key() or check_key() else [no_key()]


def check_transport() -> list[CheckMessage]:
    """Over plain http a live key can be read on the way, unless the request does not leave this machine."""
    base = setting("API_BASE")
    if not isinstance(base, str) or not key_livemode() or is_private(base):
        return []
    return [
        Error(
            "PINAX_STRIPE_API_BASE is plain http: the live key can be read on the way.",
            hint="Use https, or an address of this machine.",
            id="pinax_stripe.E012",
        )
    ]


def is_private(url: str) -> bool:
    """Whether nothing between here and an address can read what is sent to it."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return True
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_secrets_of_site() -> list[CheckMessage]:
    if configured_secrets():
        return []
    return [
        Warning(
            "No webhook secret is set, so a forged event is only refused after a call to Stripe.",
            hint="Set PINAX_STRIPE_WEBHOOK_SECRETS to the endpoint's whsec_….",
            id="pinax_stripe.W003",
        )
    ]
