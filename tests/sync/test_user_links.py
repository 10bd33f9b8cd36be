"""Customers are linked to users by references that only the project can sign, each for what it was made for."""

import datetime
import re
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core import signing
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import override_settings
from django.utils import timezone

from pinax.stripe.models import Customer, Event, UserLink
from pinax.stripe.models.customers import (
    CHECKOUT_REFERENCE_AGE,
    USER_METADATA_KEY,
    checkout_reference,
    read_checkout_reference,
    referenced_user,
    user_reference,
)
from pinax.stripe.sync import user_links
from pinax.stripe.sync.user_links import claim_of_session, link_or_wait, link_waiting
from pinax.stripe.testing import post_event
from pinax.stripe.upkeep.reprocessing import process_again


@pytest.fixture
def stripe(stripe):
    """A Stripe whose clock goes with ours, by which references are made."""
    stripe.now = int(time.time())
    return stripe


@pytest.fixture
def user(stripe, django_user_model):
    return django_user_model.objects.create(username="u", email="jenny@example.com")


def deliver(client, stripe, *numbers):
    for number in numbers or range(len(stripe.events)):
        assert post_event(client, stripe.events[number]).status_code == 200


def buy(stripe, customer="cus_1", **fields):
    """A Checkout is completed."""
    session = stripe.create("checkout.session", customer=customer, **fields)
    stripe.update(session["id"], status="complete", payment_status="paid", account=fields.get("account"))


def linked():
    return {row.stripe_id: row.user for row in Customer.all_objects.all()}


def sweep():
    call_command("stripe_process_events", "--due", stdout=StringIO())


# What a reference is


@pytest.mark.parametrize("make", [user_reference, checkout_reference])
def test_a_reference_may_be_part_of_any_address(django_user_model, make):
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,200}", make(django_user_model(pk="Zoë@example.com/?&")))
    assert len(make(django_user_model(pk="x" * 95))) <= 200


def test_a_reference_says_what_went_into_it(django_user_model):
    user = django_user_model(pk="Zoë@example.com/?& x")
    assert referenced_user(user_reference(user)) == user.pk
    said = read_checkout_reference(checkout_reference(user))
    assert said.user_key == user.pk
    assert timezone.now() - said.made_at < datetime.timedelta(minutes=5)


def test_no_two_references_for_checkouts_are_alike(django_user_model):
    user = django_user_model(pk=1)
    assert len({checkout_reference(user) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("make", "read"), [(user_reference, read_checkout_reference), (checkout_reference, referenced_user)]
)
def test_a_reference_made_for_one_use_is_none_for_the_other(django_user_model, make, read):
    with pytest.raises(signing.BadSignature):
        read(make(django_user_model(pk=1)))


def test_a_reference_of_the_release_before_is_one_for_metadata():
    """It was made like this: the key in base64, and the signature under the same salt."""
    name = "NDI"
    assert referenced_user(name + signing.Signer(salt="pinax.stripe.user").signature(name)) == "42"


# What links, and what does not


@pytest.mark.parametrize("reference", ["1", "MQ" + 43 * "x", 43 * "x", "é", "\ud800", 5, None, ""])
def test_only_a_signed_reference_links_a_user(client, stripe, django_user_model, reference):
    django_user_model.objects.create(pk=1, username="u")
    stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: reference})
    buy(stripe, client_reference_id=reference, metadata={USER_METADATA_KEY: reference})
    deliver(client, stripe)
    assert linked() == {"cus_1": None}


def test_a_reference_that_is_signed_and_nonsense_links_no_user(client, stripe, user):
    for value in ("", "12345678", "12345678x 1", "12345678999999999999999999 1", "\ufffd"):
        for salt in ("pinax.stripe.user", "pinax.stripe.user.checkout"):
            reference = user_links.signing.Signer(salt=salt)
            name = signing.b64_encode(value.encode()).decode()
            buy(stripe, client_reference_id=name + reference.signature(name))
    stripe.create("customer", id="cus_1")
    deliver(client, stripe)
    assert linked() == {"cus_1": None}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("name", ["client_reference_id", "metadata"])
