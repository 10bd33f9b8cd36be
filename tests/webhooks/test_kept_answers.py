"""Lists that take longer than a POST may: each attempt goes on where the last one stopped."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from pinax.stripe import api
from pinax.stripe.api import deadlines, pace, transport
from pinax.stripe.models import Event, Invoice, InvoiceLineItem, KeptAnswer, SweeperMark
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.upkeep import health, pruning
from pinax.stripe.webhooks import kept_answers
from pinax.stripe.webhooks.processing import process

pytestmark = pytest.mark.django_db(transaction=True)

LINES = "/v1/invoices/in_1/lines"
NOW = 1_700_000_000


class SlowCalls:
    """Each call takes some seconds of a clock that the test turns, and none when no time is left for it."""

    def __init__(self, monkeypatch, seconds):
        self.now, self.seconds = 0.0, seconds
        exchange = transport.exchange

        def taking_long(method, url, *, timeout, **kwargs):
            allowed = float("inf") if timeout is None else timeout
            self.now += min(self.seconds, allowed)
            if allowed < self.seconds:
                raise TimeoutError("nothing came in time")
            return exchange(method, url, timeout=30, **kwargs)

        monkeypatch.setattr(transport, "exchange", taking_long)
        monkeypatch.setattr(deadlines, "clock", lambda: self.now)
        monkeypatch.setattr(pace, "sleep", lambda seconds: None)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_TIMEOUT, settings.PINAX_STRIPE_REQUEST_BUDGET = 150, 400
    settings.PINAX_STRIPE_API_RETRIES = 0
    fake_stripe.now = NOW
    return fake_stripe


@pytest.fixture
def slow(stripe, monkeypatch):
    return SlowCalls(monkeypatch, 90)


def lines(number, amount=1):
    return [build_object("line_item", id=f"il_{n}", amount=amount) for n in range(number)]


def post(client, stripe, number=0):
    return post_event(client, stripe.events[number]).status_code


@pytest.mark.slow
def test_each_delivery_of_a_long_list_gets_further(client, stripe, slow):
    """Four calls fit into a POST: the event and three pages, then four pages, then three."""
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert [post(client, stripe) for _ in range(3)] == [503, 503, 200]
    assert stripe.calls(LINES) == 10
    assert [line.pk for line in Invoice.objects.get().lines.all()] == [f"il_{n}" for n in range(1000)]
    assert not KeptAnswer.objects.exists()


def test_nothing_is_kept_of_what_one_attempt_reads(client, stripe, slow, django_assert_num_queries):
    stripe.create("invoice", id="in_1", lines=lines(25))
    assert post(client, stripe) == 200
    assert not KeptAnswer.objects.exists()


@pytest.mark.slow
def test_what_changed_between_two_attempts_is_in_its_own_event(client, stripe, slow):
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert post(client, stripe) == 503
    stripe.advance(60)
    stripe.update("in_1", lines=lines(1000, amount=2), number="later")
    assert [post(client, stripe) for _ in range(2)] == [503, 200]
    while post(client, stripe, 1) != 200:
        pass
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.lines.count()) == ("later", 1000)
    assert set(invoice.lines.values_list("amount", flat=True)) == {2}


@pytest.mark.slow
def test_a_page_that_begins_after_what_is_gone_makes_the_list_begin_again(client, stripe, slow):
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert post(client, stripe) == 503
    stripe.advance(60)
    stripe.update("in_1", lines=lines(1000)[350:], silent=True)
    assert post(client, stripe) == 503
    assert not KeptAnswer.objects.exists()
    assert [post(client, stripe) for _ in range(2)] == [503, 200]
    assert Invoice.objects.get().lines.count() == 650


@pytest.mark.slow
def test_a_tie_with_a_long_list_is_settled_over_several_attempts(client, stripe, slow):
    stripe.create("invoice", id="in_1", lines=lines(1000))
    stripe.update("in_1", number="2")
    process_all = [post(client, stripe) for _ in range(3)]
    assert process_all[-1] == 200
    stripe.reset_requests()
    answers = []
    while 200 not in answers:
        answers.append(post(client, stripe, 1))
    assert len(answers) <= 7
    assert stripe.calls(LINES) == 20  # Ten pages of the event's own object, ten of the one that settles the tie.
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.lines.count()) == ("2", 1000)
    assert not KeptAnswer.objects.exists()


@pytest.mark.slow
def test_what_was_read_for_a_row_that_changed_since_is_not_written_over_it(client, stripe, slow):
    """A tie that is read in part, then news, then the rest: the parts are those of the news."""
    stripe.create("invoice", id="in_1", lines=lines(1000))
    stripe.update("in_1", number="2")
    while post(client, stripe) != 200:
        pass
    for _ in range(4):  # The event's own lines are read, and some of the tie's.
        assert post(client, stripe, 1) == 503
    stripe.advance(60)
    stripe.update("in_1", number="3", lines=lines(30, amount=5))
    assert post(client, stripe, 2) == 200
    slow.seconds = 0
    assert post(client, stripe, 1) == 200
    invoice = Invoice.objects.get()
    assert (invoice.number, {line.amount for line in invoice.lines.all()}) == ("3", {5})
    assert invoice.lines.count() == 30


@pytest.mark.slow
def test_the_sweeper_finishes_what_takes_longer_than_a_post(client, stripe, slow, settings):
    """It goes on from what the POST read, and has more time for each call."""
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert post(client, stripe) == 503
    kept = KeptAnswer.objects.count()
    settings.PINAX_STRIPE_SWEEPER_API_TIMEOUT = 2000
    slow.seconds = 1500
    assert post(client, stripe) == 503
    call_command("stripe_process_events", stdout=StringIO())
    assert Event.objects.get().processed
    assert Invoice.objects.get().lines.count() == 1000
    assert kept == 3


@pytest.mark.slow
def test_a_half_read_event_is_answered_200_only_if_another_attempt_will_finish_it(client, stripe, slow, settings):
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert post(client, stripe) == 503
    call_command("stripe_process_events", "--undecided", stdout=StringIO())
    assert not SweeperMark.objects.exists()
    SweeperMark.objects.create(pk=1, swept_at=timezone.now() - datetime.timedelta(minutes=61))
    KeptAnswer.objects.filter(request__contains="starting_after").delete()
    assert post(client, stripe) == 503
    KeptAnswer.objects.filter(request__contains="starting_after").delete()
    SweeperMark.objects.update(swept_at=timezone.now() + datetime.timedelta(days=2))  # By a clock that was ahead.
    assert post(client, stripe) == 503
    KeptAnswer.objects.filter(request__contains="starting_after").delete()
    SweeperMark.objects.update(swept_at=timezone.now() - datetime.timedelta(minutes=59))
    assert post(client, stripe) == 200
    assert not Event.objects.get().processed
    call_command("stripe_process_events", stdout=StringIO())
    assert Event.objects.get().processed
    assert SweeperMark.objects.get().swept_at > timezone.now() - datetime.timedelta(minutes=1)


def test_while_stripe_is_down_a_mark_does_not_answer_200(client, stripe, settings):
    """An event that is not confirmed, or of which nothing was read, is still answered 503."""
    SweeperMark.objects.create(pk=1, swept_at=timezone.now())
    stripe.create("invoice", id="in_1", lines=lines(1000))
    stripe.fail(LINES, times=None)
    assert post(client, stripe) == 503
    assert Event.objects.get().valid is True
    stripe.create("customer", id="cus_1")
    stripe.fail("/v1/events", times=None)
    assert post(client, stripe, 1) == 503


def test_two_sweepers_that_make_the_mark_at_the_same_moment_leave_no_error_in_the_database_log():
    failed, waiting = [], [1]

    def second_one(execute, sql, params, many, context):
        """Another sweeper's mark appears just before ours is inserted."""
        if sql.startswith("INSERT") and waiting:
            waiting.clear()
            SweeperMark.objects.create(pk=1, swept_at=timezone.now())
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            failed.append(error)
            raise

    with connection.execute_wrapper(second_one):
        kept_answers.save_sweeper_mark()
    assert failed == []
    assert SweeperMark.objects.count() == 1


