"""The table of Stripe's lists says what the SDK says, and has every object that Stripe lists."""

import pytest
import stripe

from pinax.stripe.catalogue.lists import (
    BY_TIME,
    FORMER,
    NEEDED,
    OF_STRIPE,
    TEST_CLOCK,
    TOLD_OF_BY,
    WITHOUT_CUSTOMERS,
    WITHOUT_PAGES,
    WITHOUT_TEST_CLOCKS,
    all_lists,
)
from pinax.stripe.catalogue.objects import OBJECT_TYPES
from tests import sdk_lists

LISTS = {each.name: each for each in all_lists()}
PATHS = {path for row in OBJECT_TYPES.values() for path in (row.path, *row.further_paths)}


@pytest.mark.parametrize(
    "paths", [BY_TIME, FORMER, NEEDED, OF_STRIPE, TOLD_OF_BY, WITHOUT_CUSTOMERS, WITHOUT_PAGES, WITHOUT_TEST_CLOCKS]
)
def test_every_path_is_one_of_the_table_of_object_types(paths):
    assert set(paths) <= PATHS


@pytest.mark.skipif(int(stripe.VERSION.partition(".")[0]) < 16, reason="says what the newest library says")
def test_lists_take_what_the_library_says():
    parameters = sdk_lists.parameters_of_lists()
    own = {path for path in parameters if path in LISTS and LISTS[path].parent is None}
    assert len(own) > 50
    assert {path for path in own if "created" in parameters[path]} == BY_TIME & own
    assert {path for path in own if "limit" not in parameters[path]} == WITHOUT_PAGES & own


def test_parents_come_before_what_is_below_them():
    read = []
    for each in all_lists():
        if each.parent is not None:
            later = [other.name for other in all_lists() if other.name not in read and each.parent in other.entries]
            assert set(later) <= {each.name}, each.name
        read.append(each.name)


def test_what_can_be_expanded_is_a_list_below_the_object_and_is_read_through_its_list():
    expandable = {f"{row.path}/{{{row.name}}}/{name}" for row in OBJECT_TYPES.values() for name in row.expandable}
    assert {each.name for each in LISTS.values() if each.through is not None} == expandable
    through = LISTS["customers/{customer}/sources"].through
    assert (through.path, through.expand) == ("customers", ["data.sources"])


def test_a_cash_balance_is_read_behind_the_transactions_that_tell_of_it():
    names = [*LISTS]
    assert names.index("customers/{customer}/cash_balance_transactions") < names.index(
        "customers/{customer}/cash_balance"
    )


def test_what_tells_that_a_customer_is_to_be_asked_is_read_before():
    for path, name in TOLD_OF_BY.items():
        (below,) = [each for each in LISTS.values() if each.path == path]
        assert below.told_of_by == (name,)
        telling = [place for place, each in enumerate(LISTS.values()) if OBJECT_TYPES[name] in each.entries]
        assert max(telling) < [*LISTS].index(below.name)


def test_customers_come_before_what_names_them():
    names = [*LISTS]
    assert names.index("customers") < min(names.index(name) for name in ("subscriptions", "invoices", "charges"))


def test_every_type_is_in_a_list_or_is_one_that_no_list_has():
    listed = {row.name for each in LISTS.values() for row in each.entries}
    parts = {row.part.object_type for row in OBJECT_TYPES.values() if row.part}
    left = {
        name
        for name, row in OBJECT_TYPES.items()
        if row.path and row.is_kept and row.has_id and name not in listed | parts and row.path not in FORMER
    }
    assert left == {
        "billing.meter_event_summary",  # Asks for a customer and a time.
        "mandate",
        "tax.calculation",
        "tax.transaction",
    }


def test_what_has_a_test_clock_is_asked_for_by_the_clock():
    each = LISTS["subscriptions?test_clock="]
    assert each.parent.name == TEST_CLOCK
    assert each.request("clock_1", "clock_1") == ("/v1/subscriptions", {"status": "all", "test_clock": "clock_1"})


def test_a_parent_stands_in_the_path_or_among_the_parameters():
    assert LISTS["customers/{customer}/sources"].request("cus/1", "cus%2F1") == ("/v1/customers/cus%2F1/sources", {})
    assert LISTS["issuing/tokens?card="].request("ic_1", "ic_1") == ("/v1/issuing/tokens", {"card": "ic_1"})
