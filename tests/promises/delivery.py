"""Delivers the events of a world that lives on meanwhile, one worker standing still while others work."""

import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from django.test import override_settings

from pinax.stripe.upkeep.sweeper import keys_in_order, sweep, undone_events
from pinax.stripe.webhooks.checkpoints import Checkpoint, observers
from tests.promises.mirror_check import Watch, kind_of
from tests.promises.world import LivingStripe, Step, World

#: Points at which no transaction is open: a worker may stand still there while another takes all its steps.
STALLING = (
    Checkpoint.RECORDED,
    Checkpoint.VALIDATING,
    Checkpoint.VALIDATED,
    Checkpoint.PREPARED,
    Checkpoint.FETCHED,
    Checkpoint.FETCHED,
    Checkpoint.MIRRORED,
)
#: Steps that deliver.
DELIVERING = (*("deliver",) * 6, "again", "lose", "outage", *("stall",) * 3, *("meanwhile",) * 2, *("backlog",) * 2)
#: How deep workers stand still within each other.
DEEPEST = 3


def leave(event_pk: int) -> None:
    """A task queue that has not got round to an event."""


class Life:
    """A world, what of its events was delivered, and what is still to happen.

    `post` delivers one event and returns the status of the answer.
    """

    def __init__(self, stripe: LivingStripe, post: Callable[[dict[str, Any]], int]) -> None:
        self.world, self.stripe, self.post = World(stripe), stripe, post
        self.watch = Watch(self.world)
        self.pending: list[dict[str, Any]] = []
        self.delivered: list[dict[str, Any]] = []
        self.lost: list[dict[str, Any]] = []
        self.seen = 0
        self.steps: deque[Step] = deque()
        self.stalls: dict[Checkpoint, int] = {}
        self.meanwhiles = 0
        self.depth = 0

    def run(self, steps: Iterable[Step]) -> None:
        """Deliver a history, then catch up on everything that was lost."""
        self.steps.extend(steps)
        observers.append(self.stand_still)
        self.stripe.after_reading = self.go_on
        try:
            while self.steps:
                self.step(self.steps.popleft())
            self.make_up()
        finally:
            observers.remove(self.stand_still)

    def step(self, step: Step) -> None:
        if hasattr(self, step.name):
            getattr(self, step.name)(step.slot, step.number)
        else:
            self.world.live(step)
        self.pending += self.stripe.events[self.seen :]
        self.seen = len(self.stripe.events)

    def stand_still(self, point: Checkpoint) -> None:
        """A worker that reached a point waits while others go through so many steps."""
        count = self.stalls.pop(point, 0) if self.depth < DEEPEST else 0
        self.depth += 1
        while count and self.steps:
            count -= 1
            self.step(self.steps.popleft())
        self.depth -= 1

    def go_on(self, path: str) -> None:
        """The world goes on after Stripe read an object, and before the answer arrives."""
        if path.startswith("/v1/events"):
            return
        while self.meanwhiles and self.steps and not hasattr(self, self.steps[0].name):
            self.meanwhiles -= 1
            self.world.live(self.steps.popleft())
        self.meanwhiles = 0

    # Steps

    def deliver(self, slot: int, number: int) -> None:
        """One of the events that wait."""
        if self.pending:
            self.send(self.pending.pop(number % len(self.pending)))

    def again(self, slot: int, number: int) -> None:
        """One that was delivered already."""
        if self.delivered:
            self.send(self.delivered[-1 - number % len(self.delivered)])

    def lose(self, slot: int, number: int) -> None:
        """An event does not arrive for now."""
        if self.pending:
            self.lost.append(self.pending.pop(number % len(self.pending)))

    def backlog(self, slot: int, number: int) -> None:
        """Some of the events that wait are only recorded, and the sweeper takes them up together."""
        waiting = [self.pending.pop(0) for _ in range(min(len(self.pending), 4 + number))]
        with override_settings(PINAX_STRIPE_DISPATCH=f"{__name__}.leave"):
            for event in waiting:
                self.send(event)
        self.sweep()
        for kind in sorted({kind_of(event["data"]["object"]) for event in waiting}):
            self.watch.look(kind)

    def outage(self, slot: int, number: int) -> None:
        """The next requests fail."""
        fault = (self.stripe.fail, self.stripe.drop, self.stripe.half, self.stripe.rate_limit)[number % 4]
        fault("/v1/", times=1 + number % 5)

    def stall(self, slot: int, number: int) -> None:
        self.stalls[STALLING[number % len(STALLING)]] = 2 + slot + number // 4

    def meanwhile(self, slot: int, number: int) -> None:
        self.meanwhiles = 1 + number % 2

    # Deliveries

    def send(self, event: dict[str, Any]) -> None:
        """Deliver; what is not acknowledged waits to be sent again."""
        if self.post(event) == 200:
            self.delivered.append(event)
        else:
            self.pending.append(event)
        self.watch.look(kind_of(event["data"]["object"]))

    def sweep(self) -> None:
        """Process what is only recorded."""
        for _outcome in sweep(keys_in_order(undone_events())):
            pass

    def make_up(self) -> None:
        """Stripe is well again, and sends what was lost or not acknowledged."""
        self.stripe.clear_faults()
        self.stalls.clear()
        self.meanwhiles = 0
        waiting = [*self.lost, *self.pending]
        self.pending = []
        random.Random(len(waiting)).shuffle(waiting)
        for event in waiting:
            self.send(event)
        self.sweep()
        if self.pending:
            raise AssertionError(f"not acknowledged with Stripe in good health: {self.pending}")
