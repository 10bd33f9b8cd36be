"""Bars as inline SVG: no script, no picture from elsewhere.

Words stand beside the drawing, where they stay readable on a small screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 600, 60
#: A bar that is not 0 is never too low to be seen.
LOWEST = 3


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A row of bars, and what is written around it."""

    title: SafeString
    #: The description that screen readers read.
    label: str
    note: str
    tone: str
    svg: SafeString
    first: str
    last: str


def bars(
    values: Sequence[int], names: Sequence[str], *, highest: int, texts: Sequence[str] | None = None
) -> SafeString:
    """One bar for each value, as wide as the page lets them be; the colour is that of the text around.

    `texts` say what the values are, for people, where the numbers themselves do not.

    A bar of the value `highest` has the whole height: drawings that stand below each other are given the same one.
    """
    step = WIDTH / max(len(values), 1)
    drawn = [
        (round(index * step + step * 0.1, 2), HEIGHT - height, round(step * 0.8, 2), height, name, text)
        for index, (value, name, text) in enumerate(zip(values, names, texts or values, strict=True))
        if (height := max(LOWEST, round(HEIGHT * value / max(highest, 1), 1)) if value else 0)
    ]
    rows = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>', drawn)
    return format_html(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>',
        WIDTH,
        HEIGHT,
        rows,
    )
