"""A worker may be killed anywhere: another process finishes its event, and nothing is done twice."""

import signal
from collections import Counter
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client

from pinax.stripe.models import Customer, Event, EventProcessingException
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.signals import every_event
from pinax.stripe.testing import post_event
from pinax.stripe.webhooks.checkpoints import Checkpoint, observers
from tests.backlog import wait
from tests.promises.processes import ended, start_worker
from tests.promises.shop import receivers
from tests.promises.shop.models import Effect, Tally

pytestmark = pytest.mark.django_db(transaction=True)

#: Where the worker dies: every point, and receivers one after the other.
DEATHS = [*((point, 1) for point in Checkpoint), (Checkpoint.RECEIVED, 2), (Checkpoint.RECEIVED, 3)]

#: Where it dies while verdict and mirror are one transaction.
AT_ONCE = [Checkpoint.VALIDATING, Checkpoint.MIRRORING, Checkpoint.VALIDATED, Checkpoint.MIRRORED]

#: Of a customer, which is written in several statements on every database: there is a user to look for.
NAMES_A_USER = {USER_METADATA_KEY: user_reference(get_user_model()(pk=1))}

#: Where a sweeper dies while those of many events are.
IN_A_BATCH = [*((point, 1) for point in AT_ONCE), (Checkpoint.VALIDATING, 3), (Checkpoint.VALIDATED, 3)]
IN_A_BATCH += [(Checkpoint.RECEIVED, 5), (Checkpoint.MARKED, 2)]


@pytest.fixture
def tie(fake_stripe, shop, request):
    """A customer that was created and changed within one second: the second event needs a fetch."""
    fake_stripe.advance(0)
    metadata = getattr(request, "param", {})
    fake_stripe.create("customer", id="cus_1", description="first", metadata=metadata)
    fake_stripe.emit("customer.created", fake_stripe.update("cus_1", silent=True, description="second"))
    return fake_stripe


def test_every_point_is_reached_on_the_way_of_one_event(client, tie):
    """Points that are reached nowhere, and steps that were forgotten, would not be crashed at."""
    reached = []
    post_event(client, tie.events[0])
    observers.append(reached.append)
    try:
        assert post_event(client, tie.events[1]).status_code == 200
    finally:
        observers.remove(reached.append)
    assert Counter(reached) == {**dict.fromkeys(Checkpoint, 1), Checkpoint.RECEIVED: 3}
    assert list(dict.fromkeys(reached)) == list(Checkpoint)


@pytest.mark.parametrize("remedy", ["sweep", "delivery"])
@pytest.mark.parametrize(("point", "time"), DEATHS, ids=lambda value: getattr(value, "name", value))
def test_a_killed_worker_loses_nothing_and_nothing_is_done_twice(tie, shared, figure, size, point, time, remedy):
    if size == "quick" and remedy == "delivery":
        pytest.skip("in the short and the long form")
    assert post_event(Client(), tie.events[0]).status_code == 200
    worker = start_worker(shared, api_base=tie.url, events=[tie.events[1]], point=point.name, time=time)
    assert ended(worker) == -signal.SIGKILL
    assert Event.objects.get(stripe_id=tie.events[1]["id"]).processed == (point is Checkpoint.MARKED)
    repair(remedy, tie.events[1])
    check(tie)
    figure("crashes, finished by a " + remedy, f"killed at {point.name.lower()} {time}", "nothing lost, nothing twice")


