"""Headless Chromium: finds it, and lets it take a picture."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless",
    # In containers there is often no other way, and only our own pages are opened.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--lang=en-US",
)
MISSING = "No Chromium was found. Install one (chromium, google-chrome), or set CHROMIUM to the path of its program."


def find() -> str | None:
    """The program's path: what CHROMIUM says, else the first on PATH."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def take(program: str, url: str, path: Path, *, size: tuple[int, int], dark: bool = False, agent: str) -> None:
    """Write a PNG of a page, `size` wide and high; RuntimeError with what Chromium says if there is none."""
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="pinax-stripe-browser-") as profile:
        done = subprocess.run(
            [
                program,
                *OPTIONS,
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                f"--user-data-dir={profile}",
                f"--user-agent={agent}",
                f"--window-size={size[0]},{size[1]}",
                f"--screenshot={path}",
                url,
            ],
            capture_output=True,
            text=True,
            timeout=300,
        )
    if not path.exists():
        raise RuntimeError(f"{program} made no picture of {url}:\n{done.stderr}")
