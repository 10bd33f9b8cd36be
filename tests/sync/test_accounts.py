"""Connected accounts: one row each, linked to a user, and left alone once they have left."""

import datetime

import pytest
import pytz
from django.urls import reverse

from pinax.stripe.models import Account, Capability, Event, EventProcessingException, Person, UserLink
from pinax.stripe.models.accounts import account_reference
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.testing import build_event, build_object, post_event
from tests.assertions import assert_row

from .delivery import deliver

DUE = {
    "currently_due": ["external_account"],
    "past_due": [],
    "current_deadline": 1_800_000_000,
    "disabled_reason": None,
}


def account_updated(stripe, account="acct_1", **fields):
    """An account changes; it tells of itself."""
    if not any(data["id"] == account for data in stripe.objects("account", account=account)):
        stripe.create("account", id=account, account=account, silent=True)
    stripe.advance(2)
    return stripe.update(account, account=account, **fields)


def access(stripe, client, word, account="acct_1"):
    """An account gives the platform access, or takes it."""
    stripe.advance(2)
    event = build_event(
        f"account.application.{word}", {"id": "ca_1", "object": "application"}, account=account, created=stripe.now
    )
    stripe.add_event(event, account=account)
    return event


def thin(stripe, kind, account="acct_1", number=1):
    created = datetime.datetime.fromtimestamp(stripe.now, tz=pytz.utc).isoformat().replace("+00:00", "Z")
    event = {
        "id": f"evt_thin{number}",
        "object": "v2.core.event",
        "type": kind,
        "livemode": False,
        "context": None,
        "created": created,
        "related_object": {"id": account, "type": "v2.core.account", "url": f"/v2/core/accounts/{account}"},
    }
    stripe.add_event(event)
    return event


# One row


def test_an_account_is_one_row_for_itself_and_for_the_platform(client, stripe):
    account_updated(stripe, email="a@example.com", requirements=DUE)
    deliver(client, stripe)
    row = Account.objects.get()
    assert_row(row, pk="acct_1", stripe_account="acct_1", email="a@example.com", currently_due=["external_account"])
    # The platform reads it in its own name.
    stripe.reset_requests()
    account_updated(stripe, email="b@example.com")
    assert Account.objects.fetch("acct_1").pk == "acct_1"
    Account.sync_from_stripe_data(stripe.get("acct_1", account="acct_1"), account="")
    row.refresh_from_stripe()
    assert_row(Account.objects.get(), pk="acct_1", stripe_account="acct_1", email="b@example.com")
    assert {request.headers.get("stripe-account") for request in stripe.requests} == {None}


def test_the_platforms_own_account_is_a_row_like_any(client, stripe):
    stripe.create("account", id="acct_platform", silent=True)
    stripe.update("acct_platform", email="own@example.com")
    deliver(client, stripe)
    assert_row(Account.objects.get(), pk="acct_platform", stripe_account="acct_platform", email="own@example.com")
    assert Event.objects.get().mirrored_object == Account.objects.get()


@pytest.mark.parametrize("model", [Person, Capability])
def test_what_belongs_to_an_account_refers_to_it(client, stripe, model):
    account_updated(stripe)
    name = model.__name__.lower()
    data = stripe.create(name, account="acct_1", id="one", silent=True)
    stripe.emit(f"{name}.updated", data, account="acct_1")
    deliver(client, stripe)
    row = model.objects.get()
    assert (row.pk, row.account) == ("acct_1/one", Account.objects.get())
    assert Event.objects.get(kind=f"{name}.updated").mirrored_object == row
    assert model.objects.fetch("one", account="acct_1") == row
    row.refresh_from_stripe()
    assert model.all_objects.count() == 1


def test_an_event_from_before_2017_05_25_names_its_account_in_user_id(client, stripe):
    data = build_object("account", id="acct_1", created=None)
    event = {**build_event("account.updated", data, created=stripe.now, api_version="2015-10-16"), "user_id": "acct_1"}
    event.pop("account", None)
    stripe.add_event(event, account="acct_1")
    assert post_event(client, event).status_code == 200
    assert Account.objects.get().pk == "acct_1"


# What it can do


def test_what_an_account_can_do_is_said_plainly():
    row = Account(as_of=datetime.datetime(2026, 1, 1, tzinfo=pytz.utc))
    assert (row.can_charge, row.can_be_paid, row.is_rejected, row.needs_information) == (False,) * 4
    row.charges_enabled = row.payouts_enabled = True
    row.past_due = ["external_account"]
    assert (row.can_charge, row.can_be_paid, row.needs_information) == (True, True, True)
    row.disabled_reason = "rejected.fraud"
    assert (row.is_rejected, row.needs_information) == (True, False)
    row.deauthorized_at = row.as_of
    assert (row.has_left, row.can_charge, row.can_be_paid) == (True, False, False)


