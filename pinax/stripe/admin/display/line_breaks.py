"""Where long names may wrap: event types, receivers and email addresses have no spaces."""

import re
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

#: Behind a dot, a colon, a slash or an at sign within a name, not within a number; behind an underscore between words,
#: not behind the one of an id.
BREAKS = re.compile(r"(?<=\w[.:/@])(?=[^\W\d])|(?<=\w_)(?=[a-z]+(?![^\W_]))")
BREAK = mark_safe("<wbr>")
#: Characters of a text that are shown; what has more is there as a document, or as plain text.
LONGEST = 2_000


def breakable(value: Any) -> Any:
    """The text, escaped, with a place to wrap after each part of a long name; copied, it is the same text.

    A text of more than `LONGEST` characters is cut. What is no text, or is HTML already, stays as it is.
    """
    if not isinstance(value, str) or isinstance(value, SafeString):
        return value
    if len(value) > LONGEST:
        value = f"{value[:LONGEST]}…"
    return format_html_join(BREAK, "{}", ((part,) for part in BREAKS.split(value)))
