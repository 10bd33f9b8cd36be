"""`manage.py stripe_sync`: what Stripe has is in the mirror, whatever was there before and happens meanwhile."""

import datetime
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pinax.stripe.backfill import engine, runs
from pinax.stripe.models import (
    Account,
    ActiveEntitlement,
    Backfill,
    BackfillPosition,
    Balance,
    BalanceTransaction,
    Card,
    CashBalance,
    Charge,
    CheckoutSession,
    Coupon,
    Customer,
    CustomerBalanceTransaction,
    Feature,
    Invoice,
    InvoiceLineItem,
    ProductFeature,
    SetupAttempt,
    SetupIntent,
    Subscription,
    SubscriptionItem,
)
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.upkeep import health
from pinax.stripe.upkeep.findings import Level, Thresholds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    return fake_stripe


def run(*args, **options):
    out = StringIO()
    call_command("stripe_sync", *args, stdout=out, verbosity=0, **options)
    return out.getvalue().splitlines()[-1]


def fill(stripe, count, kind="customer", **fields):
    """Objects of a type that no event tells of; their ids."""
    return {stripe.create(kind, silent=True, **fields).get("id") for _ in range(count)}


def test_everything_that_stripe_lists_is_in_the_mirror(stripe):
    customers = fill(stripe, 250)
    charges = fill(stripe, 120, "charge")
    features = fill(stripe, 3, "entitlements.feature")
    assert run() == "Read 374 objects: 374 new, 0 changed."  # One is the balance.
    assert set(Customer.objects.values_list("pk", flat=True)) == customers
    assert set(Charge.objects.values_list("pk", flat=True)) == charges
    assert set(Feature.objects.values_list("stripe_id", flat=True)) == features
    # The customers, the same with their sources, and with their tax ids.
    assert stripe.calls("/v1/customers") - stripe.calls("/v1/customers/") == 3 * 3
    assert Customer.objects.first().stripe_data == stripe.get(Customer.objects.first().pk)


def test_what_did_not_change_is_not_written_again_and_costs_no_call_of_its_own(stripe):
    fill(stripe, 130)
    run("customer")
    before = dict(Customer.objects.values_list("pk", "version"))
    stripe.advance(30)
    one = stripe.update(next(iter(before)), silent=True, description="changed")["id"]
    stripe.reset_requests()
    assert run("customer", full=True) == "Read 130 objects: 0 new, 1 changed."
    assert dict(Customer.objects.values_list("pk", "version")) == {**before, one: before[one] + 1}
    assert stripe.calls() == 2
    assert Customer.objects.get(pk=one).description == "changed"


def test_a_run_begins_where_the_last_one_ended(stripe):
    """Balance transactions have no events: those of a day are read with it, without the years before."""
    now, stripe.now = stripe.now, stripe.now - 86400
    fill(stripe, 150, "balance_transaction")
    stripe.now = now
    run("balance_transaction")
    new = fill(stripe, 2, "balance_transaction")
    stripe.reset_requests()
    assert run("balance_transaction") == "Read 2 objects: 2 new, 0 changed."
    assert stripe.calls() == 1
    assert new <= set(BalanceTransaction.objects.values_list("stripe_id", flat=True))
    assert run("balance_transaction", full=True) == "Read 152 objects: 0 new, 0 changed."


def test_a_list_that_no_run_has_read_is_read_from_its_beginning(stripe):
    """A type that is new in this release, or that the key was not allowed to read."""
    now, stripe.now = stripe.now, stripe.now - 90 * 86400
    fill(stripe, 3)
    fill(stripe, 3, "payout")
    stripe.now = now
    stripe.fail("/v1/payouts", 403, body={"error": {"type": "invalid_request_error", "message": "Not permitted."}})
    with pytest.raises(CommandError, match=r"payout .*Not permitted") as caught:
        run()
    assert caught.value.returncode == 3
    assert Customer.objects.count() == 3
    assert run() == "Read 4 objects: 3 new, 0 changed."  # One is the balance.


def test_lists_that_do_not_take_a_time_end_with_what_is_older(stripe):
    now, stripe.now = stripe.now, stripe.now - 86400
    fill(stripe, 120, "payment_method")
    stripe.now = now
    run("payment_method")
    fill(stripe, 101, "payment_method")
    stripe.reset_requests()
    assert run("payment_method") == "Read 101 objects: 101 new, 0 changed."
    assert stripe.calls() == 2


