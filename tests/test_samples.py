"""What the short form of the suite leaves out of tests that are many times the same."""

import pytest

from tests.conftest import SAMPLED, unsampled


class Item:
    """What is asked of a test that pytest collected."""

    def __init__(self, nodeid, *, is_sampled):
        self.nodeid, self.is_sampled = nodeid, is_sampled

    def get_closest_marker(self, name):
        return pytest.mark.sampled if name == "sampled" and self.is_sampled else None


def items(name, count, *, is_sampled=True):
    """Tests of one function, one for each parameter, as pytest collects them."""
    return [Item(f"{name}[{number:02}]", is_sampled=is_sampled) for number in range(count)]


def kept(*functions):
    """The ids of the tests that are run."""
    collected = [item for each in functions for item in each]
    left_out = {item.nodeid for item in unsampled(collected)}
    return [item.nodeid for item in collected if item.nodeid not in left_out]


def test_of_tests_that_are_sampled_every_fourth_is_run():
    assert SAMPLED == 4
    assert kept(items("one", 9)) == ["one[00]", "one[04]", "one[08]"]


def test_of_each_function_at_least_one_is_run():
    assert kept(items("one", 2), items("other", 1)) == ["one[00]", "other[00]"]


def test_what_is_run_does_not_depend_on_the_order():
    assert set(kept(items("one", 9)[::-1])) == {"one[00]", "one[04]", "one[08]"}


def test_all_others_are_run():
    assert len(kept(items("one", 9, is_sampled=False))) == 9
