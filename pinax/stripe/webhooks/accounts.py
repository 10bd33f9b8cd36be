"""What genuine events say about connected accounts, and how often Stripe may be asked about those that none named."""

import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ..conf import setting
from ..models.events import CLOCKS_DIFFER, Event, EventQuerySet

DEAUTHORIZED = "account.application.deauthorized"
#: PINAX_STRIPE_REFUSED_CALLS is for so long.
REFUSED_CALLS_WINDOW = datetime.timedelta(minutes=1)


def genuine_events() -> EventQuerySet:
    """Events of connected accounts that Stripe confirmed."""
    return Event.objects.genuine().exclude(stripe_account="")


def is_known(account: str) -> bool:
    """Whether a genuine event ever named the account; True for "", which is the key's own."""
    return not account or genuine_events().filter(stripe_account=account).exists()


def has_left(account: str) -> bool:
    """Whether the last genuine event of a connected account says that it took the access away."""
    last = genuine_events().filter(stripe_account=account).order_by("-pk")
    return last.values_list("kind", flat=True).first() == DEAUTHORIZED


def may_be_asked_about(account: str) -> bool:
    """Whether Stripe may be asked about an unsigned POST that names the account.

    That is limited only for accounts that no genuine event named: what others made up must not keep those waiting
    that are known.
    """
    return not is_limit_reached() or is_known(account)


def is_limit_reached() -> bool:
    """Whether Stripe answered 403 or 404 to PINAX_STRIPE_REFUSED_CALLS questions within the last minute."""
    most = min(setting("REFUSED_CALLS"), setting("REFUSED_ROWS"))  # More rows are not kept to be counted.
    now = timezone.now()
    # What a clock that was ahead has noted is not counted until then.
    recent = Event.objects.filter(
        denied_at__gt=now - REFUSED_CALLS_WINDOW, denied_at__lte=now + CLOCKS_DIFFER
    ).order_by()
    return recent.values("pk")[:most].count() >= most


def clear_known_accounts(keys: list[int] | None = None) -> None:
    """Take the mark from undecided rows whose account a genuine event named meanwhile; of all, or of those keys."""
    marked = Event.objects.filter(account_is_new=True)
    if keys is not None:
        marked = marked.filter(pk__in=keys)
    named = genuine_events().filter(stripe_account=OuterRef("stripe_account")).order_by()
    marked.filter(Exists(named)).update(account_is_new=None)
