"""What is no Exception (time-outs of gevent and eventlet, CancelledError) is a failure like any other."""

import asyncio
from contextlib import nullcontext
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from pinax.stripe.models import Event, EventProcessingException
from pinax.stripe.signals import WEBHOOK_SIGNALS, failed_event, invalid_event
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep import sweeper
from pinax.stripe.webhooks import checkpoints
from pinax.stripe.webhooks.handlers import CustomerWebhook
from tests.promises.shop.models import Effect

pytestmark = pytest.mark.django_db(transaction=True)
CREATED = WEBHOOK_SIGNALS["customer.created"]


class Timeout(BaseException):
    """As gevent and eventlet have it."""


ERRORS = [Timeout, asyncio.CancelledError, GeneratorExit]


@pytest.fixture
def event(fake_stripe):
    fake_stripe.create("customer", id="cus_1")
    return fake_stripe.events[0]


def raiser(error, *, is_async=False):
    def sync_receiver(event, **kwargs):
        raise error

    async def async_receiver(event, **kwargs):
        raise error

    return async_receiver if is_async else sync_receiver


def note(name):
    Effect.objects.create(receiver=name, event_id="")


def effects():
    return sorted(Effect.objects.values_list("receiver", flat=True))


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_in_a_receiver(client, event, connect, error, is_async):
    connect(lambda event, **kwargs: note("before"), uid="before")
    connect(raiser(error, is_async=is_async), uid="culprit")
    connect(lambda event, **kwargs: note("after"), uid="after")
    for _ in range(2):
        assert post_event(client, event).status_code == 500
    assert effects() == ["after", "before"]
    assert (Event.objects.get().state, Event.objects.get().failures) == ("failed", 2)
    assert set(EventProcessingException.objects.values_list("data", flat=True)) == {"customer.created:culprit"}


@pytest.mark.parametrize("step", ["__init__", "prepare", "process_webhook"])
def test_in_a_handler(client, event, monkeypatch, step):
    def raises(self, *args):
        raise Timeout

    monkeypatch.setattr(CustomerWebhook, step, raises)
    assert post_event(client, event).status_code == 500
    assert (Event.objects.get().state, Event.objects.get().failures) == ("failed", 1)


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_in_a_handler_is_on_record_first(client, event, monkeypatch, ending):
    def raises(self):
        raise ending

    monkeypatch.setattr(CustomerWebhook, "process_webhook", raises)
    with pytest.raises(ending):
        post_event(client, event)
    assert (Event.objects.get().failures, EventProcessingException.objects.count()) == (1, 1)


@pytest.mark.parametrize("error", [Timeout, SystemExit])
def test_an_error_that_was_raised_from_a_database_error_is_handled_as_it_is(client, event, monkeypatch, error):
    def raises(self):
        raise error from OperationalError("away")

    monkeypatch.setattr(CustomerWebhook, "process_webhook", raises)
    with pytest.raises(SystemExit) if error is SystemExit else nullcontext():
        assert post_event(client, event).status_code == 500
    assert (Event.objects.get().failures, EventProcessingException.objects.count()) == (1, 1)


@pytest.mark.parametrize("robust", [False, True])
def test_after_the_commit(client, event, connect, robust):
    seen = []

    def receiver(event, **kwargs):
        transaction.on_commit(raises, robust=robust)
        transaction.on_commit(lambda: seen.append("other"))

    def raises():
        raise Timeout

    connect(receiver)
    assert post_event(client, event).status_code == 200
    assert seen == ["other"]
    assert EventProcessingException.objects.get().data == "after commit"
    assert Event.objects.get().state == "done"


def test_what_ends_the_process_after_the_commit_does_so_after_the_other_callbacks(client, event, connect):
    seen = []

    def receiver(event, **kwargs):
        transaction.on_commit(raises)
        transaction.on_commit(lambda: seen.append("other"))

    def raises():
        raise SystemExit

    connect(receiver)
    with pytest.raises(SystemExit):
        post_event(client, event)
    assert seen == ["other"]
    assert Event.objects.get().state == "done"


def test_callbacks_of_a_handler_stand_alone_too(client, event, monkeypatch):
    process_webhook = CustomerWebhook.process_webhook

    def with_callback(self):
        process_webhook(self)
        transaction.on_commit(raises)

    def raises():
        raise ValueError("a bug")

    monkeypatch.setattr(CustomerWebhook, "process_webhook", with_callback)
    assert post_event(client, event).status_code == 200
    assert EventProcessingException.objects.get().data == "after commit"


@pytest.mark.parametrize("error", [Timeout, ValueError])
def test_in_an_alarm(client, event, connect, error):
    heard = []
    for signal in (failed_event, invalid_event):
        connect(alarming(error), signal=signal, uid="raises")
        connect(lambda signal, **kwargs: heard.append(signal), signal=signal, uid="hears")
    connect(raiser(ValueError), uid="culprit")
    assert post_event(client, event).status_code == 500
    assert post_event(client, "no JSON").status_code == 400
    assert heard == [failed_event, invalid_event]


def alarming(error):
    def alarm(**kwargs):
        raise error

    return alarm


def test_async_alarms_and_alarms_of_one_sender(client, event, connect):
    heard = []

    async def hears(event, **kwargs):
        heard.append(event.kind)

    connect(hears, signal=failed_event)
    failed_event.connect(hears, sender=dict, weak=False, dispatch_uid="dict")
    connect(raiser(ValueError), uid="culprit")
    try:
        post_event(client, event)
    finally:
        failed_event.disconnect(sender=dict, dispatch_uid="dict")
    assert heard == ["customer.created"]


def timing_out(event_pk):
    raise Timeout


def test_in_the_hand_over_to_a_queue(client, event, settings):
    settings.PINAX_STRIPE_DISPATCH = f"{__name__}.timing_out"
    assert post_event(client, event).status_code == 503
    assert EventProcessingException.objects.get().data == "dispatch"


def test_in_the_sweeper_which_goes_on(client, fake_stripe, event, monkeypatch):
    fake_stripe.create("product", id="prod_1")
    fake_stripe.fail(times=None)
    for each in fake_stripe.events:
        post_event(client, each)
    fake_stripe.clear_faults()
    process = sweeper.process

    def times_out_first(key, **kwargs):
        if key == Event.objects.earliest("pk").pk:
            raise Timeout
        return process(key, **kwargs)

    monkeypatch.setattr(sweeper, "process", times_out_first)
    out = StringIO()
    call_command("stripe_process_events", stdout=out)
    assert out.getvalue() == "Processed 2 events: 1 done, 1 failed.\n"


@pytest.mark.parametrize("error", [Timeout, ValueError])
@pytest.mark.parametrize("when", ["before", "after"])
def test_in_a_wrapper_of_an_instrumentation(client, event, connect, monkeypatch, error, when):
    def wrapper(event, attempt):
        if when == "before":
            raise error
        attempt()
        raise error

    monkeypatch.setattr(checkpoints, "instrumentation", [wrapper])
    connect(lambda event, **kwargs: note("receiver"), uid="receiver")
    assert post_event(client, event).status_code == 200
    assert effects() == ["receiver"]
