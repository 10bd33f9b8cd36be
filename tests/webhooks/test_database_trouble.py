"""Errors of the database are no failures of receivers: they are retried at once, and are not counted."""

import sqlite3
import threading
from collections import Counter

import pytest
from django.db import OperationalError, connection, connections
from django.db.models import F
from django.test import Client

from pinax.stripe import views
from pinax.stripe.models import Customer, Event, EventProcessingException, EventStep
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import post_event
from pinax.stripe.webhooks import announcing, at_once, event_rows, mirroring
from pinax.stripe.webhooks.database_errors import MAX_TRIES
from pinax.stripe.webhooks.handlers import CustomerWebhook
from tests.assertions import assert_event
from tests.promises.crowd import Crowd
from tests.promises.shop.models import Effect, Tally

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL")
CREATED = WEBHOOK_SIGNALS["customer.created"]
LONG = 60


@pytest.fixture
def event(fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    return fake_stripe.events[0]


def raising(state):
    """Have PostgreSQL raise an error with this SQLSTATE."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$")


def locked():
    """What Django makes of a locked SQLite."""
    raise OperationalError("database is locked") from sqlite3.OperationalError("database is locked")


def note(name):
    Effect.objects.create(receiver=name, event_id="")


def effects():
    return sorted(Effect.objects.values_list("receiver", flat=True))


STATES = ["40001", "40P01", "55P03", "57014"]
TROUBLES = [pytest.param(lambda state=state: raising(state), id=state, marks=POSTGRESQL) for state in STATES]
TROUBLES.append(pytest.param(locked, id="locked"))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_in_a_receiver_is_tried_again_at_once(client, event, connect, trouble):
    calls = []

    def receiver(event, **kwargs):
        calls.append(event.stripe_id)
        note("receiver")
        if len(calls) < MAX_TRIES:
            trouble()

    connect(lambda event, **kwargs: note("other"), uid="other")
    connect(receiver, uid="receiver")
    assert post_event(client, event).status_code == 200
    assert len(calls) == MAX_TRIES
    assert effects() == ["other", "receiver"]
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_lasting_database_error_is_in_the_timeline_is_not_counted_and_stops_no_other_receiver(
    client, event, connect, trouble, settings
):
    settings.PINAX_STRIPE_RETRY_LIMIT = 1

    def receiver(event, **kwargs):
        note("receiver")
        trouble()

    connect(receiver, uid="receiver")
    connect(lambda event, **kwargs: note("other"), uid="other")
    for _ in range(2):
        assert post_event(client, event).status_code == 503
    row = Event.objects.get()
    assert_event(row, state="waiting", failures=0, gave_up_at=None)
    assert effects() == ["other"]
    assert not EventProcessingException.objects.exists()
    told = row.steps.filter(kind=EventStep.Kind.DATABASE).values_list("data", flat=True)
    assert [data["where"] for data in told] == ["customer.created:receiver"] * 2


@POSTGRESQL
def test_a_connection_that_is_lost_once_is_no_failure(client, event, connect):
    calls = []

    def receiver(event, **kwargs):
        calls.append(event.stripe_id)
        if len(calls) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    connect(lambda event, **kwargs: note("other"), uid="other")
    connect(receiver, uid="receiver")
    assert post_event(client, event).status_code == 200
    assert effects() == ["other"]
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("step", ["prepare", "process_webhook"])
def test_a_database_error_in_a_handler_is_no_failure(client, event, monkeypatch, trouble, step):
    original, calls = getattr(CustomerWebhook, step), []

    def troubled(self):
        calls.append(step)
        if len(calls) < 3:
            trouble()
        original(self)

    monkeypatch.setattr(CustomerWebhook, step, troubled)
    assert post_event(client, event).status_code == 200
    assert Customer.objects.exists()
    assert not EventProcessingException.objects.exists()


def test_what_stays_in_a_handler_is_asked_for_again(client, event, monkeypatch):
    monkeypatch.setattr(CustomerWebhook, "process_webhook", lambda self: locked())
    assert post_event(client, event).status_code == 503
    assert (Event.objects.get().failures, EventProcessingException.objects.count()) == (0, 0)
    assert Event.objects.get().steps.get(kind=EventStep.Kind.DATABASE).data["where"] == "process"


@pytest.mark.parametrize(
    ("module", "name", "is_at_once"),
    [(mirroring, "acquire_lock", False), (announcing, "mark_done", True), (announcing, "add_receiver_call", True)],
)
def test_trouble_in_a_statement_of_ours_is_tried_again(client, event, monkeypatch, connect, module, name, is_at_once):
    statement, calls = getattr(module, name), []
    connect(lambda event, **kwargs: note("receiver"), uid="receiver")

    def troubled(*args):
        calls.append(args)
        if len(calls) == 1:
            locked()
        return statement(*args)

    if not is_at_once:
        monkeypatch.setattr(at_once, "is_plain", lambda *args: False)
    monkeypatch.setattr(module, name, troubled)
    assert post_event(client, event).status_code == 200
    assert len(calls) == 2


def test_trouble_in_the_one_transaction_is_no_failure(client, event, monkeypatch):
    monkeypatch.setattr(event_rows, "store_attempt", lambda *args: locked())
    assert post_event(client, event).status_code == 200
    row = Event.objects.get()
    assert (row.state, row.attempts, row.failures, row.exceptions.count()) == ("done", 1, 0, 0)


def test_a_delivery_that_cannot_be_recorded_is_asked_for_again(client, event, monkeypatch):
    monkeypatch.setattr(views, "record", lambda posted: locked())
    response = post_event(client, event)
    assert (response.status_code, response.json()["reason"]) == (503, "database")


def test_another_error_of_the_databases_is_a_failure(client, event, connect):
    def receiver(event, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")

    connect(receiver, uid="receiver")
    assert post_event(client, event).status_code == 500
    assert Event.objects.get().failures == 1


@POSTGRESQL
def test_two_receivers_that_deadlock_both_get_through(fake_stripe, connect):
    Tally.objects.bulk_create([Tally(name="x"), Tally(name="y")])
    both, statuses, calls = threading.Barrier(2), [], Counter()

    def receiver(event, **kwargs):
        calls[event.stripe_id] += 1
        names = ("x", "y") if event.object_id == "cus_1" else ("y", "x")
        Tally.objects.filter(name=names[0]).update(count=F("count") + 1)
        if calls[event.stripe_id] == 1:
            both.wait(LONG)
        Tally.objects.filter(name=names[1]).update(count=F("count") + 1)

    def deliver(event):
        try:
            statuses.append(post_event(Client(), event).status_code)
        finally:
            connections.close_all()

    connect(receiver, uid="receiver")
    for number in (1, 2):
        fake_stripe.create("customer", id=f"cus_{number}")
    threads = [threading.Thread(target=deliver, args=(event,)) for event in fake_stripe.events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert statuses == [200, 200]
    assert sorted(calls.values()) == [1, 2]
    assert set(Tally.objects.values_list("count", flat=True)) == {2}
    assert not EventProcessingException.objects.exists()


@pytest.fixture(params=["REPEATABLE_READ", "SERIALIZABLE"])
def isolation(request):
    """All connections have this isolation level."""
    from django.db.backends.postgresql.psycopg_any import IsolationLevel

    settings = connection.settings_dict
    usual = settings["OPTIONS"]
    settings["OPTIONS"] = {**usual, "isolation_level": IsolationLevel[request.param]}
    connection.close()
    yield request.param
    settings["OPTIONS"] = usual
    connection.close()


@POSTGRESQL
def test_duplicates_at_once_are_no_errors_at_any_isolation_level(fake_stripe, isolation, connect, settings):
    settings.PINAX_STRIPE_REQUEST_BUDGET = settings.PINAX_STRIPE_API_TIMEOUT = 30

    def receiver(event, **kwargs):
        Effect.objects.create(receiver="receiver", event_id=event.stripe_id)

    connect(receiver, uid="receiver")
    for number in range(6):
        fake_stripe.create("customer", id=f"cus_{number}")
        fake_stripe.update(f"cus_{number}", description="+")
    with Crowd(6) as crowd:
        for event in fake_stripe.events:
            crowd.put(event)
            crowd.put(event)
    assert crowd.statuses[500] == 0
    assert set(Event.objects.values_list("state", "failures")) == {("done", 0)}
    assert Effect.objects.count() == 6
    assert not EventProcessingException.objects.exclude(message__startswith="TemporaryStripeError").exists()
    assert set(Customer.objects.values_list("description", flat=True)) == {"+"}


def test_a_broker_that_is_away_is_one_failure_on_record_however_often_the_event_comes(client, event, settings):
    settings.PINAX_STRIPE_DISPATCH = f"{__name__}.away"
    for _ in range(3):
        assert post_event(client, event).status_code == 503
    assert EventProcessingException.objects.get().data == "dispatch"
    assert Event.objects.get().failures == 0


def away(event_pk):
    raise ConnectionRefusedError("the broker is away")
