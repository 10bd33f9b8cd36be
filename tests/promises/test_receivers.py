"""Receivers of every kind: what one does wrong stays with it, and each gets through once."""

import functools
import os

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from pinax.stripe.models import Customer, Event, EventProcessingException, ReceiverCall
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from pinax.stripe.testing import post_event
from tests.promises.shop.models import Effect, Tally

pytestmark = pytest.mark.django_db(transaction=True)

CREATED = WEBHOOK_SIGNALS["customer.created"]


@pytest.fixture
def event(fake_stripe):
    """A genuine event about a new customer."""
    fake_stripe.create("customer", id="cus_1")
    return fake_stripe.events[0]


def effects():
    """What receivers wrote, in order."""
    return list(Effect.objects.order_by("pk").values_list("receiver", flat=True))


def note(name):
    Effect.objects.create(receiver=name, event_id="")


def before(event, **kwargs):
    note("before")


def after(event, **kwargs):
    note("after")


# What one of three does wrong: each writes first, so that it can be seen what is rolled back.


def raises(event, **kwargs):
    note("culprit")
    raise ValueError("a bug")


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("a bug in the bug")


def raises_the_unspeakable(event, **kwargs):
    note("culprit")
    raise Unspeakable


def raises_what_no_database_stores(event, **kwargs):
    note("culprit")
    raise ValueError("\ud800\x00")


def closes_the_connection(event, **kwargs):
    note("culprit")
    connection.close()


def is_terminated(event, **kwargs):
    note("culprit")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def breaks_the_transaction(event, **kwargs):
    note("culprit")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")


def violates_a_constraint(event, **kwargs):
    note("culprit")
    Tally.objects.create(name="taken")
    Tally.objects.create(name="taken")


def sets_rollback(event, **kwargs):
    note("culprit")
    transaction.set_rollback(True)
    Tally.objects.count()


async def raises_in_async(event, **kwargs):
    raise ValueError("a bug")


CULPRITS = [
    raises,
    raises_the_unspeakable,
    raises_what_no_database_stores,
    closes_the_connection,
    breaks_the_transaction,
    violates_a_constraint,
    sets_rollback,
    raises_in_async,
    pytest.param(
        is_terminated,
        marks=pytest.mark.skipif(not os.environ.get("PINAX_STRIPE_TEST_DATABASE_LOG"), reason="needs a PostgreSQL"),
    ),
]


@pytest.mark.parametrize("culprit", CULPRITS, ids=lambda function: getattr(function, "__name__", None))
def test_what_one_receiver_does_wrong_stays_with_it(client, event, connect, figure, culprit):
    if culprit is closes_the_connection and connection.vendor == "sqlite":
        pytest.skip("a database in memory is not closed")
    for function in (before, culprit, after):
        connect(function, uid=function.__name__)
    assert post_event(client, event).status_code == 500
    assert sorted(effects()) == ["after", "before"]
    assert Customer.objects.get().stripe_data["id"] == "cus_1"
    assert Event.objects.get().state == "failed"
    assert list(EventProcessingException.objects.values_list("data", flat=True)) == [
        f"customer.created:{culprit.__name__}"
    ]
    assert post_event(client, event).status_code == 500  # Only the receiver that raised is called again.
    assert sorted(effects()) == ["after", "before"]
    CREATED.disconnect(dispatch_uid=culprit.__name__)
    connect(lambda event, **kwargs: note("mended"), uid=culprit.__name__)
    assert post_event(client, event).status_code == 200
    assert sorted(effects()) == ["after", "before", "mended"]
    assert Event.objects.get().state == "done"
    figure("receivers", culprit.__name__, "alone undone, alone called again")


def test_a_receiver_that_swallows_a_database_error_is_not_taken_for_done(client, event, connect):
    """Its transaction is broken, whatever it makes of that: on PostgreSQL nothing it wrote could be kept."""

    def swallows(event, **kwargs):
        note("culprit")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM no_such_table")
        except DatabaseError:
            pass

    for name, function in (("before", before), ("swallows", swallows), ("after", after)):
        connect(function, uid=name)
    status = post_event(client, event).status_code
    done = set(ReceiverCall.objects.values_list("receiver", flat=True))
    kept = "culprit" in effects()
    # Where the database forgives it (SQLite), it is done and its writes stay; where not, neither.
    assert ("customer.created:swallows" in done) == kept == (status == 200)
    assert {"before", "after"} <= set(effects())


