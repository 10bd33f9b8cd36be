"""A process of its own that receives webhooks, until it is done or killed.

`python -m tests.fire.worker` reads a job from its standard input, as JSON: the events to deliver, the API base of the
Stripe to ask, and, if it is to die, the name of the point of the pipeline and at which time of reaching it.
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

    from tests.fire.shop import receivers

    settings.PINAX_STRIPE_API_BASE = job["api_base"]
    settings.ALLOWED_HOSTS = ["*"]
    receivers.connect()
    if job.get("point"):
        die_at(job["point"], job.get("time", 1))
    deliver(job["events"], once=bool(job.get("point")))


def die_at(name: str, times: int) -> None:
    """Kill this process, as `kill -9` does, when a point is reached for the so-manieth time."""
    from pinax.stripe.webhooks.points import Point, observers

    left = times

    def observe(point: Point) -> None:
        nonlocal left
        left -= point.name == name
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    observers.append(observe)


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
