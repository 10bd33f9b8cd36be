"""The demo's Django project: SQLite in a folder of its own, and nothing printed between the demo's own lines."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.settings import *  # noqa: F403

FOLDER = tempfile.mkdtemp(prefix="pinax-stripe-demo-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
DEBUG = True
ROOT_URLCONF = "tests.demo.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(FOLDER) / "demo.sqlite3"),
        "OPTIONS": {"timeout": 20},
    }
}
INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.staticfiles", "tests.demo"]  # noqa: F405
# For tests that are about something else: the tables of the models as they are, in a tenth of the time.
MIGRATION_MODULES = {"pinax_stripe": None} if os.environ.get("DEMO_WITHOUT_MIGRATIONS") else {}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {
        # Refusals and failures are part of the show, and shown by it.
        "django.request": {"handlers": ["nowhere"], "propagate": False},
        "pinax.stripe": {"handlers": ["nowhere"], "propagate": False},
    },
}
PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_demo"
#: Type of the event that a receipt is written for.
DEMO_PAID = "invoice.paid"
