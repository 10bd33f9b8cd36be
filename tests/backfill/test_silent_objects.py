"""What no event ever tells of is right after Stripe's lists were read: what is new, what changed and what is gone.

The types come from the table of object types: those with a table of their own of which Stripe makes no events.
"""

import time
from io import StringIO

import pytest
from django.core.management import call_command

from pinax.stripe.catalogue.effects import is_ever_deleted
from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.testing.fake_stripe.paths import LIST_ADDRESSES
from tests.contract.oracle import check_values, column_values
from tests.contract.tables import MODELS, columns_of, model_of

pytestmark = pytest.mark.django_db(transaction=True)

TOLD_OF = {name for each in EVENT_TYPES.values() if each.current for name in each.object_types}
#: Those that come with events about all that a customer has of them.
SUMMARIES = {name.removesuffix("_summary") for name in OBJECT_TYPES if name.endswith("_summary")}
SILENT = sorted(MODELS.keys() - TOLD_OF - SUMMARIES - {"external_account"})
#: Attributes that change in each, and what to.
CHANGES = {
    "balance_transaction": {"status": "available"},
    "customer_balance_transaction": {"metadata": {"change": "2"}},
    "entitlements.feature": {"name": "Another", "active": False},
    "file_link": {"expires_at": 2_000_000_000},
    "product_feature": {"entitlement_feature": {"id": "feat_2", "object": "entitlements.feature", "lookup_key": "b"}},
    "shipping_rate": {"active": False, "display_name": "By ship"},
}


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time()) - 60
    return fake_stripe


def read(stripe, name, account):
    call_command("stripe_sync", name, full=True, account=account, stdout=StringIO(), verbosity=0)
    stripe.advance(5)


def check(stripe, name, account):
    """Every row equals its object, and there is no other."""
    rows = {row.stripe_id: row for row in model_of(name).objects.all()}
    objects = {data["id"]: data for data in stripe.objects(name, account=account)}
    assert rows.keys() == objects.keys()
    for stripe_id, data in objects.items():
        check_values(rows[stripe_id], column_values(columns_of(name), data, account))


@pytest.mark.parametrize("account", ["", "acct_1"])
@pytest.mark.parametrize("name", SILENT)
def test_what_no_event_tells_of_is_right_after_its_list_was_read(stripe, name, account):
    owner = LIST_ADDRESSES[OBJECT_TYPES[name].path].owner
    owned = {}
    if owner is not None:
        owned = {owner.name: stripe.create(owner.name, account=account, silent=True)["id"]}
        read(stripe, owner.name, account)
    made = [stripe.create(name, account=account, silent=True, **owned)["id"] for _ in range(3)]
    assert not stripe.events
    read(stripe, name, account)
    check(stripe, name, account)
    stripe.update(made[0], account=account, **CHANGES[name])
    if OBJECT_TYPES[name].leaves_stub:
        stripe.delete(made[1], account=account)
    stripe.create(name, account=account, silent=True, **owned)
    assert not stripe.events
    read(stripe, name, account)
    check(stripe, name, account)


def test_each_of_these_types_has_a_change_here():
    assert CHANGES.keys() == {*SILENT}
    assert not any(is_ever_deleted(OBJECT_TYPES[name]) for name in SILENT)
