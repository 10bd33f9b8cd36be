"""What a task of a queue does: its event at once, and with it what waits, by the hundred."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.utils import timezone

from pinax.stripe.models import Customer, Event
from pinax.stripe.models.events import ReceiverCall
from pinax.stripe.sync import batch_writing
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep import queue_worker
from pinax.stripe.upkeep.queue_worker import Work, process_handed_over
from pinax.stripe.webhooks.processing import Outcome
from tests import costs
from tests.benchmarks.tables import fill
from tests.promises.clock import Clock
from tests.promises.processes import NEEDS_POSTGRESQL

# Django has tasks from 6.0 on, and before that with a package of their own.
tasks = pytest.importorskip("pinax.stripe.tasks", exc_type=ImportError)
pytestmark = pytest.mark.django_db(transaction=True)

DONE = Work(outcome=Outcome.DONE)
#: Statements of a task whose event nothing waits with: how it stands, its row; then all in one round trip, or on SQLite
#: BEGIN, mirror, step, attempt, COMMIT.
ALONE = ["SELECT", "SELECT", "WITH"]
ALONE_ON_SQLITE = ["SELECT", "SELECT", "BEGIN", "INSERT", "INSERT", "UPDATE", "COMMIT"]
#: Of a task that takes up fifty: how they stand; they are reserved; what waits, their texts; BEGIN; customers,
#: timelines, events; COMMIT.
TOGETHER = ["SELECT", "UPDATE", "SELECT", "SELECT", "BEGIN", "INSERT", "INSERT", "WITH", "COMMIT"]


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_DISPATCH = "tests.upkeep.test_queue_worker.nothing"
    settings.PINAX_STRIPE_API_RATE = 10_000
    settings.PINAX_STRIPE_API_RETRIES = 0
    return fake_stripe


def nothing(event_pk):
    """A task queue that has not got round to it."""


def backlog(client, stripe, count, **attributes):
    """So many events of new customers were handed to the queue a while ago; their keys."""
    for _ in range(count):
        stripe.create("customer", **attributes)
    return wait(client, stripe.events[-count:])


def wait(client, events):
    """Events were handed to the queue a while ago; the keys of all such."""
    for event in events:
        assert post_event(client, event).status_code == 200
    Event.objects.update(recorded_at=timezone.now() - datetime.timedelta(seconds=10))
    return list(Event.objects.filter(processed=False).order_by("pk").values_list("pk", flat=True))


def words(sent):
    found = [statement.lstrip("( ").split()[0] for statement in sent]
    return [word for word in found if word != "PRAGMA"]  # SQLite's, so that its lock is not waited for.


def states():
    return list(Event.objects.order_by("pk").values_list("state", flat=True))


def test_one_event_costs_no_statement_more_than_it_did(client, stripe):
    first, second = backlog(client, stripe, 2)
    process_handed_over(first, alone=True)
    process_handed_over(second, alone=True)
    (key,) = backlog(client, stripe, 1)
    sent = costs.statements(lambda: process_handed_over(key))
    assert words(sent) == (ALONE if connection.vendor == "postgresql" else ALONE_ON_SQLITE)
    assert states() == ["done"] * 3


def test_the_first_task_takes_up_the_others_and_theirs_cost_one_query(client, stripe):
    keys = backlog(client, stripe, 50)
    works = []
    assert words(costs.statements(lambda: works.append(process_handed_over(keys[0])))) == TOGETHER
    assert (works, stripe.calls()) == ([DONE], 1)
    assert set(Event.objects.values_list("state", "valid", "attempts")) == {("done", True, 1)}
    assert Customer.objects.count() == 50
    for key in keys:
        assert words(costs.statements(lambda key=key: works.append(process_handed_over(key)))) == ["SELECT"]
    assert (works, stripe.calls()) == ([DONE] * 51, 1)


def test_a_task_whose_event_is_done_takes_up_what_waits(client, stripe, monkeypatch):
    monkeypatch.setattr(queue_worker, "TASK_EVENTS", 4)
    keys = backlog(client, stripe, 10)
    assert process_handed_over(keys[0]) == DONE
    assert states() == ["done"] * 4 + ["waiting"] * 6
    assert process_handed_over(keys[1]) == DONE
    assert states() == ["done"] * 7 + ["waiting"] * 3
    # The event of the task is among them, whatever waits before it.
    assert process_handed_over(keys[9]) == DONE
    assert states() == ["done"] * 10


def test_what_has_just_come_is_left_to_its_own_task(client, stripe):
    keys = backlog(client, stripe, 2)
    Event.objects.filter(pk=keys[1]).update(recorded_at=timezone.now() + datetime.timedelta(seconds=10))
    assert process_handed_over(keys[0]) == DONE
    assert states() == ["done", "waiting"]


@pytest.mark.parametrize(
    "columns",
    [
        {"account_is_new": True, "stripe_account": "acct_1"},
        {"livemode": True},
        {"valid": True},
        {"gave_up_at": timezone.now()},
        {"attempts": 1},
        {"next_attempt_at": queue_worker.RESERVED},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_some_events_are_taken_up_with_no_other(client, stripe, settings, columns):
    """Of unknown accounts, of the other mode; genuine ones with receivers; given up, not due, and taken by another."""
    settings.PINAX_STRIPE_SECRET_KEY = "sk_test_1"
    keys = backlog(client, stripe, 5)
    # Counted from here: the parameters are made when tests are collected, which may be minutes ago.
    now = timezone.now()
    values = {name: now + value if isinstance(value, datetime.timedelta) else value for name, value in columns.items()}
    Event.objects.filter(pk__in=keys[3:]).update(**values)
    assert process_handed_over(keys[0]) == DONE
    assert states() == ["done"] * 3 + ["waiting"] * 2


def test_an_event_that_another_worker_took_up_with_others_is_left_to_it(client, stripe):
    keys = backlog(client, stripe, 5)
    assert queue_worker.take(keys[:3]) == keys[:3]
    assert queue_worker.take(keys) == keys[3:]
    for key in keys:
        assert process_handed_over(key) == Work(outcome=None)
    assert (states(), stripe.requests) == (["waiting"] * 5, [])


def test_while_others_wait_a_genuine_event_is_finished_by_its_own_task(client, stripe, connect):
    calls = []
    keys = backlog(client, stripe, 5)
    first = Event.objects.get(pk=keys[0])
    with_receiver = lambda event, **kwargs: calls.append(event.stripe_id)  # noqa: E731
    connect(with_receiver, uid="receiver")
    Event.objects.filter(pk=keys[0]).update(valid=True, validated_message=first.webhook_message)
    assert process_handed_over(keys[0]) == DONE
    assert states() == ["done"] * 5
    assert sorted(calls) == sorted(event["id"] for event in stripe.events)


def test_each_receiver_is_called_once_and_a_bad_one_fails_alone(client, stripe, connect):
    calls = []

    def receiver(event, **kwargs):
        calls.append(event.stripe_id)
        if event.stripe_id == stripe.events[2]["id"]:
            raise ValueError("bad")

    keys = backlog(client, stripe, 5)
    connect(receiver, uid="receiver")
    work = process_handed_over(keys[0])
    assert (work.outcome, [key for key, _moment in work.tasks]) == (Outcome.DONE, [keys[2]])
    assert work.tasks[0][1] > timezone.now()
    assert sorted(calls) == sorted(event["id"] for event in stripe.events)
    assert (states().count("done"), states()[2], ReceiverCall.objects.count()) == (4, "failed", 4)


def test_a_bad_event_does_not_keep_the_others(client, stripe, monkeypatch):
    keys = backlog(client, stripe, 5)
    bad = stripe.events[2]["data"]["object"]["id"]
    real = batch_writing.row_values

    def row_values(mirrored, snapshot, context):
        if snapshot.data["id"] == bad:
            raise ZeroDivisionError
        return real(mirrored, snapshot, context)

    monkeypatch.setattr(batch_writing, "row_values", row_values)
    monkeypatch.setattr("pinax.stripe.sync.row_writers.row_values", row_values)
    work = process_handed_over(keys[0])
    assert (work.outcome, [key for key, _moment in work.tasks]) == (Outcome.DONE, [keys[2]])
    assert (states().count("done"), states()[2]) == (4, "failed")


def test_when_the_time_of_a_task_is_over_the_rest_goes_back_to_the_queue(client, stripe, connect, monkeypatch):
    clock, calls = Clock(monkeypatch), []

    def receiver(event, **kwargs):
        calls.append(event.pk)
        clock.wait(queue_worker.TASK_SECONDS / 2)

    keys = backlog(client, stripe, 6)
    connect(receiver, uid="receiver")
    work = process_handed_over(keys[0])
    assert (work.outcome, len(calls), keys[0] in calls) == (Outcome.DONE, 3, True)
    assert sorted(key for key, _moment in work.tasks) == sorted({*keys} - {*calls})
    assert {moment for _key, moment in work.tasks} == {None}
    # All are genuine and mirrored by then: other workers finish them without a call.
    assert set(Event.objects.values_list("valid", flat=True)) == {True}
    for key, _moment in work.tasks:
        assert process_handed_over(key) == DONE
    assert (sorted(calls), stripe.calls()) == (keys, 1)


def test_what_was_not_tried_in_time_is_free_again(client, stripe, monkeypatch):
    keys = backlog(client, stripe, 4)
    monkeypatch.setattr(queue_worker, "TASK_SECONDS", 0)
    monkeypatch.setattr("pinax.stripe.upkeep.sweeper.BATCH_EVENTS", 1)
    work = process_handed_over(keys[0])
    assert (work.outcome, [moment for _key, moment in work.tasks]) == (Outcome.DONE, [None, None])
    assert states().count("waiting") == 2
    for key, _moment in work.tasks:
        assert process_handed_over(key).outcome is Outcome.DONE
    assert states() == ["done"] * 4


def test_an_outage_costs_one_call_and_each_event_gets_its_next_attempt(client, stripe):
    keys = backlog(client, stripe, 5)
    stripe.fail(times=None)
    work = process_handed_over(keys[0])
    assert (work.outcome, len(stripe.requests)) == (Outcome.UNDECIDED, 1)
    assert [key for key, _moment in work.tasks] == keys
    assert all(moment > timezone.now() for _key, moment in work.tasks)
    stripe.clear_faults()
    # Not due yet.
    assert process_handed_over(keys[0], retry=True) == Work(outcome=None)
    Event.objects.update(next_attempt_at=timezone.now())
    stripe.reset_requests()
    assert process_handed_over(keys[0], retry=True) == DONE
    assert (states(), stripe.calls()) == (["done"] * 5, 1)
    assert process_handed_over(keys[1], retry=True) == DONE


def test_a_further_attempt_alone_is_made_by_one(client, stripe):
    (key,) = backlog(client, stripe, 1)
    Event.objects.update(next_attempt_at=timezone.now())
    assert process_handed_over(key, retry=True) == DONE
    Event.objects.update(processed=False, next_attempt_at=timezone.now() + datetime.timedelta(minutes=1))
    assert process_handed_over(key, retry=True) == Work(outcome=None)


def test_a_forgery_among_them_is_refused(client, stripe):
    stripe.create("customer")
    forged = build_event("product.created", build_object("product"))
    backlog(client, stripe, 4)
    keys = wait(client, [forged])
    assert process_handed_over(keys[0]) == DONE
    assert sorted(states()) == [*["done"] * 4, "refused"]


def test_a_task_that_runs_in_a_request_leaves_others_to_theirs(client, stripe, settings):
    keys = backlog(client, stripe, 3)
    settings.PINAX_STRIPE_DISPATCH = "pinax.stripe.tasks.enqueue"
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    assert tasks.enqueue(keys[0]) is Outcome.DEFERRED
    assert states() == ["done", "waiting", "waiting"]


@NEEDS_POSTGRESQL
def test_what_another_worker_is_taking_up_is_waited_for_and_left_to_it(client, stripe, monkeypatch):
    """Both found the same events free, and one has just begun to reserve them."""
    keys = backlog(client, stripe, 3)
    _events, columns = queue_worker.reservation()
    other, take_alone = connection.copy(), queue_worker.take_alone

    def waited_for(key):
        with ThreadPoolExecutor(1) as pool, other.cursor() as cursor:
            waiting = pool.submit(in_thread, take_alone, key)
            while not is_waited_for(cursor):
                assert not waiting.done()
            cursor.execute("COMMIT")
            return waiting.result()

    monkeypatch.setattr(queue_worker, "take_alone", waited_for)
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "UPDATE pinax_stripe_event SET next_attempt_at = %s WHERE id = %s",
                [columns["next_attempt_at"], keys[0]],
            )
        assert process_handed_over(keys[0]) == Work(outcome=None)
    finally:
        other.close()
    assert states() == ["waiting", "done", "done"]


def in_thread(function, *args):
    """Call a function in a thread, and close its connections."""
    try:
        return function(*args)
    finally:
        connections.close_all()


def is_waited_for(cursor):
    """Whether another connection waits for a lock that this one has."""
    cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    return cursor.fetchone()[0] > 0


@NEEDS_POSTGRESQL
def test_the_look_at_what_waits_reads_no_table_row_by_row(client, stripe):
    with connection.cursor() as cursor:
        fill(2_000, tables=(Event,))
        (sent,) = costs.statements(lambda: queue_worker.look(1))
        cursor.execute(f"EXPLAIN {sent}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert "pinax_stripe_event_due" in plan
