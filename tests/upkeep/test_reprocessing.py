"""Events processed again on request, one by one and by the hundred, now or by a task queue."""

import pytest
from django.utils import timezone

from pinax.stripe.models import Event, EventStep, ReceiverCall
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.reprocessing import go_on, process_again, recall, restartable, start_over, with_answer
from pinax.stripe.upkeep.sweeper import dispatch_all
from pinax.stripe.webhooks.processing import Outcome

pytestmark = pytest.mark.django_db(transaction=True)
CALLS: list[str] = []
QUEUE: list[int] = []
BROKEN = [False]


def mail(event, **kwargs):
    CALLS.append("mail")


def books(event, **kwargs):
    CALLS.append("books")
    if BROKEN[0]:
        raise ValueError("no such account")


def enqueue(event_pk):
    """A task queue's door, as a project would name it in PINAX_STRIPE_DISPATCH."""
    QUEUE.append(event_pk)


@pytest.fixture
def receivers():
    CALLS.clear()
    QUEUE.clear()
    BROKEN[0] = False
    signal = WEBHOOK_SIGNALS["customer.created"]
    for receiver in (mail, books):
        signal.connect(receiver)
    yield
    for receiver in (mail, books):
        signal.disconnect(receiver)


@pytest.fixture
def created(fake_stripe, receivers):
    """A genuine customer.created event."""
    fake_stripe.create("customer", id="cus_1")
    return fake_stripe.events[-1]


def now(keys):
    return dict(+dispatch_all(keys, seconds=30))


def test_refused_copies_of_one_event_become_one_event_once_the_secret_is_right(client, settings, created):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_wrong"
    for _number in range(3):
        assert post_event(client, created, secret="whsec_right").status_code == 400
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_right"
    keys = list(Event.objects.refused().order_by("pk").values_list("pk", flat=True))
    assert start_over(keys, by="staff") == keys[:1]
    assert now(keys[:1]) == {Outcome.DONE: 1}
    assert sorted(Event.objects.values_list("state", flat=True)) == ["done", "refused", "refused"]
    assert CALLS == ["mail", "books"]
    assert EventStep.objects.get(kind="again").data == {"by": "staff"}


def test_starting_over_calls_every_receiver_and_going_on_only_those_that_are_not_done(client, created):
    BROKEN[0] = True
    post_event(client, created)
    key = Event.objects.get().pk
    BROKEN[0] = False
    CALLS.clear()
    assert go_on([key], by="staff") == [key]
    assert now([key]) == {Outcome.DONE: 1}
    assert CALLS == ["books"]
    assert go_on([key]) == []
    start_over([key])
    assert now([key]) == {Outcome.DONE: 1}
    assert CALLS == ["books", "mail", "books"]


def test_one_receiver_is_called_again_alone(client, created):
    post_event(client, created)
    event = Event.objects.get()
    CALLS.clear()
    recall(event.pk, ReceiverCall.objects.get(receiver__endswith="mail").receiver, by="staff")
    assert now([event.pk]) == {Outcome.DONE: 1}
    assert CALLS == ["mail"]


def test_going_on_takes_up_what_was_given_up(client, settings, created):
    settings.PINAX_STRIPE_RETRY_LIMIT = 1
    BROKEN[0] = True
    post_event(client, created)
    event = Event.objects.get()
    assert event.gave_up_at
    BROKEN[0] = False
    go_on([event.pk])
    assert now([event.pk]) == {Outcome.DONE: 1}
    event.refresh_from_db()
    assert (event.state, event.gave_up_at) == ("done", None)


def test_a_task_queue_gets_every_event_at_once(client, settings, created):
    post_event(client, created)
    settings.PINAX_STRIPE_DISPATCH = f"{__name__}.enqueue"
    keys = start_over([Event.objects.get().pk])
    assert now(keys) == {Outcome.DEFERRED: 1}
    assert keys == QUEUE


def test_a_done_event_stays_done_until_stripe_has_answered(client, fake_stripe, created):
    post_event(client, created)
    key = Event.objects.get().pk
    CALLS.clear()
    fake_stripe.fail(times=None)
    assert process_again(key, by="staff") is Outcome.UNDECIDED
    assert (Event.objects.get().state, CALLS) == ("done", [])
    fake_stripe.clear_faults()
    assert process_again(key, by="staff") is Outcome.DONE
    assert CALLS == ["mail", "books"]


def test_any_answer_of_stripes_will_do_and_a_signature_needs_none(client, fake_stripe, settings, created):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    settings.PINAX_STRIPE_VALIDATION = "signature"
    post_event(client, created, secret="whsec_1")
    key = Event.objects.get().pk
    fake_stripe.fail(times=None)
    assert with_answer([key]) == [key]
    settings.PINAX_STRIPE_VALIDATION = "refetch"
    assert with_answer([key]) == []
    fake_stripe.clear_faults()
    fake_stripe.events.clear()
    assert with_answer([key]) == [key]


def test_with_signatures_a_done_event_whose_charge_has_to_be_read_stays_done_until_it_can_be(
    client, fake_stripe, settings
):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    settings.PINAX_STRIPE_VALIDATION = "signature"
    fake_stripe.create("charge", id="ch_1")
    fake_stripe.create("dispute", charge="ch_1")
    post_event(client, fake_stripe.events[-1], secret="whsec_1")
    event = Event.objects.get()
    fake_stripe.fail(times=None)
    assert process_again(event.pk) is Outcome.UNDECIDED
    assert Event.objects.get().state == "done"
    fake_stripe.clear_faults()
    assert process_again(event.pk) is Outcome.DONE


def test_many_done_events_are_asked_about_by_the_hundred(client, fake_stripe, created):
    fake_stripe.now = int(timezone.now().timestamp()) - 60
    for number in range(2, 22):
        fake_stripe.create("customer", id=f"cus_{number}")
    for event in fake_stripe.events[1:]:
        post_event(client, event)
    keys = sorted(Event.objects.values_list("pk", flat=True))
    calls = fake_stripe.calls()
    assert with_answer(keys) == keys
    assert fake_stripe.calls() == calls + 1


def test_what_there_is_no_time_for_is_left_to_the_sweeper(client, fake_stripe, created):
    for number in range(2, 6):
        fake_stripe.create("customer", id=f"cus_{number}")
    for event in fake_stripe.events:
        post_event(client, event)
    keys = start_over(sorted(Event.objects.values_list("pk", flat=True)))
    assert dict(+dispatch_all(keys, seconds=0)) == {Outcome.DONE: 1, Outcome.DEFERRED: 4}
    assert Event.objects.undone().filter(next_attempt_at__isnull=False, gave_up_at__isnull=True).count() == 4


@pytest.mark.parametrize(
    "columns",
    [{"reason": "not_json", "valid": False}, {"pruned_at": "2026-01-01T00:00Z"}, {"redacted_at": "2026-01-01T00:00Z"}],
)
def test_what_has_no_message_is_not_taken_up_again(columns):
    Event.objects.create(stripe_id="evt_1")
    Event.objects.create(stripe_id="evt_2", **columns)
    assert restartable().get().stripe_id == "evt_1"


def test_a_genuine_event_that_was_redacted_can_be_taken_up_again():
    Event.objects.create(stripe_id="evt_1", valid=True, redacted_at="2026-01-01T00:00Z")
    assert restartable().exists()