def test_a_time_can_be_asked_for(stripe):
    now = stripe.now
    for days in (1, 3, 5):
        stripe.now = now - days * 86400
        fill(stripe, 1, id=f"cus_{days}")
    stripe.now = now
    run("customer", "--since=4d", "--until=2d")
    assert set(Customer.objects.values_list("pk", flat=True)) == {"cus_3"}


def test_a_webhook_that_is_newer_stays(client, stripe):
    """The list was read before the event, and is written after it."""
    fill(stripe, 1, id="cus_1", description="old")
    old = stripe.get("cus_1")
    stripe.advance(60)
    stripe.update("cus_1", description="new")
    post_event(client, stripe.events[-1])
    stripe.update("cus_1", silent=True, description=old["description"])
    stripe.now -= 60
    run("customer")
    assert Customer.objects.get().description == "new"


def test_two_states_of_one_second_are_settled_by_reading_the_object(client, stripe):
    fill(stripe, 1, id="cus_1", description="first")
    stripe.update("cus_1", description="second")
    stripe.update("cus_1", silent=True, description="third")
    post_event(client, stripe.events[-1])
    assert Customer.objects.get().description == "second"
    stripe.reset_requests()
    run("customer")
    assert Customer.objects.get().description == "third"
    assert stripe.calls("/v1/customers/cus_1") == 1


def test_lists_that_are_cut_short_are_completed(stripe):
    items = [{"id": f"si_{number}", "object": "subscription_item"} for number in range(30)]
    stripe.create("subscription", silent=True, id="sub_1", items=items)
    lines = [{"id": f"il_{number}", "object": "line_item"} for number in range(30)]
    stripe.create("invoice", silent=True, id="in_1", lines=lines)
    run("subscription", "invoice")
    assert SubscriptionItem.objects.filter(subscription=Subscription.objects.get()).count() == 30
    assert InvoiceLineItem.objects.filter(invoice=Invoice.objects.get()).count() == 30


def test_canceled_subscriptions_are_there_too(stripe):
    fill(stripe, 1, "subscription", status="canceled")
    run("subscription")
    assert Subscription.objects.get().status == "canceled"


def test_what_no_list_has_comes_through_its_parents(stripe):
    for name in ("cus_1", "cus_2", "cus_3"):
        fill(stripe, 1, id=name)
    fill(stripe, 2, "card", customer="cus_2")
    fill(stripe, 1, "setup_intent", id="seti_1", latest_attempt="setatt_1")
    fill(stripe, 1, "setup_attempt", setup_intent="seti_1", id="setatt_1")
    fill(stripe, 1, "entitlements.feature", id="feat_1")
    fill(stripe, 120, "entitlements.active_entitlement", customer="cus_3")
    run()
    assert set(Card.objects.values_list("customer_id", flat=True)) == {"cus_2"}
    assert SetupAttempt.objects.get(pk="setatt_1").setup_intent_id == "seti_1"
    assert {row.customer_id for row in ActiveEntitlement.objects.all()} == {"cus_3"}
    assert ActiveEntitlement.objects.count() == 120


def test_sessions_and_setup_intents_that_moved_get_the_parts_that_no_event_has(stripe):
    """A migration moves them out of the general table, and reads nothing."""
    lines = [build_object("item", id=f"li_{number}") for number in range(2)]
    fill(stripe, 1, "checkout.session", id="cs_1", status="complete", line_items=lines)
    fill(stripe, 1, "setup_intent", id="seti_1", status="succeeded", latest_attempt="setatt_1")
    fill(stripe, 1, "setup_attempt", setup_intent="seti_1", id="setatt_1")
    for model, stripe_id in ((CheckoutSession, "cs_1"), (SetupIntent, "seti_1")):
        data = {name: value for name, value in stripe.get(stripe_id).items() if name != "line_items"}
        times = dict.fromkeys(("as_of", "as_of_end"), "2020-01-01T00:00Z")
        model.objects.create(id=stripe_id, stripe_id=stripe_id, status=data["status"], stripe_data=data, **times)
    run()
    assert CheckoutSession.objects.get().line_items.count() == 2
    assert SetupIntent.objects.get().attempts.get().pk == "setatt_1"
    stripe.reset_requests()
    run()
    assert stripe.calls("/v1/checkout/sessions/cs_1/line_items") == stripe.calls("/v1/setup_attempts") == 0