@pytest.mark.parametrize("uid", ["swallows", None], ids=["with a name", "without"])
def test_a_receiver_that_swallows_what_undoes_its_writes_is_not_taken_for_done(client, event, connect, uid):
    """Django rolls its savepoint back without a word, on every database: its writes may not be lost with that."""

    def swallows(event, **kwargs):
        note("culprit")
        try:
            Tally.objects.create(name="taken")
            Tally.objects.create(name="taken")
        except IntegrityError:
            pass

    connect(before, uid="before")
    connect(swallows, uid=uid)
    connect(after, uid="after")
    assert post_event(client, event).status_code == 500
    assert sorted(effects()) == ["after", "before"]
    assert Event.objects.get().state == "failed"
    assert EventProcessingException.objects.count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a database in memory is not closed")
@pytest.mark.parametrize("is_last", [True, False], ids=["last", "before another"])
def test_a_nameless_receiver_that_closes_the_connection_silently_is_not_taken_for_done(client, event, connect, is_last):
    """Django does not raise at the end of a transaction that is gone: nothing may be called done that is not there."""
    connect(before, uid="before")
    connect(lambda event, **kwargs: connection.close())
    if not is_last:
        connect(after, uid="after")
    assert post_event(client, event).status_code == 500
    assert Event.objects.get().state == "failed"
    assert sorted(effects()) == (["before"] if is_last else ["after", "before"])
    assert "<lambda>" in EventProcessingException.objects.get().data


@pytest.mark.parametrize("text", ["a receiver", None], ids=["the same text", "none"])
def test_objects_without_a_name_are_told_apart_whatever_their_text(client, event, connect, text):
    calls = []

    class Object:
        def __call__(self, event, **kwargs):
            calls.append(self)

        def __repr__(self):
            if text is None:
                raise ValueError("a bug")
            return text

    connect(Object())
    connect(Object())
    assert post_event(client, event).status_code == 200
    assert len(calls) == 2


def test_a_receiver_with_own_transactions_decides_which_of_its_writes_stay(client, event, connect):
    def careful(event, **kwargs):
        note("kept")
        try:
            with transaction.atomic():
                note("undone")
                raise IntegrityError("for a reason of its own")
        except IntegrityError:
            note("kept too")

    connect(careful, uid="careful")
    assert post_event(client, event).status_code == 200
    assert effects() == ["kept", "kept too"]


def test_what_waits_for_the_commit_runs_once_the_event_is_done(client, event, connect):
    seen = []

    def mails(event, **kwargs):
        transaction.on_commit(lambda: seen.append(Event.objects.get().state))

    connect(mails, uid="mails")
    assert post_event(client, event).status_code == 200
    assert seen == ["done"]


def test_what_waits_for_the_commit_of_one_that_raises_does_not_run(client, event, connect):
    seen = []

    def mails(event, **kwargs):
        transaction.on_commit(lambda: seen.append("mail"))
        raise ValueError("a bug")

    connect(mails, uid="mails")
    assert post_event(client, event).status_code == 500
    assert seen == []


async def exits_async(event, **kwargs):
    raise SystemExit(1)


def exits(event, **kwargs):
    note("culprit")
    raise SystemExit(1)


def interrupts(event, **kwargs):
    note("culprit")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("culprit", "ending", "message"),
    [
        (exits, SystemExit, "SystemExit: 1"),
        (exits_async, SystemExit, "SystemExit: 1"),
        (interrupts, KeyboardInterrupt, "KeyboardInterrupt: "),
    ],
)
def test_what_ends_the_process_does_so_after_the_others_ran_and_counts_as_failed(
    client, event, connect, settings, culprit, ending, message
):
    settings.PINAX_STRIPE_RETRY_LIMIT = 2
    connect(before, uid="before")
    connect(culprit, uid="culprit")
    connect(after, uid="after")
    for _ in range(2):
        with pytest.raises(ending):
            post_event(client, event)
    assert effects() == ["before", "after"]
    assert set(EventProcessingException.objects.values_list("data", "message")) == {
        ("customer.created:culprit", message)
    }
    assert (Event.objects.get().state, Event.objects.get().failures) == ("failed", 2)
    assert Event.objects.get().gave_up_at is not None


