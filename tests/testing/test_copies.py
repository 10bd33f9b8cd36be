"""Copies share nothing with what they were made of."""

from decimal import Decimal

from pinax.stripe.testing.builders.copies import copied_json


def test_a_copy_shares_no_object_and_no_list():
    original = {"id": "in_1", "lines": {"data": [{"id": "il_1", "taxes": [[1], None]}]}}
    copy = copied_json(original)
    copy["lines"]["data"][0]["taxes"][0].append(2)
    copy["lines"]["data"].append({})
    assert original == {"id": "in_1", "lines": {"data": [{"id": "il_1", "taxes": [[1], None]}]}}


def test_what_is_no_json_is_copied_as_python_does():
    class Given(dict):
        """As an object of the stripe library, which is a dict of its own class up to version 14."""

    original = Given(amount=Decimal("1.5"), lines=[1])
    copy = copied_json({"object": original})["object"]
    assert (type(copy), copy) == (Given, original)
    copy["lines"].append(2)
    assert original["lines"] == [1]
