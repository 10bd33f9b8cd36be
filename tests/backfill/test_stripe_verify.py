"""`stripe_verify` finds every difference between the mirror and Stripe, and nothing else; `--fix` removes it."""

import datetime
import time
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from pinax.stripe.backfill import fixing
from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import (
    Balance,
    CashBalance,
    Charge,
    Customer,
    OtherObject,
    Price,
    Subscription,
    SubscriptionItem,
    Verification,
)
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.upkeep import health
from pinax.stripe.upkeep.findings import Level, Thresholds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    return fake_stripe


def verify(*arguments):
    """The lines that the command prints, and its exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command("stripe_verify", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue().splitlines(), error.returncode
    return out.getvalue().splitlines(), 0


@pytest.fixture
def account(stripe):
    """An account with some objects, and the mirror of them."""
    stripe.create("customer", silent=True, id="cus_1", email="a@example.com")
    stripe.create("customer", silent=True, id="cus_2")
    stripe.create("charge", silent=True, id="ch_1", customer="cus_1", amount=500)
    items = [{"id": f"si_{number}", "object": "subscription_item", "quantity": 1} for number in range(14)]
    stripe.create("subscription", silent=True, id="sub_1", customer="cus_1", items=items)
    stripe.create("radar.value_list", silent=True, id="rsl_1", name="blocked")
    call_command("stripe_sync", stdout=StringIO(), verbosity=0)
    stripe.advance(30)  # Lists are read up to a minute ahead of the clock.
    return stripe


def test_a_mirror_that_is_right_has_no_difference(account):
    lines, code = verify()
    assert (lines, code) == (["Compared 6 objects: 0 differ, 0 fixed."], 0)  # One is the balance.
    run = Verification.objects.get()
    assert (run.compared, run.different, run.object_types, run.sample) == (6, 0, "", None)
    assert run.finished_at is not None


def test_a_column_that_differs_is_named_with_both_values(account):
    account.update("cus_1", silent=True, email="b@example.com")
    assert verify("customer") == (
        [
            "customer cus_1: email is 'a@example.com' here and 'b@example.com' at Stripe",
            "Compared 2 objects: 1 differ, 0 fixed.",
        ],
        1,
    )
    assert Customer.objects.get(pk="cus_1").email == "a@example.com"


def test_missing_and_surplus_rows_are_named(account):
    Customer.objects.filter(pk="cus_2").delete()
    account.delete("ch_1", silent=True)
    OtherObject.all_objects.filter(stripe_id="rsl_1").update(deleted_at="2026-01-01T00:00Z")
    lines, code = verify()
    assert lines[:-1] == [
        "customer cus_2: Stripe has it, and there is no row",
        "charge ch_1: there is a row, and Stripe does not have it",
        "radar.value_list radar.value_list:rsl_1: deleted_at is datetime.datetime(2026, 1, 1, 0, 0, "
        "tzinfo=datetime.timezone.utc) here and None at Stripe",
    ]
    assert code == 1


def test_parts_are_compared_with_the_whole_list(account):
    SubscriptionItem.objects.filter(pk="si_3").update(quantity=7)
    SubscriptionItem.objects.filter(pk="si_12").delete()
    lines, _ = verify("subscription")
    assert sorted(lines[:-1]) == [
        "subscription_item si_12: Stripe has it, and there is no row",
        "subscription_item si_3: quantity is 7 here and 1 at Stripe",
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda stripe: stripe.update("cus_1", silent=True, email="b@example.com"),
        lambda stripe: stripe.delete("cus_2", silent=True),
        lambda stripe: Customer.objects.filter(pk="cus_2").delete(),
        lambda stripe: Charge.objects.filter(pk="ch_1").update(amount=1),
        lambda stripe: Subscription.objects.filter(pk="sub_1").update(status="unpaid", customer_id="cus_2"),
        lambda stripe: SubscriptionItem.objects.filter(pk="si_3").update(quantity=7),
        lambda stripe: SubscriptionItem.objects.filter(pk="si_12").delete(),
    ],
    ids=["changed", "deleted", "missing", "wrong column", "wrong columns", "wrong part", "missing part"],
)
def test_what_differs_is_fixed(account, damage):
    damage(account)
    lines, code = verify("--fix")
    assert code == 0
    assert all(line.endswith("fixed") for line in lines[:-1])
    assert len(lines) > 1
    assert Verification.objects.get().fixed == 1
    assert verify() == ([f"Compared {Verification.objects.first().compared} objects: 0 differ, 0 fixed."], 0)


def test_a_row_that_is_newer_than_the_answer_is_no_difference(client, account, monkeypatch):
    """A webhook comes in after the list was read."""
    from pinax.stripe.backfill import verifying

    read = verifying.rows_of

    def reading(rows):
        if account.get("cus_1")["email"] == "a@example.com":
            account.advance(5)
            account.update("cus_1", email="b@example.com")
            post_event(client, account.events[-1])
        return read(rows)

    monkeypatch.setattr(verifying, "rows_of", reading)
    assert verify("customer")[1] == 0
    assert Customer.objects.get(pk="cus_1").email == "b@example.com"


def test_what_an_event_brings_while_a_row_is_fixed_stays(client, account, monkeypatch):
    # Of the second in which it is read, so that it is no older, and has to be written anew.
    now = datetime.datetime.fromtimestamp(account.now, tz=datetime.timezone.utc)
    Customer.objects.filter(pk="cus_1").update(email="wrong@example.com", as_of=now, as_of_end=now)
    atomic = fixing.transaction.atomic

    def after_an_event(**options):
        account.advance(5)
        account.update("cus_1", email="new@example.com")
        post_event(client, account.events[-1])
        return atomic(**options)

    monkeypatch.setattr(fixing, "transaction", SimpleNamespace(atomic=after_an_event))
    verify("customer", "--fix")
    assert Customer.objects.get(pk="cus_1").email == "new@example.com"


def test_a_sample_reads_some_rows_and_the_newest_page(account):
    for number in range(120):
        account.create("customer", silent=True, id=f"cus_x{number}")
    lines, code = verify("customer", "--sample", "1")
    assert len(lines) == 101  # Of 120 that are missing, those of the newest page.
    assert code == 1
    run = Verification.objects.get()
    assert (run.sample, run.compared) == (1, 101)


def test_lists_that_stripe_does_not_give_are_named(account, capsys):
    account.fail("/v1/charges", 403, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    lines, code = verify("charge", "customer")
    assert (lines, code) == (["Compared 2 objects: 0 differ, 0 fixed."], 3)


def test_objects_of_connected_accounts_are_compared_too(stripe):
    stripe.create("account", silent=True, id="acct_1")
    stripe.create("customer", silent=True, id="cus_1", account="acct_1")
    lines, code = verify("customer", "--all-accounts")
    assert lines[0] == "customer acct_1/cus_1: Stripe has it, and there is no row"
    assert code == 1
    assert list(Verification.objects.values_list("stripe_account", flat=True)) == ["acct_1", ""]


def test_what_ends_early_says_so_and_is_not_on_record_as_done(account):
    account.fail("/v1/radar", 401, times=None, body=build_object("error"))
    with pytest.raises(CommandError, match="run it again"):
        call_command("stripe_verify", "radar.value_list", stdout=StringIO())
    assert Verification.objects.get().finished_at is None


def test_no_type_differs_from_what_was_taken_in(stripe):
    """What is compared is what was written, whatever a type's columns and its way in are."""
    names = sorted(row.name for row in OBJECT_TYPES.values() if row.path and row.model and not row.parents)
    # What a subscription shows gets a row, too: its price has to be at Stripe.
    item = build_object("subscription_item", price=stripe.create("price", silent=True))
    for name in names:
        stripe.create(name, silent=True, **({"items": [item]} if name == "subscription" else {}))
    call_command("stripe_sync", stdout=StringIO(), verbosity=0)
    assert Price.objects.count() == len(stripe.objects("price")) == 2
    lines, code = verify()
    assert (lines[:-1], code) == ([], 0)
    assert len(names) > 30


