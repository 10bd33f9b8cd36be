"""Runs the tests once for each queue: `python -m tests.queues`, inside tests.postgres and tests.redis.

The figures of all queues are in one table at the end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.figures import kept, table

QUEUES = ("database", "rq", "celery")


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures"
        status = max(run(queue, [f"--figures={figures}", *arguments]) for queue in QUEUES)
        found = kept(figures)
    if found:
        print("== all queues ==", *table(found), sep="\n", flush=True)
    return status


def run(queue: str, arguments: list[str]) -> int:
    """Run the tests with one queue; the status of pytest."""
    print(f"== {queue} ==", flush=True)
    environment = {**os.environ, "PINAX_STRIPE_TEST_QUEUE": queue, "DJANGO_SETTINGS_MODULE": "tests.queues.settings"}
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "tests/queues", *arguments]
    return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