def test_checkout_links_the_customer_it_made_whichever_event_comes_first(client, stripe, user, order, name):
    stripe.create("customer", id="cus_1", email="jenny@example.com")
    value = checkout_reference(user)
    buy(stripe, **{name: value if name == "client_reference_id" else {USER_METADATA_KEY: value}})
    deliver(client, stripe, *order)
    assert Customer.objects.for_user(user).get().email == "jenny@example.com"
    assert stripe.calls("/v1/customers/cus_1") == order[0]


def test_checkout_changes_no_link_that_exists(client, stripe, django_user_model):
    first, second = (django_user_model.objects.create(username=name) for name in "ab")
    stripe.create("customer", id="cus_1")
    for user in (first, second):
        buy(stripe, client_reference_id=checkout_reference(user))
    stripe.update("cus_1", email="new@example.com")
    deliver(client, stripe)
    assert linked() == {"cus_1": first}


def test_checkout_links_no_user_for_a_connected_account_or_a_guest_or_a_stranger(client, stripe, user):
    stripe.create("customer", id="cus_1", account="acct_1")
    buy(stripe, client_reference_id=checkout_reference(user), account="acct_1")
    guest = stripe.create("checkout.session", client_reference_id=checkout_reference(user))
    stripe.update(guest["id"], status="complete")
    buy(stripe, client_reference_id="jenny", customer_email="jenny@example.com")
    deliver(client, stripe)
    assert set(linked().values()) == {None}
    assert stripe.calls("/v1/customers") == 0


def test_checkout_of_a_customer_who_is_gone_leaves_a_tombstone(client, stripe, user):
    buy(stripe, client_reference_id=checkout_reference(user))
    deliver(client, stripe)
    assert not Customer.objects.exists()
    assert Customer.all_objects.get().is_deleted


@pytest.mark.parametrize("make", [user_reference, checkout_reference])
@pytest.mark.parametrize("metadata", [False, True])
def test_a_payment_link_links_the_payers_customer_to_no_user(client, stripe, user, make, metadata):
    """The sender of the link chose its reference, not the payer."""
    carried = make(user)
    stripe.create("customer", id="cus_1")
    buy(
        stripe,
        payment_link="plink_1",
        client_reference_id=carried,
        metadata={USER_METADATA_KEY: carried} if metadata else {},
    )
    deliver(client, stripe)
    assert linked() == {"cus_1": None}


def test_a_reference_of_metadata_does_not_pass_in_a_checkout_nor_the_other_way_round(client, stripe, user):
    stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: checkout_reference(user)})
    buy(stripe, client_reference_id=user_reference(user))
    buy(stripe, metadata={USER_METADATA_KEY: user_reference(user)})
    deliver(client, stripe)
    assert linked() == {"cus_1": None}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 1, 0, 3)])
def test_a_checkouts_reference_links_one_customer_only(client, stripe, user, order):
    carried = checkout_reference(user)
    for number in (1, 2):
        stripe.create("customer", id=f"cus_{number}")
        buy(stripe, f"cus_{number}", client_reference_id=carried)
    deliver(client, stripe, *order)
    assert sorted(linked().values(), key=str) == [None, user]
    before = linked()
    for event in Event.objects.all():
        process_again(event.pk)
    assert linked() == before


def test_a_used_reference_stays_used_when_its_link_was_taken_away(client, stripe, user):
    carried = checkout_reference(user)
    stripe.create("customer", id="cus_1")
    buy(stripe, client_reference_id=carried)
    deliver(client, stripe)
    Customer.objects.update(user=None)
    stripe.create("customer", id="cus_2")
    buy(stripe, "cus_2", client_reference_id=carried)
    deliver(client, stripe, 2, 3)
    assert linked() == {"cus_1": None, "cus_2": None}