def test_health_and_staff_hear_of_differences(client, admin_client, account):
    account.create("customer")
    post_event(client, account.events[-1])
    account.update("cus_1", silent=True, email="b@example.com")
    verify("customer")
    found = {finding.name: finding for finding in health.health_report(Thresholds.configured())}["verification"]
    assert found.level is Level.WARNING
    assert "held 3 objects against Stripe 0.0 hours ago: 1 differed, 0 of them are fixed." in found.summary
    page = admin_client.get(reverse("admin:pinax_stripe_event_overview")).content.decode()
    assert "1 object was different at Stripe" in page
    assert "of 3 compared" in page
    verify("customer", "--fix")
    found = {finding.name: finding for finding in health.health_report(Thresholds.configured())}["verification"]
    assert (found.level, found.value) == (Level.OK, 0)


@pytest.fixture
def ledger(client, account):
    """The same account, whose endpoint began an hour ago: of three events since, two were delivered."""
    account.now = int(time.time()) - 7200
    account.update("cus_1", description="before there was an endpoint")
    account.advance(3600)
    for number in range(3):
        account.update("cus_2", description=str(number))
        account.advance(60)
    account.now = int(time.time())
    for event in (account.events[-3], account.events[-1]):
        post_event(client, event)
    return account


def test_the_balance_and_known_cash_are_compared_too(account):
    account.create("cash_balance", customer="cus_1", available={"eur": 5}, silent=True)
    CashBalance.objects.fetch("cus_1")
    account.create("balance", available=[{"amount": 7, "currency": "eur"}], silent=True)
    account.update("cash_balance:cus_1", available={"eur": 6}, silent=True)
    lines, code = verify()
    assert lines[:-1] == [
        "balance test: available is {'usd': 0} here and {'eur': 7} at Stripe",
        "cash_balance cus_1: available is {'eur': 5} here and {'eur': 6} at Stripe",
    ]
    assert code == 1
    verify("balance", "cash_balance", "--fix")
    assert Balance.objects.get().available == {"eur": 7}
    assert CashBalance.objects.get(pk="cus_1").available == {"eur": 6}


