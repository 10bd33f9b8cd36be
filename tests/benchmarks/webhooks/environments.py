"""The Python that a peer runs in: this one, or a virtual environment that is made for it and kept for the next run."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

#: Name of an environment -> what is in it. What all peers need has the versions of this environment.
REQUIREMENTS = {"djstripe": ["dj-stripe==2.11.*"]}
SHARED = ("Django", "gunicorn", "psycopg", "psycopg-binary")


class NotInstalled(Exception):
    """An environment cannot be made; the message says why."""


def python_of(name: str) -> str:
    """The interpreter of an environment; "" stands for this one. NotInstalled, for one without a network."""
    if not name:
        return sys.executable
    folder = Path(sys.prefix) / f"benchmark-{name}"
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    wanted = [*REQUIREMENTS[name], *(f"{package}=={version(package)}" for package in SHARED)]
    if not (done.exists() and done.read_text().split() == wanted):
        run(sys.executable, "-m", "venv", "--clear", str(folder))
        run(str(python), "-m", "pip", "install", "--quiet", "--retries", "1", *wanted)
        done.write_text("\n".join(wanted))
    return str(python)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalled(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else " ".join(command))