@pytest.mark.parametrize(("late", "links_it"), [(0, True), (1, False)])
def test_a_checkouts_reference_expires(client, stripe, user, late, links_it):
    carried = checkout_reference(user)
    made = read_checkout_reference(carried).made_at
    stripe.now = int((made + CHECKOUT_REFERENCE_AGE).timestamp()) + late
    stripe.create("customer", id="cus_1")
    buy(stripe, client_reference_id=carried)
    deliver(client, stripe)
    assert linked() == {"cus_1": user if links_it else None}


def test_the_age_of_a_session_counts_from_its_creation_and_not_from_its_event(client, stripe, user, monkeypatch):
    carried = checkout_reference(user)
    stripe.create("customer", id="cus_1")
    session = stripe.create("checkout.session", customer="cus_1", client_reference_id=carried)
    stripe.advance(3 * 86400)
    stripe.update(session["id"], status="complete")
    deliver(client, stripe)
    assert linked() == {"cus_1": user}


def test_a_reference_of_metadata_takes_an_old_account_in(client, stripe, user):
    carried = user_reference(user)
    stripe.advance(10 * 365 * 86400)
    for number in (1, 2):
        stripe.create("customer", id=f"cus_{number}", metadata={USER_METADATA_KEY: carried})
    deliver(client, stripe)
    assert linked() == {"cus_1": user, "cus_2": user}


def test_a_link_to_a_user_is_neither_made_by_a_connected_account_nor_ever_changed(client, stripe, django_user_model):
    first, second = (django_user_model.objects.create(username=name) for name in ("first", "second"))
    stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: user_reference(first)})
    stripe.create("customer", id="cus_2", metadata={USER_METADATA_KEY: user_reference(first)}, account="acct_1")
    stripe.advance(1)
    stripe.update("cus_1", metadata={USER_METADATA_KEY: user_reference(second)})
    deliver(client, stripe, 0, 1, 2)
    assert linked() == {"cus_1": first, "cus_2": None}


def test_a_row_that_knows_better_is_linked_too(client, stripe, user):
    """Whichever comes first, the customer of a history that once named its user has one."""
    stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: user_reference(user)})
    stripe.advance(1)
    stripe.update("cus_1", metadata={})
    deliver(client, stripe, 1, 0)
    assert linked() == {"cus_1": user}


# A reference that comes before its user

WAYS_IN = ["metadata", "checkout"]


def come_before(client, stripe, model, way):
    """A customer whose user is not there yet; the user, to be saved."""
    late = model(pk=77, username="late")
    metadata = {USER_METADATA_KEY: user_reference(late)} if way == "metadata" else {}
    stripe.create("customer", id="cus_1", metadata=metadata)
    if way == "checkout":
        buy(stripe, client_reference_id=checkout_reference(late))
    deliver(client, stripe)
    assert linked() == {"cus_1": None}
    assert {event.state for event in Event.objects.all()} == {"done"}
    return late


def insert(user):
    """As a project does that does not call save(), or as another process does: no signal tells."""
    type(user).objects.bulk_create([user])


@pytest.mark.parametrize("way", WAYS_IN)
def test_a_user_who_is_saved_later_is_linked_once_that_is_committed(client, stripe, django_user_model, way):
    late = come_before(client, stripe, django_user_model, way)
    with transaction.atomic():
        late.save()
        assert linked() == {"cus_1": None}
    assert linked() == {"cus_1": late}


def test_a_user_whose_transaction_fails_is_not_linked(client, stripe, django_user_model):
    late = come_before(client, stripe, django_user_model, "metadata")
    with transaction.atomic():
        late.save()
        transaction.set_rollback(True)
    assert linked() == {"cus_1": None}


@pytest.mark.parametrize("way", WAYS_IN)
def test_the_sweeper_links_who_came_later(client, stripe, django_user_model, way):
    late = come_before(client, stripe, django_user_model, way)
    sweep()
    assert linked() == {"cus_1": None}
    insert(late)
    sweep()
    assert linked() == {"cus_1": late}
    assert not UserLink.objects.exclude(user_key="").exists()


@pytest.mark.parametrize("way", WAYS_IN)
def test_process_again_links_who_came_later(client, stripe, django_user_model, way):
    late = come_before(client, stripe, django_user_model, way)
    insert(late)
    process_again(Event.objects.latest("pk").pk)
    assert linked() == {"cus_1": late}


