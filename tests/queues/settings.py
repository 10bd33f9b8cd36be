"""Settings of the workers: the test's database and Stripe stand-in, and the queue named by PINAX_STRIPE_TEST_QUEUE."""

import os

import django

from tests.settings import *  # noqa: F403

QUEUE = os.environ.get("PINAX_STRIPE_TEST_QUEUE", "")
REDIS = os.environ.get("PINAX_STRIPE_TEST_REDIS", "")
APPS = {"database": ["django_tasks_db"], "rq": ["django_rq", "django_tasks_rq"], "celery": []}
#: The framework is an app of its own before Django 6.
FRAMEWORK = ["django_tasks"] if django.VERSION < (6,) and QUEUE != "celery" else []

INSTALLED_APPS = [*INSTALLED_APPS, *FRAMEWORK, *APPS.get(QUEUE, []), "tests.queues"]  # noqa: F405
RQ_QUEUES = {"default": {"URL": REDIS}}
CELERY_BROKER_URL = REDIS
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
BACKENDS = {"database": "django_tasks_db.DatabaseBackend", "rq": "django_tasks_rq.RQBackend"}
if QUEUE in BACKENDS:
    TASKS = {"default": {"BACKEND": BACKENDS[QUEUE]}}

PINAX_STRIPE_API_BASE = os.environ.get("PINAX_STRIPE_TEST_API_BASE", "")
PINAX_STRIPE_DISPATCH = "tests.queues.tasks.enqueue" if QUEUE == "celery" else "pinax.stripe.tasks.enqueue"
PINAX_STRIPE_RETRY_DELAYS = (0,)
PINAX_STRIPE_RETRY_LIMIT = 3
