"""What a receiver can say by raising, and that is no failure: not yet, and not for me."""

import datetime
import functools
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone

from pinax.stripe.exceptions import Ignore, RetryLater
from pinax.stripe.models import Customer, Event, EventProcessingException, EventStep, ReceiverCall
from pinax.stripe.signals import WEBHOOK_SIGNALS, failed_event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep import statistics
from pinax.stripe.upkeep.reprocessing import process_again
from pinax.stripe.webhooks.processing import Outcome, process
from pinax.stripe.webhooks.retries import claim, when_due
from tests.assertions import assert_event
from tests.promises.shop.models import Effect

pytestmark = pytest.mark.django_db(transaction=True)

PAID = WEBHOOK_SIGNALS["invoice.paid"]
DAY = datetime.timedelta(days=1)


@pytest.fixture
def connect(connect):
    """Connect receivers of invoice.paid for one test."""
    return functools.partial(connect, signal=PAID)


@pytest.fixture
def stripe(fake_stripe):
    """A Stripe with a paid invoice, whose customer's event comes before it."""
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    fake_stripe.create("invoice", id="in_1", customer="cus_1", silent=True)
    fake_stripe.update("in_1", status="paid", type="invoice.paid")
    return fake_stripe


def note(name):
    Effect.objects.create(receiver=name, event_id="")


def effects():
    return list(Effect.objects.order_by("pk").values_list("receiver", flat=True))


def welcome(event, **kwargs):
    """Needs the customer's row."""
    note("rolled back")
    if event.customer is None:
        raise RetryLater(600, "the customer is not here yet")
    Effect.objects.all().delete()
    note("welcome")


def book(event, **kwargs):
    note("book")


def always_later(event, **kwargs):
    raise RetryLater(60)


def paid():
    return Event.objects.get(kind="invoice.paid")


def told(event, kind):
    return list(event.steps.filter(kind=kind).values_list("data", flat=True))


def make_due(event):
    Event.objects.filter(pk=event.pk).update(next_attempt_at=timezone.now() - datetime.timedelta(seconds=1))


def test_retry_later_is_no_failure_stops_no_other_receiver_and_is_in_the_timeline(client, stripe, connect):
    connect(welcome, uid="welcome")
    connect(book, uid="book")
    before = timezone.now()
    assert post_event(client, stripe.events[1]).status_code == 503
    event = paid()
    assert_event(event, state="waiting", failures=0, processed=False)
    assert not EventProcessingException.objects.exists()
    assert effects() == ["book"]
    assert list(ReceiverCall.objects.values_list("receiver", flat=True)) == ["invoice.paid:book"]
    assert told(event, EventStep.Kind.POSTPONED) == [
        {"receiver": "invoice.paid:welcome", "reason": "the customer is not here yet", "seconds": 600}
    ]
    wait = datetime.timedelta(seconds=600)
    assert before + wait <= event.next_attempt_at <= timezone.now() + wait


def test_later_the_receiver_is_called_again_and_no_other(client, stripe, connect):
    connect(welcome, uid="welcome")
    connect(book, uid="book")
    post_event(client, stripe.events[1])
    post_event(client, stripe.events[0])
    make_due(paid())
    out = StringIO()
    call_command("stripe_process_events", "--due", stdout=out)
    assert out.getvalue() == "Processed 1 events: 1 done.\n"
    assert effects() == ["welcome"]


def test_a_delivery_before_the_time_calls_a_postponed_receiver_too(client, stripe, connect):
    connect(welcome, uid="welcome")
    assert [post_event(client, stripe.events[number]).status_code for number in (1, 0, 1)] == [503, 200, 200]
    assert effects() == ["welcome"]


def test_a_postponed_event_is_not_due_before_its_time_and_no_warning(client, stripe, connect):
    connect(lambda event, **kwargs: note("x") or later(20 * DAY), uid="x")
    post_event(client, stripe.events[1])
    out = StringIO()
    call_command("stripe_process_events", "--due", stdout=out)
    assert out.getvalue() == "Nothing to process.\n"
    assert statistics.oldest_undone() is None
    assert statistics.count_undone(before=timezone.now() + DAY) == 0
    assert statistics.count_undone() == 1
    assert when_due(paid().pk) > timezone.now() + 19 * DAY
    make_due(paid())
    assert statistics.oldest_undone() == paid()


def later(wait):
    raise RetryLater(wait.total_seconds())


@pytest.mark.parametrize("seconds", [90 * 86400, 1e300, float("inf")])
def test_thirty_days_is_the_longest_wait(client, stripe, connect, seconds):
    def receiver(event, **kwargs):
        raise RetryLater(seconds)

    connect(receiver, uid="x")
    assert post_event(client, stripe.events[1]).status_code == 503
    assert timezone.now() + 29 * DAY < paid().next_attempt_at <= timezone.now() + 30 * DAY


