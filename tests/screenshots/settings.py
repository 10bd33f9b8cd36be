"""The demo's project, for pictures: whoever says that he is the script's browser is logged in to the admin."""

import secrets

from tests.demo.settings import *  # noqa: F403

#: What the script's browser calls itself; nobody else knows it.
BROWSER = secrets.token_hex(16)
MIDDLEWARE = [*MIDDLEWARE, "tests.screenshots.login.log_in"]  # noqa: F405
ROOT_URLCONF = "tests.screenshots.urls"
TIME_ZONE = "UTC"
