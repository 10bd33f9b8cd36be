"""Prints tables: with rich if it is installed, else as Markdown."""

import sys
from collections.abc import Iterable, Sequence

try:
    from rich.console import Console
    from rich.table import Table
except ImportError:
    Console = None

#: Characters of a line where there is no terminal.
WIDTH = 140


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, plain: bool = False) -> None:
    """Print a table; the first column is text, the others are numbers."""
    if plain or Console is None:
        print(f"\n{title}\n", *markdown(columns, rows), sep="\n")
        return
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    # A file has no width of its own.
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print("", table)


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table."""
    cells = [list(columns), ["---", *["--:"] * (len(columns) - 1)], *map(list, rows)]
    return [f"| {' | '.join(row)} |" for row in cells]
