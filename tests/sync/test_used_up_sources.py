"""A charge uses up a source of `single_use`, and Stripe makes no event of the source (https://docs.stripe.com/sources)."""

import itertools

import pytest

from pinax.stripe.models import Card, Charge, Source
from pinax.stripe.testing import build_object, post_event

from .delivery import deliver

SINGLE_USE = {"usage": "single_use", "type": "sofort", "card": None, "sofort": {"country": "DE"}}


def charged(stripe, account=None, **fields):
    """The events of a source, and of a charge of it some time later."""
    stripe.create("source", id="src_1", account=account, **{**SINGLE_USE, **fields})
    stripe.advance(5)
    stripe.create("charge", id="ch_1", payment_method="src_1", account=account)
    return stripe.events[-2:]


def test_stripe_makes_no_event_of_it(stripe):
    assert [event["type"] for event in charged(stripe)] == ["source.chargeable", "charge.succeeded"]
    assert stripe.get("src_1")["status"] == "consumed"


@pytest.mark.parametrize("account", [None, "acct_1"])
@pytest.mark.parametrize("order", [*itertools.permutations(range(2)), (1, 0, 1)])
def test_a_source_is_read_once_whichever_event_comes_first(client, stripe, order, account):
    events = charged(stripe, account)
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    row = Source.objects.get()
    assert (row.status, row.stripe_account) == ("consumed", account or "")
    assert stripe.calls("/v1/sources") == 1


def test_a_source_that_can_be_charged_again_is_not_read(client, stripe):
    charged(stripe, usage="reusable")
    deliver(client, stripe)
    assert Source.objects.get().status == "chargeable"
    assert stripe.calls("/v1/sources") == 0


def test_what_is_no_source_is_not_read(client, stripe):
    stripe.create("charge", id="ch_1", payment_method="pm_1")
    stripe.create("charge", id="ch_2", payment_method="card_1")
    deliver(client, stripe)
    assert stripe.calls() == stripe.calls("/v1/events")


def old_charge(source, **fields):
    """A charge as it was until API version 2019-05-16."""
    data = build_object("charge", id="ch_1", payment_method=None, source=source, **fields)
    return {name: value for name, value in data.items() if name != "payment_method_details"}


def test_a_charge_of_an_old_version_has_the_source_whole(client, stripe):
    stripe.create("source", id="src_1", **SINGLE_USE)
    deliver(client, stripe)
    stripe.advance(5)
    stripe.update("src_1", status="consumed", silent=True)
    stripe.emit("charge.succeeded", old_charge(stripe.get("src_1")))
    deliver(client, stripe)
    assert (Source.objects.get().status, Charge.objects.get().payment_method) == ("consumed", "src_1")
    assert stripe.calls("/v1/sources") == 0


def test_a_source_of_the_second_of_its_charge_is_settled_by_asking(client, stripe):
    stripe.create("source", id="src_1", **SINGLE_USE)
    stripe.update("src_1", status="consumed", silent=True)
    stripe.emit("charge.succeeded", old_charge(stripe.get("src_1")))
    stripe.deliver_to(client, order="reversed")
    assert Source.objects.get().status == "consumed"
    assert stripe.calls("/v1/sources") == 1


def test_a_card_in_a_charge_is_no_news_of_it(client, stripe):
    stripe.create("charge", id="ch_2", silent=True)
    stripe.emit("charge.succeeded", old_charge(build_object("card", id="card_1", customer="cus_1")))
    deliver(client, stripe)
    assert not Card.all_objects.exists()