def test_a_mark_that_a_clock_that_was_ahead_left_is_made_anew():
    SweeperMark.objects.create(pk=1, swept_at=timezone.now() + datetime.timedelta(days=2))
    kept_answers.save_sweeper_mark()
    assert SweeperMark.objects.get().swept_at <= timezone.now()


def test_health_says_when_the_sweeper_last_ran(client, stripe):
    def told():
        checks = health.health_report(health.Thresholds.configured())
        return {check.name: check for check in checks}.get("sweeper")

    stripe.create("customer", id="cus_1")
    assert post(client, stripe) == 200
    assert told() is None
    call_command("stripe_process_events", stdout=StringIO())
    assert told().summary == "stripe_process_events last ran 0 minutes ago."
    SweeperMark.objects.update(swept_at=timezone.now() - datetime.timedelta(minutes=90))
    assert "last ran 90 minutes ago. Until it runs" in told().summary
    assert told().level is health.Level.OK


def test_what_was_kept_goes_with_its_event(client, stripe, slow):
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert post(client, stripe) == 503
    pruning.delete_events([Event.objects.get().pk])
    assert (Event.objects.count(), KeptAnswer.objects.count()) == (0, 0)


def test_an_event_that_was_mirrored_by_another_worker_keeps_nothing(client, stripe, slow, monkeypatch):
    stripe.create("invoice", id="in_1", lines=lines(1000))
    assert post(client, stripe) == 503
    Event.objects.update(mirrored_at=timezone.now())
    event = Event.objects.get()
    event.mirrored_at = None
    KeptAnswer.objects.all().delete()
    from pinax.stripe.webhooks.kept_answers import PartialReads

    partial_reads = PartialReads(event)
    partial_reads.answers[""] = {"x": api.Fetched(data={}, earliest=None, latest=None)}
    partial_reads.used.add("")
    partial_reads.save()
    assert not KeptAnswer.objects.exists()
    assert not InvoiceLineItem.objects.exists()
    assert process(event.pk)
