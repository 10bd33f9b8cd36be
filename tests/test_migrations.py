"""The migrations fit projects that are not like ours."""

import subprocess
import sys
import textwrap

import pytest

PROJECT = {
    "people/__init__.py": "",
    "people/models.py": """
        import uuid

        from django.contrib.auth.models import AbstractUser
        from django.db import models


        class Person(AbstractUser):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    """,
    "people/migrations/__init__.py": "",
    "settings.py": """
        INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "people", "pinax.stripe"]
        AUTH_USER_MODEL = "people.Person"
        DEFAULT_AUTO_FIELD = "django.db.models.{auto_field}"
        DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}}}
        SECRET_KEY = "of a test"
        ROOT_URLCONF = "urls"
        PINAX_STRIPE_SECRET_KEY = "sk_test_of_a_test"
    """,
    "urls.py": """
        from django.urls import include, path

        urlpatterns = [path("stripe/", include("pinax.stripe.urls"))]
    """,
    "link.py": """
        import django

        django.setup()

        from django.contrib.auth import get_user_model
        from django.test import Client

        from pinax.stripe.models import Customer
        from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
        from pinax.stripe.testing import FakeStripe
        from django.test import override_settings

        jenny = get_user_model().objects.create_user("jenny")
        with FakeStripe() as stripe, override_settings(**stripe.settings, ALLOWED_HOSTS=["*"]):
            stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: user_reference(jenny)})
            stripe.deliver_to(Client())
        assert Customer.objects.for_user(jenny).get().pk == "cus_1"
    """,
}


@pytest.fixture
def run(tmp_path):
    """Runs Python in a project."""

    def run(*arguments, auto_field):
        for name, text in PROJECT.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = textwrap.dedent(text)
            path.write_text(text.format(auto_field=auto_field) if name == "settings.py" else text)
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("auto_field", ["AutoField", "BigAutoField"])
def test_no_migration_is_missing_whatever_the_user_and_the_keys_of_a_project(run, auto_field):
    run("-m", "django", "makemigrations", "people", auto_field=auto_field)
    said = run("-m", "django", "makemigrations", "--check", "--dry-run", auto_field=auto_field)
    assert "No changes detected" in said
    run("-m", "django", "migrate", auto_field=auto_field)
    run("link.py", auto_field=auto_field)
