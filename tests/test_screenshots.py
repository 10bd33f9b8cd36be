"""The pictures of the documentation: each is taken by the script, and shown somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.screenshots import browser

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"


def pictures():
    """Names of the pictures that the script takes; read, not imported: it sets Django up in its own way."""
    return set(re.findall(r'^    "(.+\.png)": Picture', (ROOT / "tests/screenshots/pictures.py").read_text(), re.M))


def test_each_picture_is_taken_by_the_script_and_small_enough_for_a_page():
    assert {path.name for path in IMAGES.iterdir()} == pictures() != set()
    assert max(path.stat().st_size for path in IMAGES.iterdir()) < 150_000


def test_each_picture_is_shown_and_each_that_is_shown_exists():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {name for page in pages for name in re.findall(r"images/([\w-]+\.png)\)", page.read_text(encoding="utf-8"))}
    assert shown == pictures()


@pytest.mark.once
@pytest.mark.skipif(browser.find() is None, reason="no Chromium on the path")
def test_the_script_takes_a_picture(tmp_path):
    command = [sys.executable, "-m", "tests.screenshots", "overview-dark.png", "--into", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    assert (tmp_path / "overview-dark.png").read_bytes().startswith(b"\x89PNG")
