"""Reads many lists at once: threads that read, and one that writes.

Only the thread that writes asks the database, and moves and splits positions; the others call Stripe. A list that takes
`created` is read by several of them: one that has nothing to do gets the older half of what another has before it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import Any

from django.db import transaction
from django.db.models import F

from ..catalogue.lists import StripeList
from ..models.backfill import BackfillPosition
from ..models.events import database
from .reading import Batch, batches

#: Before any object of Stripe's was created (epoch seconds).
BEGINNING = 1_293_840_000
#: A range of a list is split when it is at least so long (seconds), and at least so many pages were read of it.
SHORTEST_SPLIT, PAGES_BEFORE_SPLIT = 2, 2
#: Threads that read one list at once, at most: Stripe allows 25 reads a second of an endpoint.
MOST_OF_A_LIST = 8
#: Seconds after which a thread that waits looks whether it is to stop.
LOOK_AGAIN = 0.1


class Stopping(BaseException):
    """The thread is not needed any more."""


@dataclass(kw_only=True, eq=False)
class Task:
    """A position that a thread reads from."""

    listed: StripeList
    position: BackfillPosition
    #: Pages that were written.
    pages: int = 0
    #: Whether what is still read of it counts no more: another process moved the position.
    is_dropped: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """From when to when (epoch seconds) there may be objects that are not read yet."""
        reached = self.position.until if self.position.reached is None else self.position.reached
        return (BEGINNING if self.position.since is None else self.position.since), reached

    @property
    def can_split(self) -> bool:
        """Whether it is worth while to read it in two ranges."""
        since, reached = self.span
        enough = self.pages >= PAGES_BEFORE_SPLIT and reached - since >= SHORTEST_SPLIT
        return self.listed.is_by_time and enough and not self.is_dropped


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a thread has for the one that writes: a batch, an error, or the end of its list."""

    task: Task
    batch: Batch | None = None
    error: BaseException | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A function to be called where the database may be asked."""

    function: Callable[[], Any]
    answers: "Queue[Any]" = field(default_factory=Queue)


class Crew:
    """The threads that read for one run."""

    def __init__(self, account: str, size: int) -> None:
        self.account, self.size = account, size
        self.found: Queue[Found | Question] = Queue(maxsize=2 * size)
        self.tasks: list[Task] = []
        self.stopping = threading.Event()

    def begin(self, listed: StripeList, position: BackfillPosition) -> None:
        """Have a thread read from a position."""
        task = Task(listed=listed, position=position)
        self.tasks.append(task)
        context = copy_context()
        threading.Thread(target=context.run, args=(self.read, task), name=listed.name, daemon=True).start()

    def read(self, task: Task) -> None:
        """What a thread does."""
        try:
            with closing(batches(task.listed, task.position, self.account, self.ask)) as found:  # type: ignore[type-var]
                for batch in found:
                    self.hand_over(Found(task=task, batch=batch))
                    if task.is_dropped:
                        break
            self.hand_over(Found(task=task))
        except Stopping:
            return
        except BaseException as error:
            try:
                self.hand_over(Found(task=task, error=error))
            except Stopping:
                return

    def hand_over(self, item: Found | Question) -> None:
        """Give something to the thread that writes, which may have much to do."""
        while not self.stopping.is_set():
            try:
                return self.found.put(item, timeout=LOOK_AGAIN)
            except Full:
                continue
        raise Stopping

    def ask(self, function: Callable[[], Any]) -> Any:
        """Have a function called by the thread that writes."""
        question = Question(function=function)
        self.hand_over(question)
        while not self.stopping.is_set():
            try:
                return question.answers.get(timeout=LOOK_AGAIN)
            except Empty:
                continue
        raise Stopping

    def results(self) -> Iterator[Found]:
        """What the threads find until none is left; their questions are answered on the way."""
        while self.tasks:
            item = self.found.get()
            if isinstance(item, Question):
                item.answers.put(item.function())
                continue
            if item.batch is None:
                self.tasks.remove(item.task)
            yield item

    def stop(self) -> None:
        """Let the threads end: what they have still read is not written."""
        self.stopping.set()

    def has_room(self) -> bool:
        """Whether another thread may read."""
        return len(self.tasks) < self.size

    def split_longest(self) -> bool:
        """Give the older half of the longest range to a thread of its own; whether there was one to split."""
        candidates = [task for task in self.tasks if task.can_split and self.readers_of(task.listed) < MOST_OF_A_LIST]
        for task in sorted(candidates, key=lambda each: each.span[0] - each.span[1]):
            since, reached = task.span
            older = split(task.position, since + (reached - since) // 2)
            if older is None:
                continue
            task.pages = 0
            self.begin(task.listed, older)
            return True
        return False

    def readers_of(self, listed: StripeList) -> int:
        """Threads that read a list."""
        return sum(task.listed.name == listed.name for task in self.tasks)


def split(position: BackfillPosition, moment: int) -> BackfillPosition | None:
    """Leave what was created before a moment to a position of its own, which is returned; None if another process
    moved the position.

    Both are stored at once: there is no time at which none of them has it.
    """
    older = BackfillPosition(
        backfill_id=position.backfill_id, list_name=position.list_name, since=position.since, until=moment
    )
    with transaction.atomic(using=database()):
        mine = BackfillPosition.objects.filter(pk=position.pk, moves=position.moves, finished_at__isnull=True)
        if not mine.update(since=moment, moves=F("moves") + 1):
            return None
        older.save()
    position.since, position.moves = moment, position.moves + 1
    return older
