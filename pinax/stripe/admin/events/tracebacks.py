"""Tracebacks with the project's own code in front of the libraries'. Pure."""

import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from ..display.masking import masked_text

FRAME = re.compile(r'  File "(?P<file>.+)", line (?P<line>\d+), in (?P<function>.+)')
#: Folders whose code is not the project's: installed packages, the standard library, and this package.
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
OURS = str(Path(__file__).resolve().parents[2])


#: Characters that are shown of a traceback's beginning and of its end: an error may quote a whole event.
LONGEST_HALF = 20_000


@dataclass(kw_only=True)
class Lines:
    """Lines of a traceback that belong together: a frame, or the words before and after the frames."""

    #: "own" for a frame of the project's code, "library" for another frame, "text" for what is no frame.
    kind: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Neighbouring lines of one kind; several frames of libraries are shown folded."""

    kind: str
    frames: list[Lines]

    @property
    def text(self) -> str:
        return "\n".join(lines.text for lines in self.frames)


def parts(traceback: str) -> list[Part]:
    """A traceback as Python prints it, in parts; secrets masked, and the middle of a long one left out."""
    found = groupby(frames(shortened(masked_text(traceback))), key=lambda lines: lines.kind)
    return [Part(kind=kind, frames=list(group)) for kind, group in found]


def is_long(traceback: str) -> bool:
    """Whether a traceback is shown without its middle."""
    return len(traceback) > 2 * LONGEST_HALF


def shortened(traceback: str) -> str:
    """The beginning and the end."""
    if not is_long(traceback):
        return traceback
    return f"{traceback[:LONGEST_HALF]}…\n\n…{traceback[-LONGEST_HALF:]}"


def frames(traceback: str) -> Iterator[Lines]:
    """The frames, and what is between them."""
    current = Lines(kind="text")
    for line in traceback.splitlines():
        match = FRAME.fullmatch(line)
        if match:
            yield from [current] if current.lines else []
            current = Lines(kind="library" if is_library(match["file"]) else "own", lines=[line])
        elif current.kind == "text" or line.startswith("    "):
            current.lines.append(line)
        else:
            yield current
            current = Lines(kind="text", lines=[line])
    if current.lines:
        yield current


def is_library(file: str) -> bool:
    """Whether a file is none of the project's."""
    return file.startswith(("<frozen", *LIBRARIES, OURS)) or "/site-packages/" in file
