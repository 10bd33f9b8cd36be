"""A process of its own that receives webhooks or runs commands, until it is done or killed.

`python -m tests.promises.worker` reads a job from its standard input, as JSON: the events to deliver or the commands to
run, the API base of the Stripe to ask, other settings, and, if it is to die, the name of the point of the pipeline and
at which time of reaching it, or before which of its SQL statements.
"""

import json
import os
import signal
import sys
import time
from typing import Any

#: Between two deliveries of an event that was not acknowledged (seconds); Stripe waits longer.
PAUSE = 0.05
#: Deliveries of one event, after which the worker says that it cannot be done.
MOST = 400


def main(job: dict[str, Any]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.conf import settings

    from tests.promises.shop import receivers

    settings.PINAX_STRIPE_API_BASE = job["api_base"]
    settings.ALLOWED_HOSTS = ["*"]
    for name, value in job.get("settings", {}).items():
        setattr(settings, name, value)
    receivers.connect()
    if job.get("point"):
        die_at(job["point"], job.get("time", 1))
    if job.get("statement"):
        die_before(job["statement"])
    for command in job.get("commands", []):
        run(command)
    deliver(job.get("events", []), once=bool(job.get("point")))


def die_at(name: str, times: int) -> None:
    """Kill this process when a point is reached for the so-manieth time."""
    from pinax.stripe.webhooks.checkpoints import Checkpoint, observers

    countdown = Countdown(times)

    def observe(point: Checkpoint) -> None:
        if point.name == name:
            countdown.tick()

    observers.append(observe)


def die_before(number: int) -> None:
    """Kill this process before its so-manieth SQL statement."""
    from django.db import connection

    countdown = Countdown(number)

    def execute(execute, sql, params, many, context):
        countdown.tick()
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(execute)


class Countdown:
    """Kills this process, as `kill -9` does, at the last tick."""

    def __init__(self, ticks: int) -> None:
        self.left = ticks

    def tick(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def run(command: list[str]) -> None:
    """Run one of Django's commands, again and again as cron does, until it succeeds."""
    from django.core.management import CommandError, call_command

    for _ in range(MOST):
        try:
            return call_command(*command, verbosity=0)
        except CommandError:
            time.sleep(PAUSE)
    raise SystemExit(f"{command} never succeeded")


def deliver(events: list[dict[str, Any]], *, once: bool) -> None:
    """Deliver events as Stripe does: again and again until each is acknowledged, or just once."""
    from django.db import connections
    from django.test import Client

    from pinax.stripe.testing import post_event

    client = Client(raise_request_exception=False)
    for event in events:
        for _ in range(1 if once else MOST):
            if post_event(client, event).status_code == 200:
                break
            connections.close_all()
            time.sleep(PAUSE)
        else:
            raise SystemExit(f"{event['id']} was never acknowledged")


if __name__ == "__main__":
    main(json.load(sys.stdin))
