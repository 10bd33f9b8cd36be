"""A progress bar for commands: one line on a terminal, nothing elsewhere."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
WIDTH = 30


def progress(things: Iterable[T], *, total: int, stream: Any) -> Iterator[T]:
    """Yield the things, drawing how far it got on `stream` if that is a terminal."""
    shown = bool(getattr(stream, "isatty", lambda: False)()) and total > 0
    for number, thing in enumerate(things, start=1):
        yield thing
        if shown:
            filled = WIDTH * number // max(total, number)
            stream.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {number}/{total}", ending="")
            stream.flush()
    if shown:
        stream.write("")