def test_after_thirty_days_a_postponed_event_is_a_failure_and_given_up(client, stripe, connect, monkeypatch):
    connect(always_later, uid="x")
    assert post_event(client, stripe.events[1]).status_code == 503
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + 29 * DAY)
    assert process(paid().pk) is Outcome.POSTPONED
    monkeypatch.setattr(timezone, "now", lambda: now + 30 * DAY)
    assert process(paid().pk) is Outcome.FAILED
    event = paid()
    assert_event(event, state="failed", failures=1, gave_up_at=now + 30 * DAY)
    assert EventProcessingException.objects.get().data == "invoice.paid:x"
    # Processed from the beginning, it has another thirty days.
    assert process_again(event.pk) is Outcome.POSTPONED


def test_the_last_call_comes_when_the_thirty_days_end(client, stripe, connect, monkeypatch):
    connect(lambda event, **kwargs: later(20 * DAY), uid="x")
    post_event(client, stripe.events[1])
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + 20 * DAY)
    process(paid().pk)
    assert now + 29 * DAY < paid().next_attempt_at <= now + 30 * DAY


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "60", None, True])
def test_what_is_no_number_of_seconds_is_a_bug_of_the_receivers(client, stripe, connect, seconds):
    def receiver(event, **kwargs):
        raise RetryLater(seconds)

    connect(receiver, uid="x")
    assert post_event(client, stripe.events[1]).status_code == 500
    assert EventProcessingException.objects.get().message.startswith("ValueError: RetryLater needs a number")


def test_a_postponement_beside_a_failure_is_a_failure_and_the_sooner_time_counts(client, stripe, connect, settings):
    settings.PINAX_STRIPE_RETRY_DELAYS = (1000,)

    def fails(event, **kwargs):
        raise ValueError("a bug")

    connect(fails, uid="fails")
    connect(always_later, uid="later")
    assert post_event(client, stripe.events[1]).status_code == 500
    event = paid()
    assert (event.state, event.failures) == ("failed", 1)
    assert EventProcessingException.objects.get().data == "invoice.paid:fails"
    assert event.next_attempt_at < timezone.now() + datetime.timedelta(seconds=61)
    settings.PINAX_STRIPE_RETRY_DELAYS = (10,)
    process(event.pk)
    event.refresh_from_db()
    assert event.failures == 2
    assert event.next_attempt_at < timezone.now() + datetime.timedelta(seconds=12)


def test_the_first_of_several_decides_when(client, stripe, connect):
    connect(lambda event, **kwargs: later(2 * DAY), uid="a")
    connect(lambda event, **kwargs: later(1 * DAY), uid="b")
    post_event(client, stripe.events[1])
    assert paid().next_attempt_at < timezone.now() + 1.1 * DAY
    assert len(told(paid(), EventStep.Kind.POSTPONED)) == 2


def test_async_receivers_may_postpone_and_ignore_too(client, stripe, connect):
    async def receiver(event, **kwargs):
        raise RetryLater(60)

    async def other(event, **kwargs):
        raise Ignore("not for me")

    connect(receiver, uid="x")
    connect(other, uid="y")
    assert post_event(client, stripe.events[1]).status_code == 503
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize(("answer", "status"), [(RetryLater(60), 503), (Ignore("away"), 200)])
def test_retry_later_raised_because_of_a_database_error_counts_as_retry_later(client, stripe, connect, answer, status):
    def patient(event, **kwargs):
        calls.append(event.kind)
        try:
            raise OperationalError("another database is away")
        except OperationalError as error:
            raise answer from error

    calls = []
    connect(patient, uid="patient")
    assert post_event(client, stripe.events[-1]).status_code == status
    assert calls == ["invoice.paid"]
    assert not EventProcessingException.objects.exists()


def test_system_exit_raised_because_of_a_database_error_ends_the_process_at_once(client, stripe, connect):
    def leave(event, **kwargs):
        calls.append(event.kind)
        raise SystemExit from OperationalError("another database is away")

    calls = []
    connect(leave, uid="leave")
    with pytest.raises(SystemExit):
        post_event(client, stripe.events[-1])
    assert (calls, paid().failures) == (["invoice.paid"], 1)


def test_what_waits_for_the_commit_of_one_that_wants_to_come_later_does_not_run(client, stripe, connect):
    seen = []

    def receiver(event, **kwargs):
        transaction.on_commit(lambda: seen.append("mail"))
        raise RetryLater(60)

    connect(receiver, uid="x")
    post_event(client, stripe.events[1])
    assert seen == []


