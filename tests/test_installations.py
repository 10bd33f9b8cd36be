"""What a project does not have, this app does not need: each combination is a project in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SETTINGS = """
SECRET_KEY = "an installation"
USE_TZ = True
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "site_urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
PINAX_STRIPE_SECRET_KEY = "sk_test_installation"
PINAX_STRIPE_HEALTH_TOKEN = "long enough not to be guessed"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "pinax.stripe"]
MIDDLEWARE = []
TEMPLATES = []
"""
TEMPLATES = """
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": ["django.template.context_processors.request",
                           "django.contrib.auth.context_processors.auth"]}}]
"""
SESSIONS = """
INSTALLED_APPS += ["django.contrib.sessions"]
MIDDLEWARE += ["django.contrib.sessions.middleware.SessionMiddleware",
               "django.contrib.auth.middleware.AuthenticationMiddleware"]
"""
MESSAGES = """
INSTALLED_APPS += ["django.contrib.messages"]
MIDDLEWARE += ["django.contrib.messages.middleware.MessageMiddleware"]
if TEMPLATES:
    TEMPLATES[0]["OPTIONS"]["context_processors"] += ["django.contrib.messages.context_processors.messages"]
"""
ADMIN = """
INSTALLED_APPS += ["django.contrib.admin"]
"""
OWN_DEFAULT_SITE = """
INSTALLED_APPS += ["site_admin.Config"]
"""
OWN_SITE_BESIDE = """
INSTALLED_APPS += ["django.contrib.admin.apps.SimpleAdminConfig"]
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("stripe/", include("pinax.stripe.urls"))]
"""
ADMIN_URLS = """
from django.contrib import admin
urlpatterns += [path("admin/", admin.site.urls)]
"""
#: A second site, at which the pages are; the usual one has nothing.
OWN_SITE_URLS = """
from django.contrib import admin
from pinax.stripe import models
from pinax.stripe.admin.objects.customers import CustomerAdmin
from pinax.stripe.admin.events.event_admin import EventAdmin

staff = admin.AdminSite(name="staff")
staff.register(models.Event, EventAdmin)
staff.register(models.Customer, CustomerAdmin)
for model in list(admin.site._registry):
    admin.site.unregister(model)
urlpatterns += [path("usual/", admin.site.urls), path("admin/", staff.urls)]
"""
SITE_ADMIN = """
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class Site(AdminSite):
    site_header = "A site of the project's own"


class Config(AdminConfig):
    default_site = "site_admin.Site"
"""

#: Checks, migrates, takes an event, and runs every command that reads or repairs.
JOB = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pinax.stripe.models import Customer, Event
from pinax.stripe.testing import FakeStripe

call_command("check")
call_command("check", "--deploy", "--tag", "models")
call_command("migrate", run_syncdb=True, verbosity=0)
call_command("makemigrations", "--check", "--dry-run", verbosity=0)
with FakeStripe() as stripe:
    settings.PINAX_STRIPE_API_BASE = stripe.url
    stripe.create("customer", id="cus_1", email="jenny@example.com")
    ((_, status),) = stripe.deliver_to(Client())
    assert status == 200, status
    assert Customer.objects.get().email == "jenny@example.com"
    assert Client().post("/stripe/webhook/", b"no JSON", content_type="text/plain").status_code == 400
    health = Client().get("/stripe/health/", headers={"Authorization": "Bearer " + settings.PINAX_STRIPE_HEALTH_TOKEN})
    assert health.status_code == 200, health.content
    assert Client().get("/stripe/health/").status_code == 401
    call_command("stripe_webhook", "create", "--host", "example.com")
    call_command("stripe_webhook", "list")
    call_command("stripe_status", "--offline")
    call_command("stripe_process_events", "--due")
    call_command("stripe_catch_up")
    call_command("stripe_prune_events")
    call_command("stripe_trigger", "customer.updated", "--in-process")
    call_command("stripe_redact", "--customer", "cus_1")
print("all done")
"""

#: Opens the pages, whose links have to stay on the site.
PAGES = """
import re
from django.contrib.auth import get_user_model
from django.urls import resolve

client = Client()
client.force_login(get_user_model().objects.create_superuser("admin"))
event = Event.objects.filter(valid=True).first()
for address in ("event/", f"event/{event.pk}/change/", "event/overview/", "customer/", "customer/cus_1/change/"):
    page = client.get("/admin/pinax_stripe/" + address)
    assert page.status_code == 200, (address, page.status_code)
    links = set(re.findall(r'href="(/[^"]*)"', page.content.decode()))
    assert any(link.startswith("/admin/pinax_stripe/") for link in links), address
    assert not any(link.startswith("/usual/") for link in links), (address, links)
    for link in links:
        if "/pinax_stripe/" in link and not link.startswith("/static/"):
            resolve(link.partition("?")[0])
print("all pages")
"""

#: Name -> settings, urls and more of the job.
INSTALLATIONS = {
    "nothing but users": ("", "", ""),
    "templates": (TEMPLATES, "", ""),
    "sessions": (SESSIONS, "", ""),
    "sessions and messages": (SESSIONS + MESSAGES, "", ""),
    "templates, sessions and messages": (TEMPLATES + SESSIONS + MESSAGES, "", ""),
    "the admin": (TEMPLATES + SESSIONS + MESSAGES + ADMIN, ADMIN_URLS, PAGES),
    "the admin, not in the URLs": (TEMPLATES + SESSIONS + MESSAGES + ADMIN, "", ""),
    "a default site of its own": (TEMPLATES + SESSIONS + MESSAGES + OWN_DEFAULT_SITE, ADMIN_URLS, PAGES),
    "a site beside the usual one": (TEMPLATES + SESSIONS + MESSAGES + OWN_SITE_BESIDE, OWN_SITE_URLS, PAGES),
}


#: Those that migrate, which takes longer than the rest. The others have the tables of the models as they are.
MIGRATED = {"nothing but users", "the admin"}
WITHOUT_MIGRATIONS = 'MIGRATION_MODULES = {"pinax_stripe": None}\n'


@pytest.mark.slow
@pytest.mark.parametrize("name", INSTALLATIONS)
def test_an_installation_works(tmp_path, name):
    settings, urls, pages = INSTALLATIONS[name]
    tables = "" if name in MIGRATED else WITHOUT_MIGRATIONS
    (tmp_path / "site_settings.py").write_text(SETTINGS + settings + tables)
    (tmp_path / "site_urls.py").write_text(URLS + urls)
    (tmp_path / "site_admin.py").write_text(SITE_ADMIN)
    environment = {
        "DJANGO_SETTINGS_MODULE": "site_settings",
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "PYTHONWARNINGS": "error",
        "PATH": "",
    }
    command = [sys.executable, "-c", JOB + pages]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("all done") == 1
    assert done.stdout.count("all pages") == bool(pages)
