import sys
import types

import pytest
from django.conf import settings
from django.core.checks import registry
from django.db.backends.sqlite3 import base as sqlite3
from django.db.utils import ConnectionHandler
from django.test import override_settings

from pinax.stripe import checks
from pinax.stripe.checks import check_deployment, check_receivers, check_settings

OFF = {"PINAX_STRIPE_WEBHOOK_SECRETS": "", "PINAX_STRIPE_SECRET_KEY": "sk_test_1"}


def found(*, deploy=False, **settings):
    with override_settings(**{**OFF, **settings}):
        return {message.id for message in [*check_settings(), *(check_deployment() if deploy else [])]}


def test_the_checks_are_registered():
    assert check_settings in registry.registry.registered_checks
    assert check_deployment in registry.registry.deployment_checks


def test_a_key_alone_is_enough():
    assert found() == set()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"SECRET_KEY": "", "WEBHOOK_SECRETS": "whsec_1"}, {"pinax_stripe.W001"}),
        ({"SECRET_KEY": "", "WEBHOOK_SECRETS": "whsec_1", "VALIDATION": "signature"}, set()),
        ({"SECRET_KEY": ""}, set()),
        ({"SECRET_KEY": "pk_test_1"}, {"pinax_stripe.E001"}),
        ({"SECRET_KEY": "whsec_1"}, {"pinax_stripe.E001"}),
        ({"SECRET_KEY": "sk_org_1"}, {"pinax_stripe.E011"}),
        ({"SECRET_KEY": "rk_org_1"}, {"pinax_stripe.E011"}),
        ({"SECRET_KEY": "sk_test_ключ"}, {"pinax_stripe.E001"}),
        ({"SECRET_KEY": "sk_test_1\n"}, {"pinax_stripe.E001"}),
        ({"SECRET_KEY": b"sk_test_1"}, {"pinax_stripe.E001"}),
        ({"WEBHOOK_SECRETS": 5}, {"pinax_stripe.E002"}),
        ({"WEBHOOK_SECRETS": ["whsec_1", ""]}, {"pinax_stripe.E003"}),
        ({"WEBHOOK_SECRETS": " "}, {"pinax_stripe.E003"}),
        ({"WEBHOOK_SECRETS": [None]}, {"pinax_stripe.E003"}),
        ({"VALIDATION": "none"}, {"pinax_stripe.E004"}),
        ({"VALIDATION": "signature"}, {"pinax_stripe.E005"}),
        ({"VALIDATION": "signature", "WEBHOOK_SECRETS": "whsec_1"}, set()),
        ({"API_TIMEOUT": "5"}, {"pinax_stripe.E006"}),
        ({"API_RETRIES": True}, {"pinax_stripe.E006"}),
        ({"MAX_BODY_BYTES": 0}, {"pinax_stripe.E006"}),
        ({"REFUSED_BYTES": 0}, {"pinax_stripe.E006"}),
        ({"REFUSED_CALLS": 0}, {"pinax_stripe.E006"}),
        ({"PRUNE_DONE_AFTER": 0}, {"pinax_stripe.E006"}),
        ({"HEALTH_UNDONE_MINUTES": 15}, {"pinax_stripe.E009"}),
        ({"HEALTH_UNDONE_MINUTES": (15, None)}, set()),
        ({"HEALTH_FAILURE_SHARE": (0.1, "all")}, {"pinax_stripe.E009"}),
        ({"HEALTH_FAILURE_SHARE": (0.1,)}, {"pinax_stripe.E009"}),
        ({"HEALTH_SILENT_HOURS": (24, None)}, set()),
        ({"HEALTH_TOKEN": "short"}, {"pinax_stripe.E009"}),
        ({"HEALTH_TOKEN": "long enough not to be guessed"}, set()),
        ({"WEBHOOK_URL": "example.com/stripe/webhook/"}, {"pinax_stripe.E009"}),
        ({"WEBHOOK_URL": "https://example.com/stripe/webhook/"}, set()),
        ({"DISPATCH": "nowhere.at_all"}, {"pinax_stripe.E007"}),
        ({"SYNC_DISPATCH": "nowhere.at_all"}, {"pinax_stripe.E007"}),
        ({"CUSTOMER_USER": "nowhere.at_all"}, {"pinax_stripe.E015"}),
        ({"CUSTOMER_USER": "user"}, {"pinax_stripe.E015"}),
        ({"CUSTOMER_USER": 5}, {"pinax_stripe.E015"}),
        ({"DISPATCH": "django.conf.settings"}, {"pinax_stripe.E007"}),
        ({"API_BASE": "api.stripe.com"}, {"pinax_stripe.E009"}),
        ({"API_BASE": None}, {"pinax_stripe.E009"}),
        ({"API_VERSION": 20}, {"pinax_stripe.E009"}),
        ({"API_VERSION": "2026-10-28.endive"}, set()),
        ({"PUBLIC_KEY": "sk_live_1"}, {"pinax_stripe.E009"}),
        ({"RETRY_DELAYS": ()}, {"pinax_stripe.E009"}),
        ({"RETRY_DELAYS": [5, "x"]}, {"pinax_stripe.E009"}),
        ({"RETRY_LIMIT": 0}, {"pinax_stripe.E006"}),
        ({"REQUEST_BUDGET": None}, {"pinax_stripe.E006"}),
        ({"ACTIVE_STATUSES": "active"}, {"pinax_stripe.E009"}),
        ({"SECRET_KYE": "sk_test_1"}, {"pinax_stripe.W002"}),
    ],
)
def test_a_wrong_setting_is_named(settings, expected):
    assert found(**{f"PINAX_STRIPE_{name}": value for name, value in settings.items()}) == expected


