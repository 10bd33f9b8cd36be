"""One word for the state of a thing, in the same colour and with the same sign everywhere."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from ..models.events import State

#: Tone -> the sign beside the word, for those who cannot tell colours apart. The colours are in admin.css.
SIGNS = {"good": "✓", "open": "…", "bad": "✗", "quiet": "⊘", "plain": ""}
#: State of an event -> tone.
STATE_TONES = {State.DONE: "good", State.WAITING: "open", State.FAILED: "bad", State.REFUSED: "quiet"}
#: Stripe's word for the status of a subscription, an invoice, a payment … -> tone.
STATUS_TONES = {
    **dict.fromkeys(("active", "trialing", "paid", "succeeded", "chargeable", "verified"), "good"),
    **dict.fromkeys(("incomplete", "open", "pending", "processing", "requires_action", "requires_capture"), "open"),
    **dict.fromkeys(("requires_confirmation", "requires_payment_method", "new", "validated"), "open"),
    **dict.fromkeys(("past_due", "unpaid", "uncollectible", "failed", "verification_failed", "errored"), "bad"),
}
#: Stripe's words for statuses, for people; one that is newer than this release is shown as Stripe writes it.
STATUS_WORDS = {
    "active": pgettext_lazy("status at Stripe", "active"),
    "canceled": pgettext_lazy("status at Stripe", "canceled"),
    "chargeable": pgettext_lazy("status at Stripe", "chargeable"),
    "consumed": pgettext_lazy("status at Stripe", "consumed"),
    "draft": pgettext_lazy("status at Stripe", "draft"),
    "errored": pgettext_lazy("status at Stripe", "errored"),
    "failed": pgettext_lazy("status at Stripe", "failed"),
    "incomplete": pgettext_lazy("status at Stripe", "incomplete"),
    "incomplete_expired": pgettext_lazy("status at Stripe", "incomplete expired"),
    "new": pgettext_lazy("status at Stripe", "new"),
    "open": pgettext_lazy("status at Stripe", "open"),
    "paid": pgettext_lazy("status at Stripe", "paid"),
    "past_due": pgettext_lazy("status at Stripe", "past due"),
    "paused": pgettext_lazy("status at Stripe", "paused"),
    "pending": pgettext_lazy("status at Stripe", "pending"),
    "processing": pgettext_lazy("status at Stripe", "processing"),
    "requires_action": pgettext_lazy("status at Stripe", "requires action"),
    "requires_capture": pgettext_lazy("status at Stripe", "requires capture"),
    "requires_confirmation": pgettext_lazy("status at Stripe", "requires confirmation"),
    "requires_payment_method": pgettext_lazy("status at Stripe", "requires payment method"),
    "succeeded": pgettext_lazy("status at Stripe", "succeeded"),
    "trialing": pgettext_lazy("status at Stripe", "trialing"),
    "uncollectible": pgettext_lazy("status at Stripe", "uncollectible"),
    "unpaid": pgettext_lazy("status at Stripe", "unpaid"),
    "validated": pgettext_lazy("status at Stripe", "validated"),
    "verification_failed": pgettext_lazy("status at Stripe", "verification failed"),
    "verified": pgettext_lazy("status at Stripe", "verified"),
    "void": pgettext_lazy("status at Stripe", "void"),
}


def badge(word: Any, tone: str) -> SafeString:
    """A word with its sign, in the colour of its tone."""
    sign = format_html('<span aria-hidden="true">{}</span> ', SIGNS[tone]) if SIGNS[tone] else ""
    return format_html('<span class="stripe-badge stripe-{}">{}{}</span>', tone, sign, word)


def state_badge(state: str) -> SafeString:
    """The state of an event."""
    known = State(state)
    return badge(known.label, STATE_TONES[known])


def status_badge(status: str) -> SafeString | str:
    """The status of a mirrored object; "" for one without."""
    return badge(status_word(status), STATUS_TONES.get(status, "quiet")) if status else ""


def status_word(status: str) -> Any:
    """Stripe's word for a status, translated when it is shown."""
    return STATUS_WORDS.get(status) or status.replace("_", " ")


def deleted_badge() -> SafeString:
    """For what is gone at Stripe."""
    return badge(_("deleted"), "quiet")


def mode_of(livemode: bool | None) -> str:
    """The mode in a word; "" when it is not known."""
    return {True: _("live"), False: _("test")}.get(livemode, "")  # type: ignore[arg-type]
