"""Parts that no event shows are read with their owner's: the lines of a checkout, the attempts at a setup intent."""

import pytest
from django.db import transaction

from pinax.stripe.models import CheckoutLineItem, CheckoutSession, Event, Quote, SetupAttempt, SetupIntent
from pinax.stripe.testing import build_event, build_object, post_event

from .delivery import deliver

LINES = "/v1/checkout/sessions/cs_1/line_items"
ATTEMPTS = "/v1/setup_attempts"


def checkout(stripe, *, lines=2, **fields):
    """A session that was completed, and its lines."""
    fields.setdefault("payment_status", "paid")
    entries = [
        build_object("item", id=f"li_{number}", quantity=number + 1, amount_total=1000 * number)
        for number in range(lines)
    ]
    stripe.create("checkout.session", id="cs_1", line_items=entries, silent=True)
    stripe.update("cs_1", status="complete", **fields)


def test_the_lines_of_a_completed_session_are_read(client, stripe):
    checkout(stripe, lines=12)
    assert [event["type"] for event in stripe.events] == ["checkout.session.completed"]
    deliver(client, stripe)
    lines = CheckoutSession.objects.get().line_items.all()
    assert [(line.pk, line.position, line.quantity) for line in lines] == [
        (f"li_{number}", number, number + 1) for number in range(12)
    ]
    assert stripe.calls(LINES) == 1


def test_the_lines_are_read_once_for_a_payment_that_comes_days_later(client, stripe):
    checkout(stripe, payment_status="unpaid")
    deliver(client, stripe)
    stripe.advance(3 * 24 * 3600)
    stripe.emit("checkout.session.async_payment_succeeded", stripe.get("cs_1"))
    deliver(client, stripe)
    assert (stripe.calls(LINES), CheckoutLineItem.objects.count()) == (1, 2)


@pytest.mark.parametrize("status", ["open", "expired"])
def test_nothing_is_read_of_a_session_that_was_not_completed(client, stripe, status):
    stripe.create("checkout.session", id="cs_1", status=status, line_items=[build_object("item")], silent=True)
    stripe.emit("checkout.session.expired", stripe.get("cs_1"))
    deliver(client, stripe)
    assert CheckoutSession.objects.get().status == status
    assert stripe.calls(LINES) == 0


def test_the_lines_of_an_open_session_are_read_again_when_it_is_completed(client, stripe):
    """Until then the customer can change them."""
    checkout(stripe)
    shown = {**stripe.get("cs_1"), "status": "open", "object": "checkout.session"}
    shown["line_items"] = {"object": "list", "data": [build_object("item", id="li_old")], "has_more": False}
    CheckoutSession.sync_from_stripe_data(shown)
    assert CheckoutLineItem.objects.get().pk == "li_old"
    stripe.advance(2)
    stripe.emit("checkout.session.completed", stripe.get("cs_1"))
    deliver(client, stripe)
    assert sorted(CheckoutLineItem.objects.values_list("pk", flat=True)) == ["li_0", "li_1"]


def test_a_session_of_a_connected_account_has_its_lines(client, stripe):
    stripe.create("checkout.session", id="cs_1", account="acct_1", line_items=[build_object("item", id="li_1")])
    stripe.update("cs_1", account="acct_1", status="complete")
    deliver(client, stripe)
    line = CheckoutLineItem.objects.get()
    assert (line.pk, line.session_id) == ("acct_1/li_1", "acct_1/cs_1")


@pytest.mark.parametrize("status", [500, 429])
def test_without_an_answer_the_event_waits_and_the_next_attempt_reads_the_lines(client, stripe, status):
    checkout(stripe)
    stripe.fail(LINES, status, times=None)
    assert post_event(client, stripe.events[-1]).status_code >= 500
    event = Event.objects.get()
    assert (event.valid, event.state, CheckoutSession.objects.exists()) == (True, "waiting", False)
    stripe.clear_faults()
    assert post_event(client, stripe.events[-1]).status_code == 200
    assert CheckoutLineItem.objects.count() == 2


