"""What Stripe's answers mean: gone, refused, or nothing that could be said of the object."""

import pytest

from pinax.stripe import api
from pinax.stripe.exceptions import FinalStripeError, ObjectNotFound, TemporaryStripeError
from pinax.stripe.models import Customer, Event, Invoice
from pinax.stripe.testing import build_event, build_object, post_event
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db

REFUSED = "invalid_request_error"
UNRECOGNIZED = "Unrecognized request URL (GET: /customers/cus_1). Please see https://stripe.com/docs."
IN_LIVE_MODE = (
    "No such customer: 'cus_1'; a similar object exists in live mode, but a test mode key was used to make this "
    "request."
)


def error(message, *, code="resource_missing", type=REFUSED, **more):
    return {"error": {"message": message, "code": code, "type": type, **more}}


#: 404s that say nothing of cus_1, nor of an event: by gateways, wrong addresses, other keys and other objects.
NOT_GONE = {
    "a gateway's": {"message": "no Route matched with those values"},
    "a word under error": {"error": "Not Found"},
    "nothing under error": {"error": None},
    "a list under error": {"error": ["not found"]},
    "a list": b"[]",
    "a number": b"404",
    "HTML": b"<html><h1>404 Not Found</h1></html>",
    "nothing": b"",
    "text that is no UTF-8": b"\xff\xfe",
    "JSON too deep to be read": b"[" * 100_000,
    "a hash without a code": {"error": {"message": "Not found.", "type": REFUSED}},
    "a message that is none": {"error": {"message": 404, "code": "resource_missing", "type": REFUSED}},
    "a hash without a message": {"error": {"code": "resource_missing", "type": REFUSED}},
    "an address that Stripe does not know": {"error": {"message": UNRECOGNIZED, "type": REFUSED}},
    "another code": error("No such customer: 'cus_1'", code="account_invalid"),
    "a code that v1 does not have": {"error": {"code": "not_found", "message": "No such customer: 'cus_1'"}},
    "another type": error("No such customer: 'cus_1'", type="api_error"),
    "another object": error("No such customer: 'cus_12'"),
    "the beginning of its id": error("No such customer: cus"),
    "a key of the other mode": error(IN_LIVE_MODE, param="id"),
}


@pytest.mark.parametrize("body", NOT_GONE.values(), ids=NOT_GONE)
def test_a_404_that_is_not_stripes_word_says_nothing(fake_stripe, body):
    fake_stripe.fail("/v1/customers", 404, times=None, body=body)
    with pytest.raises(TemporaryStripeError) as raised:
        api.retrieve("/v1/customers/cus_1")
    assert raised.value.code in ("unexpected_404", "key_of_other_mode", "api_error")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/customers/cus_1", "No such customer: 'cus_1'"),
        ("/v1/customers/cus_1", "No such customer: cus_1"),
        ("/v1/plans/my%20gold%2Fone", "No such plan: 'my gold/one'"),
        ("/v1/customers/cus_1/sources/card_1", "No such source: 'card_1'"),
        ("/v1/customers/cus_1/sources/card_1", "No such customer: 'cus_1'"),
        (
            "/v1/payment_methods/pm_1",
            "No such PaymentMethod: 'pm_1'; It's possible this PaymentMethod exists on one of your connected accounts, "
            "in which case you should retry this request on that connected account.",
        ),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_what_stripe_says_is_not_there_is_gone(fake_stripe, path, message, status):
    fake_stripe.fail(path, status, body=error(message, param="id"))
    fake_stripe.fail("/v1/", status, body=error(message, param="id"))
    with pytest.raises(ObjectNotFound):
        api.retrieve(path)


@pytest.mark.parametrize("code", ["resource_missing", "not_found"])
def test_a_thin_event_that_stripe_does_not_have_is_gone(fake_stripe, code):
    fake_stripe.fail("/v2/", 404, body={"error": {"code": code, "message": "No such event: 'evt_1'"}})
    with pytest.raises(ObjectNotFound):
        api.retrieve_thin_event("evt_1")


def test_a_list_is_gone_with_its_owner_and_not_with_its_cursor(fake_stripe):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(150)]
    fake_stripe.create("invoice", id="in_1", lines=lines)
    with pytest.raises(ObjectNotFound):
        list(api.pages("/v1/invoices/in_2/lines"))
    fake_stripe.fail("/v1/subscription_items", 400, body=error("No such subscription: 'sub_1'", param="subscription"))
    with pytest.raises(ObjectNotFound):
        list(api.pages("/v1/subscription_items", {"subscription": "sub_1"}))
    pages = api.pages("/v1/invoices/in_1/lines")
    next(pages)
    fake_stripe.update("in_1", silent=True, lines=lines[100:])
    with pytest.raises(TemporaryStripeError):
        next(pages)


@pytest.mark.parametrize("status", [405, 410, 418, 301, 308])
def test_a_refusal_other_than_a_missing_object_says_nothing_of_the_object(fake_stripe, status):
    fake_stripe.fail("/v1/customers", status, times=None, body=error("No such customer: 'cus_1'"))
    with pytest.raises(TemporaryStripeError):
        api.retrieve("/v1/customers/cus_1")


