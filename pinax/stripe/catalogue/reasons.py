"""Why an event is not (yet) believed, what the sender is told, and what staff can do about it: one table."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: A text that is translated when it is shown.
Text = str | Promise

NOTHING = _("Nothing needs to be done.")
WAIT = _("Nothing needs to be done unless this lasts. https://status.stripe.com reports outages.")
SECRET = _(
    "If Stripe sent this POST, copy the endpoint's signing secret (whsec_…) from Stripe's dashboard "
    "into PINAX_STRIPE_WEBHOOK_SECRETS, then press “Validate again”. If not, nothing needs to be "
    "done."
)
CLOCK = _("If Stripe sent this POST, check this server's clock, then press “Validate again”.")
KEY = _("Set PINAX_STRIPE_SECRET_KEY to a valid key of this Stripe account. Waiting events are then verified.")
FORGED = _(
    "This event was changed or made up. Look at the address it came from and at the difference "
    "below. If there is a genuine event, it has a row of its own."
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What follows from a reason code."""

    #: What `Event.valid` becomes: False (refused) or None (undecided).
    valid: bool | None
    #: HTTP status of the answer. 2xx and Stripe is satisfied; anything else and it sends the event again.
    status: int
    #: One sentence for the admin; the event's own explanation says more.
    text: Text
    #: What staff can do, for the admin.
    advice: Text
    #: False if the POST is no event that Stripe could be asked about, so that no second look changes the refusal.
    is_about_event: bool = True


def no_event(text: Text, advice: Text, status: int = 400) -> Reason:
    return Reason(valid=False, status=status, text=text, advice=advice, is_about_event=False)


def refused(text: Text, advice: Text) -> Reason:
    return Reason(valid=False, status=400, text=text, advice=advice)


def undecided(text: Text, advice: Text, status: int = 503) -> Reason:
    return Reason(valid=None, status=status, text=text, advice=advice)


