"""Delivers events as on Stripe's worst day: shuffled, every third twice, every fifth late, what failed again."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

#: Rounds of trying again before what still fails is left for the check to find.
ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One POST, and how it was answered."""

    event: dict
    status: int
    #: "", or why this is not an event's first delivery in its turn: "late", "again" or "retry".
    note: str = ""

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300


class Postman:
    """Takes events to `send` (event → HTTP status), and remembers how often it did."""

    def __init__(self, send: Callable[[dict], int], *, seed: int = 7) -> None:
        #: Deliveries by the event's id.
        self.posts: Counter[str] = Counter()
        self._send = send
        self._random = random.Random(seed)
        self._count = itertools.count(1)
        #: What waits for the next round, with the note it will have.
        self._waiting: list[tuple[dict, str]] = []

    def deliver(self, events: Iterable[dict]) -> Iterator[Delivery]:
        """Deliver new events, and what waited, in one shuffled heap; some of the new ones will wait themselves."""
        heap, self._waiting = self._waiting, []
        for event in events:
            number = next(self._count)
            if number % 5 == 0:
                self._waiting.append((event, "late"))
            else:
                heap.append((event, ""))
            if number % 3 == 0:
                heap.append((event, "again"))
        self._random.shuffle(heap)
        for event, note in heap:
            # The second of two copies may have been shuffled to the front.
            yield self.post(event, note if note != "again" or self.posts[event["id"]] else "")

    def finish(self) -> Iterator[Delivery]:
        """Deliver what still waits, and what fails again as often as it makes sense."""
        for _ in range(ROUNDS):
            yield from self.deliver([])

    def post(self, event: dict, note: str = "") -> Delivery:
        """Deliver one event now; it waits for the next round if it is not acknowledged."""
        self.posts[event["id"]] += 1
        delivery = Delivery(event=event, status=self._send(event), note=note)
        if not delivery.is_acknowledged:
            self._waiting.append((event, "retry"))
        return delivery
