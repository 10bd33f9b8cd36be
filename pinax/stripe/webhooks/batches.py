"""Many waiting events in one transaction: their verdicts, their mirror, and the marks of those without a receiver.

The common case of `at_once`, for a batch: one statement a table writes the newest snapshot of each object, one the
timelines, one the events. Whatever is not plain is left out, and taken up one by one afterwards. If anything fails, or
another process was quicker with one of the events, nothing is stored: the batch is divided until what failed is among
few, and these are taken up one by one. So an error is met again where it is recorded, and a bad event does not keep the
others of its batch.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from ..models.events import GENUINE_ID, Event, database, step_insertion
from ..statements import instances
from ..sync.batch_writing import Row, RowSnapshot, is_kept, rows_unchanged, write_all_plainly_newer
from ..sync.snapshots import Change, note_change
from . import event_rows
from .announcing import event_connection, isolate_commit_callbacks, receivers_of
from .at_once import (
    Overtaken,
    mirrored_and_done_columns,
    mirrored_columns,
    note_stored,
    pass_checkpoints,
)
from .base import Webhook
from .checkpoints import Checkpoint, checkpoint
from .database_errors import is_connection_lost
from .mirroring import mirror_steps
from .moves import moves_what_names_it
from .plain_events import has_own_handler, news_of, only_mirrors
from .reading_conditions import those_with_one_met
from .registry import registry
from .validation import Fetch, ValidationVerdict, apply_verdict, find_verdict, verdict_columns

logger = logging.getLogger(__name__)

#: A batch that fails is divided down to so many events.
FEW_EVENTS = 50
#: What is not read: the message is in the posted text, some are made of it, and others are set with each verdict.
NOT_READ = ("body", "validated_message", "difference", "explanation", "detail", "notes")
#: What may be remarkable about an event of a batch: its endpoint has another API version than the account.
PLAIN_NOTES = frozenset({"rendering_differs"})


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A genuine event, not stored yet: its instance has the verdict."""

    event: Event
    #: The columns of the verdict.
    values: dict[str, Any]
    handler: Webhook
    #: What it says of its object; None without one that is mirrored.
    news: RowSnapshot | None
    #: Whether that is all that its handler does.
    is_plain: bool


def store_together(fetches: Mapping[int, Fetch]) -> dict[int, Webhook]:
    """Store in one transaction what is to be stored of waiting events, as far as they are plain.

    Given are the keys of events, with what gets Stripe's copy of each without a call. Returned are the handlers of
    those that were stored: their events are mirrored, and done if they have no receiver. It takes a database for which
    `event_rows.is_quick` is true.
    """
    try:
        return store_plain(plain_ones(judge_all(fetches)))
    except Exception as error:
        # Whatever it was, it is met again with a single event, and recorded there if it is an error.
        logger.debug("separated events=%s error=%s", len(fetches), type(error).__name__)
        if len(fetches) <= FEW_EVENTS or is_connection_lost(error):
            return {}
    some, middle = [*fetches.items()], len(fetches) // 2
    return store_together(dict(some[:middle])) | store_together(dict(some[middle:]))


def judge_all(fetches: Mapping[int, Fetch]) -> list[Judged]:
    """Those events that Stripe confirms, in their order; a second row of one event is left out."""
    found = {event.pk: event for event in waiting_events(fetches)}
    judged: dict[str, Judged] = {}
    for key, fetch in fetches.items():
        event = found.get(key)
        if event is not None and event.stripe_id not in judged:
            one = judge(event, fetch)
            if one is not None:
                judged[event.stripe_id] = one
    return [*judged.values()]


def waiting_events(keys: Iterable[int]) -> Iterable[Event]:
    """The events that are undecided and as they came, unless another row of the same event is genuine."""
    genuine = Event.objects.alias(genuine_id=GENUINE_ID).filter(genuine_id=OuterRef("stripe_id")).order_by()
    waiting = Event.objects.undecided().filter(
        ~Exists(genuine),
        pk__in=list(keys),
        processed=False,
        mirrored_at=None,
        gave_up_at=None,
        pruned_at=None,
        redacted_at=None,
    )
    read = [field.attname for field in Event._meta.concrete_fields if field.attname not in NOT_READ]
    return instances(waiting.order_by(), read)


def judge(event: Event, fetch: Fetch) -> Judged | None:
    """The verdict on an event, and what its handler makes of it; None if it is not confirmed, or not for our handlers.

    What is wrong with it, if anything is, shows again when it is taken up alone.
    """
    if not has_own_handler(event.kind):
        return None
    try:
        verdict = find_verdict(event, fetch)
        if not is_confirmed(verdict):
            return None
        values = verdict_columns(event, verdict)
        apply_verdict(event, verdict, values)
        handler = registry.get(event.kind)(event)
        news = news_of(handler)
        is_plain = (
            (news is None or news.is_plain)
            and only_mirrors(handler)
            and not handler.needs_reading()
            # What names its object may get its row with this batch, and is found after that.
            and not moves_what_names_it(event, event.object)
        )
    except Exception as error:
        logger.debug("separated event=%s error=%s", event.stripe_id, type(error).__name__)
        return None
    return Judged(event=event, values=values, handler=handler, news=news, is_plain=is_plain)


