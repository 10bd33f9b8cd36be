"""The test project behind a real server; what differs comes from the environment of the test."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import MIDDLEWARE

MIDDLEWARE = ["tests.servers.middleware.BodyLength", *MIDDLEWARE]
PINAX_STRIPE_API_BASE = os.environ["TEST_API_BASE"]
PINAX_STRIPE_MAX_BODY_BYTES = int(os.environ["TEST_MAX_BODY_BYTES"])
#: Less than any body: the webhook's limit is its own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10
