"""The processes of the benchmark: PostgreSQL's databases, Stripe's stand-in, the application servers, the load."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests import postgres
from tests.benchmarks.webhooks.load import Outcome, Task
from tests.benchmarks.webhooks.peers import API, Peer

ROOT = Path(__file__).parents[3]
HERE = "tests.benchmarks.webhooks"
#: Of gunicorn, for every peer.
WORKERS, THREADS = 2, 4
#: What decides whether a commit is on the disk is PostgreSQL's default. The rest keeps checkpoints out of short runs.
POSTGRES_SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"}
#: What makes Python slow, and what is for tests.
UNWANTED = ("PYTHONDEVMODE", "PYTHONMALLOC", "PYTHONWARNINGS", "DJANGO_SETTINGS_MODULE", "COVERAGE_CORE")


def environment(**variables: str) -> dict[str, str]:
    """The environment of a process of the benchmark."""
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    return {**kept, "PYTHONPATH": str(ROOT), **variables}


def run_module(module: str, *arguments: str, python: str = sys.executable, given: str = "", **variables: str) -> str:
    """Run a module to its end; what it prints, or SystemExit with what it says went wrong."""
    command = [python, "-m", module, *arguments]
    done = subprocess.run(
        command, env=environment(**variables), cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-3000:]}")
    return done.stdout


class Database:
    """The databases of a PostgreSQL of the benchmark's own."""

    def __init__(self, server: postgres.Server) -> None:
        self.server = server
        self.pid = int((Path(server.folder) / "data" / "postmaster.pid").read_text().splitlines()[0])

    def query(self, sql: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a query in the database of a name."""
        with self._connect(name) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.server.port, user="tests", dbname=name, autocommit=True, connect_timeout=60
        )

    def address(self, name: str) -> str:
        """What the settings read."""
        return f"127.0.0.1:{self.server.port}:tests:{name}"

    def wal_position(self) -> int:
        """Bytes of write-ahead log so far."""
        [[position]] = self.query("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(position)

    def size_of_tables(self, name: str, pattern: str) -> int:
        """Bytes of the tables whose names match, indexes and what is stored out of line included."""
        size = "coalesce(sum(pg_total_relation_size(oid)), 0)"
        [[size]] = self.query(f"SELECT {size} FROM pg_class WHERE relkind = 'r' AND relname LIKE '{pattern}'", name)
        return int(size)

    def size(self, name: str) -> int:
        """Bytes of a whole database."""
        [[size]] = self.query(f"SELECT pg_database_size('{name}')")
        return int(size)

    def version(self) -> str:
        [[version]] = self.query("SHOW server_version")
        return str(version)


@contextmanager
def database() -> Iterator[Database]:
    """A PostgreSQL of the benchmark's own that writes its commits to the disk."""
    server = postgres.Server(durable=True, **POSTGRES_SETTINGS)
    try:
        yield Database(server)
    finally:
        server.remove()


class StandIn:
    """Stripe's API in a process of its own, and the history it has."""

    def __init__(self, lives: int, file: Path) -> None:
        command = [sys.executable, "-m", f"{HERE}.stand_in", str(lives), str(file)]
        self.process = subprocess.Popen(
            command, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("The stand-in for Stripe did not start.")
        self.history = json.loads(file.read_text())

    def ask(self, path: str) -> dict[str, float]:
        with urllib.request.urlopen(f"{self.url}/stand-in/{path}", timeout=60) as answer:
            return json.load(answer)

    def close(self) -> None:
        self.process.communicate(timeout=60)


class Site:
    """A peer's database, and the application server with it."""

    def __init__(self, peer: Peer, database: Database, api: str, python: str, folder: Path) -> None:
        self.peer, self.database, self.python = peer, database, python
        self.variables = {
            "DJANGO_SETTINGS_MODULE": f"{HERE}.settings",
            "BENCHMARK_DATABASE": database.address(peer.name),
            "BENCHMARK_SETTINGS": json.dumps(peer.settings).replace(API, api),
        }
        self.log = folder / f"{peer.name}.log"
        self.port = postgres.free_port()

    def prepare(self) -> None:
        """Make the database."""
        self.database.query(f"CREATE DATABASE {self.peer.name}")
        run_module("django", "migrate", "--run-syncdb", python=self.python, **self.variables)
        if self.peer.set_up:
            run_module("django", "shell", "-c", self.peer.set_up, python=self.python, **self.variables)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run gunicorn; it answers when this is entered."""
        command = [self.python, "-m", "gunicorn", f"{HERE}.site:application", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)]
        command += ["--keep-alive", "75", "--log-level", "error", "--timeout", "180"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment(**self.variables), cwd=ROOT, stdout=log, stderr=log
            )
        try:
            self.wait()
            yield
        finally:
            self.process.terminate()
            self.process.wait(60)

    def wait(self) -> None:
        """Wait for the first answer; SystemExit with the log if there is none for a minute."""
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/process"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"{self.peer.name} did not start:\n{self.log.read_text()[-3000:]}")

    def post(self, bodies: list[str], at_once: int, secret: str, *, counts: bool = False) -> Outcome:
        """Post bodies from a process of their own."""
        task = Task(
            port=self.port,
            path=self.peer.path,
            secret=secret,
            bodies=bodies,
            at_once=at_once,
            workers=WORKERS,
            counts=counts,
        )
        return Outcome(**json.loads(run_module(f"{HERE}.load", given=json.dumps(asdict(task)))))

    def process_backlog(self) -> float:
        """Let one process take up what waits; the seconds it took."""
        return float(json.loads(run_module(f"{HERE}.backlog", python=self.python, **self.variables))["seconds"])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, of those it started, and of those that have ended."""
    root = psutil.Process(pid)
    ended = root.cpu_times()
    total = ended.children_user + ended.children_system
    for process in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def flush_seconds(folder: Path) -> float:
    """What a commit waits for at least: the median time of a block of 8 kB until it is on the disk."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(50):
            file.write(bytes(8192))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def busy_seconds() -> float:
    """What all cores of the machine worked since it started."""
    times = psutil.cpu_times()
    return times.user + times.system + getattr(times, "irq", 0) + getattr(times, "softirq", 0)