@pytest.mark.parametrize("body", [error("No such customer: 'cus_1'"), {"error": "not found"}])
def test_an_error_with_status_200_is_no_answer(fake_stripe, body):
    for call in (api.retrieve, api.post, api.delete):
        fake_stripe.fail("/v1/customers", 200, body=body)
        with pytest.raises(TemporaryStripeError):
            call("/v1/customers/cus_1")


@pytest.mark.parametrize("body", [{"id": "cus_1"}, {"id": "cus_1", "object": None}, {"object": "customer"}])
def test_half_an_object_is_not_written(client, fake_stripe, body):
    fake_stripe.now = 1_700_000_000
    fake_stripe.create("customer", id="cus_1", name="old")
    fake_stripe.update("cus_1", name="new")
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    fake_stripe.fail("/v1/customers", 200, times=None, body=body)
    assert post_event(client, fake_stripe.events[1]).status_code == 503
    assert Customer.objects.get().name == "old"


def test_deleting_what_is_gone_and_asking_at_a_wrong_address_are_not_the_same(fake_stripe):
    with pytest.raises(ObjectNotFound):
        api.delete("/v1/webhook_endpoints/we_1")
    fake_stripe.fail("/v1/webhook_endpoints", 404, body=NOT_GONE["a gateway's"])
    with pytest.raises(TemporaryStripeError):
        api.delete("/v1/webhook_endpoints/we_1")


def test_a_parameter_that_names_what_is_not_there_is_a_refusal(fake_stripe):
    refusal = error("No such price: 'price_1'", param="items[0][price]")
    fake_stripe.fail("/v1/subscriptions", 400, body=refusal)
    with pytest.raises(FinalStripeError) as raised:
        api.post("/v1/subscriptions", {"items": [{"price": "price_1"}]})
    assert raised.value.code == "request_refused"


@pytest.mark.parametrize("body", NOT_GONE.values(), ids=NOT_GONE)
@pytest.mark.parametrize("secrets", [[], ["whsec_1"]])
def test_an_event_behind_a_wrong_404_is_undecided(client, fake_stripe, settings, body, secrets):
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = secrets
    fake_stripe.create("customer", id="cus_1")
    fake_stripe.fail("/v1/events", 404, times=None, body=body)
    assert post_event(client, fake_stripe.events[0], secret="whsec_1").status_code == 503
    event = Event.objects.get()
    assert (event.valid, event.processed, Customer.all_objects.count()) == (None, False, 0)
    fake_stripe.clear_faults()
    assert post_event(client, fake_stripe.events[0], secret="whsec_1").status_code == 200


@pytest.mark.parametrize("body", NOT_GONE.values(), ids=NOT_GONE)
def test_a_wrong_404_makes_no_tombstone(client, fake_stripe, body):
    """Two events of one second: which is newer only a read tells, and that does not get through."""
    fake_stripe.now = 1_700_000_000
    fake_stripe.create("customer", id="cus_1", name="old")
    fake_stripe.update("cus_1", name="new")
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    fake_stripe.fail("/v1/customers", 404, times=None, body=body)
    assert post_event(client, fake_stripe.events[1]).status_code == 503
    assert not Customer.objects.get().is_deleted
    fake_stripe.clear_faults()
    assert post_event(client, fake_stripe.events[1]).status_code == 200
    assert Customer.objects.get().name == "new"


@pytest.mark.parametrize("body", NOT_GONE.values(), ids=NOT_GONE)
def test_a_wrong_404_does_not_cut_a_list(client, fake_stripe, body):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(25)]
    fake_stripe.create("invoice", id="in_1", lines=lines)
    fake_stripe.fail("/v1/invoices/in_1/lines", 404, times=None, body=body)
    assert post_event(client, fake_stripe.events[0]).status_code == 503
    fake_stripe.clear_faults()
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    assert Invoice.objects.get().lines.count() == 25


def test_a_cursor_that_vanishes_does_not_cut_a_list(client, fake_stripe):
    lines = [build_object("line_item", id=f"il_{number}") for number in range(150)]
    fake_stripe.create("invoice", id="in_1", lines=lines)
    cursor = error("No such line_item: 'il_99'", param="starting_after")
    fake_stripe.slow("/v1/invoices/in_1/lines", seconds=0)
    fake_stripe.fail("/v1/invoices/in_1/lines", 400, body=cursor)
    assert post_event(client, fake_stripe.events[0]).status_code == 503
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    assert Invoice.objects.get().lines.count() == 150


def test_a_signature_is_not_overruled_by_a_404(client, fake_stripe, settings):
    """The key of another account, or a read that comes before the event can be read."""
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = ["whsec_1"]
    event = build_event("customer.created", build_object("customer", id="cus_1"))
    assert post_event(client, event, secret="whsec_1").status_code == 503
    row = Event.objects.get()
    assert_row(row, valid=None, signed=True, reason="signed_but_not_found")
    fake_stripe.add_event(event)
    assert post_event(client, event, secret="whsec_1").status_code == 200
    assert Customer.objects.get().pk == "cus_1"


@pytest.mark.parametrize("end", ["/", "//"])
def test_a_slash_at_the_end_of_the_base_is_no_404(client, fake_stripe, settings, end):
    settings.PINAX_STRIPE_API_BASE = fake_stripe.url + end
    fake_stripe.create("customer", id="cus_1")
    assert post_event(client, fake_stripe.events[0]).status_code == 200
    assert {request.path[:4] for request in fake_stripe.requests} == {"/v1/"}
