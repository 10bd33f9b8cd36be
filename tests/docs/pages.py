"""Finds the code blocks of the documentation and tells what each is for. Pure, and quick.

A Python block that begins with `# shop/urls.py` is that file of the reader's project; with `, at the end` behind the
name it is added to a file that exists. All other Python blocks are run in the shell of the tutorial. What stands in
`<!-- run … -->` is run too, but not shown.
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
#: Pages for those who change the sources, with blocks for those and not for a project.
CONTRIBUTING = ROOT / "docs" / "contributing"
#: A table of contents of the front page.
TOCTREE = re.compile(r"^```{toctree}\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[^`\n]*)$")
FILE = re.compile(r"^# (?P<path>[\w./*-]+\.\w+)(?P<end>, at the end)?$")
#: Languages of blocks that there is nothing to run of.
SHOWN_ONLY = ("http", "json", "nginx", "sql", "text")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One code block."""

    path: Path
    #: Number of its first line of code.
    line: int
    language: str
    text: str

    @property
    def file(self) -> re.Match[str] | None:
        """The name of the file it is, if it is one."""
        return FILE.match(self.text.partition("\n")[0]) if self.language in ("python", "ini", "toml") else None

    @property
    def is_for_shell(self) -> bool:
        """Whether its place is the shell of the tutorial."""
        return self.language in ("python", "pycon") and not self.file

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """All pages: the README, and those of the documentation."""
    folder = ROOT / "docs"
    built = folder / "_build"
    return [ROOT / "README.md", *sorted(path for path in folder.rglob("*.md") if built not in path.parents)]


def in_order() -> list[Path]:
    """The pages as a reader finds them: the README, then those in the tables of contents of the front page."""
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    lines = [line for found in TOCTREE.finditer(front) for line in found["lines"].splitlines()]
    return [README, *(ROOT / "docs" / f"{line}.md" for line in lines if line and not line.startswith(":"))]


def for_projects() -> list[Path]:
    """The pages that are carried out in a reader's project, in their order."""
    return [path for path in in_order() if CONTRIBUTING not in path.parents]


def blocks(path: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    found = []
    lines = path.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        hidden = lines[number] == "<!-- run"
        start = number + 1
        number += 1
        if not fence and not hidden:
            continue
        end = "-->" if hidden else f"{fence['indent']}{fence['fence']}"
        while lines[number] != end:
            number += 1
        text = textwrap.dedent("\n".join(lines[start:number])) + "\n"
        language = "python" if hidden else fence["language"].strip()
        found.append(Block(path=path, line=start + 1, language=language, text=text))
        number += 1
    return found


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command of a console block, and what the page says that it prints."""

    block: Block
    line: str
    output: str


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    assert block.text.startswith("$ "), f"{block}: a console block begins with a command"
    parts = re.split(r"^\$ ", block.text.replace("\\\n", ""), flags=re.MULTILINE)[1:]
    return [
        Command(block=block, line=line.strip(), output=output)
        for line, _, output in (part.partition("\n") for part in parts)
    ]