@pytest.mark.parametrize("length", [480, 500, 5000])
def test_a_name_of_any_length_is_remembered(client, event, connect, length):
    for letter in "ab":
        connect(functools.partial(note_called, letter), uid="x" * length + letter)
    connect(raises, uid="raises")
    for _ in range(2):
        assert post_event(client, event).status_code == 500
    assert effects() == ["a", "b"]
    assert ReceiverCall.objects.count() == 2


def note_called(letter, event, **kwargs):
    note(letter)


def test_receivers_are_called_in_the_order_of_connection_sync_and_async_those_of_every_event_last(
    client, event, connect
):
    order = []

    async def second(event, **kwargs):
        order.append(2)

    class Object:
        def __call__(self, event, **kwargs):
            order.append(3)

        def method(self, event, **kwargs):
            order.append(4)

    connect(lambda event, **kwargs: order.append(6), signal=every_event)
    connect(functools.partial(lambda number, event, **kwargs: order.append(number), 1))
    connect(second)
    connect(Object())
    connect(Object().method)
    connect(lambda event, **kwargs: order.append(5))
    assert post_event(client, event).status_code == 200
    assert order == [1, 2, 3, 4, 5, 6]


def test_a_nameless_receiver_is_called_again_when_another_fails(client, event, connect):
    """At least once, as the documentation says: nothing could tell it from another after a restart."""
    calls = []
    connect(lambda event, **kwargs: calls.append("nameless"))
    connect(before)
    connect(raises, uid="raises")
    assert post_event(client, event).status_code == 500
    CREATED.disconnect(dispatch_uid="raises")
    assert post_event(client, event).status_code == 200
    assert calls == ["nameless", "nameless"]
    assert effects() == ["before"]


def test_a_name_survives_a_restart(client, event, connect):
    """A new process has a new function object under the same module and name."""
    connect(before)
    connect(raises, uid="raises")
    post_event(client, event)
    CREATED.disconnect(before)
    CREATED.disconnect(dispatch_uid="raises")
    again = type(before)(before.__code__, before.__globals__, "before")
    again.__qualname__, again.__module__ = before.__qualname__, before.__module__
    connect(again)
    assert post_event(client, event).status_code == 200
    assert effects() == ["before"]
    assert list(ReceiverCall.objects.values_list("receiver", flat=True)) == [f"customer.created:{__name__}.before"]


def test_a_receiver_that_disconnects_another_does_not_keep_it_from_this_event(client, event, connect):
    def jealous(event, **kwargs):
        CREATED.disconnect(dispatch_uid="after")

    connect(jealous, uid="jealous")
    connect(after, uid="after")
    assert post_event(client, event).status_code == 200
    assert effects() == ["after"]


def test_a_receiver_that_changes_the_mirror_and_raises_is_rolled_back_alone(client, event, connect):
    def scribbles(event, **kwargs):
        Customer.all_objects.update(name="scribbled", version=F("version") + 1)
        raise ValueError("a bug")

    connect(scribbles, uid="scribbles")
    assert post_event(client, event).status_code == 500
    assert Customer.objects.get().name == ""


class TestAnotherDatabase:
    """Writes through another alias are in no transaction of ours: they stay, and come again with the next call."""

    pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])

    def test_writes_through_another_alias_stay_when_the_receiver_raises_and_are_made_again(
        self, client, event, connect
    ):
        def elsewhere(event, **kwargs):
            Tally.objects.using("other").create(name=str(Tally.objects.using("other").count()))
            raise ValueError("a bug")

        connect(elsewhere, uid="elsewhere")
        for _ in range(2):
            assert post_event(client, event).status_code == 500
        assert Tally.objects.using("other").count() == 2

    def test_with_a_transaction_of_its_own_they_go_with_it(self, client, event, connect):
        def elsewhere(event, **kwargs):
            with transaction.atomic(using="other"):
                Tally.objects.using("other").create(name="x")
                raise ValueError("a bug")

        connect(elsewhere, uid="elsewhere")
        assert post_event(client, event).status_code == 500
        assert not Tally.objects.using("other").exists()
