import os
import subprocess
import sys

import pytest
from django.test import override_settings

from pinax.stripe import conf

PRINT = (
    "import django; from django.conf import settings; settings.configure(USE_TZ=True, "
    "INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'pinax.stripe']); django.setup(); "
    "from pinax.stripe import conf; print(conf.secret_key(), conf.webhook_secrets())"
)


def test_the_environment_alone_suffices():
    environment = {**os.environ, "STRIPE_SECRET_KEY": "sk_test_9", "STRIPE_WEBHOOK_SECRETS": "whsec_1, whsec_2"}
    shown = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "sk_test_9 ['whsec_1', 'whsec_2']"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (None, []),
        ("whsec_1", ["whsec_1"]),
        ("whsec_1,whsec_2", ["whsec_1", "whsec_2"]),
        (["whsec_1", "", "  "], ["whsec_1"]),
        (("whsec_1",), ["whsec_1"]),
    ],
)
def test_secrets_are_a_string_or_a_list_and_blank_ones_never_count(value, expected):
    with override_settings(PINAX_STRIPE_WEBHOOK_SECRETS=value):
        assert conf.webhook_secrets() == expected


@pytest.mark.parametrize(
    ("key", "livemode"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test_1", False), ("sk_1", None), ("", None)],
)
def test_the_key_tells_the_mode(key, livemode):
    with override_settings(PINAX_STRIPE_SECRET_KEY=key):
        assert conf.key_livemode() is livemode


@pytest.mark.parametrize("name", sorted(conf.SETTING_NAMES))
def test_every_setting_honours_an_override(name):
    with override_settings(**{f"PINAX_STRIPE_{name}": "changed"}):
        assert conf.setting(name) == "changed"


def test_a_name_that_is_no_setting_raises():
    with pytest.raises(AttributeError):
        conf.setting("SECRET_KYE")
