"""A test that leaves something behind for the next one fails: a connected receiver, or what Django remembers of URLs.

A pytest plugin. Tests run in random order, so what one of them leaves fails another only now and then, far from its
cause. Here it fails the one that left it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import ReferenceType

import pytest
from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core import signals as core_signals
from django.db.models import signals as model_signals
from django.dispatch import Signal
from django.urls import get_resolver
from django.utils.translation.trans_real import get_languages

from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event, failed_event, invalid_event

#: Ours, and those of Django's that are sent while tests run.
SIGNALS: list[Signal] = [*WEBHOOK_SIGNALS.values(), every_event, failed_event, invalid_event]
SIGNALS += [core_signals.request_started, core_signals.request_finished, core_signals.got_request_exception]
SIGNALS += [model_signals.pre_init, model_signals.post_init, model_signals.pre_save, model_signals.post_save]
SIGNALS += [model_signals.pre_delete, model_signals.post_delete]


#: Number of a signal that has receivers -> what it holds of them.
Entries = dict[int, list[tuple]]


def alive(entries: Entries) -> dict[tuple[int, object], object]:
    """The receivers among the entries of `SIGNALS`: number of the signal and key of the receiver -> function."""
    functions = {(number, key): called(held) for number, each in entries.items() for key, held, *_rest in each}
    return {key: function for key, function in functions.items() if function is not None}


def called(held: object) -> object:
    """What a signal calls for what it holds: the function itself, or a weak reference, which may be dead."""
    return held() if isinstance(held, ReferenceType) else held


def connected() -> Entries:
    return {number: [*signal.receivers] for number, signal in enumerate(SIGNALS) if signal.receivers}


@contextmanager
def receivers_kept() -> Iterator[None]:
    """Fail if other receivers are connected afterwards than before, and put back those that were."""
    entries = connected()
    before = alive(entries)
    yield
    after = alive(connected())
    if after.keys() != before.keys():
        for number, signal in enumerate(SIGNALS):
            signal.receivers = entries.get(number, [])
            signal.sender_receivers_cache.clear()
        left = [after[key] for key in after.keys() - before.keys()]
        lost = [before[key] for key in before.keys() - after.keys()]
        pytest.fail(f"receivers are left connected: {left}; disconnected: {lost}")


@contextmanager
def urls_kept() -> Iterator[None]:
    """Fail if Django remembers URLs or languages afterwards that are not those of the settings.

    It caches both by names: a module that stands in for a URLconf needs another name in each test.
    """
    yield
    name = settings.ROOT_URLCONF
    if get_resolver().urlconf_module is not sys.modules[name]:
        pytest.fail("the URLs of a project of a test are left")
    if is_language_prefix_patterns_used(name) != is_language_prefix_patterns_used.__wrapped__(name):
        pytest.fail("it is left whether the URLs of a project of a test have languages")
    if get_languages() != get_languages.__wrapped__():
        pytest.fail("the languages of a project of a test are left")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Hold a test to what `receivers_kept` and `urls_kept` say."""
    with receivers_kept(), urls_kept():
        yield