def test_the_balance_of_an_account_is_read(stripe):
    fill(stripe, 1, "balance", available=[{"amount": 500, "currency": "eur"}])
    fill(stripe, 1, "balance", available=[{"amount": 20, "currency": "eur"}], account="acct_1")
    run()
    run("balance", account="acct_1")
    assert {row.pk: row.available for row in Balance.objects.all()} == {
        "test": {"eur": 500},
        "acct_1/test": {"eur": 20},
    }
    stripe.update("balance", available=[{"amount": 7, "currency": "eur"}], silent=True)
    stripe.advance(30)
    stripe.reset_requests()
    assert run("balance") == "Read 1 objects: 0 new, 1 changed."
    assert [request.path for request in stripe.requests] == ["/v1/balance"]
    assert Balance.objects.get(pk="test").available == {"eur": 7}


def test_the_balance_of_the_other_mode_stays(stripe):
    fill(stripe, 1, "balance")
    run("balance")
    row = Balance.objects.get()
    row.pk, row.stripe_id, row.livemode = "live", "live", True
    row.save(force_insert=True)
    stripe.reset_requests()
    run("balance")
    assert len(stripe.requests) == 1
    assert {*Balance.objects.values_list("pk", flat=True)} == {"live", "test"}


def cash_of(stripe, *numbers):
    """Customers with cash, which no event tells of."""
    for number in numbers:
        fill(stripe, 1, id=f"cus_{number}")
        fill(stripe, 1, "cash_balance", customer=f"cus_{number}", available={"eur": number})


def cash_reads(stripe):
    return [request.path for request in stripe.requests if request.path.endswith("/cash_balance")]


@pytest.mark.parametrize("threads", [1, 4])
def test_cash_is_read_of_customers_of_whom_transactions_tell(stripe, threads):
    cash_of(stripe, 1, 2, 3)
    fill(stripe, 1, "customer_cash_balance_transaction", customer="cus_2", ending_balance=2, currency="eur")
    run(threads=threads)
    assert [(row.pk, row.available) for row in CashBalance.objects.all()] == [("cus_2", {"eur": 2})]
    assert cash_reads(stripe) == ["/v1/customers/cus_2/cash_balance"]


def test_cash_that_has_a_row_is_read_again_and_all_of_it_when_it_is_named(stripe):
    cash_of(stripe, 1, 2)
    run("customer", "cash_balance")
    assert {row.pk: row.available for row in CashBalance.objects.all()} == {"cus_1": {"eur": 1}, "cus_2": {"eur": 2}}
    CashBalance.objects.filter(pk="cus_1").delete()
    stripe.advance(30)
    stripe.reset_requests()
    run(full=True)
    assert cash_reads(stripe) == ["/v1/customers/cus_2/cash_balance"]


def test_customers_are_asked_for_what_only_a_grant_or_a_feature_brings_where_there_is_one(stripe):
    for number in range(3):
        fill(stripe, 1, id=f"cus_{number}")
    credit, entitlements = "/v1/billing/credit_balance_transactions", "/v1/entitlements/active_entitlements"
    run()
    assert (stripe.calls(credit), stripe.calls(entitlements)) == (0, 0)
    fill(stripe, 1, "billing.credit_grant", id="credgr_1", customer="cus_1")
    fill(stripe, 1, "entitlements.feature", id="feat_1")
    run(full=True)
    # Features name no customer.
    assert (stripe.calls(credit), stripe.calls(entitlements)) == (1, 3)
    stripe.reset_requests()
    run("billing.credit_balance_transaction", full=True)
    assert stripe.calls(credit) == 3, "those who name the type have all customers asked"


def test_a_parent_that_is_deleted_meanwhile_stops_nothing(stripe):
    for name in ("prod_1", "prod_2", "prod_3"):
        fill(stripe, 1, "product", id=name)
        fill(stripe, 1, "product_feature", product=name)
    run("product")
    stripe.delete("prod_2", silent=True)
    run("product_feature")
    assert {row.product_id for row in ProductFeature.objects.all()} == {"prod_1", "prod_3"}


def test_parents_that_did_not_change_are_not_asked_again(client, stripe):
    for number in range(4):
        fill(stripe, 1, id=f"cus_{number}")
    run("customer", "customer_balance_transaction")
    Customer.objects.update(synced_at="2020-01-01T00:00:00Z")
    stripe.advance(30)
    fill(stripe, 1, "customer_balance_transaction", customer="cus_2")
    stripe.update("cus_2", balance=-500)
    post_event(client, stripe.events[-1])
    stripe.reset_requests()
    run("customer_balance_transaction")
    assert [request.path for request in stripe.requests] == ["/v1/customers/cus_2/balance_transactions"]
    assert CustomerBalanceTransaction.objects.get().customer_id == "cus_2"


