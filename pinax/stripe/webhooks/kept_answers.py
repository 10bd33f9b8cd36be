"""Answers that were read for an event before time was up. The next attempt continues with them; otherwise a long list
would never be complete.

An answer counts for the time at which it was read, however much later it is used, as if a worker had stood still in
between: a change in between has an event of its own, and the mirror's rules decide between the two.
"""

import datetime
import json
import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from .. import api
from ..conf import IN_REQUEST, setting
from ..exceptions import TemporaryStripeError
from ..models.events import CLOCKS_DIFFER, Event, KeptAnswer, SweeperMark, database
from .database_errors import persist

logger = logging.getLogger(__name__)

#: A sweeper whose mark is older than this is taken to be off.
MAX_MARK_AGE = datetime.timedelta(hours=1)


class PartialReads:
    """The answers of Stripe's that an event has so far, by what they are good for.

    Those to complete the event's own object are for "", those to settle a tie for one version of one row: once another
    worker wrote the row, they are older than it.
    """

    def __init__(self, event: Event) -> None:
        self.event = event
        self.answers: dict[str, dict[str, api.Fetched]] = load_kept_answers(event) if event.attempts > 1 else {}
        self.used: set[str] = set()

    def reading(self, purpose: str, step: Callable[[], None]) -> None:
        """Run a step that reads; what it read is kept when Stripe does not answer all of it in time."""
        self.used.add(purpose)
        try:
            with api.keeping(self.answers.setdefault(purpose, {})):
                step()
        except TemporaryStripeError:
            persist(self.save)
            raise

    def save(self) -> None:
        """Keep the answers of this attempt, instead of those that were kept.

        The answers of two workers are never mixed.
        """
        rows = [
            KeptAnswer(
                event=self.event,
                purpose=purpose,
                request=request,
                answer=json.dumps(fetched.data),
                earliest=fetched.earliest,
                latest=fetched.latest,
            )
            for purpose in sorted(self.used)
            for request, fetched in self.answers[purpose].items()
        ]
        if not rows and self.event.attempts <= 1:
            return
        with transaction.atomic(using=database()):
            if Event.objects.select_for_update().filter(pk=self.event.pk, mirrored_at__isnull=True).exists():
                KeptAnswer.objects.filter(event=self.event).delete()
                KeptAnswer.objects.bulk_create(rows)
        logger.info("kept event=%s answers=%s", self.event.stripe_id, len(rows))


def load_kept_answers(event: Event) -> dict[str, dict[str, api.Fetched]]:
    """What earlier attempts read, by purpose and request."""
    answers: dict[str, dict[str, api.Fetched]] = {}
    for row in KeptAnswer.objects.filter(event=event):
        fetched = api.Fetched(data=json.loads(row.answer), earliest=row.earliest, latest=row.latest)
        answers.setdefault(row.purpose, {})[row.request] = fetched
    return answers


def delete_kept_answers(event: Event) -> None:
    """Remove what was kept for an event that is mirrored."""
    if event.attempts > 1:
        KeptAnswer.objects.filter(event=event).delete()


def will_be_finished(event: Event) -> bool:
    """Whether a genuine event only needs more time.

    A queue or the sweeper gives it that, so Stripe does not have to send it again.
    """
    if event.valid is not True or not KeptAnswer.objects.filter(event=event).exists():
        return False
    return setting("DISPATCH") != IN_REQUEST or was_swept_lately()


def was_swept_lately() -> bool:
    """Whether the sweeper left its mark within the hour."""
    return has_mark(timezone.now(), MAX_MARK_AGE)


def save_sweeper_mark() -> None:
    """Note that the sweeper went through everything that was due, to the minute.

    Of two sweepers that make the mark at the same moment the second leaves no error in the database's log.
    """
    now = timezone.now()
    if has_mark(now, datetime.timedelta(minutes=1)):
        return
    if not SweeperMark.objects.filter(pk=1).update(swept_at=now):
        SweeperMark.objects.bulk_create([SweeperMark(pk=1, swept_at=now)], ignore_conflicts=True)


def has_mark(now: datetime.datetime, age: datetime.timedelta) -> bool:
    """Whether the sweeper's mark is at most so old; one that a clock that was ahead left is ignored."""
    return SweeperMark.objects.filter(swept_at__gt=now - age, swept_at__lte=now + CLOCKS_DIFFER).exists()
