"""A reader who carries out pages, one after the other, in one project: writes the files, and types the commands.

The shell of the tutorial is the task of `play`, once the page's files are there.
"""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.docs.commands import PARSE, WAITING, check_only, compare, is_for_shell
from tests.docs.pages import ROOT, SHOWN_ONLY, Block, Command, blocks, commands

#: File of a page -> file of the tests that it has to agree with, for it needs what not every test run has.
TESTED_ELSEWHERE = {"members/tasks.py": "tests/queues/tasks.py", "members/beat.py": "tests/queues/beat.py"}
#: Where Django's Tasks may be.
FRAMEWORKS = ("django.tasks", "django_tasks")
#: What a page leaves out of a key or a secret, and what stands for it here.
PLACEHOLDER = ("…", "0123456789")
#: Commands that several pages begin with: a reader who goes on from one to the next has typed them already.
ONCE = (["python", "-m", "venv"], ["django-admin", "startproject"], ["python", "manage.py", "startapp"])


class Reader:
    """One who has a folder, a terminal, and these pages."""

    def __init__(self, folder: Path, *, root: Path = ROOT) -> None:
        self.folder = folder
        #: Where the pages, and this package, are to be found by other interpreters.
        self.root = root
        self.environment = environment()
        #: File below the folder -> the block that made it.
        self.made: dict[str, Block] = {}
        self.done: set[str] = set()

    # A page

    def carry_out(self, page: Path) -> None:
        """Do with a page what its reader would do."""
        for block in blocks(page):
            if self.write(block) and self.can_be_checked(block):
                self.start(["python", "manage.py", "check", "--fail-level", "WARNING"])
            for command in commands(block) if block.language == "console" else []:
                if not is_for_shell(command):
                    self.type(command)
            self.refuse_what_is_not_tested(block)
        if any(block.is_for_shell for block in blocks(page)) or any(map(is_for_shell, self.commands_of(page))):
            self.play(page)

    def can_be_checked(self, block: Block) -> bool:
        """Whether the project is whole after a block of its settings or its URLs: both name the app."""
        if block.file["path"] not in ("shop/settings.py", "shop/urls.py") or lacks_tasks(block):
            return False
        return "pinax.stripe.urls" in (self.folder / "shop" / "urls.py").read_text(encoding="utf-8")

    def have_read(self, page: Path) -> None:
        """Have its files and its variables, as quickly as can be."""
        for block in blocks(page):
            self.write(block)
            for command in commands(block) if block.language == "console" else []:
                if is_once(command) or command.line.startswith("export "):
                    self.type(command)

    def commands_of(self, page: Path) -> list[Command]:
        return [command for block in blocks(page) if block.language == "console" for command in commands(block)]

    def refuse_what_is_not_tested(self, block: Block) -> None:
        known = block.is_for_shell or block.file or block.language in ("console", *SHOWN_ONLY)
        assert known or block.language.startswith("{"), f"{block}: no way to test a block in {block.language!r}"

    # Files

    def write(self, block: Block) -> bool:
        """Make the file that a block is, or add to it; whether anything was written.

        AssertionError if it takes away what an earlier block made.
        """
        if not block.file or is_tested_elsewhere(block):
            return False
        name = block.file["path"]
        path = self.folder / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if block.text in before:
            return False
        if not block.file["end"]:
            assert name not in self.made, f"{block} overwrites what {self.made[name]} made of {name}"
            before = ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{before}\n{block.text}" if before else block.text, encoding="utf-8")
        self.made.setdefault(name, block)
        return True

    # Commands

    def type(self, command: Command) -> None:
        """Type a command into the terminal and compare what it prints."""
        words = shlex.split(command.line)
        if words[0] == "export":
            self.export(words[1:])
        elif is_once(command):
            if command.line not in self.done:
                self.done.add(command.line)
                self.once(words)
        elif not self.check(command):
            output = self.start(words, may_fail="Error" in command.output)
            compare(command, output)

    def export(self, settings: Iterable[str]) -> None:
        """Set variables of the environment."""
        self.environment |= dict(setting.replace(*PLACEHOLDER).split("=", 1) for setting in settings)

    def check(self, command: Command) -> bool:
        """Only check a command that cannot be run here; whether it was one."""
        words = shlex.split(command.line)
        if words[:2] == ["python", "manage.py"] and words[2] in WAITING:
            self.start([self.python(), "-c", PARSE, *words[2:]])
            return True
        return check_only(command)

    def once(self, words: list[str]) -> None:
        """Make a project or an app; the tests have a virtual environment already."""
        if words[:3] != ["python", "-m", "venv"]:
            self.start(words)

    def start(self, words: list[str], *, may_fail: bool = False) -> str:
        """Run a program in the project's folder, and return what it printed."""
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )
        output = done.stdout + done.stderr
        assert may_fail or not done.returncode, f"{shlex.join(words)} ended with {done.returncode}:\n{output}"
        return output

    def play(self, page: Path) -> None:
        """Play what is for the shell, in a process of its own: what one page defines is gone before the next."""
        done = subprocess.run(
            [
                self.python(),
                "-W",
                "error",
                "-m",
                "tests.docs.play",
                str(self.root / page.relative_to(ROOT)),
                str(self.folder),
            ],
            cwd=self.root,
            env={**self.environment, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert not done.returncode, f"{page.relative_to(ROOT)}:\n{done.stdout}\n{done.stderr}"

    def python(self) -> str:
        """The interpreter that has what is needed."""
        return sys.executable


def environment() -> dict[str, str]:
    """A reader's: our programs first on the path, and nothing of the test run's."""
    ours = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "error"}
    theirs = {
        name: value for name, value in os.environ.items() if not re.match("DJANGO_|PINAX_STRIPE_|PYTEST_|STRIPE_", name)
    }
    return {**theirs, **ours, "PYTHONDONTWRITEBYTECODE": "1"}


def is_once(command: Command) -> bool:
    """Whether a command makes something that may be there already."""
    words = shlex.split(command.line)
    return any(words[: len(beginning)] == beginning for beginning in ONCE)


def lacks_tasks(block: Block) -> bool:
    """Whether a block names Django's Tasks, and this Django has none."""
    return "pinax.stripe.tasks" in block.text and not any(map(importlib.util.find_spec, FRAMEWORKS))


def is_tested_elsewhere(block: Block) -> bool:
    """Whether a file needs what not every test run has; then it has to be, word for word, one that other tests use."""
    if not block.file or block.file["path"] not in TESTED_ELSEWHERE:
        return False
    tested = (ROOT / TESTED_ELSEWHERE[block.file["path"]]).read_text(encoding="utf-8")
    shown = block.text.partition("\n")[2]
    assert tested.endswith(shown), f"{block} is not {TESTED_ELSEWHERE[block.file['path']]}"
    return True
