"""JSON that folds: readable, safe, and bounded."""

import json
import re

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.admin.display.json_tree import Budget, json_tree

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)


def plain(html):
    """The visible text of the HTML."""
    return re.sub(r"<[^>]*>", "", html)


def test_values_are_shown_as_what_they_are():
    html = json_tree({"id": "cus_1", "balance": -5, "live": True, "email": None, "list": [], "object": {}})
    assert plain(html) == "{ }id cus_1balance -5live trueemail nulllist []object {}".replace("{ }", "cus_1", 1)


def test_small_documents_are_unfolded_and_large_ones_are_not():
    assert json_tree({"a": {"b": {"c": {"d": 1}}}}).count("<details open>") == 4
    deep = {"a": {"b": {"c": {"d": 1}}}, "rest": list(range(100))}
    html = json_tree(deep)
    assert html.count("<details open>") == 2
    assert html.count("<details>") == 3


def test_what_differs_stands_out_and_is_unfolded():
    value = {"data": {"object": {"address": {"city": "Bonn"}}}, "rest": list(range(100))}
    html = json_tree(value, differing=["data.object.address.city"])
    assert '<div class="stripe-differs"><span class="stripe-key">city</span>' in html
    assert html.count("<details open>") == 4


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("created", 1700000000, True), ("current_period_end", 1700000000, True), ("amount", 1700000000, False)],
)
def test_times_are_shown_as_dates(name, value, told):
    with timezone.override("UTC"):
        assert ("Nov. 14, 2023, 10:13 p.m." in json_tree({name: value})) is told


def test_a_document_that_is_too_long_is_cut_and_says_so():
    html = json_tree(list(range(20)), budget=Budget(values=10))
    assert plain(html).endswith("11 more values are left out.")
    assert html.count("<div>") == 9


def test_a_very_deep_document_is_shown():
    value = 1
    for _level in range(100):
        value = {"x": value}
    assert json_tree(value).count("<details") == 100


@given(JSON)
def test_no_value_becomes_html(value):
    html = json_tree({"<b>": value, "text": f"<i>{json.dumps(value)}"})
    allowed = r'</?(?:div|details|summary|span|p)(?: open)?(?: class="stripe-[a-z]+")?>'
    assert "<" not in re.sub(allowed, "", html)
