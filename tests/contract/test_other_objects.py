"""Objects without a table of their own are rows of the general one, and keep the same contract: one life each."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from pinax.stripe.catalogue.objects import OBJECT_TYPES

from . import life
from .privacy import ABOUT_CUSTOMERS, keeps_no_secret, redaction_leaves_nothing_of_a_person
from .specimen import deleting_types, telling_types
from .tables import OTHERS

#: One table has all of them, so the inner loop can do without a hundred lives of its rows.
pytestmark = pytest.mark.slow


@pytest.mark.sampled
@pytest.mark.parametrize("name", OTHERS)
def test_a_life(specimen, admin_client, name):
    one = specimen(name)
    life.changes_in_any_order(one)
    for event_type in telling_types(name):
        life.one_event(specimen(name), event_type)
    for order in ((0, 1), (1, 0)):
        life.two_changes_of_one_second(specimen(name), order)
    for event_type in deleting_types(name):
        life.a_deletion(specimen(name), event_type)
    platforms = specimen(name)
    life.one_id_on_two_accounts(platforms, specimen(name, account="acct_1", id=platforms.id))
    keeps_no_secret(specimen(name))
    if name in ABOUT_CUSTOMERS:
        redaction_leaves_nothing_of_a_person(specimen, name)
    page = reverse("admin:pinax_stripe_otherobject_change", args=[quote(one.key)])
    assert admin_client.get(page).status_code == 200


def test_every_type_with_an_id_is_mirrored():
    left_out = {row.name for row in OBJECT_TYPES.values() if row.has_id and not row.model} - {*OTHERS}
    assert left_out == {"apps.secret", "ephemeral_key"}
