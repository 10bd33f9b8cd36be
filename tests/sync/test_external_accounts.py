"""What connected accounts are paid to: bank accounts and debit cards, which are none that customers pay with."""

import pytest
from django.urls import reverse

from pinax.stripe.models import Account, BankAccount, Card, Event, ExternalAccount, Person
from pinax.stripe.testing import build_object, post_event
from tests.assertions import assert_row

from .delivery import deliver


def destination(object_type="bank_account", stripe_id="ba_1", **fields):
    """A bank account, or a card, of the account acct_1."""
    return build_object(object_type, id=stripe_id, account="acct_1", customer=None, **fields)


def tell(stripe, change, data):
    """The event of a change, of the account that is paid there."""
    return stripe.emit(f"account.external_account.{change}", data, account="acct_1", keep=change != "deleted")


def test_a_bank_account_that_an_account_is_paid_to_has_a_row_of_its_own(client, stripe):
    tell(stripe, "created", destination(default_for_currency=True, account_number="000123456789"))
    deliver(client, stripe)
    row = ExternalAccount.objects.get()
    assert_row(row, pk="acct_1/ba_1", stripe_account="acct_1", account_id="acct_1", kind="bank_account", status="new")
    assert_row(row, currency="usd", default_for_currency=True, bank_name="STRIPE TEST BANK", last4="6789", brand="")
    assert "account_number" not in row.stripe_data
    assert Event.objects.get().mirrored_object == row
    assert not BankAccount.all_objects.exists()


def test_a_debit_card_is_in_the_same_table(client, stripe):
    tell(stripe, "created", destination("card", "card_1", brand="Visa", exp_month=8, exp_year=2034, name="Jenny Rosen"))
    deliver(client, stripe)
    row = ExternalAccount.objects.get()
    assert_row(row, pk="acct_1/card_1", kind="card", brand="Visa", exp_month=8, exp_year=2034, bank_name="")
    assert_row(row, account_holder_name="Jenny Rosen", label="Visa •••• 4242")
    assert not Card.all_objects.exists()


def test_what_a_customer_pays_with_stays_the_customer_s(client, stripe):
    stripe.create("card", id="card_1", customer="cus_1")
    deliver(client, stripe)
    assert Card.objects.get().customer_id == "cus_1"
    assert not ExternalAccount.all_objects.exists()


def test_a_row_follows_its_object_whatever_the_order_and_a_deletion_is_final(client, stripe):
    events = []
    for change, name in (("created", "A"), ("updated", "B"), ("updated", "C"), ("deleted", "C")):
        stripe.advance(2)
        events.append(tell(stripe, change, destination(bank_name=name)))
    names = []
    for number in (0, 2, 1, 3, 2):
        assert post_event(client, events[number]).status_code == 200
        row = ExternalAccount.all_objects.get()
        names.append((row.bank_name, row.is_deleted))
    assert names == [("A", False), ("C", False), ("C", False), ("C", True), ("C", True)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_changes_of_one_second_are_settled_by_one_read_below_the_account(client, stripe, order):
    events = [tell(stripe, "updated", destination(bank_name=name)) for name in ("A", "B")]
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    assert ExternalAccount.objects.get().bank_name == "B"
    assert stripe.calls("/v1/accounts/acct_1/external_accounts/ba_1") == 1


def test_an_account_shows_where_it_is_paid_and_who_stands_behind_it(client, stripe):
    """The list of an account is read whole where it is cut."""
    listed = [destination(stripe_id=f"ba_{number}") for number in range(12)]
    person = build_object("person", id="person_1", account="acct_1", first_name="Ada")
    stripe.create("account", id="acct_1", account="acct_1", silent=True)
    stripe.update("acct_1", account="acct_1", external_accounts=listed, individual=person)
    deliver(client, stripe)
    assert Account.objects.get().external_accounts.count() == 12
    assert stripe.calls("/v1/accounts/acct_1/external_accounts") == 1
    assert Person.objects.get().first_name == "Ada"


def test_one_can_be_read_by_its_id(stripe):
    tell(stripe, "created", destination(bank_name="A"))
    row = ExternalAccount.objects.fetch("ba_1", account="acct_1")
    assert (row.pk, row.bank_name) == ("acct_1/ba_1", "A")
    tell(stripe, "updated", destination(bank_name="B"))
    assert row.refresh_from_stripe().bank_name == "B"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"default_for_currency": True}, "The account&#x27;s payouts in USD go here."),
        ({"default_for_currency": False}, "payouts in USD go here only when they name it."),
        ({"status": "errored"}, "A payout to it failed."),
        ({"status": "tokenized_account_number_deactivated"}, "Its account number has expired or was revoked."),
        ({"status": "verification_failed"}, "Stripe could not verify it."),
    ],
)
def test_the_page_of_a_destination_says_what_is_paid_there(client, stripe, admin_client, fields, sentence):
    stripe.create("account", id="acct_1", account="acct_1", silent=True)
    stripe.update("acct_1", account="acct_1", external_accounts=[destination(**fields)])
    deliver(client, stripe)
    page = admin_client.get(reverse("admin:pinax_stripe_externalaccount_change", args=["acct_5F1_2Fba_5F1"]))
    assert sentence in page.content.decode()
    account = admin_client.get(reverse("admin:pinax_stripe_account_change", args=["acct_5F1"]))
    assert "STRIPE TEST BANK •••• 6789" in account.content.decode()


def test_the_event_s_page_leads_to_the_row(client, stripe, admin_client):
    tell(stripe, "created", destination())
    deliver(client, stripe)
    page = admin_client.get(reverse("admin:pinax_stripe_event_change", args=[Event.objects.get().pk]))
    assert reverse("admin:pinax_stripe_externalaccount_change", args=["acct_5F1_2Fba_5F1"]) in page.content.decode()
