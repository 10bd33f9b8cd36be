"""How far a command is: a bar on a terminal, a line now and then elsewhere."""

import datetime
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import Any, TypeVar

Listed = TypeVar("Listed")
BAR_WIDTH = 30


#: Draws how much is done, with a few words beside it.
Show = Callable[[float, str], None]
#: Seconds between two lines where there is no terminal, and between two drawings where there is one.
PAUSE, FRAME = 10.0, 0.1


@contextmanager
def progress_bar(*, total: float, stream: Any, is_quiet: bool = False) -> Iterator[Show]:
    """A function that shows how much of `total` is done, with a few words beside it.

    On a terminal that is a bar, drawn by rich if that is installed. Elsewhere it is a line now and then: what is done
    within ten seconds is not reported.
    """
    if is_quiet or total <= 0:
        yield show_nothing
    elif not is_terminal(stream):
        yield lines_on(stream)
    elif (file := real_terminal(stream)) is not None:
        with rich_bar(total, file) as show:
            yield show
    else:
        yield partial(draw, total, stream)
        stream.write("")


def show_nothing(done: float, text: str) -> None:
    """Show nothing."""


def is_terminal(stream: Any) -> bool:
    """Whether a stream is one on which a line can be drawn anew."""
    return bool(getattr(stream, "isatty", lambda: False)())


def draw(total: float, stream: Any, done: float, text: str) -> None:
    """Draw a bar over the one before it."""
    filled = min(BAR_WIDTH, int(BAR_WIDTH * done / total))
    stream.write(f"\r[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {text:<40}", ending="")
    stream.flush()


def lines_on(stream: Any) -> Show:
    """Writes a line, unless there was one in the last ten seconds."""
    last = time.monotonic()

    def show(done: float, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PAUSE:
            last = now
            stream.write(text.rstrip())
            stream.flush()

    return show


def real_terminal(stream: Any) -> Any:
    """The terminal that rich can draw on; None without rich, or without any."""
    # Django wraps the file that a command writes to.
    file = getattr(stream, "_out", None)
    return file if file in (sys.stdout, sys.stderr) and find_spec("rich") is not None else None


@contextmanager
def rich_bar(total: float, file: Any) -> Iterator[Show]:
    """A bar of rich's."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(BAR_WIDTH), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(file=file), refresh_per_second=1 / FRAME) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, text: bar.update(task, completed=done, description=text.strip())


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