def test_a_timeline_stays_short_however_often_it_is_said(client, stripe, connect, monkeypatch):
    monkeypatch.setattr("pinax.stripe.webhooks.announcing.MAX_TIMELINE_POSTPONEMENTS", 2)
    connect(always_later, uid="x")
    for _ in range(4):
        post_event(client, stripe.events[1])
    assert len(told(paid(), EventStep.Kind.POSTPONED)) == 2


def test_ignoring_and_postponing_raise_no_alarm(client, stripe, connect):
    alarms = []

    def alarm(**kwargs):
        alarms.append(kwargs)

    connect(always_later, uid="x")
    failed_event.connect(alarm)
    try:
        post_event(client, stripe.events[1])
    finally:
        failed_event.disconnect(alarm)
    assert alarms == []


def test_ignore_marks_the_receiver_done_and_rolls_its_writes_back(client, stripe, connect):
    calls = []

    def ignores(event, **kwargs):
        calls.append("ignores")
        note("rolled back")
        raise Ignore("no subscription of ours")

    connect(ignores, uid="ignores")
    connect(always_later, uid="later")
    connect(book, uid="book")
    for _ in range(2):
        assert post_event(client, stripe.events[1]).status_code == 503
    assert calls == ["ignores"]
    assert effects() == ["book"]
    assert told(paid(), EventStep.Kind.IGNORED) == [
        {"receiver": "invoice.paid:ignores", "reason": "no subscription of ours"}
    ]
    PAID.disconnect(dispatch_uid="later")
    assert post_event(client, stripe.events[1]).status_code == 200
    assert calls == ["ignores"]
    assert paid().state == "done"


def test_ignore_needs_no_name_and_no_reason(client, stripe, connect):
    def receiver(event, **kwargs):
        raise Ignore

    PAID.connect(receiver, weak=False)
    try:
        assert post_event(client, stripe.events[1]).status_code == 200
    finally:
        PAID.disconnect(receiver)
    assert paid().state == "done"
    assert not EventProcessingException.objects.exists()


@pytest.mark.parametrize("reason", ["\ud800\x00", "x" * 100_000, 5])
def test_any_reason_can_be_stored(client, stripe, connect, reason):
    def receiver(event, **kwargs):
        raise Ignore(reason)

    connect(receiver, uid="x")
    assert post_event(client, stripe.events[1]).status_code == 200
    assert len(told(paid(), EventStep.Kind.IGNORED)[0]["reason"]) <= 500


def test_what_is_recorded_of_the_mirror_stays(client, stripe, connect):
    connect(always_later, uid="x")
    post_event(client, stripe.events[0])
    post_event(client, stripe.events[1])
    assert paid().mirrored_at is not None
    assert Customer.objects.get().pk == "cus_1"
    assert paid().customer == Customer.objects.get()


class TestAClockThatWasAhead:
    """Its plans are not kept for days; when it is right again, the event is taken up."""

    @pytest.fixture
    def ahead(self, monkeypatch):
        """Do something while the clock is so far ahead."""
        right = timezone.now

        def run(wait, action):
            with monkeypatch.context() as patch:
                patch.setattr(timezone, "now", lambda: right() + wait)
                return action()

        return run

    def swept(self):
        out = StringIO()
        call_command("stripe_process_events", "--due", stdout=out)
        return out.getvalue()

    def test_when_a_receiver_asked_to_be_called_later(self, client, stripe, connect, ahead):
        connect(always_later, uid="x")
        assert ahead(5 * DAY, lambda: post_event(client, stripe.events[1]).status_code) == 503
        assert self.swept() == "Processed 1 events: 1 postponed.\n"
        assert self.swept() == "Nothing to process.\n"
        assert paid().next_attempt_at < timezone.now() + datetime.timedelta(seconds=61)

    def test_when_a_receiver_failed(self, client, stripe, connect, ahead):
        def fails(event, **kwargs):
            raise ValueError("a bug")

        connect(fails, uid="x")
        ahead(5 * DAY, lambda: post_event(client, stripe.events[1]))
        assert when_due(paid().pk) < timezone.now() + DAY
        assert self.swept() == "Processed 1 events: 1 failed.\n"
        assert self.swept() == "Nothing to process.\n"

    def test_when_stripe_could_not_be_asked(self, client, stripe, ahead):
        stripe.fail(times=None)
        ahead(5 * DAY, lambda: post_event(client, stripe.events[1]))
        stripe.clear_faults()
        assert self.swept() == "Processed 1 events: 1 done.\n"

    def test_when_a_sweeper_claimed_it_and_died(self, client, stripe, connect, ahead):
        connect(always_later, uid="x")
        post_event(client, stripe.events[1])
        assert ahead(5 * DAY, lambda: claim(paid().pk))
        assert self.swept() == "Processed 1 events: 1 postponed.\n"
