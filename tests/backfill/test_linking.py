"""An existing business knows whose customers they are: its hook is asked with events, by backfills, and at once."""

import time
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from pinax.stripe.models import Customer
from pinax.stripe.models.customers import USER_METADATA_KEY, user_reference
from pinax.stripe.testing import post_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    return fake_stripe


@pytest.fixture
def users():
    return {name: get_user_model().objects.create_user(name) for name in ("nora", "olaf")}


def by_metadata(data):
    """The project's own mapping: a metadata key."""
    return get_user_model().objects.filter(username=data["metadata"].get("login")).first()


def failing(data):
    raise RuntimeError("no mapping today")


def returning_a_name(data):
    return "nora"


def link(*args, **options):
    out = StringIO()
    call_command("stripe_link_customers", *args, stdout=out, **options)
    return out.getvalue().splitlines()


def user_of(key):
    user = Customer.objects.get(pk=key).user
    return user and user.username


@pytest.mark.parametrize("hook", [by_metadata, "tests.backfill.test_linking.by_metadata"])
def test_the_hook_is_asked_by_events_and_by_backfills(client, stripe, users, settings, hook):
    settings.PINAX_STRIPE_CUSTOMER_USER = hook
    stripe.create("customer", id="cus_1", metadata={"login": "nora"})
    post_event(client, stripe.events[0])
    stripe.create("customer", silent=True, id="cus_2", metadata={"login": "olaf"})
    stripe.create("customer", silent=True, id="cus_3")
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    assert [user_of(key) for key in ("cus_1", "cus_2", "cus_3")] == ["nora", "olaf", None]


def test_a_signed_reference_comes_before_the_hook_and_a_link_stays(client, stripe, users, settings):
    settings.PINAX_STRIPE_CUSTOMER_USER = by_metadata
    metadata = {USER_METADATA_KEY: user_reference(users["nora"]), "login": "olaf"}
    stripe.create("customer", id="cus_1", metadata=metadata)
    post_event(client, stripe.events[0])
    assert user_of("cus_1") == "nora"
    stripe.advance(5)
    stripe.update("cus_1", metadata={"login": "olaf"})
    post_event(client, stripe.events[1])
    assert user_of("cus_1") == "nora"


def test_customers_of_connected_accounts_are_not_asked_about(client, stripe, users, settings):
    settings.PINAX_STRIPE_CUSTOMER_USER = by_metadata
    stripe.create("customer", id="cus_1", account="acct_1", metadata={"login": "nora"})
    post_event(client, stripe.events[0])
    assert user_of("acct_1/cus_1") is None


@pytest.mark.parametrize("hook", [failing, returning_a_name])
def test_a_hook_that_fails_is_logged_and_keeps_nothing(client, stripe, settings, caplog, hook):
    settings.PINAX_STRIPE_CUSTOMER_USER = hook
    stripe.create("customer", id="cus_1", description="here")
    assert post_event(client, stripe.events[0]).status_code == 200
    assert Customer.objects.get().description == "here"
    assert "failed hook=PINAX_STRIPE_CUSTOMER_USER customer=cus_1" in caplog.text


def test_the_customers_that_are_there_are_linked_by_the_hook(stripe, users, settings):
    for number, name in enumerate(["nora", "olaf", "else", "nora"]):
        stripe.create("customer", silent=True, id=f"cus_{number}", metadata={"login": name})
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    with pytest.raises(CommandError, match="Set PINAX_STRIPE_CUSTOMER_USER, or give a table"):
        link()
    settings.PINAX_STRIPE_CUSTOMER_USER = by_metadata
    assert link(dry_run=True) == ["Would link 3 customers; 1 unlinked, 0 ambiguous."]
    assert user_of("cus_0") is None
    assert link() == ["Linked 3 customers; 1 unlinked, 0 ambiguous."]
    assert [user_of(f"cus_{number}") for number in range(4)] == ["nora", "olaf", None, "nora"]
    settings.PINAX_STRIPE_CUSTOMER_USER = failing
    assert link() == [
        "cus_2: PINAX_STRIPE_CUSTOMER_USER failed: RuntimeError: no mapping today",
        "Linked 0 customers; 0 unlinked, 1 ambiguous.",
    ]


def test_a_table_links_customers(stripe, users, tmp_path):
    for number in range(5):
        stripe.create("customer", silent=True, id=f"cus_{number}")
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    Customer.objects.filter(pk="cus_4").update(user=users["olaf"])
    table = tmp_path / "users.csv"
    lines = ["customer,user", "cus_0,nora", "cus_1,else", "cus_2,nora", "cus_2,olaf", "cus_4,nora", "cus_9,nora", ""]
    table.write_text("\n".join(lines))
    ambiguous = [
        "cus_2: the table names 2 users",
        "cus_4: it has another user, and a link is never changed",
        "cus_9: there is no such customer",
    ]
    dry = link(csv=table, user_field="username", dry_run=True)
    assert dry == [*ambiguous, "Would link 1 customers; 1 unlinked, 3 ambiguous."]
    assert user_of("cus_0") is None
    linked = link(csv=table, user_field="username")
    assert linked == [*ambiguous, "Linked 1 customers; 1 unlinked, 3 ambiguous."]
    assert [user_of(f"cus_{number}") for number in range(5)] == ["nora", None, None, None, "olaf"]
    table.write_text(f"customer,user\ncus_1,{users['olaf'].pk}\n")
    assert link(csv=table) == ["Linked 1 customers; 0 unlinked, 0 ambiguous."]
    assert user_of("cus_1") == "olaf"


def test_two_users_of_one_address_are_ambiguous(stripe, users, tmp_path):
    get_user_model().objects.update(email="shop@example.com")
    stripe.create("customer", silent=True, id="cus_1")
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    table = tmp_path / "users.csv"
    table.write_text("customer,user\ncus_1,shop@example.com\n")
    assert link(csv=table, user_field="email") == [
        "cus_1: 2 users have this email",
        "Linked 0 customers; 0 unlinked, 1 ambiguous.",
    ]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("a,b\ncus_1,1\n", {}, "The first line has to name the columns: customer,user"),
        ("customer,user\ncus_1,1\n", {"user_field": "shoe_size"}, "Users have no attribute 'shoe_size'"),
        (None, {}, r"users\.csv"),
    ],
)
def test_what_is_no_table_is_refused(stripe, tmp_path, text, options, words):
    stripe.create("customer", silent=True, id="cus_1")
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    table = tmp_path / "users.csv"
    if text:
        table.write_text(text)
    with pytest.raises(CommandError, match=words):
        link(csv=table, **options)
