"""A receiver that was added later is run for the past on purpose: once for each event, and no other with it."""

import datetime
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from pinax.stripe.exceptions import Ignore, RetryLater
from pinax.stripe.models import Event, EventProcessingException, EventStep, ReceiverCall
from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.late_receivers import never_ran, receivers_called, run_for_the_past
from pinax.stripe.upkeep.pruning import plan_pruning, prune
from pinax.stripe.upkeep.reprocessing import start_over
from pinax.stripe.webhooks.processing import Outcome
from tests.promises.shop.models import Effect

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 60
SINCE = timezone.now() - datetime.timedelta(days=30)


def run(name, *arguments, since="30d"):
    """What the command prints, and its exit code."""
    out = StringIO()
    try:
        call_command("stripe_process_events", "--receiver", name, "--since", since, *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue().strip(), 0


def effects():
    return list(Effect.objects.order_by("pk").values_list("receiver", "event_id"))


def writer(name, raised=None):
    """A receiver that writes, and then raises what is in a list."""

    def receiver(event, **kwargs):
        Effect.objects.create(receiver=name, event_id=event.object_id)
        if raised:
            raise raised[0]

    return receiver


@pytest.fixture
def past(client, fake_stripe, connect):
    """Three customers and a charge whose events are done, with a receiver for the customers."""
    connect(writer("early"), uid="early")
    for number in range(3):
        fake_stripe.create("customer", id=f"cus_{number}")
    fake_stripe.create("charge", id="ch_1")
    for event in fake_stripe.events:
        post_event(client, event)
    Effect.objects.all().delete()
    return fake_stripe


def test_each_event_of_the_past_is_brought_to_a_receiver_once_and_to_no_other(past, connect):
    connect(writer("late"), uid="late")
    connect(writer("other"), uid="other")
    assert run("customer.created:late") == ("Called customer.created:late for 3 events: 3 done.", 0)
    assert effects() == [("late", "cus_0"), ("late", "cus_1"), ("late", "cus_2")]
    assert run("late") == ("Nothing to process.", 0)
    assert len(effects()) == 3
    assert set(Event.objects.values_list("state", flat=True)) == {"done"}


def test_who_never_ran_is_known_with_the_number_of_events(past, connect):
    connect(writer("late"), uid="late")
    connect(writer("all"), every_event, uid="all")
    connect(lambda event, **kwargs: None)  # Without a name nothing is known of it.
    found = {each.identity: each.events for each in never_ran(SINCE)}
    assert found == {"customer.created:late": 3, "every_event:all": 4}
    run("all")
    assert [each.identity for each in never_ran(SINCE)] == ["customer.created:late"]


def test_one_name_may_be_connected_to_several_signals(past, connect):
    late = writer("late")
    for kind in ("customer.created", "charge.succeeded", "charge.pending"):
        connect(late, WEBHOOK_SIGNALS[kind], uid="late")
    text, code = run("late", "--limit", "3")
    assert (len(effects()), code) == (3, 0)
    assert text == "Called late for 3 events: 3 done."


def test_only_events_since_the_time_that_is_asked_for_are_taken(past, connect):
    connect(writer("late"), uid="late")
    Event.objects.filter(object_id="cus_0").update(created_at=timezone.now() - datetime.timedelta(days=3))
    run("late", since="2d")
    assert effects() == [("late", "cus_1"), ("late", "cus_2")]


def test_a_receiver_that_raises_leaves_nothing_and_is_called_again(past, connect):
    raised = [ValueError("a bug")]
    connect(writer("late", raised), uid="late")
    text, code = run("late")
    assert text.startswith("Called late for 3 events: 3 failed.")
    assert (code, effects()) == (1, [])
    assert EventProcessingException.objects.filter(data="customer.created:late").count() == 3
    assert set(Event.objects.values_list("state", flat=True)) == {"done"}
    raised.clear()
    assert run("late")[1] == 0
    assert len(effects()) == 3


@pytest.mark.parametrize(
    ("answer", "kind", "calls", "code"), [(Ignore("not mine"), "ignored", 3, 0), (RetryLater(60), "postponed", 0, 1)]
)
def test_what_a_receiver_answers_by_raising_counts_as_ever(past, connect, answer, kind, calls, code):
    connect(writer("late", [answer]), uid="late")
    assert run("late")[1] == code
    assert ReceiverCall.objects.filter(receiver="customer.created:late").count() == calls
    assert EventStep.objects.filter(kind=kind).count() == 3
    assert effects() == []


def test_events_that_are_not_done_or_were_pruned_are_left_alone(past, connect):
    connect(writer("late"), uid="late")
    start_over([Event.objects.get(object_id="cus_0").pk])
    Event.objects.filter(object_id="cus_1").update(recorded_at=timezone.now() - datetime.timedelta(days=20))
    assert sum(prune(plan_pruning("done", days=10))) == 1
    assert run("late") == ("Called late for 1 events: 1 done.", 0)
    assert effects() == [("late", "cus_2")]


def test_an_event_that_is_started_over_meanwhile_calls_the_receiver_once(past, connect):
    """The command has read which events there are; then staff start one over."""
    connect(writer("late"), uid="late")
    (named,) = receivers_called("late")
    steps = run_for_the_past(named, SINCE)
    assert next(steps)[1] is Outcome.DONE
    start_over(list(Event.objects.filter(kind="customer.created").values_list("pk", flat=True)))
    assert [outcome for _key, outcome in steps] == [Outcome.DONE] * 2
    assert effects() == [("late", "cus_0")]
    call_command("stripe_process_events", stdout=StringIO())
    assert sorted(effects()) == [("early", f"cus_{number}") for number in range(3)] + [
        ("late", "cus_0"),
        ("late", "cus_0"),
        ("late", "cus_1"),
        ("late", "cus_2"),
    ]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL")
def test_two_commands_at_once_call_it_once_for_each_event(past, connect):
    entered, let_go = threading.Event(), threading.Event()

    def late(event, **kwargs):
        Effect.objects.create(receiver="late", event_id=event.object_id)
        entered.set()
        assert let_go.wait(LONG)

    connect(late, uid="late")
    (named,) = receivers_called("late")
    found = []

    def first():
        try:
            found.extend(outcome for _key, outcome in run_for_the_past(named, SINCE))
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(LONG)
    second = run_for_the_past(named, SINCE)
    assert next(second)[1] is Outcome.BUSY  # The first has it, and is not waited for.
    let_go.set()
    thread.join(LONG)
    assert [outcome for _key, outcome in second] == [Outcome.DONE] * 2
    assert found == [Outcome.DONE] * 3
    assert len(effects()) == 3


def test_options_that_make_no_sense_are_refused(past, connect):
    connect(writer("late"), uid="late")
    text, code = run("unknown")
    assert "customer.created:late" in text
    assert code == 1
    assert "goes with" in run("late", "--failed")[0]
    with pytest.raises(CommandError, match="need each other"):
        call_command("stripe_process_events", "--receiver", "late")
