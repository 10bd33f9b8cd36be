"""Takes the pictures of the admin that the documentation shows: `python -m tests.screenshots`.

With names of pictures (`overview.png`) it takes only these; with `--into FOLDER` it leaves docs/images alone.
"""

import argparse
import os
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.screenshots.settings"
django.setup()

from django.conf import settings  # noqa: E402

from . import browser  # noqa: E402
from .pictures import PICTURES  # noqa: E402
from .scene import Scene  # noqa: E402

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


def main(arguments: list[str]) -> int:
    """Take pictures; 0 if all were taken, 2 if there is nothing to take them with."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="PICTURE", help=f"of {', '.join(PICTURES)}; all by default")
    parser.add_argument("--into", type=Path, metavar="FOLDER", default=IMAGES)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in PICTURES]
    if unknown:
        parser.error(f"no such picture: {', '.join(unknown)}")
    program = browser.find()
    if program is None:
        print(browser.MISSING, file=sys.stderr)
        return 2
    with Scene() as scene:
        for name in options.names or PICTURES:
            picture = PICTURES[name]
            path = options.into / name
            url = scene.site.url + picture.page(scene)
            browser.take(program, url, path, size=picture.size, dark=picture.dark, agent=settings.BROWSER)
            print(f"{path.name}: {path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