@pytest.mark.parametrize("remedy", ["sweep", "delivery"])
@pytest.mark.parametrize("point", AT_ONCE, ids=lambda point: point.name)
@pytest.mark.parametrize("tie", [{}, NAMES_A_USER], ids=["plain", "names a user"], indirect=True)
def test_a_worker_killed_in_the_one_transaction_loses_nothing_either(tie, shared, point, remedy):
    if point is Checkpoint.MIRRORING and connection.vendor == "postgresql" and not tie.get("cus_1")["metadata"]:
        pytest.skip("One round trip: nothing is written before it, and all is committed after it.")
    worker = start_worker(shared, api_base=tie.url, events=[tie.events[0]], point=point.name, time=1)
    assert ended(worker) == -signal.SIGKILL
    row = Event.objects.get()
    is_committed = point in (Checkpoint.VALIDATED, Checkpoint.MIRRORED)
    assert (row.valid, row.mirrored_at is not None, row.steps.count()) == (
        (True, True, 2) if is_committed else (None, False, 0)
    )
    repair(remedy, tie.events[0])
    assert post_event(Client(), tie.events[1]).status_code == 200
    check(tie)


@pytest.mark.parametrize(("point", "time"), IN_A_BATCH, ids=lambda value: getattr(value, "name", value))
def test_a_sweeper_killed_in_the_one_transaction_of_a_batch_loses_nothing_either(tie, shared, point, time):
    for number in range(4):
        tie.advance(1)
        tie.emit("customer.created", tie.update("cus_1", silent=True, description=f"later {number}"))
    wait(Client(), tie, tie.events)
    assert post_event(Client(), tie.events[0]).status_code == 200
    commands = [["stripe_process_events"]]
    worker = start_worker(shared, api_base=tie.url, commands=commands, point=point.name, time=time)
    assert ended(worker) == -signal.SIGKILL
    is_committed = point not in (Checkpoint.VALIDATING, Checkpoint.MIRRORING)
    valid = Event.objects.filter(valid=True, mirrored_at__isnull=False).count()
    assert valid == (len(tie.events) if is_committed else 1)
    assert Customer.objects.get().description == ("later 3" if is_committed else "first")
    repair("sweep", None)
    check(tie)


#: Where a process dies that calls a receiver for the past: done and not committed, or before one of its statements.
IN_THE_PAST = [*({"point": "RECEIVED", "time": time} for time in (1, 3, 5))]
IN_THE_PAST += [{"statement": number} for number in (4, 7, 9, 10, 11, 12, 13, 14, 17, 20)]


@pytest.mark.parametrize("death", IN_THE_PAST, ids=lambda death: "-".join(map(str, death.values())))
def test_a_process_killed_while_it_runs_a_receiver_for_the_past_runs_it_once_for_each_event(shared, tie, death):
    for number in range(3):
        tie.advance(1)
        tie.emit("customer.created", tie.update("cus_1", silent=True, description=f"later {number}"))
    every_event.disconnect(receivers.book)
    for event in tie.events:
        assert post_event(Client(), event).status_code == 200
    every_event.connect(receivers.book)
    assert not Effect.objects.filter(receiver="book").exists()
    command = ["stripe_process_events", "--receiver=tests.promises.shop.receivers.book", "--since=30d"]
    worker = start_worker(shared, api_base=tie.url, commands=[command], **death)
    assert ended(worker) == -signal.SIGKILL
    done = set(Effect.objects.filter(receiver="book").values_list("event_id", flat=True))
    assert len(done) < len(tie.events)
    assert ended(start_worker(shared, api_base=tie.url, commands=[command])) == 0
    check(tie)


def repair(remedy, event):
    """Another process takes the event up."""
    if remedy == "sweep":
        call_command("stripe_process_events", stdout=StringIO())
    else:
        assert post_event(Client(), event).status_code == 200


def check(stripe):
    """Everything is done, once."""
    ids = [event["id"] for event in stripe.events]
    assert set(Event.objects.values_list("stripe_id", "state")) == {(stripe_id, "done") for stripe_id in ids}
    found = Counter(Effect.objects.values_list("receiver", "event_id"))
    assert found == {(name, stripe_id): 1 for name in ("thank", "count", "book") for stripe_id in ids}
    assert Tally.objects.get().count == len(ids)
    assert Customer.objects.get().stripe_data == stripe.get("cus_1")
    assert not EventProcessingException.objects.exists()
