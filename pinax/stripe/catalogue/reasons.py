"""Why an event is not (yet) believed, and what the sender is told: one table."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What follows from a reason code."""

    #: What `Event.valid` becomes: False (refused) or None (undecided).
    valid: bool | None
    #: HTTP status of the answer. 2xx and Stripe is satisfied; anything else and it sends the event again.
    status: int
    #: One sentence for the admin; the event's own explanation says more.
    text: "str | Promise"


def refused(text: "str | Promise", status: int = 400) -> Reason:
    return Reason(valid=False, status=status, text=text)


def undecided(text: "str | Promise", status: int = 503) -> Reason:
    return Reason(valid=None, status=status, text=text)


REASONS: dict[str, Reason] = {
    # Cheap checks: what is no event costs no call to Stripe.
    "too_large": refused(_("The body is longer than PINAX_STRIPE_MAX_BODY_BYTES."), status=413),
    "unreadable": refused(_("The body could not be read to its end.")),
    "no_length": refused(
        _("The body came without a Content-Length, and the server did not hand it to Django."), status=411
    ),
    "compressed": refused(_("The body is compressed; Stripe's are not."), status=415),
    "not_json": refused(_("The body is not JSON.")),
    "not_an_event": refused(_("The body is JSON, but no event of Stripe's.")),
    "organization": refused(_("The event is of an organization's endpoint; make an endpoint in each account.")),
    # Signatures.
    "no_secret": refused(_("Validation by signature needs a webhook secret, and none is set.")),
    "signature_missing": refused(_("The POST was not signed.")),
    "signature_malformed": refused(_("The Stripe-Signature header could not be read.")),
    "signature_mismatch": refused(_("The signature was made with another secret, or for another body.")),
    "signature_expired": refused(_("The signature is too old.")),
    "signature_future": refused(_("The signature is from the future.")),
    # What Stripe said.
    "not_found": refused(_("Stripe knows no event with this id.")),
    "too_old": refused(_("Stripe keeps events for 30 days; nobody can vouch for this one any more.")),
    "identity_differs": refused(_("Stripe has another event under this id.")),
    "content_differs": refused(_("Stripe's copy of the event has another content.")),
    "unknown_account": refused(_("Stripe gives no access to this account, and no genuine event ever named it.")),
    "access_ended": refused(_("This connected account gives no access any more.")),
    # Nothing to be done with these; answered 200, or Stripe would send them for days.
    "dashboard_test": refused(_("A sample sent from Stripe's dashboard; Stripe keeps no such event."), status=200),
    "other_mode": undecided(_("An event of the other mode (live or test) than the API key's."), status=200),
    # Nobody could tell yet.
    "no_key": undecided(_("No API key is set.")),
    "key_refused": undecided(_("Stripe refused the API key.")),
    "no_permission": undecided(_("The API key may not read this event.")),
    "not_asked": undecided(_("PINAX_STRIPE_REFUSED_CALLS is used up; Stripe is asked about this account later.")),
    "no_access": undecided(_("The API key has no access to this account, although genuine events named it before.")),
    "request_refused": undecided(_("Stripe refused the request.")),
    "signed_but_not_found": undecided(_("Stripe signed this event, but the API key does not find it.")),
    "key_of_other_mode": undecided(_("Stripe has this event in the other mode (live or test) than the API key's.")),
    "unexpected_404": undecided(_("The answer was 404, but not Stripe's word that the event does not exist.")),
    "rate_limited": undecided(_("Stripe's rate limit was reached.")),
    "no_answer": undecided(_("Stripe did not answer in time.")),
    "api_error": undecided(_("Stripe had an error.")),
}
