"""One word for the state of an object, in the same colour and with the same sign everywhere."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ...models.events import State
from ...models.fields import StatusField

#: Tone -> the sign beside the word, for those who cannot tell colours apart. The colours are in admin.css.
SIGNS = {"good": "✓", "open": "…", "bad": "✗", "quiet": "⊘", "plain": ""}
#: State of an event -> tone.
STATE_TONES = {State.DONE: "good", State.WAITING: "open", State.FAILED: "bad", State.REFUSED: "quiet"}


def badge(word: Any, tone: str) -> SafeString:
    """A word with its sign, in the colour of its tone."""
    sign = format_html('<span aria-hidden="true">{}</span> ', SIGNS[tone]) if SIGNS[tone] else ""
    return format_html('<span class="stripe-badge stripe-{}">{}{}</span>', tone, sign, word)


def state_badge(state: str) -> SafeString:
    """The state of an event."""
    known = State(state)
    return badge(known.label, STATE_TONES[known])


def status_badge(row: Any) -> SafeString | str:
    """The status of a mirrored object; "" for one without."""
    column = next((column for column in row._meta.concrete_fields if isinstance(column, StatusField)), None)
    status = getattr(row, column.attname) if column is not None else ""
    return badge(column.word(status), column.tone(status)) if column is not None and status else ""


def deleted_badge() -> SafeString:
    """For what was deleted at Stripe."""
    return badge(_("deleted"), "quiet")


def mode_of(livemode: bool | None) -> str:
    """The mode in a word; "" when it is not known."""
    return {True: _("live"), False: _("test")}.get(livemode, "")  # type: ignore[arg-type]
