"""What Django's start and a webhook leave out: packages that take long to import, and much memory."""

import json
import subprocess
import sys

import pytest

#: Until version 15 the SDK takes half a second and 50 MB; babel and rich are not ours, but packages of the tests.
HEAVY = {"stripe", "requests", "urllib3", "babel", "rich", "hypothesis", "pytest", "opentelemetry", "prometheus_client"}

START = """
import json, sys
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=[f"django.contrib.{name}" for name in sys.argv[2:]] + ["pinax.stripe"], USE_TZ=True,
    ROOT_URLCONF="pinax.stripe.urls", ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    PINAX_STRIPE_API_BASE=sys.argv[1], PINAX_STRIPE_SECRET_KEY="sk_test_1", PINAX_STRIPE_API_RETRIES=0,
)
django.setup()
"""
REPORT = "print(json.dumps(sorted(sys.modules)))\n"
DELIVER = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
for status, event in zip([200, 503, 400], json.load(sys.stdin), strict=True):
    answer = Client().post("/webhook/", json.dumps(event), content_type="application/json")
    assert answer.status_code == status, (answer.status_code, answer.content)
"""


APPS = ["contenttypes", "auth"]
ADMIN = [*APPS, "admin", "messages", "sessions"]


def imported(code, url="http://127.0.0.1:9", apps=APPS, text=""):
    """The modules that a fresh process has imported once it has run some code."""
    command = [sys.executable, "-W", "ignore", "-c", START + code + REPORT, url, *apps]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("apps", [APPS, ADMIN], ids=["bare", "with the admin"])
def test_django_starts_without_the_sdk_and_other_heavy_packages(apps):
    found = imported("", apps=apps)
    assert "pinax.stripe.webhooks.handlers" in found
    assert ("pinax.stripe.admin.events.event_admin" in found) is (apps is ADMIN)
    assert found & HEAVY == set()


def test_what_few_pages_of_the_admin_need_is_imported_for_them():
    late = {"pinax.stripe.admin.overview.page", "pinax.stripe.upkeep.statistics", "pinax.stripe.upkeep.redaction"}
    assert imported("", apps=ADMIN) & late == set()


@pytest.mark.once
@pytest.mark.django_db
def test_a_webhook_is_answered_without_the_sdk(fake_stripe):
    """An event that is mirrored, one for which Stripe has an error, and one that Stripe does not know."""
    for number in range(3):
        fake_stripe.create("customer", id=f"cus_{number}")
    mirrored, undecided, unknown = fake_stripe.events
    fake_stripe.fail(f"/v1/events/{undecided['id']}", 500, times=None)
    found = imported(DELIVER, fake_stripe.url, text=json.dumps([mirrored, undecided, {**unknown, "id": "evt_unknown"}]))
    assert "urllib3" in found
    assert found & (HEAVY - {"urllib3"}) == set()
