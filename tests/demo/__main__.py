"""The main job, live: `python -m tests.demo`; with `--once` it checks its own outcome and ends."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.demo.settings"
django.setup()

from .command import main  # noqa: E402  Models can be imported only now.

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
