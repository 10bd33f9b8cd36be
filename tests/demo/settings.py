"""The demo's Django project: SQLite in a folder of its own, and a Stripe stand-in on this machine."""

import os

from tests.settings import *  # noqa: F403

DEBUG = True
ROOT_URLCONF = "tests.demo.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["PINAX_STRIPE_DEMO_DATABASE"],
        "OPTIONS": {"timeout": 20},
    }
}
INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.staticfiles"]  # noqa: F405
PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_demo"