def test_a_secret_key_in_the_wrong_place_is_not_printed():
    with override_settings(PINAX_STRIPE_PUBLIC_KEY="sk_live_oh_no"):
        assert "sk_live_oh_no" not in " ".join(str(message) for message in check_settings())


def test_deployment_without_a_secret_is_warned_of():
    assert "pinax_stripe.W003" in found(deploy=True)
    assert "pinax_stripe.W003" not in found(deploy=True, PINAX_STRIPE_WEBHOOK_SECRETS="whsec_1")


@pytest.mark.parametrize("others", [{}, {"WEBHOOK_SECRETS": "whsec_1"}, {"VALIDATION": "signature"}])
def test_a_site_without_a_key_is_warned_once(others):
    settings = {f"PINAX_STRIPE_{name}": value for name, value in {"SECRET_KEY": "", **others}.items()}
    with override_settings(**{**OFF, **settings}):
        messages = [message.id for message in [*check_settings(), *check_deployment()]]
    assert messages.count("pinax_stripe.W001") == 1


@pytest.mark.parametrize(
    ("key", "base", "is_wrong"),
    [
        ("sk_live_1", "http://api.example.com", True),
        ("rk_live_1", "http://10.0.0.5:12111", True),
        ("sk_live_1", "HTTP://127.0.0.1.example.com", True),
        ("sk_live_1", "http://127.0.0.1:12111", False),
        ("sk_live_1", "http://[::1]:12111/", False),
        ("sk_live_1", "http://localhost", False),
        ("sk_live_1", "https://api.stripe.com", False),
        ("sk_test_1", "http://stripe-mock:12111", False),
    ],
)
def test_a_live_key_over_plain_http_is_an_error_of_deployment(key, base, is_wrong):
    settings = {"PINAX_STRIPE_SECRET_KEY": key, "PINAX_STRIPE_API_BASE": base}
    assert ("pinax_stripe.E012" in found(deploy=True, **settings)) is is_wrong
    assert "pinax_stripe.E012" not in found(**settings)


def test_naive_datetimes_are_an_error():
    assert found(USE_TZ=False) == {"pinax_stripe.E008"}


