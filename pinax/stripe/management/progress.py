"""A progress bar for commands: one line on a terminal, nothing elsewhere."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
WIDTH = 30


@contextmanager
def bar(*, total: float, stream: Any) -> Iterator[Callable[[float, str], None]]:
    """A function that draws how much of `total` is done, with a few words beside it, if `stream` is a terminal."""
    shown = bool(getattr(stream, "isatty", lambda: False)()) and total > 0

    def show(done: float, text: str) -> None:
        if shown:
            filled = min(WIDTH, int(WIDTH * done / total))
            stream.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {text}", ending="")
            stream.flush()

    yield show
    if shown:
        stream.write("")


def progress(things: Iterable[T], *, total: int, stream: Any) -> Iterator[T]:
    """Yield the things, drawing how far it got."""
    with bar(total=total, stream=stream) as show:
        for number, thing in enumerate(things, start=1):
            yield thing
            show(number, f"{number}/{total}")
