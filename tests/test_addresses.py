"""The webhook's address is the one that answers, however it is included; without one, everything says what is wrong."""

import functools
import json
import sys
import types
import uuid
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.conf.urls.i18n import i18n_patterns, is_language_prefix_patterns_used
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.test import Client
from django.urls import clear_script_prefix, include, path, re_path, set_script_prefix
from django.utils import translation
from django.utils.translation import gettext_lazy, trans_real

from pinax.stripe.addresses import NoAddress, find_webhook, leads_here, misses, webhook_path
from pinax.stripe.checks import check_address
from pinax.stripe.management.forwarding import target_of
from pinax.stripe.models import Event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.health import Level, check_endpoint
from pinax.stripe.views import WebhookView

pytestmark = pytest.mark.django_db(transaction=True)

LOCALE = "django.middleware.locale.LocaleMiddleware"
OURS = "pinax.stripe.urls"


class OwnLocaleMiddleware(LocaleMiddleware):
    """A project's own."""


class OwnWebhook(WebhookView):
    """A project's own, with a name of its own."""


def wrapped(view):
    @functools.wraps(view)
    def wrapper(request, *args, **kwargs):
        return view(request, *args, **kwargs)

    return wrapper


def page(request, *args, **kwargs):
    return HttpResponse("a page")


#: Name -> patterns, settings, and where the webhook answers.
PROJECTS = {
    "plain": ([path("stripe/", include(OURS))], {}, "/stripe/webhook/"),
    "at the root": ([path("", include(OURS))], {}, "/webhook/"),
    "a namespace": ([path("pay/", include((OURS, "pay"), namespace="billing"))], {}, "/pay/webhook/"),
    "namespaces in namespaces": (
        [path("a/", include(([path("b/", include((OURS, "inner")))], "outer"), namespace="x"))],
        {},
        "/a/b/webhook/",
    ),
    "a regular expression": ([re_path(r"^pay/", include(OURS))], {}, "/pay/webhook/"),
    "a view of the project's": ([path("hooks/stripe", OwnWebhook.as_view())], {}, "/hooks/stripe"),
    "a decorated view": ([path("hooks/stripe/", wrapped(WebhookView.as_view()), name="x")], {}, "/hooks/stripe/"),
    "a language, region given": (
        i18n_patterns(path("stripe/", include(OURS))),
        {"LANGUAGE_CODE": "en-us", "MIDDLEWARE": [LOCALE]},
        "/en/stripe/webhook/",
    ),
    "a language without a middleware": (
        i18n_patterns(path("stripe/", include(OURS))),
        {"LANGUAGE_CODE": "en-us"},
        "/en-us/stripe/webhook/",
    ),
    "a language, by a middleware of the project's": (
        i18n_patterns(path("stripe/", include(OURS))),
        {"LANGUAGE_CODE": "pt-br", "MIDDLEWARE": [f"{__name__}.OwnLocaleMiddleware"]},
        "/pt-br/stripe/webhook/",
    ),
    "a language that LANGUAGES lacks": (
        i18n_patterns(path("stripe/", include(OURS))),
        {"LANGUAGE_CODE": "en-us", "LANGUAGES": [("de", "German"), ("fr", "French")], "MIDDLEWARE": [LOCALE]},
        "/en-us/stripe/webhook/",
    ),
    "no prefix for the usual language": (
        i18n_patterns(path("stripe/", include(OURS)), prefix_default_language=False),
        {"LANGUAGE_CODE": "de", "MIDDLEWARE": [LOCALE]},
        "/stripe/webhook/",
    ),
    "a translated route": (
        [path(gettext_lazy("yes"), include(OURS))],
        {"LANGUAGE_CODE": "de", "MIDDLEWARE": [LOCALE]},
        "/jawebhook/",
    ),
    "behind a page that takes everything but this": (
        [path("stripe/", include(OURS)), path("<path:slug>", page)],
        {},
        "/stripe/webhook/",
    ),
    "inside and outside of languages": (
        [path("stripe/", include(OURS)), *i18n_patterns(path("", page))],
        {"LANGUAGE_CODE": "en-us", "MIDDLEWARE": [LOCALE]},
        "/stripe/webhook/",
    ),
}


