"""Many workers, each a thread with a database connection of its own, that deliver what is put to them."""

import queue
import threading
from collections import Counter
from typing import Any

from django.db import connections
from django.test import Client

from pinax.stripe.testing import post_event

#: Deliveries of an event that is not acknowledged, at most.
PATIENCE = 200


class Crowd:
    """`with Crowd(8) as crowd: crowd.put(event)`; at the end of the block everything is delivered."""

    def __init__(self, size: int) -> None:
        #: Answers, by their status.
        self.statuses: Counter[int] = Counter()
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._errors: list[BaseException] = []
        self._workers = [threading.Thread(target=self._work) for _ in range(size)]

    def put(self, event: dict[str, Any]) -> None:
        """Have an event delivered, again and again until it is acknowledged."""
        self._waiting.put(event)

    def __enter__(self) -> "Crowd":
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for _ in self._workers:
            self._waiting.put(None)
        for worker in self._workers:
            worker.join()
        if self._errors:
            raise self._errors[0]

    def _work(self) -> None:
        client = Client(raise_request_exception=False)
        try:
            while (event := self._waiting.get()) is not None:
                self._post(client, event)
        except BaseException as error:
            self._errors.append(error)
        finally:
            connections.close_all()

    def _post(self, client: Client, event: dict[str, Any]) -> None:
        for _ in range(PATIENCE):
            status = post_event(client, event).status_code
            self.statuses[status] += 1
            if status == 200:
                return
        raise AssertionError(f"{event['type']} {event['id']} was never acknowledged: {status}")