def test_nothing_due_is_something_else_than_not_told(client, stripe):
    account_updated(stripe, requirements={**DUE, "currently_due": []})
    deliver(client, stripe)
    assert (Account.objects.get().currently_due, Account.objects.get().past_due) == ([], [])
    account_updated(stripe, requirements=None)
    assert post_event(client, stripe.events[-1]).status_code == 200
    assert (Account.objects.get().currently_due, Account.objects.get().past_due) == (None, None)
    assert Account.objects.filter(currently_due__isnull=True).exists()


# Its user


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user("jo")


def test_the_user_whom_its_metadata_name_is_linked_once_and_to_one_account(client, stripe, user):
    named = {USER_METADATA_KEY: account_reference(user)}
    account_updated(stripe, metadata=named)
    account_updated(stripe, "acct_2", metadata=named)
    deliver(client, stripe)
    assert [row.pk for row in Account.objects.for_user(user)] == ["acct_1"]
    assert Account.objects.get(pk="acct_2").user is None


def test_a_reference_of_a_customer_links_no_account(client, stripe, user):
    account_updated(stripe, metadata={USER_METADATA_KEY: user_reference(user)})
    account_updated(stripe, metadata={USER_METADATA_KEY: ["no text"]})
    deliver(client, stripe)
    assert Account.objects.get().user is None
    assert not UserLink.objects.exists()


def test_a_reference_waits_for_its_user(client, stripe, django_user_model):
    account_updated(stripe, metadata={USER_METADATA_KEY: account_reference(django_user_model(pk=77))})
    deliver(client, stripe)
    assert Account.objects.get().user is None
    user = django_user_model.objects.create(pk=77, username="late")
    assert Account.objects.get().user == user


# Accounts v2


def test_a_thin_event_of_an_account_that_is_known_reads_it_again(client, stripe):
    account_updated(stripe, email="old@example.com")
    deliver(client, stripe)
    stripe.advance(5)
    stripe.update("acct_1", account="acct_1", silent=True, email="new@example.com")
    assert post_event(client, thin(stripe, "v2.core.account[requirements].updated")).status_code == 200
    assert Account.objects.get().email == "new@example.com"


def test_a_thin_event_of_an_account_that_takes_payments_makes_its_row(client, stripe):
    stripe.connected_accounts.add("acct_2")
    assert post_event(client, thin(stripe, "v2.core.account.created", "acct_2")).status_code == 200
    assert not Account.objects.exists()
    kind = "v2.core.account[configuration.merchant].updated"
    assert post_event(client, thin(stripe, kind, "acct_2", 2)).status_code == 200
    assert Account.objects.get().pk == "acct_2"


def test_the_capabilities_of_an_account_are_read_when_its_event_says_that_they_changed(client, stripe):
    """Whether or not their own events come; the list takes no `limit`."""
    for name in ("card_payments", "transfers"):
        stripe.create("capability", id=name, account="acct_1", status="pending", silent=True)
    account_updated(stripe, email="a@example.com")
    deliver(client, stripe)
    assert not Capability.objects.exists()
    stripe.update("transfers", account="acct_1", status="active", silent=True)
    account_updated(stripe, capabilities={"card_payments": "pending", "transfers": "active"})
    stripe.reset_requests()
    deliver(client, stripe)
    assert dict(Account.objects.get().capabilities.values_list("stripe_id", "status")) == {
        "card_payments": "pending",
        "transfers": "active",
    }
    (request,) = [request for request in stripe.requests if "capabilities" in request.path]
    assert (request.path, request.headers.get("stripe-account")) == ("/v1/accounts/acct_1/capabilities", None)


# An account that has left


def test_persons_come_with_their_own_events_and_nothing_is_read_for_them(client, stripe):
    """Each change has a `person.*` event; an account's event has the person behind an individual's account whole."""
    individual = build_object("person", id="person_1", account="acct_1", first_name="Ada")
    account_updated(stripe, individual=individual)
    person = stripe.create("person", id="person_2", account="acct_1", first_name="Grace")
    account_updated(stripe, requirements={**DUE, "currently_due": ["person_2.verification.document"]})
    stripe.update("person_2", account="acct_1", last_name="Hopper")
    deliver(client, stripe)
    assert {row.stripe_id: row.name for row in Account.objects.get().persons.all()} == {
        "person_1": f"Ada {individual['last_name'] or ''}".strip(),
        "person_2": "Grace Hopper",
    }
    stripe.delete(person["id"], account="acct_1")
    account_updated(stripe, email="b@example.com")
    deliver(client, stripe)
    assert [row.stripe_id for row in Account.objects.get().persons.all()] == ["person_1"]
    assert [request.path for request in stripe.requests if "persons" in request.path] == []


def test_an_account_that_left_says_so_and_one_that_came_back_does_not(client, stripe):
    account_updated(stripe)
    events = [stripe.events[-1], access(stripe, client, "deauthorized"), access(stripe, client, "authorized")]
    for event in events[:2]:
        assert post_event(client, event).status_code == 200
    row = Account.objects.get()
    assert (row.has_left, row.can_charge, Account.objects.connected().exists()) == (True, False, False)
    assert post_event(client, events[2]).status_code == 200
    row = Account.objects.get()
    assert (row.has_left, row.can_charge, Account.objects.connected().get()) == (False, True, row)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_the_order_of_the_events_does_not_matter(client, stripe, order):
    account_updated(stripe, email="last@example.com")
    events = [stripe.events[-1]]
    events += [access(stripe, client, word) for word in ("authorized", "deauthorized", "authorized")]
    for number in order:
        assert post_event(client, events[number]).status_code == 200
    row = Account.objects.get()
    assert (row.deauthorized_at, row.email) == (None, "last@example.com")
    assert row.authorized_at.timestamp() == events[3]["created"]


