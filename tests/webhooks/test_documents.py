"""When Stripe's copy of an event is the same as the posted message, so that it is stored once."""

import json
from collections import OrderedDict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.models.documents import is_same_message

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
#: Values that are equal to Python, or nearly, and other texts in JSON.
TWINS = [1, 1.0, True, 0, 0.0, -0.0, False, "1", None, [], {}, 2**31, float(2**31), 10**25, 1e25, "\ud800", 0.1 + 0.2]


@given(values)
def test_what_was_read_twice_from_one_text_is_the_same(value):
    assert is_same_message(json.loads(json.dumps({"data": value})), json.loads(json.dumps({"data": value})))


@pytest.mark.parametrize("one", TWINS, ids=repr)
def test_what_json_writes_in_another_way_is_not_the_same(one):
    for other, is_nested in product(TWINS, (False, True)):
        first, second = [{"data": [value] if is_nested else value} for value in (one, other)]
        assert is_same_message(first, second) is (json.dumps(first) == json.dumps(second)), other


def test_a_copy_out_of_a_list_is_the_same_as_one_that_was_read_alone():
    """Parts of the list's entries are one object in memory."""
    event = {"id": "evt_1", "data": {"object": {"customer": "cus_1", "currency": "eur"}}}
    text = json.dumps(event)
    listed = json.loads(f'{{"data": [{text}, {text}]}}')
    assert is_same_message(listed["data"][0], json.loads(text))


def test_names_in_another_order_are_not_the_same():
    assert not is_same_message({"id": "evt_1", "data": {}}, {"data": {}, "id": "evt_1"})


def test_what_changes_between_deliveries_does_not_count():
    assert is_same_message({"id": "evt_1", "pending_webhooks": 2}, {"id": "evt_1", "pending_webhooks": 0})
    assert not is_same_message({"data": {"pending_webhooks": 2}}, {"data": {"pending_webhooks": 0}})


def test_a_subclass_of_dict_is_the_same_as_what_it_was_made_of():
    """Whatever a project assigns."""
    message = {"id": "evt_1", "object": "event"}
    assert is_same_message(OrderedDict(message), message)
    assert not is_same_message(OrderedDict(message), {**message, "id": "evt_2"})
