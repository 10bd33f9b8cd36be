"""Events of any type made to happen, without Stripe."""

import socket
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.models import Charge, Customer, Event, Invoice
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import FakeStripe
from tests.assertions import assert_event

pytestmark = pytest.mark.django_db(transaction=True)


def trigger(*args):
    out = StringIO()
    call_command("stripe_trigger", *args, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def receiver():
    """Kinds and objects of the events that were announced."""
    seen = []
    kinds = ("invoice.paid", "customer.deleted")

    def receive(event, **kwargs):
        if event.object.get("email") == "fail":
            raise ValueError("the receiver's own fault")
        seen.append(event.object)

    for kind in kinds:
        WEBHOOK_SIGNALS[kind].connect(receive, weak=False, dispatch_uid="trigger")
    yield seen
    for kind in kinds:
        WEBHOOK_SIGNALS[kind].disconnect(dispatch_uid="trigger")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_in_process_needs_neither_a_project_that_runs_nor_stripe(settings, receiver):
    settings.PINAX_STRIPE_API_BASE = "http://127.0.0.1:1"
    line = trigger("invoice.paid", "--in-process", "--set", "amount_due=700", "--set", "metadata.order=x")
    event = Event.objects.get()
    assert line == f"invoice.paid  {event.stripe_id}  done"
    assert (event.valid, event.processed) == (True, True)
    assert Invoice.objects.get().amount_due == 700
    assert [(data["amount_due"], data["metadata"]) for data in receiver] == [(700, {"order": "x"})]
    assert settings.PINAX_STRIPE_API_BASE == "http://127.0.0.1:1"


def test_in_process_without_a_key_with_a_secret_and_for_an_account(settings):
    settings.PINAX_STRIPE_SECRET_KEY = ""
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_1"]
    trigger("customer.created", "--in-process", "--account", "acct_1", "--set", "id=cus_1")
    assert Event.objects.get().signed is True
    assert Customer.objects.get().pk == "acct_1/cus_1"


def test_in_process_shows_what_a_receiver_raised(receiver):
    with pytest.raises(CommandError, match=r"(?s)failed\.\n.*in receive.*the receiver's own fault"):
        trigger("customer.deleted", "--in-process", "--set", "email=fail")


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_type_of_the_catalogue_can_happen(kind):
    trigger(kind, "--in-process")
    event = Event.objects.get()
    assert_event(event, kind=kind, valid=True, processed=True)
    assert not event.exceptions.exists()
    assert not EVENT_TYPES[kind].object_types or event.object_type in EVENT_TYPES[kind].object_types


def test_with_validation_by_signature_the_running_project_takes_a_made_up_event(settings, live_server, receiver):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_1"]
    line = trigger("invoice.paid", "--forward-to", live_server.url)
    assert line.endswith("  200")
    assert len(receiver) == 1
    with pytest.raises(CommandError, match="answered 400: Signed with none of"):
        trigger("invoice.paid", "--forward-to", live_server.url, "--secret", "whsec_wrong")


def test_with_a_stand_in_configured_the_running_project_asks_this_process(settings, live_server, receiver):
    settings.PINAX_STRIPE_API_BASE = f"http://127.0.0.1:{free_port()}"
    assert trigger("charge.succeeded", "--forward-to", live_server.url, "--set", "amount=5").endswith("  200")
    assert (Event.objects.get().valid, Charge.objects.get().amount) == (True, 5)
    trigger("invoice.paid", "--forward-to", live_server.url)  # The port is free again.


def test_stripe_itself_does_not_know_made_up_events(settings, live_server):
    settings.PINAX_STRIPE_API_BASE = "https://api.stripe.com"
    with pytest.raises(CommandError, match=r"(?s)--in-process.*PINAX_STRIPE_API_BASE.*VALIDATION"):
        trigger("invoice.paid", "--forward-to", live_server.url)
    assert not Event.objects.exists()


def test_a_port_that_is_taken_is_no_stand_in(settings, live_server):
    with FakeStripe() as other:
        settings.PINAX_STRIPE_API_BASE = other.url
        with pytest.raises(CommandError, match="Something else answers at"):
            trigger("invoice.paid", "--forward-to", live_server.url)


def test_a_queue_that_does_not_work_is_noticed(settings, live_server):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_1"]
    settings.PINAX_STRIPE_DISPATCH = "builtins.abs"
    with pytest.raises(CommandError, match="does a worker run"):
        trigger("invoice.paid", "--forward-to", live_server.url, "--wait", "0.2")


def test_a_failure_of_the_project_is_shown(settings, live_server, receiver):
    settings.PINAX_STRIPE_VALIDATION = "signature"
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_1"]
    with pytest.raises(CommandError, match=r"(?s)answered 500\.\n.*the receiver's own fault"):
        trigger("customer.deleted", "--forward-to", live_server.url, "--set", "email=fail")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("invoice.payed",), "no event type. Did you mean invoice.paid"),
        (("invoice.paid", "--in-process", "--set", "amount"), "write NAME=VALUE"),
        (("invoice.paid", "--in-process", "--set", "id.x=1"), "id has no attributes"),
        (("invoice.paid", "--forward-to", "http://127.0.0.1:1"), "No answer from http://127.0.0.1:1/stripe/webhook/"),
    ],
)
def test_mistakes_are_named(settings, args, message):
    settings.PINAX_STRIPE_API_BASE = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match=message):
        trigger(*args)


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1"])
def test_never_with_a_live_key(settings, key):
    settings.PINAX_STRIPE_SECRET_KEY = key
    with pytest.raises(CommandError, match="is a live key"):
        trigger("invoice.paid", "--in-process")
    assert not Event.objects.exists()
