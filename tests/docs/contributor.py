"""A contributor who carries out a page in a copy of the sources: writes files, makes changes, types commands.

A block that begins with `# path` is that file; with `, at the end` behind the name it is added to it. A `diff` block
changes a file: its lines that have no `+` in front are somewhere in it, once, and become those that have no `-`.
"""

import difflib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.docs.commands import compare
from tests.docs.pages import FILE, ROOT, Block, blocks, commands

#: What the tests of the sources need.
COPIED = ("pinax", "tests", "docs", "pyproject.toml", "CHANGELOG.md", "CONTRIBUTING.md", "README.md")
#: What commands make.
GENERATED = ("migrations", "__pycache__", ".pytest_cache", ".mypy_cache")
PROGRAMS = {"python": [sys.executable], "pytest": [sys.executable, "-m", "pytest"]}


class Contributor:
    """One who has a copy of the sources, and a page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_build", "images"))
            else:
                shutil.copy(source, folder / name)

    def carry_out(self, page: Path) -> None:
        """Do with a page what it says."""
        for block in blocks(page):
            if block.language == "console":
                self.type(block)
            elif FILE.match(block.text.partition("\n")[0]):
                self.write(block)

    def write(self, block: Block) -> None:
        """Make a file, add to one, or change one."""
        first, _, text = block.text.partition("\n")
        found = FILE.match(first)
        assert found is not None, block
        path = self.path_of(found["path"])
        if block.language == "diff":
            text = changed(path.read_text(encoding="utf-8"), text, block)
        elif found["end"]:
            text = f"{path.read_text(encoding='utf-8')}\n{text}"
        else:
            assert not path.exists(), f"{block}: {found['path']} exists"
        path.write_text(text, encoding="utf-8")

    def path_of(self, name: str) -> Path:
        """A file by its name, or by a pattern that matches no other: migrations are numbered."""
        if "*" not in name:
            return self.folder / name
        (path,) = self.folder.glob(name)
        return path

    def type(self, block: Block) -> None:
        """Type commands, and hold what they print against the page."""
        for command in commands(block):
            program, *arguments = shlex.split(command.line)
            compare(command, self.start(*PROGRAMS[program], *arguments))

    def start(self, *words: str) -> str:
        """Run a program in the copy; what it printed."""
        environment = {**os.environ, "PYTHONPATH": self.path(), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, f"{shlex.join(words)} ended with {done.returncode}:\n{output}"
        return output

    def path(self) -> str:
        """The copy before whatever else there is; the fixtures are registered by the sources that are installed."""
        return os.pathsep.join([str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])])

    def changes(self) -> list[str]:
        """The lines that differ from the sources, but for those of files that commands make."""
        return [line for path in self.files() for line in difference(ROOT / path, self.folder / path)]

    def files(self) -> Iterator[Path]:
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder)
            if path.is_file() and path.suffix not in (".mo", ".pyc") and not {*GENERATED} & {*name.parts}:
                yield name


def changed(text: str, change: str, block: Block) -> str:
    """A text after a change."""
    # An empty line is written without its space: no editor keeps a space at the end of a line.
    lines = [line if line.strip() else " \n" for line in change.splitlines(keepends=True)]
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    assert text.count(before) == 1, f"{block}: what is to be changed is there {text.count(before)} times"
    return text.replace(before, after)


def difference(old: Path, new: Path) -> list[str]:
    """Lines that were added to a file or taken from it."""
    if old.exists() and old.read_bytes() == new.read_bytes():
        return []
    before = old.read_text(encoding="utf-8").splitlines() if old.exists() else []
    lines = difflib.unified_diff(before, new.read_text(encoding="utf-8").splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]
