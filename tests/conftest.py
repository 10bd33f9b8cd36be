"""What all tests share: what Hypothesis draws is the same in every run, but for the long form of the suites under fire.

Searching by chance is what the long form is for; what has to pass before a change is merged does not depend on luck.
"""

from hypothesis import settings

pytest_plugins = ["tests.figures"]


def pytest_configure(config):
    settings.register_profile("repeatable", derandomize=True)
    if config.getoption("fire") != "long":
        settings.load_profile("repeatable")
