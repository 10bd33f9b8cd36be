"""Figures of the newest events: bounded, whatever the table holds."""

import datetime
import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pinax.stripe.admin.overview import business, owner
from pinax.stripe.combined_reads import run
from pinax.stripe.models import CatchUp, Dispute, Event, EventProcessingException, EventStep, Subscription
from pinax.stripe.models.events import State
from pinax.stripe.upkeep import statistics
from tests.benchmarks.tables import fill
from tests.plans import captured, explained, rows_visited, visited
from tests.promises.processes import NEEDS_POSTGRESQL

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)
NUMBERS = itertools.count()
STATES = {
    "done": {"valid": True, "processed": True},
    "waiting": {"valid": None},
    "failed": {"valid": True, "failures": 1},
    "refused": {"valid": False, "reason": "not_json"},
}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Our clock stands still, but for `at`."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with timezone.override("UTC"):
        yield


def record(state, *, minutes_ago=0, **columns):
    """An event recorded so many minutes ago."""
    columns = {"kind": "invoice.paid", "stripe_id": f"evt_{next(NUMBERS)}", **STATES[state], **columns}
    event = Event.objects.create(**columns)
    Event.objects.filter(pk=event.pk).update(recorded_at=ago(minutes_ago))
    return event


def ago(minutes):
    return NOW - datetime.timedelta(minutes=minutes)


def fail(event, where, *, minutes_ago=0):
    row = EventProcessingException.objects.create(event=event, data=where, message="", traceback="")
    EventProcessingException.objects.filter(pk=row.pk).update(created_at=ago(minutes_ago))


def test_counts_stop_at_their_limit():
    for _number in range(3):
        record("waiting")
    assert statistics.count_up_to(Event.objects.all(), most=3) == statistics.Counted(value=3)
    assert statistics.count_up_to(Event.objects.all(), most=2) == statistics.Counted(value=2, is_more=True)


@NEEDS_POSTGRESQL
def test_subscriptions_that_started_are_counted_from_the_newest_on(django_assert_num_queries):
    """Where more started than are counted, the table is not read from its beginning."""
    fill(5_000, tables=(Subscription,))
    with django_assert_num_queries(2) as context:
        run(business.subscriptions(ago(30 * 24 * 60)))
    limited = [sql.replace(f"LIMIT {statistics.MAX_ROWS + 1}", "LIMIT 51") for sql in captured(context)]
    assert rows_visited(sql for sql in limited if "LIMIT 51" in sql)[Subscription._meta.db_table] <= 2 * 51


@NEEDS_POSTGRESQL
def test_whether_a_window_has_too_many_events_is_told_without_a_walk_through_them():
    fill(5_000, tables=(Event,))
    oldest = Event.objects.order_by("recorded_at").values_list("recorded_at", flat=True)[0]
    with CaptureQueriesContext(connection) as context:
        assert statistics.covered(oldest, most=5_000) == oldest
    assert rows_visited(captured(context))[Event._meta.db_table] == 2


@NEEDS_POSTGRESQL
def test_open_disputes_are_counted_no_further_than_they_are_told(monkeypatch):
    """Along an index: a bitmap would be made of all of them first."""
    monkeypatch.setattr(owner, "MOST_COUNTED", 200)
    fill(50_000, tables=(Dispute,))
    with CaptureQueriesContext(connection) as context:
        found, waiting = run(owner.disputes())
    assert (found, waiting) == (statistics.Counted(value=200, is_more=True),) * 2
    nodes = [node for sql in captured(context) for node in explained(sql) if "Index Name" in node]
    assert nodes
    assert [node for node in nodes if visited(node) > 201] == []


def test_the_newest_rows_can_be_aggregated():
    events = [record("waiting") for _number in range(4)]
    assert set(statistics.newest(Event.objects.all(), most=2)) == set(events[2:])
    assert statistics.newest(Event.objects.all(), most=4).count() == 4


def test_the_newest_genuine_event_is_none_that_is_doubted():
    assert statistics.newest_genuine() is None
    record("done", minutes_ago=9)
    failed = record("failed", minutes_ago=5)
    record("waiting")
    record("refused")
    assert statistics.newest_genuine() == failed


