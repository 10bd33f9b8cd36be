"""Renews tests/constraints.txt, the versions that every tox environment installs: `tox -e constraints`.

Needs `uv` and a package index. The one file holds for every supported Python and platform. Django and stripe are not in
it: the environments' names say their versions.
"""

import configparser
import re
import subprocess
import sys
from pathlib import Path

from tests.packaging import NEIGHBOURS

ROOT = Path(__file__).parent.parent
FILE = ROOT / "tests" / "constraints.txt"
OLDEST_PYTHON = "3.10"
#: What the names of the environments say the version of.
FREE = ("django", "stripe")
#: What is installed without being named in tox.ini: to build the packages, by .ci/run, and by `tests.packaging`.
TOOLS = ("setuptools>=77", "tox", *NEIGHBOURS)
COMMAND = ["uv", "pip", "compile", "--universal", "--python-version", OLDEST_PYTHON, "--no-python-downloads"]
COMMAND += ["--upgrade", "--all-extras", "--strip-extras", "--no-annotate", "--quiet"]
COMMAND += ["--custom-compile-command", "tox -e constraints", "--output-file", str(FILE)]
COMMAND += [f"--no-emit-package={name}" for name in FREE]


def requirements() -> list[str]:
    """What tox.ini and the tools have installed, such as `rich` and `celery[redis]>=5.5`, without what is free."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    lines = {line for section in config.values() for line in section.get("deps", "").splitlines()}
    # Without the factors of tox (`coverage: coverage>=7.10`).
    named = {re.sub(r"^[\w-]+: *", "", line) for line in lines if line and line[0] not in "{#"}
    return sorted({*TOOLS, *(requirement for requirement in named if name(requirement) not in FREE)})


def name(requirement: str) -> str:
    """Normalized name of what a requirement is about."""
    found = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def main(options: list[str]) -> None:
    """Write the file anew; further options go to uv."""
    # setup.py has what the package itself needs, its extras included.
    command = [*COMMAND, *options, "setup.py", "-"]
    subprocess.run(command, cwd=ROOT, check=True, text=True, input="\n".join(requirements()))


if __name__ == "__main__":
    main(sys.argv[1:])