class Elsewhere:
    """A router to another database."""

    def db_for_read(self, model, **hints):
        return "other"

    def db_for_write(self, model, **hints):
        return "other"


class ReadsElsewhere:
    """A router to a replica."""

    def db_for_read(self, model, **hints):
        return "other"


class EventsElsewhere:
    """A router that parts what is written together."""

    def db_for_read(self, model, **hints):
        return "other" if model._meta.model_name == "event" else None

    db_for_write = db_for_read


@pytest.mark.parametrize(
    ("router", "expected"),
    [(Elsewhere, set()), (ReadsElsewhere, {"pinax_stripe.E010"}), (EventsElsewhere, {"pinax_stripe.E010"})],
)
def test_all_tables_are_in_one_database(router, expected):
    assert found(DATABASE_ROUTERS=[router()]) == expected


def test_the_warning_names_the_module_and_what_to_do(monkeypatch):
    monkeypatch.setattr("pinax.stripe.checks.unconnected_modules", lambda: ["members.alarms"])
    (warning,) = check_receivers()
    assert warning.id == "pinax_stripe.W004"
    assert "members.alarms" in warning.msg
    assert "stripe_handlers" in warning.hint


class AppElsewhere:
    """A router that sends this app elsewhere than the users."""

    def db_for_read(self, model, **hints):
        return "other" if model._meta.app_label == "pinax_stripe" else None

    db_for_write = db_for_read


class UsersElsewhere:
    """A router that sends the users elsewhere."""

    def db_for_write(self, model, **hints):
        return "other" if model._meta.app_label == "auth" else None


@pytest.mark.parametrize("router", [AppElsewhere, UsersElsewhere])
def test_customers_and_users_are_in_one_database(router):
    assert found(DATABASE_ROUTERS=[router()]) == {"pinax_stripe.E013"}


class OnForeign(Elsewhere):
    """A router to a database of another kind."""

    def db_for_read(self, model, **hints):
        return "foreign"

    db_for_write = db_for_read


def backend(base, **attributes):
    """A backend that opens no connection, with these attributes; its name for ENGINE."""
    wrapper = type("DatabaseWrapper", (base.DatabaseWrapper,), {**attributes, "connect": None, "cursor": None})
    module = types.ModuleType("tests.a_backend.base")
    module.DatabaseWrapper = wrapper
    sys.modules[module.__name__] = module
    return "tests.a_backend"


@pytest.mark.parametrize(
    ("vendor", "said"),
    [
        ("mysql", "is MySQL or MariaDB; pinax-stripe supports PostgreSQL and SQLite"),
        ("oracle", "is Oracle"),
        ("cockroachdb", "is cockroachdb"),
        ("postgresql", ""),
        ("sqlite", ""),
    ],
)
def test_a_database_that_is_not_supported_is_an_error(monkeypatch, vendor, said):
    """By what the backend calls itself, so that one which wraps a supported one passes; and nothing is connected."""
    engine = backend(sqlite3, vendor=vendor)
    databases = {**settings.DATABASES, "foreign": {"ENGINE": engine, "NAME": "x"}}
    monkeypatch.setattr(checks, "connections", ConnectionHandler(databases))
    with override_settings(DATABASE_ROUTERS=[OnForeign()]):
        messages = [message for message in check_settings() if message.id == "pinax_stripe.E014"]
    assert [said in message.msg for message in messages] == [True] * bool(said)


def test_what_django_says_of_databases_is_left_to_it(monkeypatch):
    broken = {"default": {"ENGINE": "nowhere.at_all", "NAME": "x"}}
    for databases, router in ((broken, []), ({"default": {}}, []), (broken, [OnForeign()])):
        monkeypatch.setattr(checks, "connections", ConnectionHandler(databases))
        assert found(DATABASE_ROUTERS=router) == set()


def test_checks_touch_neither_database_nor_network():
    """Without the django_db mark pytest-django refuses any query."""
    found(deploy=True)
