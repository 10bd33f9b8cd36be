"""The demo's project, for screenshots: the script's browser is logged in to the admin by its user agent."""

import secrets

from tests.demo.settings import *  # noqa: F403

#: The user agent of the script's browser; it is random.
BROWSER = secrets.token_hex(16)
MIDDLEWARE = [*MIDDLEWARE, "tests.screenshots.login.log_in"]  # noqa: F405
ROOT_URLCONF = "tests.screenshots.urls"
TIME_ZONE = "UTC"
