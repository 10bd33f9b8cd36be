"""Spans of time in words."""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext_lazy

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60
#: Shorter than these seconds -> length of the unit, how long that many are, and how long ago they were. In many
#: languages "an hour ago" does not contain "an hour".
UNITS: list[tuple[float, int, Any, Any]] = [
    (
        HOUR,
        MINUTE,
        ngettext_lazy("%(count)d minute", "%(count)d minutes", "count"),
        ngettext_lazy("%(count)d minute ago", "%(count)d minutes ago", "count"),
    ),
    (
        2 * DAY,
        HOUR,
        ngettext_lazy("%(count)d hour", "%(count)d hours", "count"),
        ngettext_lazy("%(count)d hour ago", "%(count)d hours ago", "count"),
    ),
    (
        float("inf"),
        DAY,
        ngettext_lazy("%(count)d day", "%(count)d days", "count"),
        ngettext_lazy("%(count)d day ago", "%(count)d days ago", "count"),
    ),
]


def lasted(seconds: float) -> str:
    """A time span people can read."""
    if seconds < 1:
        return gettext("%(count)d ms") % {"count": round(seconds * 1000)}
    if seconds < MINUTE:
        return gettext("%(count)s s") % {"count": number_format(round(seconds, 1))}
    _limit, unit, span, _ago = unit_of(seconds)
    return str(span % {"count": int(seconds // unit)})


def unit_of(seconds: float) -> tuple[float, int, Any, Any]:
    """The row of `UNITS` for a time span."""
    return next(row for row in UNITS if seconds < row[0])


def ago(moment: datetime.datetime) -> str:
    """How long it is since a moment."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < MINUTE:
        return gettext("just now")
    _limit, unit, _span, told = unit_of(seconds)
    return str(told % {"count": int(seconds // unit)})
