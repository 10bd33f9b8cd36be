"""A receiver that never ends keeps its own thread, and nothing else. Threads wait for events."""

import datetime
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from pinax.stripe.models import Event, EventProcessingException, EventStep
from pinax.stripe.models.events import NewStep
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.health import Thresholds, health_report
from pinax.stripe.upkeep.pruning import plan_pruning, prune
from pinax.stripe.upkeep.reprocessing import process_again, recall
from pinax.stripe.webhooks import locks
from pinax.stripe.webhooks.processing import Outcome, process
from pinax.stripe.webhooks.retries import claim
from tests.promises.shop.models import Effect

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL")
CREATED = WEBHOOK_SIGNALS["customer.created"]
#: The end of time, for when a test fails.
LONG = 60


class Hanging:
    """A receiver that runs until it is let go, in a thread that delivers an event to it."""

    def __init__(self, event):
        self.event = event
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.statuses = []
        self.before = lambda event: None
        self.thread = threading.Thread(target=self.deliver)

    def __call__(self, event, **kwargs):
        Effect.objects.create(receiver="hangs", event_id=event.stripe_id)
        self.before(event)
        self.entered.set()
        assert self.let_go.wait(LONG)

    def deliver(self):
        try:
            self.statuses.append(post_event(Client(), self.event).status_code)
        finally:
            connections.close_all()

    def start(self):
        self.thread.start()
        assert self.entered.wait(LONG)

    def end(self):
        self.let_go.set()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


@pytest.fixture
def hanging(fake_stripe, monkeypatch):
    monkeypatch.setattr(locks, "LOCK_WAIT_SECONDS", 0.1)
    fake_stripe.create("customer", id="cus_1")
    receiver = Hanging(fake_stripe.events[0])
    CREATED.connect(receiver, weak=False, dispatch_uid="hangs")
    yield receiver
    receiver.end()
    CREATED.disconnect(dispatch_uid="hangs")


def locks_the_row(event):
    Event.objects.select_for_update().get(pk=event.pk)


def changes_the_row(event):
    Event.objects.filter(pk=event.pk).update(explanation="mine")


@POSTGRESQL
def test_duplicates_are_counted_while_a_receiver_runs_and_asked_for_again(client, hanging):
    hanging.start()
    for deliveries in (2, 3):
        assert post_event(client, hanging.event).status_code == 503
        assert Event.objects.get().deliveries == deliveries
    assert (Event.objects.get().state, Event.objects.get().failures) == ("waiting", 0)
    hanging.end()
    assert hanging.statuses == [200]
    assert post_event(client, hanging.event).status_code == 200
    assert Effect.objects.count() == 1
    assert Event.objects.get().deliveries == 4
    assert not EventProcessingException.objects.exists()


@POSTGRESQL
@pytest.mark.parametrize("before", [locks_the_row, changes_the_row])
def test_a_receiver_that_locks_its_event_is_not_waited_for(client, hanging, before):
    hanging.before = before
    hanging.start()
    assert post_event(client, hanging.event).status_code == 503
    assert claim(Event.objects.get().pk) is False
    hanging.end()
    assert hanging.statuses == [200]


@POSTGRESQL
@pytest.mark.parametrize("before", [lambda event: None, locks_the_row, changes_the_row])
@pytest.mark.parametrize("options", [["--due"], []])
def test_the_sweeper_goes_on_with_the_others(client, fake_stripe, hanging, before, options):
    hanging.before = before
    hanging.start()
    fake_stripe.fail(times=None)
    for number in range(2, 12):
        fake_stripe.create("product", id=f"prod_{number}")
        assert post_event(client, fake_stripe.events[-1]).status_code == 503
    fake_stripe.clear_faults()
    if before is not locks_the_row and before is not changes_the_row:
        Event.objects.update(next_attempt_at=timezone.now() - datetime.timedelta(seconds=1))
    else:
        others = Event.objects.exclude(kind="customer.created")
        others.update(next_attempt_at=timezone.now() - datetime.timedelta(seconds=1))
    call_command("stripe_process_events", *options, stdout=StringIO())
    assert Event.objects.filter(state="done").count() == 10
    assert Event.objects.get(kind="customer.created").state == "waiting"
    hanging.end()
    assert Effect.objects.count() == 1


