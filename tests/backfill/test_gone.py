"""What Stripe does not have any more is asked for by its id, and only then a tombstone."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pinax.stripe.backfill.gone import Coverage, Shown
from pinax.stripe.models import Card, Coupon, Customer, PaymentMethod, Person, Product, Subscription

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    return fake_stripe


def run(*args, **options):
    call_command("stripe_sync", *args, full=True, stdout=StringIO(), verbosity=0, **options)


def fill(stripe, kind, count, seconds):
    """Objects of so many seconds; the oldest comes first."""
    now = stripe.now
    ids = []
    for number in range(count):
        stripe.now = now - (count - number) * seconds
        ids.append(stripe.create(kind, silent=True)["id"])
    stripe.now = now
    return ids


@pytest.mark.parametrize("seconds", [0, 1, 5000])
@pytest.mark.parametrize(("kind", "model"), [("customer", Customer), ("coupon", Coupon), ("product", Product)])
def test_an_object_that_was_deleted_unheard_becomes_a_tombstone(stripe, kind, model, seconds):
    ids = fill(stripe, kind, 220, seconds)
    run(kind)
    stripe.advance(20)
    gone = [ids[0], ids[30], ids[120], ids[219]]
    for stripe_id in gone:
        stripe.delete(stripe_id, silent=True)
    stripe.reset_requests()
    run(kind)
    assert set(model.objects.values_list("pk", flat=True)) == {*ids} - {*gone}
    assert {row.pk for row in model.all_objects.filter(deleted_at__isnull=False)} == {*gone}
    asked = [request.path.rpartition("/")[2] for request in stripe.requests if request.path.count("/") == 3]
    assert sorted(asked) == sorted(gone)


def test_what_a_list_leaves_out_stays(stripe):
    """Stripe has it: the list does not show objects with a test clock, nor payment methods without a customer."""
    stripe.create("subscription", silent=True, id="sub_1", test_clock="clock_1")
    stripe.create("payment_method", silent=True, id="pm_1", customer=None)
    stripe.create("customer", silent=True, id="cus_1")
    run("subscription", "payment_method", "customer")
    stripe.advance(20)
    hidden = {"subscription", "payment_method", "customer"}
    objects = stripe.kept_objects
    stripe.kept_objects = lambda kind, **options: [] if kind in hidden else objects(kind, **options)
    stripe.reset_requests()
    run("subscription", "payment_method", "customer")
    assert (Subscription.objects.count(), PaymentMethod.objects.count(), Customer.objects.count()) == (1, 1, 1)
    assert [request.path for request in stripe.requests if request.path.count("/") == 3] == ["/v1/customers/cus_1"]


def test_nothing_is_gone_that_only_could_not_be_read(stripe):
    ids = fill(stripe, "customer", 3, 10)
    run("customer")
    stripe.advance(20)
    stripe.delete(ids[0], silent=True)
    stripe.fail(f"/v1/customers/{ids[0]}", 403, body={"error": {"type": "invalid_request_error", "message": "No."}})
    run("customer")
    assert Customer.objects.count() == 3


def test_a_page_shows_the_seconds_before_that_of_its_last_entry():
    coverage = Coverage(until=100)
    assert coverage.add([("c", 90), ("b", 80)], end=None) == Shown(since=81, until=100, ids=frozenset("cb"))
    assert coverage.add([("a", 80), ("A", 80)], end=None) is None
    assert coverage.add([("z", 70)], end=0) == Shown(since=0, until=81, ids=frozenset("baAz"))


def test_entries_that_are_not_newest_first_show_nothing():
    coverage = Coverage(until=100)
    assert coverage.add([("c", 80), ("b", 90)], end=None) is None
    assert coverage.add([("a", 70)], end=0) is None


def test_entries_without_a_time_are_whole_at_the_end_only():
    coverage = Coverage(until=100)
    assert coverage.add([("a", None)], end=None) is None
    assert coverage.add([("b", None)], end=0) == Shown(since=None, until=None, ids=frozenset("ab"))
    assert Coverage(until=100, is_resumed=True).add([("b", None)], end=0) is None


def test_what_is_gone_below_a_parent_becomes_a_tombstone(stripe):
    for customer in ("cus_1", "cus_2"):
        stripe.create("customer", silent=True, id=customer)
        for number in range(12):
            stripe.create("card", silent=True, id=f"card_{customer}_{number}", customer=customer)
    run("customer", "card")
    assert Card.objects.count() == 24
    stripe.advance(20)
    stripe.delete("card_cus_1_3", silent=True)
    stripe.reset_requests()
    run("customer", "card")
    assert {row.pk for row in Card.all_objects.filter(deleted_at__isnull=False)} == {"card_cus_1_3"}
    asked = [request.path for request in stripe.requests if request.path.startswith("/v1/customers/cus_1/sources/")]
    assert asked == ["/v1/customers/cus_1/sources/card_cus_1_3"]


def test_what_is_below_a_parent_and_could_not_be_read_stays(stripe):
    stripe.create("customer", silent=True, id="cus_1")
    for number in range(11):  # One more than a customer shows.
        stripe.create("card", silent=True, id=f"card_{number}", customer="cus_1")
    run("customer", "card")
    refusal = {"error": {"type": "invalid_request_error", "message": "No."}}
    stripe.fail("/v1/customers/cus_1/sources", 403, times=None, body=refusal)
    with pytest.raises(CommandError):
        run("customer", "card")
    assert Card.objects.count() == 11


def test_what_is_gone_of_a_connected_account_becomes_a_tombstone_there(stripe):
    stripe.create("account", silent=True, id="acct_1")
    for account in (None, "acct_1"):
        stripe.create("customer", silent=True, id="cus_1", account=account)
        stripe.create("customer", silent=True, id="cus_2", account=account)
        stripe.create("card", silent=True, id="card_1", customer="cus_2", account=account)
    run("customer", "card", all_accounts=True)
    stripe.advance(20)
    stripe.delete("cus_1", account="acct_1", silent=True)
    stripe.delete("card_1", account="acct_1", silent=True)
    run("customer", "card", all_accounts=True)
    gone = {row.pk for model in (Customer, Card) for row in model.all_objects.filter(deleted_at__isnull=False)}
    assert gone == {"acct_1/cus_1", "acct_1/card_1"}


def test_a_person_that_an_account_lost_becomes_a_tombstone(stripe):
    stripe.create("account", silent=True, id="acct_1")
    for number in range(2):
        stripe.create("person", silent=True, id=f"person_{number}", account="acct_1")
    run("account", "person")
    assert Person.objects.count() == 2
    stripe.advance(20)
    stripe.delete("person_0", account="acct_1", silent=True)
    run("account", "person")
    assert list(Person.objects.values_list("stripe_id", flat=True)) == ["person_1"]


def test_a_verification_names_what_is_gone_below_a_parent(stripe):
    stripe.create("customer", silent=True, id="cus_1")
    stripe.create("card", silent=True, id="card_1", customer="cus_1")
    run("customer", "card")
    stripe.advance(20)
    stripe.delete("card_1", silent=True)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("stripe_verify", "card", stdout=out)
    assert out.getvalue().splitlines()[0] == "card card_1: there is a row, and Stripe does not have it"
