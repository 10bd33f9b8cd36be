"""Sentences that say more than a reason does, with values in them.

`Event.detail` and the timeline store such a sentence as a code and its values; the admin puts it into the words of the
reader's language. Logs, commands and `Event.explanation` have it in English.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def _(sentence: str) -> str:
    """Marks a sentence for translation when it is shown, as gettext_noop does, which reads settings on import."""
    return sentence


#: Code -> the sentence in English. What Stripe, a server or an exception said is a value, and stays as it was said.
DETAILS: dict[str, str] = {
    # The body.
    "body_was_read": _(
        "A middleware read the body before the view. It has to use request.body, so that others can read the body, too."
    ),
    "body_is_incomplete": _("%(received)s of %(declared)s bytes arrived."),
    "body_is_empty": _("The body is empty."),
    "body_is_not_utf8": _("The body is not UTF-8 (at byte %(position)s)."),
    "body_is_too_deep": _("The body is nested too deeply."),
    "body_is_not_json": _("The body is not JSON: %(message)s"),
    "body_is_no_object": _("The body is JSON, but not an object."),
    "object_is_no_event": _('"object" is neither "event" nor "v2.core.event".'),
    "attribute_is_wrong": _('"%(name)s" is missing, or not what Stripe sends.'),
    "context_of_organization": _(
        "The event names its account only in `context`, as events of an organization's endpoint do."
    ),
    # The signature.
    "no_signature_header": _("The POST had no Stripe-Signature header."),
    "unreadable_signature_header": _("The Stripe-Signature header is not of the form t=…,v1=…."),
    "no_secret_to_verify_with": _(
        "No secret can verify the signature, because none is set: copy the endpoint's whsec_… from the Dashboard into "
        "PINAX_STRIPE_WEBHOOK_SECRETS."
    ),
    "signed_with_other_secret": _(
        "Signed with none of PINAX_STRIPE_WEBHOOK_SECRETS (%(ends)s), or changed on the way: copy the "
        "endpoint's whsec_… from the Dashboard, and make sure that no proxy changes bodies."
    ),
    "signed_too_long_ago": _("Signed %(seconds)s seconds ago, %(most)s are allowed."),
    "signed_in_the_future": _("Signed %(seconds)s seconds in the future; check the clock."),
    "secrets_are_needed": _('PINAX_STRIPE_VALIDATION is "signature": set PINAX_STRIPE_WEBHOOK_SECRETS.'),
    # Stripe's copy.
    "copy_differs": _("Stripe's copy differs in: %(places)s."),
    "live_event_test_key": _("A live event, but PINAX_STRIPE_SECRET_KEY is a test key."),
    "test_event_live_key": _("A test event, but PINAX_STRIPE_SECRET_KEY is a live key."),
    # Calls to Stripe.
    "no_key": _("No API key: set PINAX_STRIPE_SECRET_KEY (or STRIPE_SECRET_KEY in the environment)."),
    "unusable_key": _("PINAX_STRIPE_SECRET_KEY has a character that no Stripe key has. Copy the key again."),
    "key_was_refused": _("Stripe refused the API key; set PINAX_STRIPE_SECRET_KEY to a valid one. (%(message)s)"),
    "no_answer": _("No answer from Stripe: %(message)s"),
    "stripe_failed": _("Stripe failed: %(message)s"),
    "unexpected_404": _(
        "The answer is 404, but does not say that the object does not exist. Check PINAX_STRIPE_API_BASE. (%(message)s)"
    ),
    "answer_is_no_object": _("Stripe's answer is not an object."),
    "answer_is_no_event": _("Stripe's answer is not an event: %(message)s"),
    "list_changed": _("The list changed while it was read. (%(message)s)"),
    "answer_is_no_list": _("Stripe's answer is not a list."),
    "list_has_no_end": _("Stripe's list of pages has no end."),
}
#: Codes whose sentence says what the reason's own sentence says, and more; it is shown instead of that.
COMPLETE = frozenset({"body_is_not_json", "key_was_refused"})


@dataclass(frozen=True)
class Detail:
    """A sentence of `DETAILS` with its values; `str()` is the sentence in English."""

    code: str
    #: Name in the sentence -> text or number.
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return DETAILS[self.code] % self.values

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be said beside it."""
        return self.code in COMPLETE

    def translated(self) -> str:
        """The sentence in the active language."""
        # The test kit signs and verifies without Django, so only what is shown may need it.
        from django.utils import translation

        return translation.gettext(DETAILS[self.code]) % self.values

    def stored(self) -> dict[str, Any]:
        """What a JSON column holds of it; `detail_from` reads that."""
        return {"code": self.code, "values": dict(self.values)}


#: What is said beside a reason: a sentence of ours, or the words of Stripe, a server or an exception.
DetailOrText = str | Detail


def detail_from(stored: Any) -> Detail | None:
    """The detail that a JSON column holds; None without one, and for one that another release wrote in another way."""
    if not isinstance(stored, dict) or stored.get("code") not in DETAILS:
        return None
    values = stored.get("values")
    detail = Detail(stored["code"], values if isinstance(values, dict) else {})
    try:
        str(detail)
    except KeyError:
        return None
    return detail