def test_events_that_stripe_lists_and_that_are_not_on_record_are_named(ledger):
    lines, code = verify("event")
    missing = ledger.events[-2]["id"]
    assert lines[0].startswith(f"event {missing} (customer.updated, ")
    assert lines[1:] == ["Looked for 3 events: 1 are not on record, 0 of them recorded now."]
    assert code == 1
    run = Verification.objects.get()
    assert (run.compared, run.different, run.object_types) == (3, 1, "event")


def test_all_that_is_asked_for_has_events_with_it(ledger):
    lines, code = verify()
    assert lines[-2].startswith("Compared 6 objects: ")
    assert lines[-1] == "Looked for 3 events: 1 are not on record, 0 of them recorded now."
    assert code == 1
    assert verify("charge") == (["Compared 1 objects: 0 differ, 0 fixed."], 0)


def test_missing_events_are_recorded_and_processed(ledger, connect):
    seen = []
    connect(lambda event, **kwargs: seen.append(event.stripe_id), WEBHOOK_SIGNALS["customer.updated"], uid="seen")
    lines, code = verify("event", "--fix")
    assert lines[0].endswith("; recorded")
    assert code == 0
    assert seen == [ledger.events[-2]["id"]]
    assert verify("event")[1] == 0


def test_a_time_that_is_asked_for_goes_back_before_the_first_event(ledger):
    lines, _ = verify("event", "--since", "3h")
    assert [line.split()[1] for line in lines[:-1]] == [ledger.events[-4]["id"], ledger.events[-2]["id"]]


def test_events_on_their_way_and_types_that_the_project_is_not_sent_are_not_missing(client, ledger):
    ledger.update("cus_2", description="just now")
    ledger.now = int(time.time()) - 1800
    ledger.create("issuing.dispute", id="idp_1")
    lines, _ = verify("event")
    assert [line.split()[1] for line in lines[:-1]] == [ledger.events[2]["id"]]


def test_receivers_that_never_ran_are_named_and_are_no_difference(ledger, connect):
    verify("event", "--fix")
    connect(lambda event, **kwargs: None, WEBHOOK_SIGNALS["customer.updated"], uid="late")
    lines, code = verify("event")
    assert lines[1].startswith("customer.updated:late never ran for 3 events that are done")
    assert "stripe_process_events --receiver customer.updated:late --since " in lines[1]
    assert code == 0
