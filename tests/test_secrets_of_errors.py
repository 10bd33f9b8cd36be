"""Keys, secrets and signatures stay out of what tells of an error: Django's page, its mail, messages and logs."""

import http.client
import logging
from io import StringIO

import pytest
import urllib3
from django.core.management import call_command
from django.test import Client
from django.utils.log import AdminEmailHandler

from pinax.stripe import api
from pinax.stripe.api import calls, errors, proxies, transport
from pinax.stripe.exceptions import Secret, TemporaryStripeError
from pinax.stripe.models import Customer, Event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep import health
from pinax.stripe.webhooks import recording, signature_checks, signatures

pytestmark = pytest.mark.django_db

KEY = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
SECRET = "whsec_fzyWDg4yqmc72jYlhp9uVZ1K"


class Bug(RuntimeError):
    """An unexpected error."""


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_SECRET_KEY = KEY
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = [SECRET]
    fake_stripe.create("customer", id="cus_1", livemode=True)
    fake_stripe.events[0]["livemode"] = True
    return fake_stripe


def raising(*args, **kwargs):
    raise Bug("a bug")


def failing(one, other):
    del one, other  # They are what is compared, and no variables of ours.
    raise Bug("a bug")


#: Where a bug is planted: deeper and deeper on the way of a POST.
PLACES = [
    (recording, "parse_body"),
    (recording, "check_signature"),
    (signature_checks, "verify"),
    (signatures, "parse"),
    (signatures, "is_signed_with"),
    (calls, "usable_key"),
    (calls, "call_once"),
    (calls.Request, "send"),
    (transport, "send"),
    (transport, "exchange"),
    (transport, "connections"),
    (transport, "manager_for"),
    (urllib3.PoolManager, "urlopen"),
    (urllib3.PoolManager, "connection_from_host"),
    (urllib3.HTTPConnectionPool, "urlopen"),
    (urllib3.HTTPConnectionPool, "_make_request"),
    (urllib3.connection.HTTPConnection, "putheader"),
    (urllib3.connection.HTTPConnection, "getresponse"),
    (http.client.HTTPConnection, "endheaders"),
    (transport, "in_time"),
    (transport.ReaderWithDeadline, "readinto"),
    (calls, "data_of"),
    (calls, "reading_time"),
    (calls, "sorted_error"),
    (errors, "without_keys"),
]


@pytest.mark.parametrize(("owner", "name"), PLACES, ids=lambda value: getattr(value, "__name__", value))
def test_no_local_variable_of_an_error_page_has_a_secret(stripe, monkeypatch, settings, owner, name):
    settings.DEBUG = True
    transport.managers.clear()
    if name in ("sorted_error", "without_keys"):
        stripe.fail(status=401, times=None)
    monkeypatch.setattr(owner, name, raising)
    page = post_event(Client(raise_request_exception=False), stripe.events[0], secret=SECRET).content.decode()
    assert KEY not in page
    assert KEY[8:] not in page
    assert SECRET not in page
    assert ",v1=" not in page
    assert "a bug" in page or Event.objects.get().reason == "no_answer"