REASONS: dict[str, Reason] = {
    # Cheap checks: what is no event costs no call to Stripe.
    "too_large": no_event(
        _("The body is longer than PINAX_STRIPE_MAX_BODY_BYTES."),
        _("If Stripe's own events are this long, raise PINAX_STRIPE_MAX_BODY_BYTES."),
        status=413,
    ),
    "unreadable": no_event(
        _("The body could not be read to its end."), _("If Stripe sent this POST, it sends the event again.")
    ),
    "no_length": no_event(
        _("The body came without a Content-Length, and the server did not pass it to Django."),
        _(
            "Configure the proxy in front of the site to send a Content-Length (cloudflared: "
            "disableChunkedEncoding), or use a server that accepts such bodies: gunicorn, waitress, an ASGI "
            "server, or uWSGI with --http-chunked-input."
        ),
        status=411,
    ),
    "compressed": no_event(
        _("The body is compressed. Stripe does not compress bodies."),
        _("Configure the proxy in front of the site to pass on bodies unchanged."),
        status=415,
    ),
    "not_json": no_event(_("The body is not JSON."), NOTHING),
    "not_an_event": no_event(_("The body is JSON, but not a Stripe event."), NOTHING),
    "organization": no_event(
        _("The event is from an organization's endpoint. Create an endpoint in each account."),
        _(
            "In Stripe's dashboard, create a webhook endpoint in each account instead, and give each "
            "account's site a key of that account."
        ),
    ),
    # Signatures.
    "no_secret": refused(
        _("Validation by signature needs a webhook secret, and none is set."),
        _("Set PINAX_STRIPE_WEBHOOK_SECRETS, then press “Validate again”."),
    ),
    "signature_missing": refused(_("The POST was not signed."), SECRET),
    "signature_malformed": refused(_("The Stripe-Signature header could not be read."), SECRET),
    "signature_mismatch": refused(_("The signature was made with another secret, or for another body."), SECRET),
    "signature_expired": refused(_("The signature is too old."), CLOCK),
    "signature_future": refused(_("The signature is from the future."), CLOCK),
    # What Stripe said.
    "not_found": refused(
        _("Stripe knows no event with this id."),
        _(
            "This event was made up, or it belongs to another Stripe account than PINAX_STRIPE_SECRET_KEY. "
            "If you find the event in your dashboard, check the key, then press “Validate again”."
        ),
    ),
    "too_old": refused(
        _("Stripe keeps events for 30 days. This event is older and cannot be verified any more."),
        _("If you need its content, look at the object in Stripe's dashboard."),
    ),
    "identity_differs": refused(_("Stripe has another event under this id."), FORGED),
    "content_differs": refused(_("Stripe's copy of the event has different content."), FORGED),
    "unknown_account": refused(
        _("Stripe gives no access to this account, and no genuine event ever named it."),
        _(
            "If the account is connected to your platform, check that PINAX_STRIPE_SECRET_KEY is the "
            "platform's key, then press “Validate again”. If not, nothing needs to be done."
        ),
    ),
    "access_ended": refused(
        _("This connected account gives no access any more."),
        _(
            "If the account is still connected, check that PINAX_STRIPE_SECRET_KEY is the platform's key, "
            "then press “Validate again”."
        ),
    ),
    # Nothing to be done with these; answered 200, or Stripe would send them for days.
    "dashboard_test": no_event(
        _("A sample event from Stripe's dashboard. Stripe does not keep it."), NOTHING, status=200
    ),
    "other_mode": undecided(
        _("The event's mode (live or test) is not that of the API key."),
        _("Nothing needs to be done, unless the key is of the wrong mode: check PINAX_STRIPE_SECRET_KEY."),
        status=200,
    ),
    # Not verified yet.
    "no_key": undecided(_("No API key is set."), KEY),
    "key_refused": undecided(_("Stripe refused the API key."), KEY),
    "no_permission": undecided(
        _("The API key may not read this event."),
        _("Give the restricted key permission to read events, in Stripe's dashboard."),
    ),
    "not_asked": undecided(
        _("PINAX_STRIPE_REFUSED_CALLS is used up. Stripe is asked about this account later."),
        _(
            "Nothing needs to be done. If PINAX_STRIPE_WEBHOOK_SECRETS is not set, set it: forged events are "
            "then refused without asking Stripe."
        ),
    ),
    "no_access": undecided(
        _("The API key has no access to this account, although genuine events named it before."),
        _(
            "If the account is still connected, check that PINAX_STRIPE_SECRET_KEY is the platform's key. "
            "Waiting events are then verified."
        ),
    ),
    "request_refused": undecided(
        _("Stripe refused the request."), _("Read Stripe's answer, fix the cause, then press “Validate again”.")
    ),
    "signed_but_not_found": undecided(
        _("Stripe signed this event, but the API key cannot find it."),
        _(
            "Compare the account of PINAX_STRIPE_SECRET_KEY with the account of the webhook endpoint: they "
            "have to be the same. Once the key is right, the event is verified."
        ),
    ),
    "key_of_other_mode": undecided(
        _("Stripe has this event in the other mode (live or test), not in that of the API key."), KEY
    ),
    "unexpected_404": undecided(
        _("The answer was 404, but did not say that the event does not exist."),
        _(
            "Compare PINAX_STRIPE_API_BASE with https://api.stripe.com, and look for a proxy that answers in "
            "Stripe's place. Once Stripe is reached, the event is verified."
        ),
    ),
    "rate_limited": undecided(_("Stripe's rate limit was reached."), WAIT),
    "no_answer": undecided(_("Stripe did not answer in time."), WAIT),
    "api_error": undecided(_("Stripe had an error."), WAIT),
}

#: Reasons of refusal that no second look can change.
NO_EVENT = frozenset(code for code, reason in REASONS.items() if not reason.is_about_event)

#: Code of `Event.notes` -> what is remarkable about the event.
NOTES: dict[str, Text] = {
    "rendering_differs": _("The posted message is rendered differently from Stripe's copy. Stripe's copy is used."),
    "signature_only": _(
        "Stripe no longer returns this event, because it is older than 30 days or because its account "
        "ended the access. Only its signature confirms it."
    ),
    "access_revoked": _(
        "The account ended this site's access, so the event can no longer be read. Stripe's refusal confirms it."
    ),
}