@pytest.mark.parametrize("threads", [1, 2])
def test_parents_whose_rows_the_same_run_wrote_are_not_asked_again_by_the_next(stripe, monkeypatch, threads):
    """As if reading the customers had taken an hour: what is below them was read behind it."""
    stripe.now -= 7_200
    fill(stripe, 3)
    stripe.now += 7_200
    start = timezone.now() - datetime.timedelta(hours=1)
    positions = runs.new_positions

    def an_hour_ago(run, scope, lists):
        found = positions(run, scope, lists)
        for position in found:
            position.until = int(start.timestamp())
        return found

    with monkeypatch.context() as patched:
        patched.setattr(runs, "new_positions", an_hour_ago)
        run("customer", "customer_balance_transaction", threads=threads)
    Customer.objects.update(synced_at=start + datetime.timedelta(minutes=30))
    stripe.reset_requests()
    run("customer", "customer_balance_transaction", threads=threads)
    assert [request.path for request in stripe.requests] == ["/v1/customers"]


def test_a_list_below_others_that_was_begun_keeps_the_time_until_which_it_counts(stripe):
    backfill = runs.new_backfill(runs.Scope(object_types=("customer_balance_transaction",)))
    backfill.positions.update(moves=1, until=1_000)
    [(listed, position)] = engine.unfinished(backfill)
    runs.note_beginning(listed, position)
    assert backfill.positions.get().until == position.until == 1_000


def test_of_processes_that_begin_a_list_below_others_only_the_first_moves_its_position(stripe):
    """If the second did, too, what the first has read meanwhile would not count, and so on in turns."""
    backfill = runs.new_backfill(runs.Scope(object_types=("customer_balance_transaction",)))
    [(listed, first)] = engine.unfinished(backfill)
    [(_, second)] = engine.unfinished(backfill)
    runs.note_beginning(listed, first)
    runs.note_beginning(listed, second)
    second.refresh_from_db()
    runs.note_beginning(listed, second)
    assert backfill.positions.get().moves == first.moves == 1


def test_a_list_below_others_counts_until_the_time_that_was_asked_for(stripe):
    until = timezone.now() - datetime.timedelta(days=1)
    backfill = runs.new_backfill(runs.Scope(object_types=("customer_balance_transaction",), until=until))
    [(listed, position)] = engine.unfinished(backfill)
    runs.note_beginning(listed, position)
    assert backfill.positions.get().until == int(until.timestamp())


def test_an_object_that_goes_while_its_list_is_read_is_no_end_of_it(stripe, monkeypatch):
    ids = fill(stripe, 250)
    write, gone = engine.write_batch, []

    def writing(position, batch, **options):
        done = write(position, batch, **options)
        if not gone and batch.place.cursor:
            gone.append(batch.place.cursor)
            stripe.delete(batch.place.cursor, silent=True)
        return done

    monkeypatch.setattr(engine, "write_batch", writing)
    run("customer")
    assert set(Customer.objects.values_list("pk", flat=True)) == ids


@pytest.mark.parametrize("kind", ["customer", "payment_method"])
def test_faults_are_waited_out(stripe, kind):
    fill(stripe, 250, kind)
    for _ in range(3):
        stripe.rate_limit(should_retry=False)
        stripe.fail(status=500)
        stripe.drop()
        stripe.half()
    assert run(kind) == "Read 250 objects: 250 new, 0 changed."


