"""Databases that are migrated already, for all test processes to begin with a copy: `migrate` takes some seconds.

A template is made by `migrate` itself, and anew when a migration, a model or Django changes.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import django
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).parents[1]
#: What decides what `migrate` makes.
SOURCES = ("pinax/stripe/migrations", "pinax/stripe/models", "tests/promises/shop")


def fingerprint() -> str:
    """A name for what `migrate` makes now."""
    found = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(address: str) -> None:
    """Run `migrate` on the database at an address, see tests/settings.py."""
    environment = {**os.environ, "PINAX_STRIPE_TEST_DATABASE": address, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)


@contextmanager
def of_sqlite(folder: Path) -> Iterator[None]:
    """The databases in memory that Django is about to make have all tables."""
    path = folder / f"{fingerprint()}.sqlite3"
    with alone(folder):
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            migrate(f"sqlite:{unfinished}")
            unfinished.rename(path)
    # A database in memory is there as long as anything is connected to it.
    names = {alias: f"file:memorydb_{alias}?mode=memory&cache=shared" for alias in connections}
    held = [sqlite3.connect(name, uri=True) for name in names.values()]
    with closing(sqlite3.connect(path)) as template:
        for each in held:
            template.backup(each)
    yield
    for each in held:
        each.close()


def of_postgresql(connection: BaseDatabaseWrapper, folder: Path) -> str:
    """The name of a database with all tables on the server of a connection."""
    name, settings = f"template_{fingerprint()}", connection.settings_dict
    with alone(folder), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute("DROP DATABASE IF EXISTS unfinished")
            cursor.execute("CREATE DATABASE unfinished")
            migrate(f"{settings['HOST']}:{settings['PORT']}:{settings['USER']}:unfinished")
            cursor.execute(f"ALTER DATABASE unfinished RENAME TO {name}")
    return name