def test_an_account_that_is_not_known_is_there_once_it_has_left(client, stripe):
    assert post_event(client, access(stripe, client, "deauthorized")).status_code == 200
    row = Account.objects.get()
    assert (row.pk, row.has_left, row.charges_enabled) == ("acct_1", True, None)


def test_nothing_is_read_of_an_account_that_has_left(client, stripe, settings):
    """Late events of such an account: ties, cut lists and other objects cannot be read any more."""
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = "whsec_1"
    settings.PINAX_STRIPE_VALIDATION = "signature"
    stripe.create("charge", id="ch_1", account="acct_1", silent=True)
    tie = [stripe.update("ch_1", account="acct_1", description=text) and stripe.events[-1] for text in ("a", "b")]
    refunds = [build_object("refund", charge="ch_1") for _ in range(12)]
    stripe.update("ch_1", account="acct_1", refunds=refunds)
    stripe.create("dispute", charge="ch_1", account="acct_1")
    late = stripe.events[:]
    left = access(stripe, client, "deauthorized")
    stripe.revoked_accounts.add("acct_1")
    stripe.reset_requests()
    for event in (left, *late, *tie):
        assert post_event(client, event, secret="whsec_1").status_code == 200
    assert stripe.requests == []
    assert not EventProcessingException.objects.exists()


def test_an_event_after_the_account_left_shows_that_there_is_access(client, stripe):
    assert post_event(client, access(stripe, client, "deauthorized")).status_code == 200
    account_updated(stripe, email="again@example.com")
    stripe.create("charge", id="ch_1", account="acct_1", silent=True)
    stripe.create("dispute", charge="ch_1", account="acct_1")
    deliver(client, stripe)
    row = Account.objects.get()
    assert (row.has_left, row.email) == (False, "again@example.com")
    assert stripe.calls("/v1/charges/ch_1") == 1


# Its page


def page_of(admin_client, row):
    address = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[row.pk.replace("/", "_2F")])
    return admin_client.get(address).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "The account can charge, and is paid out."),
        ({"requirements": DUE}, "Stripe needs 1 more item of information by"),
        ({"requirements": {**DUE, "past_due": ["a", "b"]}}, "2 items of information are late."),
        ({"requirements": {**DUE, "disabled_reason": "rejected.fraud"}}, "The account was rejected"),
        ({"charges_enabled": False, "payouts_enabled": False, "details_submitted": False}, "not finished"),
        ({"payouts_enabled": False}, "can charge, but is not paid out"),
        ({"charges_enabled": False}, "is paid out, but cannot charge"),
        ({"charges_enabled": None, "payouts_enabled": None}, "Stripe has not said yet"),
    ],
)
def test_the_page_of_an_account_says_what_it_can_do_and_what_comes_next(client, stripe, admin_client, fields, sentence):
    account_updated(stripe, **{"metadata": {"a": "b"}, **fields})
    deliver(client, stripe)
    assert sentence in page_of(admin_client, Account.objects.get())
    assert admin_client.get(reverse("admin:pinax_stripe_account_changelist")).status_code == 200


def test_the_page_of_an_account_that_has_left_says_since_when(client, stripe, admin_client):
    post_event(client, access(stripe, client, "deauthorized"))
    assert "The account ended your access on" in page_of(admin_client, Account.objects.get())


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("active", "The account has this capability."),
        ("pending", "Stripe is verifying whether the account can have it."),
        ("unrequested", "It was not requested for the account."),
        ("inactive", "The account cannot use it. Reason: information is late. 1 item of information is late."),
    ],
)
def test_the_page_of_a_capability_says_whether_the_account_has_it(client, stripe, admin_client, status, sentence):
    due = {} if status != "inactive" else {"past_due": ["a"], "disabled_reason": "requirements.past_due"}
    stripe.create("capability", id="card_payments", account="acct_1", silent=True)
    stripe.update("card_payments", account="acct_1", status=status, requirements=due, requested=None)
    deliver(client, stripe)
    assert sentence in page_of(admin_client, Capability.objects.get())


def test_the_page_of_a_person_says_their_role_and_what_is_due(client, stripe, admin_client):
    account_updated(stripe)
    role = {"representative": True, "owner": True}
    stripe.create("person", account="acct_1", relationship=role, requirements={**DUE, "past_due": []})
    deliver(client, stripe)
    page = page_of(admin_client, Person.objects.get())
    assert (
        "Role in the account&#x27;s business: Representative, Owner. Stripe needs 1 more item of information." in page
    )
    assert "Jenny Rosen" in page_of(admin_client, Account.objects.get())