def test_a_run_that_is_broken_off_goes_on(stripe):
    stripe.advance(-86400)
    ids = fill(stripe, 350)
    stripe.advance(86400)
    stripe.fail("/v1/products", 401, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    with pytest.raises(CommandError, match="run it again to go on") as caught:
        run("customer", "product", threads=1)
    assert caught.value.returncode == 1
    assert Customer.objects.count() == 350
    stripe.clear_faults()
    stripe.advance(-86400)
    fill(stripe, 2, "product")
    stripe.advance(86400)
    stripe.reset_requests()
    assert run("customer", "product", threads=1) == "Read 2 objects: 2 new, 0 changed."
    assert stripe.calls("/v1/customers") == 1  # Of what is new, a page without any.
    assert Backfill.objects.filter(finished_at=None).count() == 0
    assert set(Customer.objects.values_list("pk", flat=True)) == ids


@pytest.mark.parametrize("options", [(), ("--full",), ("--since=400d",)])
def test_a_run_that_goes_on_shows_what_was_created_since_it_began(stripe, options):
    ids = fill(stripe, 150)
    stripe.fail("/v1/products", 401, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    with pytest.raises(CommandError):
        run("customer", "product", *options, threads=1)
    stripe.clear_faults()
    ids |= fill(stripe, 2)
    run("customer", "product", *options, threads=1)
    assert set(Customer.objects.values_list("pk", flat=True)) == ids


def test_rows_that_are_there_can_be_left_alone(stripe):
    fill(stripe, 1, id="cus_1", description="old")
    run("customer")
    stripe.advance(30)
    stripe.update("cus_1", silent=True, description="new")
    fill(stripe, 1, id="cus_2")
    run("customer", only_missing=True, full=True)
    assert Customer.objects.get(pk="cus_1").description == "old"
    assert Customer.objects.filter(pk="cus_2").exists()


def test_a_dry_run_changes_nothing(stripe):
    fill(stripe, 1, id="cus_1")
    run("customer")
    Backfill.objects.all().delete()
    stripe.advance(30)
    stripe.update("cus_1", silent=True, description="new")
    fill(stripe, 5)
    assert run("customer", dry_run=True) == "Read 6 objects: 5 missing, 1 different. Nothing is changed."
    assert (Customer.objects.count(), Backfill.objects.count(), BackfillPosition.objects.count()) == (1, 0, 0)


def test_all_accounts(stripe):
    fill(stripe, 1, id="cus_1")
    stripe.create("account", silent=True, id="acct_1")
    stripe.create("customer", silent=True, id="cus_2", account="acct_1")
    run("customer", all_accounts=True)
    assert set(Customer.objects.values_list("pk", flat=True)) == {"cus_1", "acct_1/cus_2"}


def test_a_rejected_account_is_left_out_of_all_and_read_when_it_is_named(stripe):
    requirements = {"disabled_reason": "rejected.fraud"}
    stripe.create("account", silent=True, id="acct_1", requirements=requirements)
    stripe.create("customer", silent=True, id="cus_2", account="acct_1")
    run("account", "person", "customer", all_accounts=True)
    assert not Customer.objects.exists()
    assert stripe.calls("/v1/accounts/acct_1/persons") == 0
    run("customer", account="acct_1")
    assert Customer.objects.get().pk == "acct_1/cus_2"


def test_an_account_that_ended_the_access_is_not_asked(stripe):
    stripe.create("account", silent=True, id="acct_1")
    run("account")
    Account.objects.update(deauthorized_at=timezone.now())
    stripe.reset_requests()
    run("person")
    with pytest.raises(CommandError, match="acct_1 ended your access on "):
        run("customer", account="acct_1")
    assert stripe.requests == []


def test_types_are_named_as_stripe_names_them(stripe):
    with pytest.raises(CommandError, match=r"There is no type 'customers'. The types are: account, "):
        run("customers")
    with pytest.raises(CommandError, match="subscription_item comes with the object that it is a part of: ask for sub"):
        run("subscription_item")
    with pytest.raises(CommandError, match="Stripe has no list of mandate"):
        run("mandate")


def test_a_coupon_that_was_made_anew_is_back(client, stripe):
    stripe.create("coupon", id="SUMMER", percent_off=10)
    stripe.advance(10)
    gone = stripe.events[-1]
    post_event(client, gone)
    data = stripe.get("SUMMER")
    stripe.delete("SUMMER")
    post_event(client, stripe.events[-1])
    assert not Coupon.objects.exists()
    stripe.advance(10)
    stripe.create("coupon", silent=True, **{**data, "created": stripe.now})
    run("coupon")
    assert Coupon.objects.get().percent_off == 10


def test_health_says_how_old_the_last_backfill_is(client, stripe):
    stripe.create("customer")
    post_event(client, stripe.events[0])
    assert "backfill" not in {finding.name for finding in health.health_report(Thresholds.configured())}
    run("customer")
    Backfill.objects.update(finished_at=timezone.now() - datetime.timedelta(hours=3))
    (found,) = [each for each in health.health_report(Thresholds.configured()) if each.name == "backfill"]
    assert (found.level, found.summary) == (
        Level.OK,
        "stripe_sync last read Stripe's lists to their end 3.0 hours ago.",
    )


def test_the_way_in_offers_to_read_what_is_there(stripe):
    out = StringIO()
    call_command("stripe_webhook", "create", "--url", "https://example.com/stripe/webhook/", stdout=out)
    assert "python manage.py stripe_sync" in out.getvalue()


def test_an_answer_that_does_not_say_what_it_is_is_named_and_ends_nothing(stripe):
    """A balance without `object`, as a stand-in may have one."""
    fill(stripe, 3)
    stripe.fail("/v1/balance", 200, times=None, body={"available": [], "pending": []})
    with pytest.raises(CommandError, match=r"balance \(/v1/balance\): The answer does not say what object") as caught:
        run("balance", "customer")
    assert (caught.value.returncode, Customer.objects.count()) == (3, 3)