@POSTGRESQL
def test_staff_and_pruning_leave_a_running_event_alone_and_wait_for_nothing(client, hanging):
    hanging.start()
    key = Event.objects.get().pk
    assert process(key) is Outcome.BUSY
    assert process_again(key) is Outcome.BUSY
    assert not recall(key, "customer.created:hangs")
    assert list(prune(plan_pruning("done", days=-1))) == []
    hanging.end()
    assert Event.objects.get().state == "done"
    assert Effect.objects.count() == 1


@POSTGRESQL
def test_a_duplicate_that_does_not_have_to_wait_long_is_answered_when_the_event_is_done(hanging, monkeypatch):
    monkeypatch.setattr(locks, "LOCK_WAIT_SECONDS", LONG)
    hanging.start()
    waits = threading.Event()
    asked = locks.rows_of_query

    def noting(query, values):
        if "pg_advisory_xact_lock" in query and "try" not in query:
            waits.set()
        return asked(query, values)

    monkeypatch.setattr(locks, "rows_of_query", noting)
    second = threading.Thread(target=hanging.deliver)
    second.start()
    assert waits.wait(LONG)
    hanging.let_go.set()
    second.join(LONG)
    hanging.thread.join(LONG)
    assert hanging.statuses == [200, 200]
    assert Effect.objects.count() == 1


class TestWarning:
    @POSTGRESQL
    def test_a_slow_receiver_that_still_runs_is_warned_of(self, client, hanging, settings, monkeypatch, caplog):
        settings.PINAX_STRIPE_RECEIVER_WARN_AFTER = 0.01
        told = threading.Event()
        save = NewStep.save

        def saved(self):
            save(self)
            if self.kind == EventStep.Kind.SLOW:
                told.set()

        monkeypatch.setattr(NewStep, "save", saved)
        hanging.start()
        assert told.wait(LONG)
        step = EventStep.objects.get(kind=EventStep.Kind.SLOW)
        assert step.data == {"receiver": "customer.created:hangs", "seconds": 0.0}
        assert "slow event=" in caplog.text
        check = {check.name: check for check in health_report(Thresholds.configured())}["receivers"]
        assert check.level.name == "WARNING"
        assert "customer.created:hangs" in check.summary
        assert "Nothing can stop a thread" in check.summary
        hanging.end()
        assert EventStep.objects.filter(kind=EventStep.Kind.SLOW).count() == 1

    def test_a_slow_receiver_that_has_ended_is_warned_of(self, client, fake_stripe, settings, caplog):
        settings.PINAX_STRIPE_RECEIVER_WARN_AFTER = 0
        fake_stripe.create("customer", id="cus_1")
        every_event.connect(quick, dispatch_uid="quick")
        try:
            assert post_event(client, fake_stripe.events[0]).status_code == 200
        finally:
            every_event.disconnect(dispatch_uid="quick")
        assert EventStep.objects.filter(kind=EventStep.Kind.SLOW).count() == 1
        checks = {check.name: check for check in health_report(Thresholds.configured())}
        assert "every_event:quick" in checks["receivers"].summary
        assert "Nothing can stop" not in checks["receivers"].summary

    @pytest.mark.parametrize("limit", [None, 3600])
    def test_a_quick_receiver_is_not_warned_of(self, client, fake_stripe, settings, limit):
        settings.PINAX_STRIPE_RECEIVER_WARN_AFTER = limit
        fake_stripe.create("customer", id="cus_1")
        every_event.connect(quick, dispatch_uid="quick")
        try:
            assert post_event(client, fake_stripe.events[0]).status_code == 200
        finally:
            every_event.disconnect(dispatch_uid="quick")
        assert not EventStep.objects.filter(kind=EventStep.Kind.SLOW).exists()
        assert "receivers" not in {check.name for check in health_report(Thresholds.configured())}


def quick(event, **kwargs):
    """Returns at once."""
