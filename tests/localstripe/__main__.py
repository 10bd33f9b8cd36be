"""A customer's life at localstripe, a stand-in of another project: `python -m tests.localstripe`."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.localstripe.settings"
django.setup()

from .command import main  # noqa: E402  Models can be imported only now.

if __name__ == "__main__":
    sys.exit(main())
