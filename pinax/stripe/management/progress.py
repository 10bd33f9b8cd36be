"""A progress bar for commands: one line on a terminal, nothing elsewhere."""

import datetime
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Listed = TypeVar("Listed")
BAR_WIDTH = 30


@contextmanager
def progress_bar(*, total: float, stream: Any) -> Iterator[Callable[[float, str], None]]:
    """A function that draws how much of `total` is done, with a few words beside it, if `stream` is a terminal."""
    shown = bool(getattr(stream, "isatty", lambda: False)()) and total > 0

    def show(done: float, text: str) -> None:
        if shown:
            filled = min(BAR_WIDTH, int(BAR_WIDTH * done / total))
            stream.write(f"\r[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {text}", ending="")
            stream.flush()

    yield show
    if shown:
        stream.write("")


def progress(things: Iterable[Listed], *, total: int, stream: Any) -> Iterator[Listed]:
    """Yield the things, drawing how far it got, how many there are a second, and how long the rest takes."""
    begin = time.monotonic()
    with progress_bar(total=total, stream=stream) as show:
        for number, thing in enumerate(things, start=1):
            yield thing
            show(number, f"{number}/{total}  {rate_and_rest(number, total, time.monotonic() - begin)}")


def rate_and_rest(done: int, total: int, seconds: float) -> str:
    """How many things are done a second, after so many seconds, and about how long the rest takes (h:mm:ss)."""
    rate = done / seconds if seconds > 0 else 0.0
    if not rate:
        return ""
    rest = datetime.timedelta(seconds=round((total - done) / rate))
    return f"{rate:.{0 if rate >= 10 else 1}f}/s, {rest} left  "
