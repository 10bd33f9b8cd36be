"""Lists below customers are read with pages of customers: a hundred of them with one call."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pinax.stripe.models import BackfillPosition, Card, CheckoutSession, Customer, TaxId
from pinax.stripe.testing import build_object

pytestmark = pytest.mark.django_db(transaction=True)

REFUSAL = {"error": {"type": "invalid_request_error", "message": "This property cannot be expanded (data.sources)."}}


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    return fake_stripe


def run(*args, threads=1, **options):
    out = StringIO()
    call_command("stripe_sync", *args, stdout=out, verbosity=0, threads=threads, **options)
    return out.getvalue().splitlines()[-1]


def customers(stripe, count):
    """Customers of whom each has a card, and every second one a tax id."""
    for number in range(count):
        stripe.create("customer", silent=True, id=f"cus_{number:03}")
        stripe.create("card", silent=True, id=f"card_{number:03}", customer=f"cus_{number:03}")
        if number % 2:
            stripe.create("tax_id", silent=True, id=f"txi_{number:03}", customer=f"cus_{number:03}")


def paths(stripe):
    return [request.path for request in stripe.requests]


def test_the_sources_and_tax_ids_of_a_hundred_customers_cost_a_call_each(stripe):
    customers(stripe, 250)
    run("customer", "card", "tax_id")
    assert set(Card.objects.values_list("pk", "customer_id")) == {(f"card_{n:03}", f"cus_{n:03}") for n in range(250)}
    assert set(TaxId.objects.values_list("customer_id", flat=True)) == {f"cus_{n:03}" for n in range(1, 250, 2)}
    # The customers, and they again with either list. Asked one by one, they would cost 2 * 250 calls more.
    assert set(paths(stripe)) == {"/v1/customers", "/v1/tax_ids"}
    assert stripe.calls("/v1/customers") == 3 + 3 + 3


def test_what_did_not_change_is_not_written_again(stripe):
    customers(stripe, 20)
    run("customer", "card", "tax_id")
    assert run("customer", "card", "tax_id", full=True).endswith(" objects: 0 new, 0 changed.")
    assert not {"sources", "tax_ids"} & Customer.objects.first().stripe_data.keys()


def test_of_few_customers_that_changed_each_is_asked_and_of_many_a_hundred_at_once(stripe):
    customers(stripe, 250)
    run("customer", "card")
    stripe.create("card", silent=True, id="card_new", customer="cus_007")
    for changed, asked in ((2, 2), (3, 3), (4, 0), (250, 0)):
        Customer.objects.update(synced_at="2020-01-01T00:00:00Z")
        Customer.objects.filter(pk__in=[f"cus_{number:03}" for number in range(changed)]).update(
            synced_at=timezone.now()
        )
        stripe.reset_requests()
        run("card")
        assert stripe.calls("/v1/customers/") == asked
        assert len(stripe.requests) == (asked or 3)
    assert Card.objects.filter(customer_id="cus_007").count() == 2


def test_a_list_that_is_cut_short_is_read_by_itself(stripe):
    customers(stripe, 5)
    for number in range(120):
        stripe.create("card", silent=True, id=f"card_more_{number}", customer="cus_003")
    run("customer", "card")
    assert Card.objects.filter(customer_id="cus_003").count() == 121
    assert [path for path in paths(stripe) if path.count("/") > 2] == ["/v1/customers/cus_003/sources"] * 2


def test_where_stripe_does_not_expand_each_customer_is_asked(stripe):
    customers(stripe, 5)
    run("customer")
    stripe.reset_requests()
    # Once more in the version of our own calls.
    stripe.fail("/v1/customers", 400, times=2, body=REFUSAL)
    assert run("card") == "Read 5 objects: 5 new, 0 changed."
    asked = [f"/v1/customers/cus_{number:03}/sources" for number in range(5)]
    assert paths(stripe) == ["/v1/customers", "/v1/customers", *asked]


def test_a_run_that_is_stopped_goes_on_with_the_next_page(stripe):
    customers(stripe, 250)
    run("customer")
    stripe.fail("/v1/customers", 401, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    with pytest.raises(CommandError, match="run it again to go on"):
        run("card")
    stripe.clear_faults()
    first = stripe.requests[-1]
    BackfillPosition.objects.filter(list_name="customers/{customer}/sources").update(
        cursor="cus_150", reached=stripe.get("cus_150")["created"]
    )
    stripe.reset_requests()
    run("card", threads=1)
    assert first.query["expand[0]"] == "data.sources"
    assert [request.query.get("starting_after") for request in stripe.requests[:2]] == ["cus_150", "cus_050"]
    assert Card.objects.filter(pk__lt="card_150").count() == 150


def test_what_a_customer_has_no_more_becomes_a_tombstone(stripe):
    customers(stripe, 3)
    run("customer", "card")
    stripe.advance(20)
    stripe.delete("card_001", silent=True)
    run("customer", "card", full=True)
    assert set(Card.objects.values_list("pk", flat=True)) == {"card_000", "card_002"}


def test_customers_with_a_test_clock_are_asked_one_by_one(stripe):
    """The list of customers leaves them out."""
    stripe.create("test_helpers.test_clock", silent=True, id="clock_1")
    customers(stripe, 2)
    stripe.create("customer", silent=True, id="cus_clock", test_clock="clock_1")
    stripe.create("card", silent=True, id="card_clock", customer="cus_clock")
    run("test_helpers.test_clock", "customer", "card")
    assert set(Card.objects.values_list("pk", flat=True)) == {"card_000", "card_001", "card_clock"}


def test_a_list_whose_entries_cannot_be_expanded_is_read_without(stripe):
    lines = [build_object("item", id=f"li_{number}") for number in range(2)]
    stripe.create("checkout.session", silent=True, id="cs_1", status="complete", line_items=lines)
    stripe.fail("/v1/checkout/sessions", 400, times=2, body=REFUSAL)
    run("checkout.session")
    assert CheckoutSession.objects.get().line_items.count() == 2
    assert paths(stripe)[-1] == "/v1/checkout/sessions/cs_1/line_items"


def test_what_stripe_refused_to_expand_is_not_asked_for_with_each_page(stripe):
    for number in range(150):
        stripe.create("checkout.session", silent=True, id=f"cs_{number:03}")
    stripe.fail("/v1/checkout/sessions", 400, times=2, body=REFUSAL)
    run("checkout.session")
    pages = [request.query for request in stripe.requests if request.path == "/v1/checkout/sessions"]
    assert ["expand[0]" in page for page in pages] == [True, True, False, False]
    assert CheckoutSession.objects.count() == 150