@pytest.fixture
def project(settings, monkeypatch):
    """Give the project these URLs and settings, as a management command finds them."""

    def made(patterns, **values):
        # Another name in each test: Django remembers by it what it found.
        module = types.ModuleType(f"tests.urls_of_a_project_{uuid.uuid4().hex}")
        module.urlpatterns = patterns
        monkeypatch.setitem(sys.modules, module.__name__, module)
        values.setdefault("LANGUAGE_CODE", "en-us")
        for name, value in values.items():
            setattr(settings, name, [*settings.MIDDLEWARE, *value] if name == "MIDDLEWARE" else value)
        settings.ROOT_URLCONF = module.__name__
        forget_languages()

    with translation.override(None):
        yield made
    forget_languages()


def forget_languages():
    """Django reads LANGUAGES once, and looks once whether a URLconf has languages; another test's would count."""
    for remembered in (
        trans_real.get_languages,
        trans_real._get_supported_language_variant,
        is_language_prefix_patterns_used,
    ):
        remembered.cache_clear()


def is_answered():
    """Whether stripe_status finds an endpoint, and has nothing to say against its address."""
    summary = check_endpoint().summary
    return summary.startswith(("we_", "The secret of we_")) and "posts to" not in summary


def create(*options):
    out = StringIO()
    call_command("stripe_webhook", "create", *(options or ("--host", "shop.example.com")), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(("patterns", "values", "address"), PROJECTS.values(), ids=PROJECTS.keys())
def test_the_endpoint_that_is_made_is_answered(project, fake_stripe, patterns, values, address):
    project(patterns, **values)
    create()
    (endpoint,) = fake_stripe.objects("webhook_endpoint")
    assert endpoint["url"] == f"https://shop.example.com{address}"
    fake_stripe.create("customer", id="cus_1")
    response = Client().post(address, json.dumps(fake_stripe.events[0]), content_type="application/json")
    assert response.status_code == 200
    assert post_event(Client(), fake_stripe.events[0]).status_code == 200
    assert Event.objects.get().deliveries == 2
    forwarded = target_of({"forward_to": "127.0.0.1:8000", "secret": "", "allow_remote": False})
    assert forwarded.url == f"http://127.0.0.1:8000{address}"
    fake_stripe.update(endpoint["id"], silent=True, metadata={})
    status = check_endpoint()
    assert (status.level, endpoint["id"] in status.summary) == (Level.OK, True)


@pytest.mark.parametrize(("patterns", "values", "address"), PROJECTS.values(), ids=PROJECTS.keys())
def test_only_an_address_that_depends_on_a_language_is_warned_of(project, patterns, values, address):
    project(patterns, **values)
    expected = ["pinax_stripe.W006"] if "i18n" in str(patterns) or find_webhook().is_translated else []
    assert [message.id for message in check_address()] == expected


#: Name -> patterns, and what is said.
WITHOUT = {
    "not included": ([path("", page)], "in no URLconf"),
    "shadowed": ([path("<path:slug>", page), path("stripe/", include(OURS))], "something else answers"),
    "an address with parts that vary": ([path("<slug:shop>/stripe/", include(OURS))], "parts that vary"),
    "a regular expression that varies": ([re_path(r"^(\w+)/stripe/", include(OURS))], "parts that vary"),
    "wrapped beyond recognition": (
        [path("stripe/", lambda request: WebhookView.as_view()(request))],
        "in no URLconf",
    ),
}


@pytest.mark.parametrize(("patterns", "said"), WITHOUT.values(), ids=WITHOUT.keys())
def test_where_there_is_no_address_everything_says_why(project, fake_stripe, patterns, said):
    project(patterns)
    for does in (
        create,
        lambda: target_of({"forward_to": "127.0.0.1:8000", "secret": "", "allow_remote": False}),
        lambda: post_event(Client(), {}),
    ):
        with pytest.raises((CommandError, NoAddress), match=said):
            does()
    assert said in check_endpoint().summary
    (message,) = check_address()
    assert (message.id, said in message.msg) == ("pinax_stripe.W005", True)
    assert fake_stripe.objects("webhook_endpoint") == []


@pytest.mark.parametrize("patterns", [patterns for patterns, _said in WITHOUT.values()], ids=WITHOUT.keys())
def test_who_says_the_url_is_believed(project, settings, fake_stripe, patterns):
    """Another host's URLconf may have it, or a proxy another path."""
    project(patterns)
    settings.PINAX_STRIPE_WEBHOOK_URL = "https://hooks.example.com/stripe/"
    assert check_address() == []
    assert "nothing answers" not in create("--url", settings.PINAX_STRIPE_WEBHOOK_URL)
    assert is_answered()


def test_one_of_several_addresses_has_to_be_named(project, fake_stripe):
    project([path("stripe/", include(OURS)), path("connect/", include((OURS, "connect"), namespace="connect"))])
    assert check_address() == []
    with pytest.raises(CommandError, match=r"several addresses \(/stripe/webhook/, /connect/webhook/\).*--url"):
        create()
    for name, options in (("stripe", ()), ("connect", ("--connect",))):
        assert "nothing answers" not in create("--url", f"https://example.com/{name}/webhook/", *options)
    out = StringIO()
    call_command("stripe_webhook", "list", stdout=out)
    assert out.getvalue().count("* we_") == 2
    fake_stripe.create("customer", id="cus_1")
    assert post_event(Client(), fake_stripe.events[-1]).status_code == 200
    assert is_answered()


def test_an_endpoint_that_nothing_answers_is_found(project, fake_stripe):
    """As `stripe_webhook create` made it where the language of the address was assumed."""
    project(PROJECTS["a language, region given"][0], MIDDLEWARE=[LOCALE])
    assert "The URLconf has the webhook at /en/" in create("--url", "https://example.com/en-us/stripe/webhook/")
    (endpoint,) = fake_stripe.objects("webhook_endpoint")
    status = check_endpoint()
    assert status.level is Level.CRITICAL
    assert f"{endpoint['id']} posts to https://example.com/en-us/stripe/webhook/" in status.summary
    assert "the webhook is at /en/stripe/webhook/" in status.summary
    create("--force", "--host", "example.com")
    assert check_endpoint().level is Level.WARNING
    call_command("stripe_webhook", "delete", "--endpoint", endpoint["id"], "--yes", stdout=StringIO())
    assert is_answered()


def test_every_language_of_an_address_is_the_project_s(project):
    project(PROJECTS["a language, region given"][0], MIDDLEWARE=[LOCALE])
    with translation.override("de"):
        assert (leads_here("/fr/stripe/webhook"), leads_here("/en-us/stripe/webhook/")) == (True, False)
        assert translation.get_language() == "de"


def test_a_configured_url_that_leads_elsewhere_is_warned_of(project, settings):
    project(PROJECTS["plain"][0])
    for url, expected in {
        "https://example.com/stripe/webhook/": [],
        "https://example.com/stripe/webhook": [],
        "https://example.com/below/a/script/name/stripe/webhook/": [],
        "https://example.com/stripe/webhoook/": ["pinax_stripe.W007"],
        "https://example.com": ["pinax_stripe.W007"],
    }.items():
        settings.PINAX_STRIPE_WEBHOOK_URL = url
        assert [message.id for message in check_address()] == expected, url


def test_a_script_name_is_part_of_the_public_address_only(project, fake_stripe, settings):
    project(PROJECTS["plain"][0], FORCE_SCRIPT_NAME="/shop")
    set_script_prefix("/shop/")  # As django.setup does for a management command.
    try:
        create()
        (endpoint,) = fake_stripe.objects("webhook_endpoint")
        assert urlsplit(endpoint["url"]).path == "/shop/stripe/webhook/"
        assert is_answered()
        fake_stripe.create("customer", id="cus_1")
        assert webhook_path() == "/stripe/webhook/"
        assert post_event(Client(), fake_stripe.events[0]).status_code == 200
        assert misses("/stripe/webhook/") == []
    finally:
        clear_script_prefix()


def test_a_project_without_urls_has_no_address(settings):
    """A worker's settings need none."""
    del settings.ROOT_URLCONF
    assert find_webhook().paths == ()