def test_a_later_event_links_who_came_later(client, stripe, django_user_model):
    late = come_before(client, stripe, django_user_model, "metadata")
    insert(late)
    stripe.advance(1)
    stripe.update("cus_1", name="Jenny")
    deliver(client, stripe, 1)
    assert linked() == {"cus_1": late}


def test_no_reference_waits_forever(client, stripe, django_user_model):
    late = come_before(client, stripe, django_user_model, "metadata")
    UserLink.objects.update(came_at=timezone.now() - user_links.MAX_LINK_AGE - datetime.timedelta(seconds=1))
    sweep()
    insert(late)
    sweep()
    assert linked() == {"cus_1": None}


def test_a_reference_that_waits_is_used_up_as_well(client, stripe, django_user_model):
    late = django_user_model(pk=77, username="late")
    carried = checkout_reference(late)
    for number in (1, 2):
        stripe.create("customer", id=f"cus_{number}")
        buy(stripe, f"cus_{number}", client_reference_id=carried)
    deliver(client, stripe)
    late.save()
    assert linked() == {"cus_1": late, "cus_2": None}


def test_many_waiting_references_are_looked_up_together(
    stripe, django_user_model, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(user_links, "LINKS_PER_TRANSACTION", 10)
    rows = [UserLink(digest=f"{n:02}", customer_id=f"cus_{n}", user_key=str(1000 + n)) for n in range(19)]
    UserLink.objects.bulk_create([*rows, UserLink(digest="99", customer_id="cus_99", user_key="no number")])
    with django_assert_num_queries(5):  # Rows and users, twice, and the end.
        assert link_waiting() == 0


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs writers that do not wait for each other")
def test_the_user_who_is_committed_while_the_event_is_processed_is_linked(stripe, django_user_model, monkeypatch):
    """The user is missing when the event is processed, and committed before the event is.

    Only the event itself can find it.
    """
    late = django_user_model(pk=77, username="late")
    claim = user_links.claim_of_customer({"metadata": {USER_METADATA_KEY: user_reference(late)}}, "")
    now = timezone.now()
    Customer.objects.create(pk="cus_1", stripe_id="cus_1", as_of=now, as_of_end=now)

    def save_elsewhere():
        late.save()
        connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        link_or_wait("cus_1", claim)
        pool.submit(save_elsewhere).result()
        assert linked() == {"cus_1": None}
    assert linked() == {"cus_1": late}


def test_a_link_that_fails_after_the_commit_leaves_the_users_save_alone(stripe, django_user_model, monkeypatch, caplog):
    UserLink.objects.create(digest="1", customer_id="cus_1", user_key="77")

    def failing(rows):
        raise RuntimeError("the link failed")

    monkeypatch.setattr(user_links, "link_rows", failing)
    with transaction.atomic():
        django_user_model(pk=77, username="late").save()
    assert django_user_model.objects.filter(pk=77).exists()
    [record] = [record for record in caplog.records if record.name == "django.db.backends.base"]
    assert "link_waiting of user 77" in record.getMessage()


def test_a_session_that_does_not_tell_when_it_was_created_is_as_old_as_its_event(user):
    carried, now = checkout_reference(user), timezone.now()
    at = now + CHECKOUT_REFERENCE_AGE + datetime.timedelta(minutes=5)
    assert claim_of_session({"client_reference_id": carried}, "", at=now) is not None
    assert claim_of_session({"client_reference_id": carried}, "", at=at) is None


def test_a_reference_of_a_replaced_key_is_still_valid(client, stripe, user):
    with override_settings(SECRET_KEY="the old one"):
        carried, stored = checkout_reference(user), user_reference(user)
    with override_settings(SECRET_KEY_FALLBACKS=["the old one"]):
        stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: stored})
        stripe.create("customer", id="cus_2")
        buy(stripe, "cus_2", client_reference_id=carried)
        deliver(client, stripe)
    assert linked() == {"cus_1": user, "cus_2": user}
