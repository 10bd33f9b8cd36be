"""What a project has run on a schedule, as functions for its task queue."""

import logging
from typing import Any

from django.core.management import CommandError, call_command

logger = logging.getLogger(__name__)

#: The exit code of a command that did all but what Stripe does not give, of what was asked for.
SKIPPED = 3


def read_what_is_new(*names: str, **options: Any) -> None:
    """Run `stripe_sync` with these names of types and options: what was created since the last run, by default.

    CommandError if it ended early; run it again to go on. Lists that Stripe does not give are only logged.
    """
    run("stripe_sync", *names, verbosity=0, **options)


def verify_sample(number: int = 50, *names: str, **options: Any) -> None:
    """Run `stripe_verify --sample`: so many rows of each type, the newest objects, and the events of a day.

    CommandError if the mirror differs. Lists that Stripe does not give are only logged.
    """
    run("stripe_verify", *names, sample=number, **options)


def run(command: str, *names: str, **options: Any) -> None:
    """Run a command; what Stripe does not give is no failure."""
    try:
        call_command(command, *names, **options)
    except CommandError as error:
        if error.returncode != SKIPPED:
            raise
        logger.warning("skipped command=%s said=%s", command, error)
