"""Settings of the test project: SQLite unless PINAX_STRIPE_TEST_DATABASE names another database."""

import os

SECRET_KEY = "only for tests"
DEBUG = False
USE_TZ = True
ROOT_URLCONF = "tests.urls"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "pinax.stripe",
    "tests.promises.shop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
SESSION_COOKIE_SECURE = False


def database(address: str) -> dict[str, object]:
    """The database at an address: a PostgreSQL (`host:port:user:name`), a file (`sqlite:path`), or one in memory."""
    if address.startswith("sqlite:"):
        # As with fsync off: processes are killed in the tests, the machine is not.
        options = {"timeout": 60, "init_command": "PRAGMA synchronous=OFF"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": address.removeprefix("sqlite:"), "OPTIONS": options}
    if not address:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    host, port, user, name = address.split(":")
    return {"ENGINE": "django.db.backends.postgresql", "HOST": host, "PORT": port, "USER": user, "NAME": name}


DATABASES = {"default": database(os.environ.get("PINAX_STRIPE_TEST_DATABASE", "")), "other": database("")}

PINAX_STRIPE_SECRET_KEY = "sk_test_fake"
# As the fixture has it: on a busy machine an answer may take longer than a site would wait.
PINAX_STRIPE_API_TIMEOUT = 10
PINAX_STRIPE_REQUEST_BUDGET = 30