def test_a_window_with_too_many_events_begins_later():
    for minutes in (50, 40, 30, 20):
        record("done", minutes_ago=minutes)
    assert statistics.covered(ago(45), most=3) == ago(45)
    assert statistics.covered(ago(60), most=3) == ago(50)
    assert statistics.covered(ago(60), most=2) == ago(40)


def test_events_over_time_are_reported_by_hour_or_day_and_state():
    record("done", minutes_ago=10)
    record("done", minutes_ago=20)
    record("failed", minutes_ago=20)
    record("done", minutes_ago=40)
    record("done", minutes_ago=300)
    hours = [(bucket.start.hour, bucket.state, bucket.count) for bucket in statistics.over_time(ago(60))]
    assert sorted(hours) == [(11, State.DONE, 1), (12, State.DONE, 2), (12, State.FAILED, 1)]
    days = [(bucket.start.day, bucket.state, bucket.count) for bucket in statistics.over_time(ago(600), days=True)]
    assert sorted(days) == [(4, State.DONE, 4), (4, State.FAILED, 1)]


def test_the_delay_is_from_stripe_s_clock_to_done():
    assert statistics.delay(ago(60)) is None
    for seconds in range(1, 101):
        record("done", processed_at=NOW, created_at=NOW - datetime.timedelta(seconds=seconds))
    again = record("done", processed_at=NOW, created_at=ago(100_000))
    EventStep.objects.create(event=again, kind=EventStep.Kind.AGAIN)
    record("done", processed_at=ago(61), created_at=ago(90))
    record("failed", created_at=ago(90))
    assert statistics.delay(ago(60)) == statistics.Delay(median=50, percentile_95=95, longest=100, events=100)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([7], 0.5, 7), ([7], 0.95, 7), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), (list(range(20)), 0.95, 18)],
)
def test_quantiles_are_values_that_occurred(values, share, expected):
    assert statistics.quantile(values, share) == expected


def test_failures_are_reported_by_type_and_receiver():
    event = record("failed")
    other = record("failed", kind="charge.failed")
    fail(event, "invoice.paid:app.receivers.mail", minutes_ago=30)
    fail(event, "invoice.paid:app.receivers.mail", minutes_ago=10)
    fail(other, "mirror", minutes_ago=20)
    fail(other, "mirror", minutes_ago=90)
    found = [(row.kind, row.where, row.count, row.last) for row in statistics.failures_by_receiver(ago(60))]
    assert found == [
        ("invoice.paid", "invoice.paid:app.receivers.mail", 2, ago(10)),
        ("charge.failed", "mirror", 1, ago(20)),
    ]


def test_refusals_are_reported_by_reason_and_source():
    for minutes in (5, 6):
        record("refused", minutes_ago=minutes, remote_address="192.0.2.1")
    record("refused", minutes_ago=1, remote_address="192.0.2.2", reason="signature_missing")
    record("refused", minutes_ago=70, remote_address="192.0.2.2")
    found = [(row.reason, row.address, row.count, row.last) for row in statistics.refusals_by_reason(ago(60))]
    assert found == [("not_json", "192.0.2.1", 2, ago(5)), ("signature_missing", "192.0.2.2", 1, ago(1))]


def test_the_last_catch_up_is_the_newest_that_ended():
    def run(**columns):
        return CatchUp.objects.create(since=ago(60), until=NOW, cursor=NOW, **columns)

    assert statistics.last_catch_up() is None
    stopped = run()
    assert statistics.last_catch_up() == stopped
    ended = run(finished_at=NOW)
    run()
    assert statistics.last_catch_up() == ended


def test_the_state_of_the_mirror_is_read_by_object():
    record("done", object_type="invoice", mirrored_at=ago(9))
    record("done", object_type="invoice", mirrored_at=ago(4))
    record("failed", object_type="invoice")
    record("waiting", object_type="invoice")
    record("waiting", object_type="customer")
    assert statistics.progress_by_object() == {
        "invoice": statistics.MirrorProgress(applied_at=ago(4), waiting=2),
        "customer": statistics.MirrorProgress(applied_at=None, waiting=1),
    }
