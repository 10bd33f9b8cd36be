"""Databases that several processes share, and worker processes on them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from tests.settings import database

ROOT = Path(__file__).parents[2]

#: For tests in which several processes, or threads, write at once.
NEEDS_POSTGRESQL = pytest.mark.skipif(not os.environ.get("PINAX_STRIPE_TEST_DATABASE_LOG"), reason="needs a PostgreSQL")


@contextmanager
def using(address: str) -> Iterator[str]:
    """Use the database at an address, instead of the test's, in this process too."""
    usual = connections["default"]
    connections["default"] = connection_to(address)
    try:
        yield address
    finally:
        connections["default"].close()
        connections["default"] = usual


def connection_to(address: str) -> BaseDatabaseWrapper:
    wanted = {**connections.settings["default"], "OPTIONS": {}, **database(address)}
    return ConnectionHandler({"default": wanted})["default"]


@contextmanager
def new_database(folder: Path) -> Iterator[str]:
    """A database with all tables, for other processes too: on the tests' PostgreSQL if there is one, else a file."""
    server = os.environ.get("PINAX_STRIPE_TEST_DATABASE", "")
    if not server or server.startswith("sqlite:"):
        address = f"sqlite:{folder}/shared.sqlite3"
        migrate(address)
        yield address
        return
    name = f"fire_{os.getpid()}"
    with closing(connection_to(server)) as connection, connection.cursor() as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    address = ":".join([*server.split(":")[:3], name])
    migrate(address)
    yield address
    with closing(connection_to(server)) as connection, connection.cursor() as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(address: str) -> None:
    with using(address):
        call_command("migrate", verbosity=0, run_syncdb=True)


def start_worker(address: str, **job: Any) -> "subprocess.Popen[bytes]":
    """A worker on a database; see tests/promises/worker.py for what a job has."""
    errors = tempfile.TemporaryFile()  # noqa: SIM115  not a pipe, which would be full one day and hold the worker up
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.promises.worker"],
        cwd=ROOT,
        env={**os.environ, "PINAX_STRIPE_TEST_DATABASE": address, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
    )
    worker.errors = errors  # type: ignore[attr-defined]
    assert worker.stdin is not None
    with worker.stdin as job_file:
        job_file.write(json.dumps(job).encode())
    worker.stdin = None
    return worker


def ended(worker: "subprocess.Popen[bytes]") -> int:
    """How a worker ended; its errors are shown when it was not killed and did not succeed."""
    worker.wait()
    with worker.errors as errors:  # type: ignore[attr-defined]
        if worker.returncode > 0:
            errors.seek(0)
            raise AssertionError(errors.read().decode(errors="replace")[-3000:])
    return worker.returncode
