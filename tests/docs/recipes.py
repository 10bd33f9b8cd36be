"""Every receiver that the pages tell their reader to write, in every order of events: what came of it is counted.

It is no test of ours: it is copied into the reader's project as it is at the end, and run there.
"""

import logging
from collections import Counter
from urllib.parse import parse_qs

import pytest
import stripe
from members.billing import create_customer
from members.models import Membership, Note

from pinax.stripe.models import Customer, Event
from pinax.stripe.models.customers import USER_METADATA_KEY, checkout_reference, user_reference
from pinax.stripe.signals import every_event

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = [("created", 0), ("reversed", 0), *(("random", seed) for seed in range(4))]


@pytest.fixture
def users(django_user_model):
    return {name: django_user_model.objects.create_user(name) for name in ("jenny", "otto", "lena", "mia")}


@pytest.fixture
def history(fake_stripe, users):
    """Jenny pays after a first failure, Otto has left, Lena is of an older system, Mia came by a Checkout."""
    for name in ("jenny", "otto"):
        reference = {USER_METADATA_KEY: user_reference(users[name])}
        fake_stripe.create("customer", id=f"cus_{name}", metadata=reference)
        fake_stripe.create("subscription", id=f"sub_{name}", customer=f"cus_{name}", status="incomplete")
        fake_stripe.update(f"sub_{name}", status="active")
    fake_stripe.create("customer", id="cus_lena", metadata={"old_user_id": str(users["lena"].pk)})
    fake_stripe.create("customer", id="cus_mia")
    fake_stripe.create("subscription", id="sub_mia", customer="cus_mia", status="active")
    reference = checkout_reference(users["mia"])
    fake_stripe.create("checkout.session", id="cs_mia", customer="cus_mia", client_reference_id=reference)
    fake_stripe.update("cs_mia", status="complete")
    fake_stripe.create("invoice", id="in_1", customer="cus_jenny", customer_email="jenny@example.com", status="open")
    for attempt in (1, 2):
        fake_stripe.update("in_1", attempt_count=attempt, type="invoice.payment_failed")
    fake_stripe.update("in_1", status="paid")
    fake_stripe.create("invoice", id="in_2", customer="cus_otto", customer_email=None, status="open")
    fake_stripe.update("in_2", status="paid")
    fake_stripe.create("charge", id="ch_1", customer="cus_otto", amount=900)
    fake_stripe.update("ch_1", amount_refunded=900, refunded=True)
    fake_stripe.create("dispute", id="dp_1", charge="ch_1")
    fake_stripe.delete("sub_otto")
    return fake_stripe


def deliver(client, fake_stripe, order, seed):
    """Every event twice, and once more whatever was not acknowledged."""
    fake_stripe.deliver_to(client, order=order, seed=seed, copies=2)
    fake_stripe.deliver_to(client)
    assert not Event.objects.undone().exists()


def owners():
    return {customer.pk: customer.user.username for customer in Customer.objects.select_related("user")}


@pytest.mark.parametrize(("order", "seed"), ORDERS)
def test_each_effect_is_there_once_whatever_the_order(client, history, mailoutbox, caplog, capsys, order, seed):
    caplog.set_level(logging.INFO, "members")
    deliver(client, history, order, seed)
    assert owners() == {f"cus_{name}": name for name in ("jenny", "otto", "lena", "mia")}
    paying = {each.user.username: each.is_paying for each in Membership.objects.select_related("user")}
    assert paying == {"jenny": True, "otto": False, "lena": False, "mia": True}
    assert Counter(note.text for note in Note.objects.all()) == {
        "ch_1 is disputed": 1,
        "ch_1 was refunded": 1,
        "jenny could not pay": 1,
    }
    assert Counter((mail.subject, *mail.to) for mail in mailoutbox) == {("Thank you", "jenny@example.com"): 1}
    assert len([record for record in caplog.records if record.name == "members"]) == len(history.events)
    said = Counter(line for line in capsys.readouterr().err.splitlines() if line.startswith("cus_"))
    assert said.total() == len([event for event in history.events if event["type"] == "customer.subscription.updated"])


@pytest.mark.parametrize(("order", "seed"), ORDERS)
def test_each_failure_raises_one_alarm_and_costs_no_other_effect(client, history, mailoutbox, order, seed):
    failed = Counter()

    def fails_once(event, **kwargs):
        failed[event.stripe_id] += 1
        if failed[event.stripe_id] == 1:
            raise RuntimeError("a bug")

    every_event.connect(fails_once, dispatch_uid="fails_once")
    try:
        deliver(client, history, order, seed)
    finally:
        every_event.disconnect(dispatch_uid="fails_once")
    assert {*failed.values()} == {2}
    alarms = [mail for mail in mailoutbox if mail.to == ["on-call@shop.example.com"]]
    assert len(alarms) == len(failed) == len(history.events)
    assert Counter(mail.subject for mail in mailoutbox)["Thank you"] == 1
    assert Note.objects.count() == 3


def test_a_customer_that_the_project_creates_is_linked(client, fake_stripe, users, monkeypatch):
    """FakeStripe takes no writes: it answers this one, and the test does what Stripe does then."""
    monkeypatch.setattr(stripe, "api_base", fake_stripe.url)
    fake_stripe.fail("/v1/customers", 200, body={"id": "cus_new", "object": "customer"})
    assert create_customer(users["jenny"]).id == "cus_new"
    sent = parse_qs(fake_stripe.requests[-1].body.decode())
    (reference,) = sent[f"metadata[{USER_METADATA_KEY}]"]
    fake_stripe.create("customer", id="cus_new", metadata={USER_METADATA_KEY: reference})
    deliver(client, fake_stripe, "created", 0)
    assert owners() == {"cus_new": "jenny"}
