"""Every tool that the tox environments install has its version in tests/constraints.txt."""

import configparser

import pytest

from tests import constraints

PINS = [line for line in constraints.FILE.read_text().splitlines() if not line.startswith("#")]


def tox():
    config = configparser.ConfigParser(interpolation=None)
    config.read(constraints.ROOT / "tox.ini")
    return config


@pytest.mark.parametrize("requirement", constraints.requirements())
def test_what_is_installed_is_pinned(requirement):
    assert constraints.name(requirement) in {constraints.name(pin) for pin in PINS}, "run `tox -e constraints`"


def test_a_line_pins_one_version():
    assert [pin for pin in PINS if pin.partition(";")[0].count("==") != 1] == []


def test_the_versions_that_environments_are_named_after_are_free():
    assert {constraints.name(pin) for pin in PINS} & set(constraints.FREE) == set()


def test_no_line_says_where_packages_come_from():
    assert [line for line in constraints.FILE.read_text().splitlines() if "://" in line or line.startswith("-")] == []


def test_every_environment_installs_these_versions():
    wanted = f"{{toxinidir}}/{constraints.FILE.relative_to(constraints.ROOT).as_posix()}"
    assert tox()["testenv"]["constraints"] == tox()["pkgenv"]["constraints"] == wanted
    overridden = [name for name, section in tox().items() if name.startswith("testenv:") and "constraints" in section]
    assert overridden == ["testenv:constraints"]
