"""What goes, what stays, and that what stays is enough."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pinax.stripe.models import (
    Customer,
    Event,
    EventProcessingException,
    EventStep,
    PassedEvent,
    PruningMark,
    ReceiverCall,
)
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.upkeep import pruning
from pinax.stripe.upkeep.reprocessing import process_again, restartable
from pinax.stripe.webhooks.processing import Outcome
from tests.assertions import assert_event
from tests.benchmarks.tables import EVENTS, analyze, insertion
from tests.plans import captured, rows_visited, scanned_by_sqlite

pytestmark = pytest.mark.django_db(transaction=True)


def prune(*args):
    out = StringIO()
    call_command("stripe_prune_events", *args, stdout=out)
    return out.getvalue().strip().splitlines()


def age(days, **which):
    """Make events look as if they were recorded, and made, so many days ago."""
    moment = timezone.now() - datetime.timedelta(days=days)
    Event.objects.filter(**which).update(recorded_at=moment)
    Event.objects.filter(**which, created_at__isnull=False).update(created_at=moment)


def a_receiver(event, **kwargs):
    calls.append(event.stripe_id)


calls = []


@pytest.fixture
def receiver():
    calls.clear()
    WEBHOOK_SIGNALS["customer.created"].connect(a_receiver)
    yield calls
    WEBHOOK_SIGNALS["customer.created"].disconnect(a_receiver)


@pytest.fixture
def table(client, fake_stripe, receiver):
    """One event of each state: done (delivered twice, with a failure before), failed, waiting, refused."""
    fake_stripe.create("customer", id="cus_done", email="a@example.com")
    fake_stripe.create("customer", id="cus_failed")
    done, failed = fake_stripe.events
    for _ in range(2):
        post_event(client, done)
    row = Event.objects.get(stripe_id=done["id"])
    EventProcessingException.objects.create(event=row, message="x", traceback="x")
    post_event(client, failed)
    Event.objects.filter(stripe_id=failed["id"]).update(processed=False, failures=1)
    post_event(client, b"no event")
    post_event(client, build_event("customer.created", build_object("customer")))
    fake_stripe.fail(times=None)
    post_event(client, build_event("customer.updated", build_object("customer")))
    fake_stripe.clear_faults()
    assert sorted(Event.objects.values_list("state", flat=True)) == ["done", "failed", "refused", "refused", "waiting"]
    return fake_stripe


def states():
    return sorted(Event.objects.values_list("state", flat=True))


def test_nothing_recent_goes(table):
    age(29)
    assert prune() == ["Deleted 0 refused POSTs older than 30 days.", "Emptied 0 done events older than 90 days."]
    assert len(states()) == 5


def test_refused_posts_go_first_and_what_is_done_is_emptied_later(table):
    age(31)
    assert prune() == ["Deleted 2 refused POSTs older than 30 days.", "Emptied 0 done events older than 90 days."]
    age(91)
    assert prune() == ["Deleted 0 refused POSTs older than 30 days.", "Emptied 1 done events older than 90 days."]
    assert states() == ["done", "failed", "waiting"]


def test_what_is_not_done_is_never_touched(table):
    undone = Event.objects.undone().order_by("pk")
    before = list(undone.values())
    age(1000)
    prune("--delete-rows", "--older-than", "0")
    now = list(undone.values())
    for row in (*before, *now):
        row.pop("recorded_at"), row.pop("created_at")
    assert now == before
    assert states() == ["failed", "waiting"]


def test_a_pruned_event_keeps_what_identifies_it_and_nothing_else(table):
    kept = ("stripe_id", "kind", "livemode", "created_at", "object_id", "fingerprint", "processed_at", "deliveries")
    age(91, state="done")
    before = Event.objects.filter(state="done").values(*kept).get()
    prune()
    event = Event.objects.get(state="done")
    assert {name: getattr(event, name) for name in kept} == before
    assert bytes(event.body) == b""
    assert_event(event, webhook_message=None, validated_message=None, message=None)
    assert_event(event, headers={}, difference=[], remote_address="")
    assert event.pruned_at is not None
    for model in (EventStep, ReceiverCall, EventProcessingException):
        assert not model.objects.filter(event=event).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhook_message, validated_message FROM pinax_stripe_event WHERE id = %s", [event.pk])
        assert cursor.fetchone() == (None, None)


def test_a_second_delivery_of_a_pruned_event_is_a_counted_duplicate(client, table, receiver):
    age(91, state="done")
    prune()
    receiver.clear()
    table.reset_requests()
    assert post_event(client, table.events[0]).status_code == 200
    event = Event.objects.get(state="done")
    assert (event.deliveries, event.webhook_message, bytes(event.body)) == (3, None, b"")
    assert (receiver, table.calls()) == ([], 0)


@pytest.mark.parametrize(
    ("forgery", "differing"),
    [
        ({"type": "customer.deleted"}, "kind"),
        ({"livemode": True}, "livemode"),
        ({"account": "acct_evil"}, "account"),
        ({"created": 1}, "created_at"),
        ({"data": {"object": {"id": "cus_other", "object": "customer"}}}, "object_id"),
    ],
)
def test_a_forgery_of_a_pruned_event_is_refused(client, table, receiver, forgery, differing):
    Event.objects.filter(state="done").update(recorded_at=timezone.now() - datetime.timedelta(days=91))
    prune()
    receiver.clear()
    assert post_event(client, {**table.events[0], **forgery}).status_code == 400
    refused = Event.objects.refused().latest("pk")
    assert (refused.reason, [entry["path"] for entry in refused.difference]) == ("identity_differs", [differing])
    assert Event.objects.get(state="done").deliveries == 2
    assert receiver == []


def test_another_rendering_of_a_pruned_event_is_a_duplicate(client, table, receiver):
    """Its content cannot be compared any more, and nothing is done with it."""
    Event.objects.filter(state="done").update(recorded_at=timezone.now() - datetime.timedelta(days=91))
    prune()
    receiver.clear()
    assert post_event(client, {**table.events[0], "api_version": "2015-10-16"}).status_code == 200
    assert Event.objects.get(state="done").deliveries == 3
    assert (receiver, Customer.objects.get(pk="cus_done").email) == ([], "a@example.com")


def test_a_pruned_event_is_not_processed_again(table, receiver):
    age(91, state="done")
    prune()
    receiver.clear()
    event = Event.objects.get(state="done")
    before = Event.objects.values().get(pk=event.pk)
    assert process_again(event.pk) is Outcome.DONE
    assert not restartable().filter(pk=event.pk).exists()
    assert Event.objects.values().get(pk=event.pk) == before
    assert (receiver, EventStep.objects.filter(event=event).count()) == ([], 0)


def test_rows_of_genuine_events_only_go_when_stripe_cannot_deliver_them_again(table):
    age(30.5, state="done")
    assert prune("--delete-rows", "--older-than", "1")[1] == "Deleted 0 done events older than 1 days."
    age(32, state="done")
    assert prune("--delete-rows", "--older-than", "1")[1] == "Deleted 1 done events older than 1 days."
    assert "done" not in states()


def test_pruned_rows_can_be_deleted_later(table):
    age(91, state="done")
    prune()
    assert prune("--delete-rows", "--state", "done") == ["Deleted 1 done events older than 90 days."]


def test_events_of_the_other_mode_stay_while_stripe_has_them(client, table):
    event = table.create("customer", livemode=True)
    post_event(client, table.events[-1])
    assert Event.objects.filter(reason="other_mode", object_id=event["id"]).exists()
    prune("--older-than", "0", "--state", "refused")
    assert Event.objects.filter(reason="other_mode").exists()
    age(32, reason="other_mode")
    prune("--state", "refused")
    assert not Event.objects.filter(reason="other_mode").exists()


@pytest.mark.parametrize("state", ["refused", "done"])
def test_an_event_that_claims_to_be_from_the_future_does_not_stay_for_ever(client, table, state):
    table.create("customer", livemode=state == "refused")
    post_event(client, table.events[-1])
    future = timezone.now() + datetime.timedelta(days=10_000)
    wanted = Event.objects.filter(pk=Event.objects.latest("pk").pk)
    wanted.update(created_at=future)
    prune("--older-than", "0", "--state", state, "--delete-rows")
    assert wanted.exists()
    wanted.update(recorded_at=timezone.now() - datetime.timedelta(days=32))
    prune("--older-than", "0", "--state", state, "--delete-rows")
    assert not wanted.exists()


def test_states_and_ages_can_be_chosen(table, settings):
    settings.PINAX_STRIPE_PRUNE_REFUSED_AFTER = 5
    age(6)
    assert prune("--state", "refused") == ["Deleted 2 refused POSTs older than 5 days."]
    assert prune("--state", "done", "--older-than", "2") == ["Emptied 1 done events older than 2 days."]
    with pytest.raises(CommandError, match="invalid choice: 'waiting'"):
        prune("--state", "waiting")
    with pytest.raises(CommandError, match="0 or more"):
        prune("--older-than", "-1")


def test_a_dry_run_counts_and_changes_nothing(table):
    age(91)
    before = list(Event.objects.order_by("pk").values())
    assert prune("--dry-run") == [
        "Would delete 2 refused POSTs older than 30 days.",
        "Would empty 1 done events older than 90 days.",
    ]
    assert list(Event.objects.order_by("pk").values()) == before


def test_pruning_works_in_batches_and_continues_after_it_was_broken_off(monkeypatch):
    monkeypatch.setattr(pruning, "BATCH_ROWS", 10)
    Event.objects.bulk_create(
        Event(stripe_id=f"evt_{number}", valid=True, processed=True, body=b"x", fingerprint=str(number))
        for number in range(35)
    )
    age(91)
    steps = pruning.prune(pruning.plan_pruning("done", days=90))
    assert [next(steps), next(steps)] == [10, 10]
    steps.close()
    assert Event.objects.filter(pruned_at__isnull=False).count() == 20
    assert prune("--state", "done") == ["Emptied 15 done events older than 90 days."]


def test_an_event_that_is_taken_up_meanwhile_is_left_alone(monkeypatch):
    """Between the choice of a batch and its lock, one of its events is to be processed again."""
    for number in range(2):
        Event.objects.create(stripe_id=f"evt_{number}", valid=True, processed=True, body=b"x", fingerprint=str(number))
    age(91)
    atomic = transaction.atomic

    def interfering(**kwargs):
        Event.objects.filter(stripe_id="evt_1").update(processed=False)
        return atomic(**kwargs)

    monkeypatch.setattr(pruning.transaction, "atomic", interfering)
    assert list(pruning.prune(pruning.plan_pruning("done", days=90))) == [1]
    assert {event.stripe_id: bytes(event.body) for event in Event.objects.all()} == {"evt_0": b"", "evt_1": b"x"}


# A run walks only what is due


def make_done(number):
    """Events that are done, with consecutive keys."""
    return Event.objects.bulk_create(
        Event(stripe_id=f"evt_{n}", valid=True, processed=True, body=b"x", fingerprint=str(n)) for n in range(number)
    )


def emptied():
    return set(Event.objects.filter(pruned_at__isnull=False).values_list("stripe_id", flat=True))


EMPTIED_NONE = ["Emptied 0 done events older than 90 days."]


@pytest.mark.parametrize(
    "columns",
    [{"processed": False}, {"processed": False, "failures": 9}, {"valid": False}, {"valid": None, "processed": False}],
    ids=str,
)
def test_what_was_not_done_when_pruning_passed_it_is_pruned_once_it_is_done(columns):
    make_done(3)
    Event.objects.filter(stripe_id="evt_1").update(**columns)
    age(91)
    prune("--state", "done")
    assert emptied() == {"evt_0", "evt_2"}
    assert prune("--state", "done") == EMPTIED_NONE
    Event.objects.filter(stripe_id="evt_1").update(valid=True, processed=True)
    assert prune("--state", "done", "--dry-run") == ["Would empty 1 done events older than 90 days."]
    assert prune("--state", "done") == ["Emptied 1 done events older than 90 days."]
    assert emptied() == {"evt_0", "evt_1", "evt_2"}
    assert not PassedEvent.objects.exists()


def test_what_was_not_due_when_pruning_passed_it_is_pruned_once_it_is():
    """A clock that was ahead."""
    make_done(3)
    age(91)
    Event.objects.filter(stripe_id="evt_1").update(recorded_at=timezone.now() + datetime.timedelta(days=3))
    prune("--state", "done")
    assert emptied() == {"evt_0", "evt_2"}
    age(91, stripe_id="evt_1")
    assert prune("--state", "done") == ["Emptied 1 done events older than 90 days."]


def test_what_another_process_had_meanwhile_is_pruned_by_the_next_run(monkeypatch):
    make_done(2)
    age(91)
    with monkeypatch.context() as context:
        context.setattr(pruning, "locked", lambda wanted, keys: keys[:1])
        prune("--state", "done")
    assert emptied() == {"evt_0"}
    prune("--state", "done")
    assert emptied() == {"evt_0", "evt_1"}


def test_a_row_that_is_committed_late_is_not_passed():
    """A transaction that took its key earlier may still be open: the mark stays behind the events of the last day."""
    make_done(3)
    late = Event.objects.get(stripe_id="evt_1")
    Event.objects.filter(pk=late.pk).delete()
    prune("--state", "done", "--older-than", "0")
    assert emptied() == {"evt_0", "evt_2"}
    late.save(force_insert=True)
    prune("--state", "done", "--older-than", "0")
    assert emptied() == {"evt_0", "evt_1", "evt_2"}


def test_events_that_are_gone_are_forgotten():
    make_done(3)
    Event.objects.filter(stripe_id="evt_1").update(processed=False)
    age(91)
    prune("--state", "done")
    assert PassedEvent.objects.count() == 1
    Event.objects.filter(stripe_id="evt_1").delete()
    prune("--state", "done")
    assert not PassedEvent.objects.exists()


def test_a_run_with_nothing_due_looks_at_none_of_the_pruned_events():
    make_done(600)
    age(91)
    prune()
    assert PruningMark.objects.get().reached == Event.objects.latest("pk").pk
    with CaptureQueriesContext(connection) as context:
        prune()
    batches = [sql for sql in captured(context) if '"pruned_at" IS NULL' in sql]
    assert len(batches) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({batches[0]}) AS found")
        assert cursor.fetchone() == (0,)
    if connection.vendor == "sqlite":
        # It looks from the mark to the last key that is due, which are the same.
        assert scanned_by_sqlite(captured(context)) <= {"pinax_stripe_passedevent", "pinax_stripe_pruningmark"}


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
def test_postgresql_reads_no_pruned_rows_for_a_run_with_nothing_due():
    with connection.cursor() as cursor:
        cursor.execute(insertion(Event, {**EVENTS, "pruned_at": "now()"}, 200_000))
    Event.objects.filter(state="done", recorded_at__gt=timezone.now() - datetime.timedelta(days=90)).update(
        pruned_at=None
    )
    analyze(Event)
    prune()
    with CaptureQueriesContext(connection) as context:
        assert [line.split()[1] for line in prune()] == ["0", "0"]
    assert rows_visited(captured(context))["pinax_stripe_event"] < 2_000
