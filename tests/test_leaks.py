"""What a test leaves behind fails it, and reaches no other test."""

import sys
import types
from unittest.mock import patch

import pytest
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns, is_language_prefix_patterns_used
from django.test import override_settings
from django.utils.translation.trans_real import get_languages

from pinax.stripe.signals import WEBHOOK_SIGNALS, every_event
from tests.leaks import receivers_kept, urls_kept


def receive(event, **kwargs):
    """A receiver."""


def test_a_receiver_that_stays_connected_fails_the_test_and_is_disconnected():
    with pytest.raises(pytest.fail.Exception, match=r"left connected: .*receive"), receivers_kept():
        every_event.connect(receive)
    assert not any(receiver.function is receive for receiver in every_event.connected())


def test_a_receiver_that_stays_disconnected_fails_the_test_and_is_connected():
    signal = WEBHOOK_SIGNALS["customer.created"]
    signal.connect(receive)
    with pytest.raises(pytest.fail.Exception, match=r"disconnected: .*receive"), receivers_kept():
        signal.disconnect(receive)
    assert any(receiver.function is receive for receiver in signal.connected())
    assert signal.disconnect(receive)


def test_a_receiver_that_is_disconnected_again_fails_nothing():
    with receivers_kept():
        every_event.connect(receive)
        every_event.disconnect(receive)


def test_a_receiver_that_is_gone_by_itself_fails_nothing():
    with receivers_kept():
        every_event.connect(lambda event, **kwargs: None)


def test_whether_urls_have_languages_is_not_left(monkeypatch):
    module = types.ModuleType("tests.urls_of_two_tests")
    module.urlpatterns = i18n_patterns()
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with override_settings(ROOT_URLCONF=module.__name__):
        assert is_language_prefix_patterns_used(module.__name__) == (True, True)
        with pytest.raises(pytest.fail.Exception, match="have languages"), urls_kept():
            module.urlpatterns.clear()
    is_language_prefix_patterns_used.cache_clear()


def test_languages_are_not_left():
    get_languages()
    # Unlike `override_settings`, this does not tell Django of it.
    changed = patch.object(settings, "LANGUAGES", [("de", "German")])
    with pytest.raises(pytest.fail.Exception, match="languages"), changed, urls_kept():
        pass
