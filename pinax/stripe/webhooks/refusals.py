"""Refused POSTs, each with a row of its own, within PINAX_STRIPE_REFUSED_ROWS and PINAX_STRIPE_REFUSED_BYTES.

The oldest go. Two kinds of rows are limited, each by itself: refused POSTs, and unsigned ones about which Stripe could
not be asked yet and that name an account which no genuine event named. Either has an index of its own with what is
counted, so the size of the table does not matter.
"""

import logging
from typing import Any

from django.db import IntegrityError, models
from django.db.models import F, Q, Sum, Value, Window
from django.db.models.functions import Least, RowNumber

from ..catalogue.details import Detail, DetailOrText
from ..catalogue.reasons import REASONS
from ..conf import setting
from ..models.events import REFUSED_UNVERIFIED, Event, rows_about, single_statement
from ..signals import invalid_event
from ..stripe_values import storable, storable_text
from .accounts import clear_known_accounts
from .deliveries import Delivery, envelope_columns, malformed_columns
from .envelopes import Envelope
from .event_rows import add_row, is_quick

logger = logging.getLogger(__name__)

#: The limits are enforced with every so many rows (odd: some servers hand out every other key) ...
TRIM_EVERY = 97
#: ... and so many that Stripe was asked about are removed at once, at most.
MAX_TRIMMED = 500
#: Undecided, unsigned, and of an account that no genuine event named.
NEW_ACCOUNT = Q(account_is_new=True)


def refuse(
    delivery: Delivery,
    reason: str,
    explanation: DetailOrText,
    *,
    payload: Any = None,
    envelope: Envelope | None = None,
    **columns: Any,
) -> Event:
    """A row for a POST that is no event, or none that could ever be validated."""
    event = Event(
        **delivery.columns(),
        **(envelope_columns(envelope) if envelope else malformed_columns(payload)),
        webhook_message=payload,
        valid=REASONS[reason].valid,
        reason=reason,
        **explanation_columns(explanation),
        **columns,
    )
    if is_quick():
        add_row(event)
    else:
        event.save(force_insert=True)
    # The sender chose the event's id, which may have line breaks, so the row's primary key is logged.
    logger.warning("refused event_pk=%s reason=%s", event.pk, reason)
    trim_cheaply(event)
    invalid_event.sound(sender=Event, event=event)
    return event


def explanation_columns(explanation: DetailOrText) -> dict[str, Any]:
    """The columns of an event that hold what is said beside its reason."""
    return {
        "explanation": storable_text(str(explanation)),
        "detail": storable(explanation.stored()) if isinstance(explanation, Detail) else None,
    }


def trim_refused(event: Event) -> None:
    """Remove the oldest refused POSTs if there are too many, now that `event` is one of them.

    An event of the other mode is one of them unless it is signed: Stripe is not asked, so any sender can make one up.
    """
    if should_trim(event):
        remove_all(REFUSED_UNVERIFIED, keys_beyond_limits(REFUSED_UNVERIFIED))


def trim_new_accounts(event: Event) -> None:
    """The same for undecided rows of accounts that no genuine event named, now that `event` is one of them."""
    if should_trim(event):
        keys = keys_beyond_limits(NEW_ACCOUNT)
        clear_known_accounts(keys)
        remove_all(NEW_ACCOUNT, keys)


def trim_cheaply(event: Event) -> None:
    """The same in one statement, which is all that may be spent on a POST that fails the cheap checks.

    Those were never validated, so no other table refers to them; other rows are left to `trim_refused`.
    """
    if should_trim(event):
        newest = models.Subquery(rows_beyond_limits(REFUSED_UNVERIFIED).values("pk")[:1])
        remove(Event.objects.filter(REFUSED_UNVERIFIED, attempts=0, pk__lte=newest))


def should_trim(event: Event) -> bool:
    """Whether the limits are enforced with this row: the longer it is, the sooner."""
    every = min(TRIM_EVERY, setting("REFUSED_ROWS") // 10, setting("REFUSED_BYTES") // 10 // (len(event.body) or 1))
    return event.pk % (every | 1) == 0


def rows_beyond_limits(kind: Q) -> models.QuerySet[Event]:
    """Rows of one kind that are too many or too long, the newest first; never the newest of all."""
    newest_first = F("pk").desc()
    # What is kept of a body is cut, whatever length it claims.
    length = Least(F("body_size"), Value(setting("MAX_BODY_BYTES")), output_field=models.BigIntegerField())
    rows = Event.objects.filter(kind).annotate(
        place=Window(RowNumber(), order_by=newest_first), bytes=Window(Sum(length), order_by=newest_first)
    )
    most, longest = setting("REFUSED_ROWS"), setting("REFUSED_BYTES")
    return rows.filter(Q(place__gt=most) | Q(place__gt=1, bytes__gt=longest)).order_by("-pk")


def keys_beyond_limits(kind: Q) -> list[int]:
    """Keys of rows that are too many or too long."""
    return list(rows_beyond_limits(kind).values_list("pk", flat=True)[:MAX_TRIMMED])


def remove_all(kind: Q, keys: list[int]) -> None:
    """Remove rows with what is about them."""
    if keys:
        for rows in (*rows_about(keys), Event.objects.filter(kind, pk__in=keys)):
            if not remove(rows):
                return


def remove(rows: models.QuerySet[Any]) -> bool:
    """Remove rows in one statement; False if something refers to one of them just now: they go another time."""
    try:
        with single_statement():
            rows._raw_delete(rows.db)
    except IntegrityError:
        return False
    return True
