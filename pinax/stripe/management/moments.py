"""Times that people type as options of a command."""

import datetime
from argparse import ArgumentTypeError

from ..upkeep.catch_up import parse_moment


def a_moment(value: str) -> datetime.datetime:
    """The time that an option names, `2026-11-20` or `36h` ago; ArgumentTypeError for none."""
    try:
        return parse_moment(value)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"{value!r} is no time: write 2026-11-20, 2026-11-20T10:00, 90m, 36h or 3d") from None
