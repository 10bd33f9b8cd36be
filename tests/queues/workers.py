"""Real worker processes of a queue, on the test's database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection

from tests.queues.settings import QUEUE

#: How long a queue may take with what a test gives it; reached only when something is broken.
PATIENCE = 60

COMMANDS = {
    "database": ["-m", "django", "db_worker", "--interval", "0.1", "--no-reload"],
    "rq": ["-m", "django", "rqworker", "--with-scheduler", "--job-class", "django_tasks_rq.Job", "default"],
    "celery": ["-m", "celery", "-A", "tests.queues.celery", "worker", "--pool", "solo", "--loglevel", "warning"],
}


def environment(api_base: str) -> dict[str, str]:
    """What a worker needs to find the database and the Stripe of the test."""
    host, port, user, _name = os.environ["PINAX_STRIPE_TEST_DATABASE"].split(":")
    return {
        **os.environ,
        "PINAX_STRIPE_TEST_DATABASE": f"{host}:{port}:{user}:{connection.settings_dict['NAME']}",
        "PINAX_STRIPE_TEST_API_BASE": api_base,
        "PYTHONWARNINGS": "default",
    }


@contextmanager
def workers(api_base: str, folder: Path, *, count: int = 3) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers, until the end of the block."""
    running = []
    for number in range(count):
        command = [sys.executable, *COMMANDS[QUEUE]]
        if QUEUE == "celery":
            command += ["--hostname", f"worker{number}@127.0.0.1"]
        with (folder / f"worker{number}.log").open("wb") as log:
            worker = subprocess.Popen(
                command, env=environment(api_base), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        running.append(worker)
    try:
        yield running
    finally:
        for worker in running:
            kill(worker)


def kill(worker: "subprocess.Popen[bytes]") -> None:
    """SIGKILL a worker with all its children."""
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_until(condition: Callable[[], Any], folder: Path) -> None:
    """Return once a condition holds; AssertionError with the workers' output if it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            logs = "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(folder.glob("*.log")))
            raise AssertionError(f"The workers did not get there:\n{logs}")
        time.sleep(0.05)