def test_a_list_that_stripe_does_not_have_any_more_leaves_the_session(client, stripe):
    checkout(stripe)
    stripe.fail(LINES, 404, times=None)
    deliver(client, stripe)
    assert CheckoutSession.objects.get().status == "complete"
    assert not CheckoutLineItem.objects.exists()


def test_the_lines_are_not_read_inside_a_transaction(client, stripe):
    checkout(stripe)
    with transaction.atomic():
        CheckoutSession.sync_from_stripe_data(stripe.get("cs_1") | {"line_items": None})
        assert stripe.calls(LINES) == 0
    assert CheckoutLineItem.objects.count() == 2


def test_the_lines_of_a_quote_are_read_when_it_is_finalized(client, stripe):
    """Until then it can be edited."""
    stripe.create("quote", id="qt_1", line_items=[build_object("item", id="li_1", description="Hat")])
    deliver(client, stripe)
    assert not CheckoutLineItem.objects.exists()
    for status in ("open", "accepted"):
        stripe.advance(2)
        stripe.update("qt_1", status=status)
        deliver(client, stripe)
    quote = Quote.objects.get()
    assert (quote.status, quote.line_items.get().description) == ("accepted", "Hat")
    assert stripe.calls("/v1/quotes/qt_1/line_items") == 1


# Setup intents


def attempt(stripe, number, status, **fields):
    return stripe.create("setup_attempt", id=f"setatt_{number}", setup_intent="seti_1", status=status, **fields)


def test_the_attempts_at_a_setup_intent_come_with_its_events(client, stripe):
    stripe.create("setup_intent", id="seti_1", customer="cus_1")
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card was declined."}
    attempt(stripe, 1, "failed", setup_error=error)
    stripe.advance(1)
    stripe.update("seti_1", latest_attempt="setatt_1", last_setup_error=error, silent=True)
    stripe.emit("setup_intent.setup_failed", stripe.get("seti_1"))
    deliver(client, stripe)
    first = SetupAttempt.objects.get()
    assert (first.setup_intent_id, first.status, first.decline_code) == ("seti_1", "failed", "insufficient_funds")
    attempt(stripe, 2, "succeeded")
    stripe.advance(1)
    stripe.update("seti_1", latest_attempt="setatt_2", status="succeeded", last_setup_error=None)
    deliver(client, stripe)
    intent = SetupIntent.objects.get()
    assert (intent.status, intent.latest_attempt.status, intent.attempts.count()) == ("succeeded", "succeeded", 2)
    assert stripe.calls(ATTEMPTS) == 2


def test_an_attempt_that_goes_on_is_read_when_it_is_over(client, stripe):
    stripe.create("setup_intent", id="seti_1", silent=True)
    attempt(stripe, 1, "requires_action")
    stripe.update("seti_1", latest_attempt="setatt_1", status="requires_action")
    deliver(client, stripe)
    assert stripe.calls(ATTEMPTS) == 0
    stripe.update("setatt_1", status="succeeded", silent=True)
    stripe.advance(1)
    stripe.update("seti_1", status="succeeded")
    deliver(client, stripe)
    assert (stripe.calls(ATTEMPTS), SetupAttempt.objects.get().status) == (1, "succeeded")


def test_an_attempt_that_was_not_over_when_it_was_read_is_read_again(client, stripe):
    """The list also has what came after the event."""
    stripe.create("setup_intent", id="seti_1", silent=True)
    attempt(stripe, 1, "failed")
    attempt(stripe, 2, "processing")
    stripe.update("seti_1", latest_attempt="setatt_1", status="requires_payment_method", silent=True)
    stripe.emit("setup_intent.setup_failed", stripe.get("seti_1"))
    deliver(client, stripe)
    stripe.update("setatt_2", status="succeeded", silent=True)
    stripe.advance(1)
    stripe.update("seti_1", latest_attempt="setatt_2", status="succeeded")
    deliver(client, stripe)
    assert SetupAttempt.objects.get(pk="setatt_2").status == "succeeded"


def test_a_setup_intent_without_an_attempt_costs_no_read(client, stripe):
    stripe.add_event(build_event("setup_intent.canceled", build_object("setup_intent", status="canceled")))
    deliver(client, stripe)
    assert (SetupIntent.objects.count(), stripe.calls(ATTEMPTS)) == (1, 0)