def test_what_breaks_off_a_call_leaves_no_frame_that_has_the_key(stripe, monkeypatch):
    """A time-out of gevent's, or the end of the process, while the request is being sent."""

    def broken_off(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(http.client.HTTPConnection, "send", broken_off)
    with pytest.raises(KeyboardInterrupt) as raised:
        api.retrieve("/v1/customers/cus_1")
    shown = [repr(frame.frame.f_locals) for frame in raised.traceback if "pinax" in str(frame.path)]
    assert len(shown) >= 5
    assert not [frame for frame in raised.traceback if str(frame.path).endswith("http/client.py")]
    assert KEY not in "".join(shown)


@pytest.mark.parametrize(
    "key", ["sk_test_ключ", "sk_live_é", "sk_test_1\n", " sk_test_1", "sk_test_1\r\nX: y", "sk\x00"]
)
def test_a_key_that_cannot_be_sent_leaves_events_undecided_and_is_not_shown(client, fake_stripe, settings, key):
    fake_stripe.create("customer", id="cus_1")
    settings.PINAX_STRIPE_SECRET_KEY = key
    for _ in range(2):
        assert post_event(client, {**fake_stripe.events[0], "livemode": "live" in key}).status_code == 503
    event = Event.objects.get()
    assert (event.valid, event.reason) == (None, "key_refused")
    assert key.strip() not in event.explanation
    said = StringIO()
    call_command("stripe_process_events", stdout=said)
    assert "1 undecided" in said.getvalue()
    assert fake_stripe.requests == []


@pytest.mark.parametrize("key", [5, b"sk_test_1", ["sk_test_1"], None])
def test_a_key_that_is_no_text_is_no_key(client, fake_stripe, settings, key):
    fake_stripe.create("customer", id="cus_1")
    settings.PINAX_STRIPE_SECRET_KEY = key
    assert post_event(client, fake_stripe.events[0]).status_code == 503
    assert Event.objects.get().reason == "no_key"


def test_the_repr_of_a_secret_tells_its_end_at_most():
    assert repr(Secret(KEY)) == "'…p7dc'"
    assert repr(Secret("short")) == "'…'"
    assert f"Bearer {Secret(KEY)}" == f"Bearer {KEY}"


# What else could take the place of the key


def test_netrc_does_not_replace_the_key(fake_stripe, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stranger password else\ndefault login stranger password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fake_stripe.create("customer", id="cus_1")
    api.retrieve("/v1/customers/cus_1")
    assert fake_stripe.requests[-1].headers["authorization"] == "Bearer sk_test_fake"


def test_a_name_in_the_address_does_not_replace_the_key(fake_stripe, settings):
    settings.PINAX_STRIPE_API_BASE = fake_stripe.url.replace("://", "://user:else@")
    fake_stripe.create("customer", id="cus_1")
    api.retrieve("/v1/customers/cus_1")
    assert fake_stripe.requests[-1].headers["authorization"] == "Bearer sk_test_fake"


def test_a_proxy_of_the_environment_never_reads_a_key(fake_stripe, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://user:else@127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    fake_stripe.create("customer", id="cus_1")
    api.retrieve("/v1/customers/cus_1")
    assert "proxy-authorization" not in fake_stripe.requests[-1].headers


def test_https_goes_through_the_proxy_of_the_environment_whose_password_is_not_told(settings, monkeypatch):
    settings.PINAX_STRIPE_SECRET_KEY = KEY
    settings.PINAX_STRIPE_API_RETRIES = 0
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://user:else@127.0.0.1:9")
    assert proxies.proxy_for("https://api.stripe.com").endswith("@127.0.0.1:9")
    with pytest.raises(TemporaryStripeError, match="ProxyError") as raised:
        api.retrieve("/v1/customers/cus_1")
    assert "else" not in str(raised.value)
    monkeypatch.setenv("no_proxy", "stripe.com")
    assert proxies.proxy_for("https://api.stripe.com") == ""


def test_a_redirect_takes_the_key_nowhere(fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.fail("/v1/customers", 302, headers={"Location": f"{fake_stripe.url}/v1/elsewhere"})
    with pytest.raises(TemporaryStripeError):
        api.retrieve("/v1/customers/cus_1")
    assert fake_stripe.calls("/v1/elsewhere") == 0


def test_an_error_of_the_health_view_does_not_show_its_token(stripe, monkeypatch, settings):
    settings.DEBUG = True
    settings.PINAX_STRIPE_HEALTH_TOKEN = "a token that is hard to guess"
    for owner, name in ((health, "has_token"), (health.hmac, "compare_digest"), (health, "health_report")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, raising if owner is health else failing)
            headers = {"Authorization": "Bearer a token that is hard to guess"}
            page = Client(raise_request_exception=False).get("/stripe/health/", headers=headers).content.decode()
        assert "a bug" in page
        assert "hard to guess" not in page


def test_a_mail_about_an_error_has_no_secret(stripe, monkeypatch, settings):
    sent = []
    settings.ADMINS = [("a", "a@example.com")]
    monkeypatch.setattr(signatures, "is_signed_with", raising)
    monkeypatch.setattr(
        AdminEmailHandler,
        "send_mail",
        lambda self, subject, text, *args, html_message, **kwargs: sent.extend([text, html_message or ""]),
    )
    logger = logging.getLogger("django.request")
    handler = AdminEmailHandler(include_html=True)
    logger.addHandler(handler)
    try:
        post_event(Client(raise_request_exception=False), stripe.events[0], secret=SECRET)
    finally:
        logger.removeHandler(handler)
    content = "".join(sent)
    assert "a bug" in content
    assert KEY not in content
    assert SECRET not in content
    assert not Customer.all_objects.exists()