def is_confirmed(verdict: ValidationVerdict) -> bool:
    """Whether Stripe confirms an event, and nothing more is to be said."""
    return verdict.validated_message is not None and not verdict.reason and PLAIN_NOTES.issuperset(verdict.notes)


def plain_ones(judged: list[Judged]) -> list[Judged]:
    """The plain events. All events of a row are taken up one by one if one of them is not plain, if rows of other
    objects say that one of them has something to read, or if the newest are of one second and differ.
    """
    reading = those_with_one_met({number: each.handler.reading_conditions() for number, each in enumerate(judged)})
    plain = {number for number, each in enumerate(judged) if each.is_plain and number not in reading}
    left_out = {each.news.row for number, each in enumerate(judged) if each.news is not None and number not in plain}
    left_out |= {row for row, events in by_row(judged).items() if is_tied(events)}
    return [each for number, each in enumerate(judged) if number in plain and row_of(each) not in left_out]


def row_of(each: Judged) -> Row | None:
    """The row of what an event is about."""
    return None if each.news is None else each.news.row


def by_row(judged: Iterable[Judged]) -> dict[Row, list[RowSnapshot]]:
    """What events say of each row."""
    rows: dict[Row, list[RowSnapshot]] = defaultdict(list)
    for each in judged:
        if each.news is not None:
            rows[each.news.row].append(each.news)
    return rows


def is_tied(news: list[RowSnapshot]) -> bool:
    """Whether only Stripe can tell which snapshot of a row is the newest: those of the last second differ."""
    last = newest(news).snapshot
    return any(each.snapshot.as_of == last.as_of and each.snapshot.data != last.data for each in news)


def newest(news: list[RowSnapshot]) -> RowSnapshot:
    """The newest snapshot of a row: the one that is written."""
    return max(news, key=lambda each: each.snapshot.as_of)


def store_plain(plain: list[Judged]) -> dict[int, Webhook]:
    """One transaction with everything; the handlers of the events that were stored, by the keys of these.

    Rows of objects come first and those of events last, as where an event is taken up alone.
    """
    if not plain:
        return {}
    last = {row: newest(news) for row, news in by_row(plain).items()}
    with transaction.atomic(using=database()):
        versions = write_all_plainly_newer(last.values())
        rows = rows_unchanged([each.news for each in plain if each.news is not None], versions)
        stored = [each for each in plain if each.news is None or each.news.row in versions or is_kept(each.news, rows)]
        for each in stored:
            if each.news is not None:
                is_written = each.news.row in versions and last[each.news.row] is each.news
                follow_up(each, each.news, version=versions[each.news.row] if is_written else None)
        store_timelines(stored)
        marks = marks_of(stored)
        store_attempts(stored, marks)
    for each, mark in zip(stored, marks, strict=True):
        note_stored(each.event, mark)
        pass_checkpoints(each.event)
    return {each.event.pk: each.handler for each in stored}


def follow_up(each: Judged, news: RowSnapshot, *, version: int | None) -> None:
    """Note what an event changed, and call the hook of its type of object.

    `version` is the one that was written, None if the row is at least as new: the newest of a batch is written first.
    """
    change: Change = "kept" if version is None else "created" if version == 1 else "updated"
    note_change(each.handler.changes, news.mirrored.model, news.key, change)
    if news.mirrored.hook is not None:
        others = len(event_connection().run_on_commit)
        news.mirrored.hook.follow_up(news.key, news.snapshot.data, news.context.account)
        isolate_commit_callbacks(each.event, since=others)


def store_timelines(stored: list[Judged]) -> None:
    """Store the steps of all events."""
    steps = [step for each in stored for step in mirror_steps(each.event, each.handler.changes)]
    step_insertion().execute([step.values() for step in steps])


def marks_of(stored: list[Judged]) -> list[dict[str, Any]]:
    """What says of each event that it is mirrored, and done if no receiver waits for it."""
    done = mirrored_and_done_columns()
    undone = {**dict.fromkeys(done), "processed": False, **mirrored_columns()}
    return [undone if receivers_of(each.event.kind) else done for each in stored]


def store_attempts(stored: list[Judged], marks: list[dict[str, Any]]) -> None:
    """Store the verdicts and the marks; Overtaken if another process was quicker with one of the events."""
    attempts = [(each.event, {**each.values, **mark}) for each, mark in zip(stored, marks, strict=True)]
    if attempts and len(event_rows.store_attempts(attempts)) < len(attempts):
        raise Overtaken
    checkpoint(Checkpoint.MIRRORING)
    if any(mark["processed"] for mark in marks):
        checkpoint(Checkpoint.MARKING)
