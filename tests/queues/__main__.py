"""Runs the tests once for each queue: `python -m tests.queues`, inside tests.postgres and tests.redis."""

import os
import subprocess
import sys

QUEUES = ("database", "rq", "celery")


def main(arguments: list[str]) -> int:
    statuses = []
    for queue in QUEUES:
        print(f"== {queue} ==", flush=True)
        environment = {
            **os.environ,
            "PINAX_STRIPE_TEST_QUEUE": queue,
            "DJANGO_SETTINGS_MODULE": "tests.queues.settings",
        }
        command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "tests/queues", *arguments]
        statuses.append(subprocess.run(command, env=environment).returncode)
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
