"""Walks the documentation: `python -m tests.walk` carries out every page, in their order, in one fresh project.

The project is made as the README says, in a virtual environment of its own, with the wheel of this version. All
commands are typed, all files are written, and none overwrites what an earlier page built; what is for the tutorial's
shell runs there, with a FakeStripe. After each page `manage.py check` has nothing to say, and after some all tests of
the project pass.

Needs `build`, and a package index for what pinax-stripe depends on. Ends with an error at the first thing that is not
as a page says.
"""

import os
import shlex
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.docs.pages import ROOT, Block, Command, for_projects
from tests.docs.reader import Reader
from tests.packaging import run, say

#: What the pages and their tests need of the sources; not the package, which has to come from the wheel.
NEEDED = ("README.md", "docs", "tests/docs", "tests/queues/tasks.py", "tox.ini")
NAME = "pinax-stripe"
#: After so many pages, and after the last, all tests are run: they take longer than to carry out most pages.
PAGES_BETWEEN_TESTS = 5


class Newcomer(Reader):
    """A reader who has nothing but Python and a wheel."""

    def __init__(self, folder: Path, wheel: Path, pages: Path) -> None:
        super().__init__(folder, root=pages)
        self.wheel = wheel
        #: The project's files when Django was last asked about them.
        self.seen: dict[Path, bytes] = {}
        for name in [name for name in self.environment if name.startswith("PYTHON")]:
            del self.environment[name]
        self.environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        self.environment["PATH"] = f"{folder / '.venv' / 'bin'}{os.pathsep}{Path(sys.executable).parent}"

    def check(self, command: Command) -> bool:
        """Packages are installed; all else that cannot be run is only checked."""
        words = shlex.split(command.line)
        if words[:4] != ["python", "-m", "pip", "install"]:
            return super().check(command)
        self.start([*words[:4], "--quiet", *(self.requirement(word) for word in words[4:])])
        return True

    def requirement(self, word: str) -> str:
        """What pip is given for what the page says: our own package is not published yet."""
        if not word.startswith(NAME):
            return word
        extras = word.removeprefix(NAME).partition(">")[0]
        return f"{NAME}{extras} @ {self.wheel.as_uri()}"

    def once(self, words: list[str]) -> None:
        self.start(words)

    def can_be_checked(self, block: Block) -> bool:
        """No: Django's checks are run after each page."""
        return False

    def look_around(self) -> None:
        """Whether Django accepts everything that was built so far, unless that has been seen already."""
        built = {path: path.read_bytes() for path in self.folder.glob("*/*.py")}
        if built != self.seen:
            self.start(["python", "manage.py", "check", "--fail-level", "WARNING"])
            self.seen = built

    def test(self, path: str) -> None:
        """Whether tests pass; without the time that migrations take, for these are not in question here."""
        self.start(["pytest", "-q", "--ds", "shop.settings", "--no-migrations", path])

    def python(self) -> str:
        return str(self.folder / ".venv" / "bin" / "python")


def main() -> None:
    """Every page in turn; AssertionError or SystemExit at the first that is not right."""
    with tempfile.TemporaryDirectory(prefix="pinax-stripe-walk-") as folder:
        work = Path(folder)
        (work / "project").mkdir()
        newcomer = Newcomer(work / "project", build(work / "dist"), copy_of_pages(work / "pages"))
        pages = [*for_projects()]
        for number, page in enumerate(pages, start=1):
            began = time.monotonic()
            newcomer.carry_out(page)
            newcomer.look_around()
            if number % PAGES_BETWEEN_TESTS == 0 or number == len(pages):
                newcomer.test(".")
            say(f"{page.relative_to(ROOT)}: {time.monotonic() - began:.1f} s")
        shutil.copy(ROOT / "tests" / "docs" / "recipes.py", work / "project" / "test_recipes.py")
        newcomer.test("test_recipes.py")
    say("Every page can be carried out in one project, and nothing that was built is lost on the way.")


def build(folder: Path) -> Path:
    """The wheel of this version."""
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def copy_of_pages(folder: Path) -> Path:
    """The pages and what plays them, far from the sources of the package."""
    for name in NEEDED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("_build", "__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


if __name__ == "__main__":
    main()
